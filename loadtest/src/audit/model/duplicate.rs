//! Duplicates (PROTOCOL §22.6): what was accepted in the present window or the last.
use std::collections::BTreeSet;

use causeway_message::Status;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;

use super::Model;
use super::classes::{Spot, Waiting};

/// Nanoseconds of a window.
const WINDOW: u64 = 24 * 3_600 * 1_000_000_000;

/// Debtor, creditor, kind, UETR.
type Mark = (u32, u32, u8, [u8; 16]);

/// What was accepted.
#[derive(Debug, Default)]
pub(super) struct Windows {
    began: Option<Timestamp>,
    present: BTreeSet<Mark>,
    last: BTreeSet<Mark>,
}

const fn mark(record: &Instruction) -> Mark {
    (
        record.debtor.get(),
        record.creditor.get(),
        record.kind,
        record.uetr,
    )
}

impl Windows {
    /// An entry begins, and with it a window, if there is none or it has come to its end.
    pub fn begin(&mut self, now: Timestamp) {
        match self.began {
            Some(began) if now.0 < began.0.saturating_add(WINDOW) => {}
            Some(_) => {
                self.last = std::mem::take(&mut self.present);
                self.began = Some(now);
            }
            None => self.began = Some(now),
        }
    }

    pub fn accept(&mut self, record: &Instruction) {
        self.present.insert(mark(record));
    }

    fn holds(&self, record: &Instruction) -> bool {
        let mark = mark(record);
        self.present.contains(&mark) || self.last.contains(&mark)
    }
}

impl Model {
    pub(super) fn judge_duplicate(&self, record: &Instruction) -> Result<(), Status> {
        let pays = Kind::from_number(record.kind).is_some_and(|kind| kind.pays() || kind == Kind::FxPayment);
        let meant = record.flags.get() & flags::DUPLICATE != 0;
        let dated = |item: &Waiting| item.spot == Spot::Dated && mark(item.record()) == mark(record);
        let alike = || self.windows.holds(record) || self.is_fourth() && self.waits.values().any(dated);
        if pays && !meant && alike() {
            Err(Status::DuplicateSuspected)
        } else {
            Ok(())
        }
    }
}
