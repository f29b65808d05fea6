//! Where each payment that waits is found by its submitter and id: a table that is never gone through, so that its order
//! can decide nothing.
use causeway_message::{InstructionId, ParticipantId};
use foldhash::quality::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Submitter and id.
type Key = (ParticipantId, InstructionId);

/// The table.
#[derive(Debug)]
pub(super) struct Places {
    table: HashTable<(Key, u32)>,
    hasher: FixedState,
}

impl Places {
    /// `seed` scatters, and banks must not know it: ids are theirs to choose.
    pub fn new(seed: u64) -> Self {
        Self {
            table: HashTable::new(),
            hasher: FixedState::with_seed(seed),
        }
    }

    pub fn get(&self, key: Key) -> Option<u32> {
        let found = self
            .table
            .find(self.hasher.hash_one(key), |(known, _)| *known == key);
        found.map(|(_, place)| *place)
    }

    /// Notes a place; another one of the same payment is forgotten.
    pub fn insert(&mut self, key: Key, place: u32) {
        self.remove(key);
        let hasher = &self.hasher;
        self.table
            .insert_unique(hasher.hash_one(key), (key, place), |(known, _)| {
                hasher.hash_one(known)
            });
    }

    pub fn remove(&mut self, key: Key) {
        let hash = self.hasher.hash_one(key);
        if let Ok(found) = self.table.find_entry(hash, |(known, _)| *known == key) {
            found.remove();
        }
    }
}
