//! Risk tests: what positions in several currencies are worth together, and what a participant under the tests may
//! still owe or pay out. Exact: values are integers of 256 bits in a unit that every rate and haircut is a multiple of.
use std::collections::BTreeMap;

use causeway_fx::Currency;
use causeway_message::action::Valuation;
use causeway_message::{InstructionId, ParticipantId, mutated};
use ethnum::I256;

use crate::account::Accounts;

/// A risk test that a trade does not pass, and of which currency how much is missing where it is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    /// All positions together would be worth less than zero.
    NetPositiveValue,
    /// One position would be shorter than its limit: of which currency, by how many minor units.
    ShortPosition(u16, i128),
    /// All short positions together would be more than their limit.
    AggregateShortPosition,
    /// One position would be shorter than its last pay-in deadline asked for: of which currency, by how many minor
    /// units.
    PayIn(u16, i128),
}

/// What one participant under the tests may owe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tested {
    pub on: bool,
    /// Minor units of the unit of account.
    pub aggregate: u64,
}

/// A pay-in deadline that lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PayIn {
    /// How short the position may be then. Minor units.
    pub allowed: u64,
    /// The action, by which proposer and participant are told.
    pub proposer: ParticipantId,
    pub id: InstructionId,
    pub entry: u64,
    pub ordinal: u16,
}

/// Where a pay-in deadline is kept: participant, currency, second.
pub(crate) type Deadline = (u32, u16, u32);

/// Valuations, and what participants under the tests may owe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Risk {
    pub valuations: BTreeMap<u16, Valuation>,
    pub tested: BTreeMap<u32, Tested>,
    /// Short position limits by participant and currency; zero where none is set.
    pub limits: BTreeMap<(u32, u16), u64>,
    pub pay_ins: BTreeMap<Deadline, PayIn>,
    /// By participant and currency: what the last deadline that passed allows, until the currency closes.
    pub asked: BTreeMap<(u32, u16), u64>,
}

/// Decimal places that every value has: those of the finest currency, of the finest rate, and of a haircut.
const DIGITS: u8 = 4;
/// One, in millionths.
const WHOLE: u32 = Valuation::HAIRCUT_MAX;

impl Risk {
    pub fn is_tested(&self, participant: u32) -> bool {
        self.tested.get(&participant).is_some_and(|tested| tested.on)
    }

    /// Value of one minor unit, with a factor in millionths; `None` if the currency has no valuation.
    fn worth(&self, currency: u16, factor: u32) -> Option<I256> {
        let valuation = self.valuations.get(&currency)?;
        let finer = scale(digits(currency)?, DIGITS)? * scale(valuation.scale, Valuation::SCALE_MAX)?;
        Some(finer * I256::from(valuation.rate) * I256::from(factor))
    }

    /// Value of a position after its haircut; `None` if it is owed and has no valuation, or is beyond all bounds.
    fn value(&self, currency: u16, position: i128) -> Option<I256> {
        let haircut = self
            .valuations
            .get(&currency)
            .filter(|_| !mutated!(NoHaircut))
            .map_or(0, |valuation| valuation.haircut);
        let factor = if position < 0 {
            WHOLE + haircut
        } else {
            WHOLE - haircut
        };
        match self.worth(currency, factor) {
            Some(worth) => worth.checked_mul(I256::from(position)),
            None if position < 0 => None,
            None => Some(I256::ZERO),
        }
    }

    /// Value of an amount of the unit of account, without haircut.
    fn in_unit(&self, amount: u64) -> Option<I256> {
        let unit = self.valuations.values().next()?.unit;
        let whole = scale(0, Valuation::SCALE_MAX)? * I256::from(WHOLE);
        Some(scale(digits(unit)?, DIGITS)? * whole * I256::from(amount))
    }
}

/// Ten to the power of what one number of decimal places has less than another.
fn scale(places: u8, of: u8) -> Option<I256> {
    I256::from(10).checked_pow(u32::from(of.checked_sub(places)?))
}

fn digits(currency: u16) -> Option<u8> {
    Currency::from_numeric(currency).map(|currency| currency.minor_units)
}

