//! Records about other records: a cancel that is executed ends its payment, and no more is returned than moved.
use causeway_message::record::Kind;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::Tally;
use super::seen::{Mark, Seen};
use crate::audit::fault::{Fault, Rule, hold};

/// What of a payment came back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Back {
    moved: u128,
    returned: u128,
}

impl Tally {
    pub(super) fn check_related(&mut self, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        for mark in &seen.first {
            if mark.status == Status::Executed && mark.kind() == Some(Kind::Cancel) {
                let ended = seen
                    .later
                    .iter()
                    .filter(|other| other.key() == mark.related())
                    .any(|other| matches!(other.status, Status::Cancelled | Status::Withdrawn));
                hold(ended, Rule::Cancelled, || {
                    format!(
                        "log entry {entry}: {:?} is executed and cancels nothing",
                        mark.origin
                    )
                })?;
            }
        }
        // An original may have settled in this very entry, before what came back of it.
        for returns in [false, true] {
            for mark in seen.first.iter().chain(&seen.later) {
                let own =
                    mark.pays() && !mark.is_exchange() && (mark.kind() == Some(Kind::Return)) == returns;
                if own && mark.status == Status::Settled {
                    self.settled(mark, entry)?;
                }
            }
        }
        Ok(())
    }

    fn settled(&mut self, mark: &Mark, entry: u64) -> Result<(), Fault> {
        let amount = u128::from(mark.amount());
        if mark.kind() != Some(Kind::Return) {
            self.backs.entry(mark.key()).or_default().moved = amount;
            return Ok(());
        }
        let creditor = ParticipantId(mark.record.creditor.get());
        let original = (creditor, InstructionId(mark.record.related));
        let back = self.backs.entry(original).or_default();
        back.returned += amount;
        hold(back.returned <= back.moved, Rule::Returned, || {
            format!("log entry {entry}: {back:?} of {original:?}")
        })
    }
}
