//! Duplicates: of two payments alike within a day the second says that it is meant.
use causeway_message::record::flags;
use causeway_message::time::Timestamp;

use super::Tally;
use super::seen::{Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold};

/// Nanoseconds within which one that was accepted is remembered in any case.
const DAY: u64 = 24 * 3_600 * 1_000_000_000;

/// Debtor, creditor, kind, UETR.
pub type Alike = (u32, u32, u8, [u8; 16]);

fn alike(mark: &Mark) -> Alike {
    let record = &mark.record;
    (
        record.debtor.get(),
        record.creditor.get(),
        record.kind,
        record.uetr,
    )
}

impl Tally {
    pub(super) fn check_duplicates(
        &mut self,
        seen: &Seen,
        time: Timestamp,
        version: u16,
    ) -> Result<(), Fault> {
        if version < 2 {
            return Ok(());
        }
        for mark in &seen.first {
            if !mark.pays() || mark.status.is_rejected() {
                continue;
            }
            let before = self.accepted.insert(alike(mark), (time, mark.origin));
            let of_chain = |origin: Origin| {
                let links = self.chains.get(&mark.origin);
                links.is_some_and(|links| links.contains(&origin))
            };
            let recent = before.filter(|(at, origin)| time.0 < at.0 + DAY && !of_chain(*origin));
            hold(
                recent.is_none() || mark.has(flags::DUPLICATE),
                Rule::Duplicated,
                || format!("log entry {}: {:?} is like {recent:?}", seen.entry, mark.origin),
            )?;
        }
        Ok(())
    }
}
