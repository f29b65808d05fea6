//! Risk tests (PROTOCOL §23.3): what the positions of a participant are worth, in whole numbers of a unit so small that
//! nothing is rounded.
use std::collections::BTreeMap;

use causeway_fx::Currency;
use causeway_message::action::Valuation;
use ethnum::I256;

use super::classes::Waiting;
use super::{Model, Place};

/// Most digits after the point of a currency, and of a rate; what a haircut counts in.
const DIGITS: u32 = 4;
const SCALE: u32 = 12;
const MILLION: i128 = 1_000_000;

/// Changes of positions that a trade would bring, or of what records before took.
pub(super) type Changes = BTreeMap<Place, i128>;

/// Valuations, who is under the tests, and their limits.
#[derive(Debug, Default)]
pub(super) struct Risk {
    valuations: BTreeMap<u16, Valuation>,
    /// The aggregate limit of each participant under the tests.
    tested: BTreeMap<u32, u64>,
    short: BTreeMap<Place, u64>,
}

fn digits(currency: u16) -> u32 {
    Currency::from_numeric(currency).map_or(DIGITS, |found| u32::from(found.minor_units))
}

fn tens(count: u32) -> I256 {
    I256::from(10_i128.pow(count))
}

/// What a minor unit is worth without a haircut, in 10⁻¹⁶ units of account.
fn worth(valuation: &Valuation) -> I256 {
    let scale = SCALE.saturating_sub(u32::from(valuation.scale));
    let minor = DIGITS.saturating_sub(digits(valuation.currency));
    I256::from(i128::from(valuation.rate)) * tens(scale) * tens(minor)
}

/// What is left of a value, or added to it, in millionths.
fn with_haircut(valuation: &Valuation, held: bool) -> I256 {
    let haircut = i128::from(valuation.haircut);
    I256::from(if held {
        MILLION - haircut
    } else {
        MILLION + haircut
    })
}

impl Risk {
    pub fn is_tested(&self, participant: u32) -> bool {
        self.tested.contains_key(&participant)
    }

    pub fn tests_any(&self) -> bool {
        !self.tested.is_empty()
    }

    /// Who is under the tests, in order.
    pub fn tested(&self) -> Vec<u32> {
        self.tested.keys().copied().collect()
    }

    pub fn set_tests(&mut self, participant: u32, aggregate: Option<u64>) {
        match aggregate {
            Some(limit) => self.tested.insert(participant, limit),
            None => self.tested.remove(&participant),
        };
    }

    /// The unit of account, once a currency has a valuation.
    pub fn unit(&self) -> Option<u16> {
        self.valuations.values().map(|valuation| valuation.unit).next()
    }

    /// Sets a valuation. One in another unit of account ends those in the one before.
    pub fn set_valuation(&mut self, told: Valuation) {
        self.valuations.retain(|_, other| other.unit == told.unit);
        self.valuations.insert(told.currency, told);
    }

    pub fn set_short_limit(&mut self, place: Place, limit: u64) {
        self.short.insert(place, limit);
    }

    fn short_limit(&self, place: Place) -> i128 {
        i128::from(self.short.get(&place).copied().unwrap_or(0))
    }
}

impl Model {
    /// The balance of an account less what is set aside.
    pub(super) fn position(&self, place: Place) -> i128 {
        self.money
            .get(place)
            .map_or(0, |account| account.balance - account.reserved)
    }

    /// Positions of a participant after these changes, in the order of the currencies' opening.
    fn positions(&self, participant: u32, changes: &Changes) -> Vec<(Place, i128)> {
        let own = self.money.of(participant).into_iter();
        own.map(|place| {
            let change = changes.get(&place).copied().unwrap_or(0);
            (place, self.position(place) + change)
        })
        .collect()
    }

    /// What positions are worth together, with haircuts; nothing can be said if one below zero has no valuation.
    fn overall(&self, positions: &[(Place, i128)]) -> Option<I256> {
        let mut sum = I256::ZERO;
        for (place, position) in positions {
            match self.risk.valuations.get(&place.1) {
                Some(valuation) => {
                    let held = *position > 0;
                    sum += I256::from(*position) * worth(valuation) * with_haircut(valuation, held);
                }
                None if *position < 0 => return None,
                None => {}
            }
        }
        Some(sum)
    }

    /// What may flow out of an account otherwise than by a trade.
    pub(super) fn free(&self, place: Place) -> i128 {
        self.free_after(place, &Changes::new())
    }

    /// The same after so much was taken out of accounts.
    pub(super) fn free_after(&self, place: Place, taken: &Changes) -> i128 {
        if !self.risk.is_tested(place.0) {
            let available = self
                .money
                .get(place)
                .map_or(0, super::account::Account::available);
            return available - taken.get(&place).copied().unwrap_or(0);
        }
        let changes: Changes = taken.iter().map(|(place, out)| (*place, -out)).collect();
        let position = self.position(place) + changes.get(&place).copied().unwrap_or(0);
        let overall = self.overall(&self.positions(place.0, &changes));
        // Where the first test does not hold already, nothing goes out.
        let Some(overall) = overall.filter(|sum| *sum >= I256::ZERO && position > 0) else {
            return 0;
        };
        let valuation = self.risk.valuations.get(&place.1);
        let each = valuation.map_or(I256::ZERO, |valuation| {
            worth(valuation) * with_haircut(valuation, true)
        });
        if each == I256::ZERO {
            return position;
        }
        I256::from(position).min(overall / each).as_i128()
    }

    /// Whether all parties of a trade that are under the tests pass them after both legs.
    pub(super) fn tests_pass(&self, items: &[Waiting]) -> bool {
        let mut changes = Changes::new();
        for item in items {
            let (from, amount) = (item.place(), i128::from(item.amount()));
            *changes.entry(from).or_default() -= amount;
            *changes.entry((item.creditor(), from.1)).or_default() += amount;
        }
        let mut parties = items.iter().map(|item| item.place().0);
        parties.all(|party| match self.risk.tested.get(&party) {
            Some(aggregate) => self.passes(&self.positions(party, &changes), *aggregate),
            None => true,
        })
    }

    fn passes(&self, positions: &[(Place, i128)], aggregate: u64) -> bool {
        let worth_something = self.overall(positions).is_some_and(|sum| sum >= I256::ZERO);
        let short = positions
            .iter()
            .all(|(place, position)| *position >= -self.risk.short_limit(*place));
        let paid_in = positions.iter().all(|(place, position)| {
            let allowed = self.pay_ins.allowed(*place);
            allowed.is_none_or(|allowed| *position >= -i128::from(allowed))
        });
        worth_something && short && paid_in && self.aggregate(positions) <= self.most(aggregate)
    }

    /// What all short positions are worth together.
    fn aggregate(&self, positions: &[(Place, i128)]) -> I256 {
        let owed = positions.iter().filter(|(_, position)| *position < 0);
        owed.filter_map(|(place, position)| {
            let valuation = self.risk.valuations.get(&place.1)?;
            Some(I256::from(-position) * worth(valuation))
        })
        .sum()
    }

    /// An aggregate limit as a value.
    fn most(&self, limit: u64) -> I256 {
        let digits = self.risk.unit().map_or(DIGITS, digits);
        I256::from(i128::from(limit)) * tens(SCALE + DIGITS.saturating_sub(digits))
    }
}