impl Accounts {
    /// Positions of a participant after changes to some accounts, in order of its currencies' opening.
    fn positions<'a>(
        &'a self,
        participant: u32,
        changes: &'a [(u32, i128)],
    ) -> impl Iterator<Item = (u16, i128)> + 'a {
        self.of(participant).map(move |id| {
            let account = self.get(id);
            let changed = changes.iter().filter(|(changed, _)| *changed == id);
            (
                account.currency,
                account.position() + changed.map(|(_, by)| by).sum::<i128>(),
            )
        })
    }

    /// What all positions together are worth; `None` if one is owed without a valuation, or beyond all bounds.
    fn overall(&self, participant: u32, changes: &[(u32, i128)]) -> Option<I256> {
        let mut positions = self.positions(participant, changes);
        positions.try_fold(I256::ZERO, |sum, (currency, position)| {
            sum.checked_add(self.risk.value(currency, position)?)
        })
    }

    /// Whether a participant under the tests passes them after changes to its accounts.
    pub fn judge_tests(&self, participant: u32, changes: &[(u32, i128)]) -> Result<(), Test> {
        if mutated!(SkipRiskTests) {
            return Ok(());
        }
        let worth = self.overall(participant, changes);
        if worth.is_none_or(|value| value < 0) && !mutated!(WorthLess) {
            return Err(Test::NetPositiveValue);
        }
        let beyond = |limits: &BTreeMap<(u32, u16), u64>, unset: Option<u64>| {
            self.positions(participant, changes)
                .find_map(|(currency, position)| {
                    let limit = limits.get(&(participant, currency)).copied().or(unset)?;
                    let missing = -position - i128::from(limit);
                    (missing > 0).then_some((currency, missing))
                })
        };
        let short_of = beyond(&self.risk.limits, Some(0)).filter(|_| !mutated!(SkipShortLimit));
        if let Some((currency, missing)) = short_of {
            return Err(Test::ShortPosition(currency, missing));
        }
        let mut shorts = self
            .positions(participant, changes)
            .filter(|(_, position)| *position < 0);
        let short = shorts.try_fold(I256::ZERO, |sum, (currency, position)| {
            let worth = self.risk.worth(currency, WHOLE)?;
            sum.checked_add(worth.checked_mul(I256::from(-position))?)
        });
        let aggregate = self
            .risk
            .tested
            .get(&participant)
            .map_or(0, |tested| tested.aggregate);
        // Without any valuation nothing is short here: that fails the first test.
        let most = self.risk.in_unit(aggregate).unwrap_or(I256::ZERO);
        if short.is_none_or(|short| short > most) {
            return Err(Test::AggregateShortPosition);
        }
        let asked = beyond(&self.risk.asked, None);
        asked.map_or(Ok(()), |(currency, missing)| Err(Test::PayIn(currency, missing)))
    }

    /// The most that may leave an account under the tests otherwise than by a trade: cash, as far as all positions
    /// together stay worth something.
    pub fn payable(&self, id: u32) -> i128 {
        let account = self.get(id);
        let cash = account.position().max(0);
        if mutated!(PayOutBeyondValue) {
            return cash;
        }
        let Some(value) = self.overall(account.participant, &[]).filter(|value| *value >= 0) else {
            return 0;
        };
        let haircut = self
            .risk
            .valuations
            .get(&account.currency)
            .map_or(0, |valuation| valuation.haircut);
        match self.risk.worth(account.currency, WHOLE - haircut) {
            Some(worth) if worth > 0 => i128::try_from(value / worth).unwrap_or(i128::MAX).min(cash),
            _ => cash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USD: u16 = 840;
    const EUR: u16 = 978;

    /// One participant with a dollar and a euro account: EUR 1.10 with a haircut of 5 %, USD 1 without.
    fn book(usd: i128, eur: i128) -> Accounts {
        let mut book = Accounts::default();
        assert!(book.open_book(USD, ParticipantId(9)) && book.open_book(EUR, ParticipantId(9)));
        for (currency, rate, scale, haircut) in [(USD, 1, 0, 0), (EUR, 110, 2, 50_000)] {
            let unit = USD;
            let valuation = Valuation {
                currency,
                unit,
                rate,
                scale,
                haircut,
            };
            book.risk.valuations.insert(currency, valuation);
        }
        let aggregate = u64::MAX;
        book.risk.tested.insert(0, Tested { on: true, aggregate });
        for (currency, balance) in [(USD, usd), (EUR, eur)] {
            let id = book.open(0, currency, 0).expect("opens");
            book.get_mut(id).balance = balance;
            book.risk.limits.insert((0, currency), u64::MAX);
        }
        book
    }

    fn after(book: &Accounts, usd: i128, eur: i128) -> Result<(), Test> {
        book.judge_tests(0, &[(0, usd), (1, eur)])
    }

    #[test]
    fn the_worked_case_passes_and_waits_as_it_says() {
        // 10 USD, then −100 USD and +100 EUR: −100 + 104.50 = +4.50.
        let buyer = book(1_000, 0);
        assert_eq!(after(&buyer, -11_000, 10_000), Ok(()));
        let value = buyer
            .overall(0, &[(0, -11_000), (1, 10_000)])
            .expect("it has a value");
        assert_eq!(Some(value), buyer.risk.in_unit(450));
        // Nothing, then +110 USD and −100 EUR: 110 − 115.50 = −5.50; with 6 USD +0.50; with 5.50 zero, which passes.
        let short = Err(Test::NetPositiveValue);
        assert_eq!(after(&book(0, 0), 11_000, -10_000), short);
        assert_eq!(after(&book(549, 0), 11_000, -10_000), short);
        assert_eq!(after(&book(550, 0), 11_000, -10_000), Ok(()));
        assert_eq!(after(&book(600, 0), 11_000, -10_000), Ok(()));
    }

    #[test]
    fn limits_are_named_in_their_order() {
        let mut buyer = book(1_000, 0);
        buyer.risk.limits.insert((0, USD), 9_900);
        assert_eq!(after(&buyer, -11_000, 10_000), Err(Test::ShortPosition(USD, 100)));
        buyer.risk.limits.insert((0, USD), 10_000);
        buyer.risk.tested.insert(
            0,
            Tested {
                on: true,
                aggregate: 9_999,
            },
        );
        assert_eq!(after(&buyer, -11_000, 10_000), Err(Test::AggregateShortPosition));
        buyer.risk.tested.insert(
            0,
            Tested {
                on: true,
                aggregate: 10_000,
            },
        );
        assert_eq!(after(&buyer, -11_000, 10_000), Ok(()));
        buyer.risk.asked.insert((0, USD), 6_000);
        assert_eq!(after(&buyer, -11_000, 10_000), Err(Test::PayIn(USD, 4_000)));
    }

    #[test]
    fn pay_outs_stop_at_cash_and_at_value() {
        // 104.50 for 100 EUR less 100 USD owed leaves 4.50: 4.30 EUR at 1.045, rounded down.
        let held = book(-10_000, 10_000);
        assert_eq!((held.payable(0), held.payable(1)), (0, 430));
        assert_eq!(book(700, 10_000).payable(1), 10_000);
        assert_eq!(book(-20_000, 10_000).payable(1), 0);
    }

    #[test]
    fn a_currency_without_a_valuation_is_worth_nothing_and_cannot_be_owed() {
        let mut book = book(0, 10_000);
        book.risk.valuations.remove(&EUR);
        assert_eq!(after(&book, -1, 0), Err(Test::NetPositiveValue));
        assert_eq!(after(&book, 1, -10_001), Err(Test::NetPositiveValue));
        assert_eq!(after(&book, 0, 0), Ok(()));
    }

    #[test]
    fn positions_beyond_all_bounds_fail_and_do_not_wrap() {
        let mut book = book(i128::MAX >> 2, 0);
        book.risk.valuations.insert(
            USD,
            Valuation {
                currency: USD,
                unit: USD,
                rate: u64::MAX,
                scale: 0,
                haircut: 0,
            },
        );
        assert_eq!(after(&book, 0, 0), Err(Test::NetPositiveValue));
        assert_eq!(book.payable(0), 0);
    }
}
