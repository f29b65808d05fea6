//! Checkpoints: signed by the log's key, over the log's own leaves, and never ahead of what is durable.
use std::collections::VecDeque;

use causeway_message::checkpoint::{Checkpoint, LogKey, origin};
use causeway_message::digest::Digest;
use causeway_message::wire::LeafProof;

use crate::audit::Auditor;
use crate::audit::fault::{Fault, Rule, hold, same_digest};

/// Notes whose signature was verified: many messages share one.
const NOTES: usize = 8;

/// The newest verified notes.
#[derive(Debug, Default)]
pub struct Notes(VecDeque<(String, Checkpoint)>);

impl Notes {
    fn find(&self, note: &str) -> Option<&Checkpoint> {
        self.0
            .iter()
            .rev()
            .find(|(text, _)| text == note)
            .map(|(_, found)| found)
    }

    fn keep(&mut self, note: &str, checkpoint: &Checkpoint) {
        if self.0.len() == NOTES {
            self.0.pop_front();
        }
        self.0.push_back((note.to_owned(), checkpoint.clone()));
    }
}

impl Auditor {
    /// A signed note: by the log's key, over the log's own leaves.
    ///
    /// # Errors
    /// If it is not.
    pub fn checkpoint(&mut self, note: &str) -> Result<Checkpoint, Fault> {
        if let Some(found) = self.notes.find(note) {
            return Ok(found.clone());
        }
        let origin = origin(self.chain.ledger());
        let verified = |key: &LogKey| Checkpoint::verify(note, &origin, key).ok();
        let found = self.log_keys.iter().find_map(verified).ok_or_else(|| {
            Fault::new(
                Rule::CheckpointKey,
                format!("not signed by the log's key: {note:?}"),
            )
        })?;
        hold(found.size <= self.chain.index, Rule::BeforeDurable, || {
            format!(
                "a checkpoint over {} leaves; durable up to {}",
                found.size, self.chain.index
            )
        })?;
        same_digest(
            Rule::Checkpoint,
            self.chain.root_at(found.size),
            &found.root,
            || format!("head over {} leaves", found.size),
        )?;
        self.notes.keep(note, &found);
        Ok(found)
    }

    /// The entry's own leaf must lead to the checkpoint.
    pub(super) fn proves(
        &mut self,
        entry: u64,
        leaf: Digest,
        proof: &LeafProof,
        note: &str,
        what: &str,
    ) -> Result<(), Fault> {
        let checkpoint = self.checkpoint(note)?;
        same_digest(Rule::Effects, self.chain.leaf(entry), &leaf, || {
            format!("{what}: leaf of log entry {entry}")
        })?;
        hold(proof.holds(leaf, &checkpoint), Rule::Proof, || {
            format!(
                "{what}: the leaf of log entry {entry} does not lead to the head over {}",
                checkpoint.size
            )
        })
    }
}
