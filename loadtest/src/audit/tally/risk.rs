//! Who is under risk tests passes them at the end of each entry in which a trade of its settled: nothing else that an
//! entry does makes a test fail that held. And pay-in deadlines that were missed are told of, and no others.
use std::collections::{BTreeMap, BTreeSet};

use causeway_fx::Currency;
use causeway_message::Status;
use causeway_message::action::{Action, Phase, Valuation};
use causeway_message::time::Timestamp;
use ethnum::I256;

use super::seen::{Ended, Seen};
use super::{Key, Tally};
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// Things that one entry does at most because they are due.
const DUE: usize = 1_024;

/// A pay-in deadline that was set.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    proposal: Key,
    allowed: u64,
}

/// Valuations, limits, deadlines, and who is under the tests.
#[derive(Debug, Default)]
pub struct Risk {
    valuations: BTreeMap<u16, Valuation>,
    tested: BTreeMap<u32, u64>,
    short: BTreeMap<Place, u64>,
    ahead: BTreeMap<(Timestamp, Place), Deadline>,
    allowed: BTreeMap<Place, u64>,
    /// Passed in the entry under way.
    passed: Vec<(Place, Deadline)>,
    /// Put under the tests, or taken out, in the entry under way.
    moved: BTreeSet<u32>,
    /// Something changed in the entry under way that the tests are made of.
    changed: bool,
}

impl Risk {
    /// True if a participant is under the tests, or was in the entry under way.
    pub fn was_tested(&self, participant: u32) -> bool {
        self.tested.contains_key(&participant) || self.moved.contains(&participant)
    }

    pub(super) fn follow(&mut self, seen: &Seen, time: Timestamp) {
        self.moved.clear();
        self.passed.clear();
        self.changed = false;
        while let Some(((at, place), deadline)) = self.ahead.first_key_value().map(|(key, own)| (*key, *own))
        {
            if at > time {
                break;
            }
            self.ahead.pop_first();
            self.allowed.insert(place, deadline.allowed);
            self.passed.push((place, deadline));
        }
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            self.executed(ended);
        }
    }

    fn executed(&mut self, ended: &Ended) {
        match ended.action {
            Action::SetValuation(told) => {
                self.valuations.retain(|_, other| other.unit == told.unit);
                self.valuations.insert(told.currency, told);
            }
            Action::SetTests {
                participant,
                tested,
                aggregate,
            } => {
                self.moved.insert(participant.0);
                self.tested.remove(&participant.0);
                self.tested.extend(tested.then_some((participant.0, aggregate)));
            }
            Action::SetShortLimit {
                participant,
                currency,
                limit,
            } => drop(self.short.insert((participant.0, currency), limit)),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                allowed,
            } => {
                let own = Deadline {
                    proposal: (ended.proposer, ended.id),
                    allowed,
                };
                let at = Timestamp::from_seconds(deadline);
                self.ahead.insert((at, (participant.0, currency)), own);
            }
            Action::SetDay {
                currency,
                phase: Phase::Closed,
                ..
            } => self.allowed.retain(|place, _| place.1 != currency),
            _ => return,
        }
        self.changed = true;
    }

    /// What so many minor units are worth, in 10⁻²² units of account; `None` of a debt without a valuation.
    fn value(&self, currency: u16, position: i128, haircut: bool) -> Option<I256> {
        let Some(told) = self.valuations.get(&currency) else {
            return (position >= 0).then_some(I256::ZERO);
        };
        let part = match (haircut, position > 0) {
            (false, _) => 1_000_000,
            (true, true) => 1_000_000 - told.haircut,
            (true, false) => 1_000_000 + told.haircut,
        };
        let below = u32::from(told.scale) + digits(currency);
        let worth = I256::from(10_i128.pow(16_u32.saturating_sub(below)));
        Some(I256::from(position) * I256::from(i128::from(told.rate)) * I256::from(i128::from(part)) * worth)
    }

    fn limit(&self, aggregate: u64) -> I256 {
        let unit = self.valuations.values().next().map_or(0, |told| told.unit);
        let shift = 22_u32.saturating_sub(digits(unit));
        I256::from(i128::from(aggregate)) * I256::from(10_i128.pow(shift))
    }
}

fn digits(currency: u16) -> u32 {
    Currency::from_numeric(currency).map_or(0, |found| found.minor_units.into())
}

impl Tally {
    pub(super) fn check_risk(&self, seen: &Seen) -> Result<(), Fault> {
        let parties: BTreeSet<u32> = seen.sides.iter().map(|side| side.place.0).collect();
        if !self.risk.changed {
            for (who, aggregate) in &self.risk.tested {
                if parties.contains(who) {
                    self.check_tests(*who, *aggregate, seen.entry)?;
                }
                self.check_paid_out(*who, seen)?;
            }
        }
        self.check_pay_ins(seen)
    }

