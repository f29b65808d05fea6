//! Effects of the entries that receipts were cut from lately: banks ask for those of a batch one after the other.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_message::answer::answer_leaves;
use causeway_message::wide::WideTree;

use super::record::EffectsRecord;

/// Entries kept.
const ENTRIES_MAX: usize = 16;
/// Most effects beside the answers of an entry that is kept, so that sixteen of them stay small.
const EFFECTS_MAX: usize = 4_096;

/// What one entry came to, with the tree over its answers.
#[derive(Debug)]
pub struct Cut {
    /// Its effects.
    pub record: EffectsRecord,
    /// The tree over chunks of its answers.
    pub answers: WideTree,
}

impl Cut {
    /// Builds the tree.
    pub fn new(record: EffectsRecord) -> Self {
        let answers = WideTree::new(answer_leaves(&record.outcome.answers));
        Self { record, answers }
    }
}

/// The newest ones asked for, newest last.
#[derive(Debug, Default)]
pub struct Cuts(Mutex<VecDeque<(u64, Arc<Cut>)>>);

impl Cuts {
    /// What is kept of an entry.
    pub fn get(&self, entry: u64) -> Option<Arc<Cut>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().rev().find(|(of, _)| *of == entry);
        found.map(|(_, cut)| cut.clone())
    }

    /// Keeps an entry, if it is small enough.
    pub fn keep(&self, entry: u64, cut: &Arc<Cut>) {
        let outcome = &cut.record.outcome;
        let told = outcome.deferred.len() + outcome.notices.len() + outcome.fees.len();
        let days = outcome.days.len() + outcome.statements.len() + outcome.details.len();
        if told + days + cut.record.groups.len() > EFFECTS_MAX {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Others may have asked for it at the same time.
        if kept.iter().any(|(of, _)| *of == entry) {
            return;
        }
        if kept.len() == ENTRIES_MAX {
            kept.pop_front();
        }
        kept.push_back((entry, cut.clone()));
    }
}
