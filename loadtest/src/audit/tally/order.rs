//! Order inside accounts: what waits there settles first come, first served, and nothing settles past it.
use std::collections::BTreeSet;

use causeway_message::Status;

use super::Tally;
use super::seen::Seen;
use crate::audit::fault::{Fault, Rule, hold};

impl Tally {
    pub(super) fn check_order(&mut self, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        for waits in &seen.queued {
            let queue = &mut self.account(waits.place, entry)?.queue;
            queue.insert(waits.origin, waits.amount);
        }
        for left in &seen.left {
            let queue = &mut self.account(left.place, entry)?.queue;
            let at = || {
                format!(
                    "log entry {entry}: payment {:?} of account {:?}",
                    left.origin, left.place
                )
            };
            hold(queue.remove(&left.origin).is_some(), Rule::OneOutcome, || {
                format!("{} did not wait", at())
            })?;
            let before = queue.range(..left.origin).next();
            // What expires leaves from wherever it stands.
            let passes = left.status == Status::Settled && before.is_some();
            hold(!passes, Rule::QueueOrder, || {
                format!("{} settles before {before:?}", at())
            })?;
        }
        for debit in seen.debits.iter().filter(|debit| debit.at_once) {
            // Whatever came before it into its queue has left by the end of the entry, or it was passed.
            let queue = &self.account(debit.place, entry)?.queue;
            let before = queue.range(..debit.origin).next();
            hold(before.is_none(), Rule::QueueOrder, || {
                format!(
                    "log entry {entry}: payment {:?} settles at once past {before:?}",
                    debit.origin
                )
            })?;
        }
        // Nothing waits without being told to, and nobody is told twice.
        let origins: BTreeSet<_> = seen.queued.iter().map(|waits| waits.origin).collect();
        hold(origins.len() == seen.queued.len(), Rule::OneOutcome, || {
            format!("log entry {entry}: a payment is queued twice")
        })
    }
}
