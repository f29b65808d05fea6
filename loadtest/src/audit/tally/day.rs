//! The day of a currency: nothing settles while it is closed, and fees are billed once a day.
use std::collections::BTreeSet;

use causeway_message::Status;
use causeway_message::action::{Action, Phase};

use super::Tally;
use super::seen::{Fee, Seen};
use crate::audit::fault::{Fault, Rule, hold};

impl Tally {
    /// `billed` are fees that were not those of exchanges.
    pub(super) fn check_day(&mut self, seen: &Seen, billed: &[Fee]) -> Result<(), Fault> {
        let mut changed = BTreeSet::new();
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            match &ended.action {
                Action::SetDay { currency, phase, .. } => {
                    changed.insert(*currency);
                    if *phase == Phase::Closed {
                        self.closed.insert(*currency);
                    } else {
                        self.closed.remove(currency);
                    }
                }
                Action::SetFee(grant) => {
                    self.collectors.insert((grant.currency, grant.collector.0));
                }
                _ => {}
            }
        }
        let moves = seen.first.iter().chain(&seen.later).filter(|mark| mark.goes());
        for mark in moves {
            let exchange = seen.heard.iter().find(|told| told.mark.origin == mark.origin);
            let hops = exchange.iter().flat_map(|told| &told.exchange.hops);
            let mut moved: BTreeSet<u16> = hops.map(|hop| hop.to.0).collect();
            moved.insert(mark.record.currency.get());
            let closed = moved
                .iter()
                .any(|currency| self.closed.contains(currency) && !changed.contains(currency));
            hold(!closed, Rule::Closed, || {
                format!("log entry {}: {:?} is {:?}", seen.entry, mark.origin, mark.status)
            })?;
        }
        for fee in billed {
            let at = || format!("log entry {}: {fee:?}", seen.entry);
            // A day that is due opens when the bills of the one before are written.
            let over = self
                .schedules
                .date(fee.currency)
                .is_some_and(|date| fee.date < date);
            hold(
                over || self.closed.contains(&fee.currency),
                Rule::BilledOnce,
                || format!("{}: the currency is open", at()),
            )?;
            let entitled = self.collectors.contains(&(fee.currency, fee.collector));
            hold(entitled, Rule::BilledOnce, || {
                format!("{}: to nobody's fee", at())
            })?;
            let first = self.billed.insert((fee.payer, fee.currency, fee.date));
            hold(first, Rule::BilledOnce, || format!("{}: a second time", at()))?;
        }
        Ok(())
    }

    /// Fees move from payers to collectors.
    pub(super) fn post_fees(&mut self, seen: &Seen) -> Result<(), Fault> {
        for (sign, fees) in [(-1, &seen.paid), (1, &seen.collected)] {
            for fee in fees {
                let who = if sign < 0 { fee.payer } else { fee.collector };
                let amount = sign * i128::from(fee.amount);
                let account = self.account((who, fee.currency), seen.entry)?;
                account.balance += amount;
                account.drawn |= amount < 0;
                account.paid_out |= amount < 0;
                account.fed |= amount > 0;
                *self.posted.entry(fee.currency).or_insert(0) += amount;
            }
        }
        Ok(())
    }
}