    fn position(&self, place: Place) -> i128 {
        self.accounts
            .get(&place)
            .map_or(0, |account| account.balance - account.reserved)
    }

    fn positions(&self, who: u32) -> impl Iterator<Item = (u16, i128)> + '_ {
        let own = self.accounts.range((who, 0)..=(who, u16::MAX));
        own.map(|(place, account)| (place.1, account.balance - account.reserved))
    }

    /// Everything together, or nothing if a debt has no valuation.
    fn overall(&self, who: u32) -> Option<I256> {
        self.positions(who)
            .map(|(currency, position)| self.risk.value(currency, position, true))
            .sum()
    }

    fn check_tests(&self, who: u32, aggregate: u64, entry: u64) -> Result<(), Fault> {
        let at = |test: &str| {
            let positions: Vec<_> = self.positions(who).collect();
            format!("log entry {entry}: {test} of participant {who}: {positions:?}")
        };
        let overall = self.overall(who);
        let covered = overall.is_some_and(|sum| sum >= I256::ZERO);
        hold(covered, Rule::RiskTests, || at("net positive overall value"))?;
        let mut owed = I256::ZERO;
        for (currency, position) in self.positions(who) {
            let place = (who, currency);
            let short = self.risk.short.get(&place).copied().unwrap_or(0);
            hold(position >= -i128::from(short), Rule::RiskTests, || {
                at("short position")
            })?;
            let allowed = self.risk.allowed.get(&place);
            let paid = allowed.is_none_or(|allowed| position >= -i128::from(*allowed));
            hold(paid, Rule::RiskTests, || at("pay-in"))?;
            if position < 0 {
                owed += self.risk.value(currency, -position, false).unwrap_or(I256::ZERO);
            }
        }
        hold(owed <= self.risk.limit(aggregate), Rule::RiskTests, || {
            at("aggregate short position")
        })
    }

    /// What left otherwise than by a trade was there, and the rest is worth something still.
    fn check_paid_out(&self, who: u32, seen: &Seen) -> Result<(), Fault> {
        let traded: BTreeSet<Place> = seen.sides.iter().map(|side| side.place).collect();
        let drawn = self.touched.range((who, 0)..=(who, u16::MAX)).filter(|place| {
            let account = self.accounts.get(place);
            account.is_some_and(|account| account.paid_out) && !traded.contains(place)
        });
        for place in drawn {
            let at = || format!("log entry {}: account {place:?} is paid out of", seen.entry);
            hold(self.position(*place) >= 0, Rule::RiskTests, at)?;
            let valued = self.risk.value(place.1, 1, true) > Some(I256::ZERO);
            let covered = self.overall(who).is_some_and(|sum| sum >= I256::ZERO);
            hold(!valued || covered, Rule::RiskTests, at)?;
        }
        Ok(())
    }

    /// Deadlines that were missed are told of to both, and no others. What moved in the entry may have moved before
    /// its deadline was judged, or after.
    fn check_pay_ins(&self, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        for ended in &seen.missed {
            let at = || format!("log entry {entry}: {:?} is missed", ended.action);
            let key = (ended.proposer, ended.id);
            let due = self
                .risk
                .passed
                .iter()
                .find(|(_, deadline)| deadline.proposal == key);
            hold(due.is_some(), Rule::PayIn, at)?;
            let Some((place, own)) = due else { continue };
            let told = seen.missing.iter().filter(|(whom, other)| {
                other.origin == ended.origin && other.action == ended.action && whom.0 == place.0
            });
            let others = usize::from(place.0 != ended.proposer.0);
            same(Rule::PayIn, &others, &told.count(), at)?;
            let short = self.position(*place) < -i128::from(own.allowed);
            let sure = !self.touched.contains(place);
            let tested = self.risk.was_tested(place.0);
            hold((short || !sure) && tested, Rule::PayIn, at)?;
        }
        let others = seen.missing.len();
        hold(others <= seen.missed.len(), Rule::PayIn, || {
            format!("log entry {entry}: {others} participants are told of a deadline")
        })?;
        let busy = seen.later.len() + seen.ended.len() >= DUE;
        for (place, own) in self.risk.passed.iter().filter(|_| !busy) {
            let sure = !self.touched.contains(place) && !self.risk.moved.contains(&place.0);
            let short = self.position(*place) < -i128::from(own.allowed);
            let tested = self.risk.tested.contains_key(&place.0);
            let told = seen
                .missed
                .iter()
                .any(|ended| (ended.proposer, ended.id) == own.proposal);
            hold(told || !(sure && short && tested), Rule::PayIn, || {
                format!("log entry {entry}: nobody is told that {place:?} is shorter than {own:?}")
            })?;
        }
        Ok(())
    }
}
