//! How far providers go, and what an exchange costs.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::Status;
use causeway_message::action::{Action, FeeGrant, Phase};
use causeway_message::event::Role;
use causeway_message::record::Kind;

use super::Tally;
use super::firm::{Desk, desk};
use super::seen::{Fee, Heard, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};

/// What a provider bought less what it sold.
#[derive(Debug, Clone, Copy, Default)]
struct Exposure {
    limit: u64,
    used: i128,
}

/// Exposures, and the schedules of the fees of exchanges.
#[derive(Debug, Default)]
pub struct Desks {
    exposures: BTreeMap<Desk, Exposure>,
    schedules: BTreeMap<u16, FeeGrant>,
    /// How often each currency closed.
    closes: BTreeMap<u16, u64>,
    /// How often base had closed when a lock was made.
    locked: BTreeMap<(u64, Desk), u64>,
}

/// What an exchange costs by a schedule.
fn cost(grant: &FeeGrant, amount: u64) -> u128 {
    let share = (u128::from(amount) * u128::from(grant.per_million) + 500_000) / 1_000_000;
    let whole = u128::from(grant.flat) + share;
    let most = if grant.max == 0 {
        u128::MAX
    } else {
        u128::from(grant.max)
    };
    whole.max(grant.min.into()).min(most)
}

impl Desks {
    fn closes(&self, currency: u16) -> u64 {
        self.closes.get(&currency).copied().unwrap_or(0)
    }

    /// What a provider is told of its quotes, in the order in which it happened.
    fn hear(&mut self, told: &Heard) -> Result<(), String> {
        let own = told.exchange.hops.iter().filter(|hop| hop.provider == told.whom);
        for hop in own {
            let (desk, base) = desk(hop);
            let bought = if hop.priced.base_is_from { 1 } else { -1 } * i128::from(base);
            let key = (told.exchange.lock, desk);
            let closes = self.closes(desk.1);
            let own = self.exposures.entry(desk).or_default();
            let before = own.used;
            match told.mark.status {
                Status::Settled if told.exchange.lock == 0 => own.used += bought,
                Status::SetAside => {
                    own.used += bought;
                    self.locked.insert(key, closes);
                }
                Status::Expired | Status::Defaulted if self.locked.remove(&key) == Some(closes) => {
                    own.used -= bought;
                    continue;
                }
                _ => continue,
            }
            let within = own.used.abs() <= i128::from(own.limit) || own.used.abs() < before.abs();
            if !within {
                return Err(format!(
                    "{desk:?} goes from {before} to {} of {}",
                    own.used, own.limit
                ));
            }
        }
        Ok(())
    }
}

impl Tally {
    /// Exposures, as each provider hears of its fills. Where a limit is set in the entry nobody knows before which.
    pub(super) fn check_exposures(&mut self, seen: &Seen) -> Result<(), Fault> {
        let executed = || seen.ended.iter().filter(|ended| ended.status == Status::Executed);
        let mut set = BTreeSet::new();
        for ended in executed() {
            if let Action::SetExposure {
                participant,
                base,
                counter,
                limit,
            } = ended.action
            {
                let desk = (participant.0, base, counter);
                self.desks.exposures.entry(desk).or_default().limit = limit;
                set.insert(participant.0);
            }
        }
        for told in seen.heard.iter().filter(|told| told.role == Role::Provider) {
            let heard = self.desks.hear(told);
            if let Err(what) = heard
                && !set.contains(&told.whom.0)
            {
                let what = format!("log entry {}: {what}", seen.entry);
                return Err(Fault::new(Rule::Exposure, what));
            }
        }
        for ended in executed() {
            if let Action::SetDay {
                currency,
                phase: Phase::Closed,
                ..
            } = ended.action
            {
                *self.desks.closes.entry(currency).or_default() += 1;
                let own = self
                    .desks
                    .exposures
                    .iter_mut()
                    .filter(|(desk, _)| desk.1 == currency);
                own.for_each(|(_, exposure)| exposure.used = 0);
            }
        }
        Ok(())
    }

    /// Takes the fees of exchanges out of those that were paid; what is left was billed.
    pub(super) fn check_exchange_fees(&mut self, seen: &Seen) -> Result<Vec<Fee>, Fault> {
        let mut rest = seen.paid.clone();
        let mut set = BTreeSet::new();
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            if let Action::SetFee(grant) = ended.action
                && grant.kind == Kind::FxPayment as u8
            {
                self.desks.schedules.insert(grant.currency, grant);
                set.insert(grant.currency);
            }
        }
        for told in seen.heard.iter().filter(|told| told.role == Role::Debtor) {
            self.check_cost(told, &set, seen.entry)?;
            let (fee, settles) = (told.exchange.fee, told.mark.status == Status::Settled);
            if fee == 0 || !settles {
                continue;
            }
            let (payer, currency) = (told.whom.0, told.mark.record.currency.get());
            let own = |paid: &Fee| (paid.payer, paid.currency, paid.amount) == (payer, currency, fee);
            let at = rest.iter().position(own);
            let Some(at) = at else {
                let what = format!("log entry {}: fee {fee} of {:?}", seen.entry, told.mark.origin);
                return Err(Fault::new(Rule::ExchangeFee, what));
            };
            rest.remove(at);
        }
        Ok(rest)
    }

    /// What is not locked before costs what the schedule says.
    fn check_cost(&self, told: &Heard, set: &BTreeSet<u16>, entry: u64) -> Result<(), Fault> {
        let (record, exchange) = (&told.mark.record, &told.exchange);
        let made = told.mark.status == Status::SetAside || exchange.lock == 0;
        let schedule = self.desks.schedules.get(&record.currency.get());
        if !made || set.contains(&record.currency.get()) {
            return Ok(());
        }
        let schedule = schedule.filter(|grant| grant.collector != told.whom);
        let first = exchange.hops.first().map_or(0, |hop| hop.from.1);
        let amount = if exchange.fixed_target {
            first
        } else {
            record.amount.get()
        };
        let own = schedule.map_or(0, |grant| cost(grant, amount));
        same(Rule::ExchangeFee, &own, &exchange.fee.into(), || {
            format!("log entry {entry}: {:?} on {amount}", told.mark.origin)
        })?;
        hold(exchange.paid() >= exchange.fee, Rule::ExchangeFee, || {
            format!("log entry {entry}: {:?}", told.mark.origin)
        })
    }
}
