//! The memory of instruction ids: idempotency is judged before every other rule.
use std::collections::BTreeMap;

use causeway_message::digest::Digest;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::Origin;
use crate::audit::input::Paper;

/// What is remembered of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Leaf of its record: the same bytes have the same leaf.
    pub leaf: Digest,
    /// Its entry.
    pub entry: u64,
    /// Its place there.
    pub ordinal: u16,
    /// What it was answered.
    pub first: Status,
    /// What it became later, one after the other, and by which entries.
    pub later: Vec<(Status, u64)>,
    /// Minor units that moved when it got its last status.
    pub moved: u64,
    /// What was signed; none, of a control record.
    pub paper: Option<Paper>,
}

impl Known {
    /// Present status and the entry that gave it.
    pub fn now(&self) -> (Status, u64) {
        self.later.last().copied().unwrap_or((self.first, self.entry))
    }

    /// Its entry and its place there.
    pub const fn origin(&self) -> Origin {
        (self.entry, self.ordinal)
    }

    /// Status and causing entry as they stood after `entry`; `None` if it was not in the log yet.
    pub fn at(&self, entry: u64) -> Option<(Status, u64)> {
        let later = self.later.iter().rev().find(|(_, cause)| *cause <= entry);
        match later {
            Some(later) => Some(*later),
            None if self.entry <= entry => Some((self.first, self.entry)),
            None => None,
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

    /// True if so many more find room.
    pub fn has_room(&self, more: usize) -> bool {
        self.all.len() as u64 + more as u64 <= self.capacity
    }

    pub fn len(&self) -> u64 {
        self.all.len() as u64
    }

    pub fn insert(&mut self, who: ParticipantId, id: InstructionId, known: Known) {
        self.all.insert((who, id), known);
    }

    /// Gives an instruction that waits its next status. One that is said again was given by the entry before.
    pub fn change(
        &mut self,
        who: ParticipantId,
        id: InstructionId,
        (status, moved): (Status, u64),
        entry: u64,
    ) {
        if let Some(known) = self.all.get_mut(&(who, id)) {
            if known.now().0 != status {
                known.later.push((status, entry));
            }
            known.moved = moved;
        }
    }
}
