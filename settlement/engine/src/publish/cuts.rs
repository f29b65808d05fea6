//! Entries that receipts were cut from lately: banks ask for those of a batch one after the other, and each needs the
//! batch, its effects, and the trees over both.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_message::answer::answer_leaves;
use causeway_message::limits::RECORD_BYTES;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wide::WideTree;

use super::record::EffectsRecord;

/// Most entries kept.
const ENTRIES_MAX: usize = 256;
/// Bytes that they take together, as estimated: some sixty full batches.
const BYTES_MAX: usize = 96 * 1_048_576;
/// Bytes that one of the lists of an outcome takes for each of its rows, at the most.
const ROW_BYTES: usize = 512;

/// What one entry holds and came to.
#[derive(Debug)]
pub struct Cut {
    /// Its batch, if it holds one.
    pub batch: Option<Arc<VerifiedBatch>>,
    /// Its effects.
    pub record: EffectsRecord,
    /// The tree over chunks of its answers.
    pub answers: WideTree,
}

impl Cut {
    /// Builds the tree.
    pub fn new(batch: Option<Arc<VerifiedBatch>>, record: EffectsRecord) -> Self {
        let answers = WideTree::new(answer_leaves(&record.outcome.answers));
        Self {
            batch,
            record,
            answers,
        }
    }

    /// Bytes that it takes, about.
    fn bytes(&self) -> usize {
        let outcome = &self.record.outcome;
        let told = outcome.deferred.len() + outcome.notices.len() + outcome.fees.len();
        let days = outcome.days.len() + outcome.statements.len() + outcome.details.len();
        let batch = self.batch.as_ref().map_or(0, |batch| batch.frame_capacity());
        // A leaf of a quarter of a record stands beside each.
        batch
            + batch / 4
            + outcome.answers.len() * RECORD_BYTES / 4
            + (told + days + self.record.groups.len()) * ROW_BYTES
    }
}

#[derive(Debug, Default)]
struct Kept {
    /// Newest last.
    cuts: VecDeque<(u64, Arc<Cut>)>,
    bytes: usize,
}

/// The newest ones asked for.
#[derive(Debug, Default)]
pub struct Cuts(Mutex<Kept>);

impl Cuts {
    /// What is kept of an entry.
    pub fn get(&self, entry: u64) -> Option<Arc<Cut>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.cuts.iter().rev().find(|(of, _)| *of == entry);
        found.map(|(_, cut)| cut.clone())
    }

    /// Keeps an entry, and lets go of those asked for longest ago.
    pub fn keep(&self, entry: u64, cut: &Arc<Cut>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Others may have asked for it at the same time.
        if kept.cuts.iter().any(|(of, _)| *of == entry) {
            return;
        }
        kept.bytes += cut.bytes();
        kept.cuts.push_back((entry, cut.clone()));
        while kept.cuts.len() > ENTRIES_MAX || kept.bytes > BYTES_MAX {
            let Some((_, oldest)) = kept.cuts.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
        }
    }
}
