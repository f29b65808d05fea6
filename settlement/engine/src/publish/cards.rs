//! What receipts of the newest batches are cut from: most are asked for soon, and without this each would have its whole
//! batch read and hashed anew.
//!
//! A batch's card is a twelfth of it: the tree over its records without the leaves, and its answers. The few records whose
//! leaves a path needs come from the batch, while it is at hand, or from the journal; the card tells whether they are
//! those that were signed.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use causeway_message::answer::{ANSWER_BYTES, Answer, answer_leaves};
use causeway_message::batch::{BatchBlock, record_leaves};
use causeway_message::effects::EffectsHead;
use causeway_message::leaf::Leaf;
use causeway_message::record::Instruction;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wide::{Crown, WidePath, WideTree};

use super::archive::Archive;
use super::prove::Proven;
use crate::error::EngineError;
use crate::journal::Location;

/// Most cards kept.
const CARDS_MAX: usize = 4_096;
/// Bytes that they take together: some eight hundred full batches.
const BYTES_MAX: usize = 64 * 1_048_576;

/// What is kept of one batch without extensions.
#[derive(Debug)]
pub struct Card {
    /// Where it is in the journal.
    location: Location,
    /// Its header and signature.
    pub block: BatchBlock,
    records: Crown,
    /// The entry's leaf.
    pub leaf: Leaf,
    /// Place of the leaf in the log's tree.
    pub leaf_index: u64,
    /// What its effects root is made of.
    pub effects: EffectsHead,
    /// Its answers.
    pub answers: Vec<Answer>,
    /// The tree over chunks of its answers, once it was asked for.
    chunks: OnceLock<WideTree>,
}

impl Card {
    const fn bytes(&self) -> usize {
        size_of::<Self>() + self.records.bytes() + self.answers.capacity() * ANSWER_BYTES
    }

    /// A record, and its path to the root that was signed.
    ///
    /// # Errors
    /// If the journal cannot be read. `None` if there is no such record, or what stands there are other records.
    pub fn record(
        &self,
        archive: &Archive,
        ordinal: u32,
    ) -> Result<Option<(Instruction, WidePath)>, EngineError> {
        let which = self.records.siblings(ordinal);
        if which.is_empty() {
            return Ok(None);
        }
        if let Some(batch) = archive.recent(self.leaf.index) {
            let record = batch
                .view()
                .and_then(|view| view.records.get(ordinal as usize).copied());
            return Ok(record.zip(batch.tree().path(ordinal)));
        }
        let own = (ordinal - which.start) as usize;
        let read = archive.journal().records(self.location, which)?;
        let mut leaves = Vec::new();
        record_leaves(&read, &[], &mut leaves);
        let path = self.records.path(ordinal, &leaves);
        Ok(read.get(own).copied().zip(path))
    }

    /// Path of a chunk of its answers.
    pub fn answer_path(&self, chunk: u32) -> Option<WidePath> {
        let tree = || WideTree::new(answer_leaves(&self.answers));
        self.chunks.get_or_init(tree).path(chunk)
    }
}

#[derive(Debug, Default)]
struct Kept {
    /// In order of their entries.
    cards: VecDeque<Arc<Card>>,
    bytes: usize,
}

/// The cards of the newest batches.
#[derive(Debug, Default)]
pub struct Cards(Mutex<Kept>);

impl Cards {
    /// The card of an entry, if it is kept.
    pub fn get(&self, entry: u64) -> Option<Arc<Card>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.cards.binary_search_by_key(&entry, |card| card.leaf.index);
        at.ok().map(|at| kept.cards[at].clone())
    }

    /// Keeps the card of an entry, the newest; batches with extensions have none.
    pub fn keep(
        &self,
        batch: &VerifiedBatch,
        location: Location,
        proven: &Proven,
        leaf_index: u64,
        answers: &[Answer],
    ) {
        if batch.view().is_none_or(|view| !view.extensions.is_empty()) {
            return;
        }
        // Fresh memory costs more than what is written into it: the oldest card's is used again.
        let (mut records, mut own) = self.make_room().unwrap_or_default();
        records.take(batch.tree());
        own.clear();
        own.extend_from_slice(answers);
        let card = Card {
            location,
            block: *batch.block(),
            records,
            leaf: proven.leaf,
            leaf_index,
            effects: proven.effects,
            answers: own,
            chunks: OnceLock::new(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += card.bytes();
        kept.cards.push_back(Arc::new(card));
    }

    /// Lets go of the oldest while there are too many; gives the room of one, if nobody reads it.
    fn make_room(&self) -> Option<(Crown, Vec<Answer>)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = None;
        while kept.cards.len() >= CARDS_MAX || kept.bytes > BYTES_MAX {
            let oldest = kept.cards.pop_front()?;
            kept.bytes -= oldest.bytes();
            room = Arc::into_inner(oldest).map(|card| (card.records, card.answers));
        }
        room
    }
}
