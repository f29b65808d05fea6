//! The memory of instruction ids: idempotency is judged before every other rule.
use std::collections::BTreeMap;

use causeway_message::digest::Digest;
use causeway_message::{InstructionId, ParticipantId, Status};

/// What is remembered of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Leaf of its record: the same bytes have the same leaf.
    pub leaf: Digest,
    /// Its entry.
    pub entry: u64,
    /// Its place there.
    pub ordinal: u16,
    /// What it was answered.
    pub first: Status,
    /// What it became later, and by which entry.
    pub later: Option<(Status, u64)>,
}

impl Known {
    /// Present status and the entry that gave it.
    pub const fn now(&self) -> (Status, u64) {
        match self.later {
            Some(later) => later,
            None => (self.first, self.entry),
        }
    }

    /// Status and causing entry as they stood after `entry`; `None` if it was not in the log yet.
    pub fn at(&self, entry: u64) -> Option<(Status, u64)> {
        match self.later {
            Some((status, cause)) if cause <= entry => Some((status, cause)),
            _ if self.entry <= entry => Some((self.first, self.entry)),
            _ => None,
        }
    }
}

/// All that is remembered.
#[derive(Debug)]
pub struct Memory {
    all: BTreeMap<(ParticipantId, InstructionId), Known>,
    capacity: u64,
}

impl Memory {
    pub const fn new(capacity: u64) -> Self {
        Self {
            all: BTreeMap::new(),
            capacity,
        }
    }

    pub fn get(&self, who: ParticipantId, id: InstructionId) -> Option<&Known> {
        self.all.get(&(who, id))
    }

    pub fn is_full(&self) -> bool {
        self.all.len() as u64 >= self.capacity
    }

    pub fn len(&self) -> u64 {
        self.all.len() as u64
    }

    pub fn insert(&mut self, who: ParticipantId, id: InstructionId, known: Known) {
        self.all.insert((who, id), known);
    }

    /// Gives an instruction that waits its final status.
    pub fn settle(&mut self, who: ParticipantId, id: InstructionId, status: Status, entry: u64) {
        if let Some(known) = self.all.get_mut(&(who, id)) {
            known.later = Some((status, entry));
        }
    }
}
