//! What is sent again: single records, and whole batches.
use causeway_message::record::{Instruction, Kind};

use super::due::{Due, Expects};
use crate::random::Random;

/// Records that may be sent again.
const KEPT: usize = 4_096;
/// Of each batch so many are kept.
const OF_BATCH: usize = 64;

/// What was sent before.
#[derive(Debug, Default)]
pub(super) struct Recent {
    records: Vec<Instruction>,
    next: usize,
    last: Vec<Instruction>,
}

impl Recent {
    /// Notes what of a batch may be sent again: records that were sent for the first time.
    pub fn keep(&mut self, whole: bool, records: &[Instruction], due: &Due) {
        let plain = |record: &Instruction| record.kind == Kind::Payment as u8 && record.flags.get() == 0;
        let first = |at: usize| {
            let line = due.lines.get(at);
            line.is_none_or(|line| matches!(line.expects, Expects::Settles | Expects::Outcome))
        };
        let step = (records.len() / OF_BATCH).max(1);
        for (at, record) in records.iter().enumerate().step_by(step) {
            if !first(at) || !plain(record) {
                continue;
            }
            if self.records.len() < KEPT {
                self.records.push(*record);
            } else {
                self.records[self.next % KEPT] = *record;
                self.next += 1;
            }
        }
        if whole {
            // What carries another's id would not be answered as at first.
            let reused = |at: usize| {
                due.lines
                    .get(at)
                    .is_some_and(|line| line.expects == Expects::Reused)
            };
            let kept = records.iter().enumerate();
            let kept = kept.filter(|(at, record)| plain(record) && !reused(*at));
            self.last.clear();
            self.last.extend(kept.map(|(_, record)| *record));
        }
    }

    /// One of them.
    pub fn one(&self, random: &mut Random) -> Option<Instruction> {
        let at = random.below(self.records.len().max(1) as u64) as usize;
        self.records.get(at).copied()
    }

    /// All plain payments of the last batch; false if they are less than half of this size.
    pub fn batch(&self, count: usize, records: &mut Vec<Instruction>) -> bool {
        if self.last.len() < count.div_ceil(2) {
            return false;
        }
        records.extend_from_slice(&self.last);
        true
    }
}
