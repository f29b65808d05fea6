//! What is due at an instant: expiry of waiting payments and of proposals.
use std::collections::BTreeSet;

use causeway_message::Digest;
use causeway_message::time::Timestamp;

use crate::queue::Waiting;

/// Something that expires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A waiting payment. Those due at one instant leave in the order in which they came; where they are kept
    /// must not matter, since a start from a snapshot keeps them elsewhere.
    Payment {
        /// Log index of its entry.
        entry: u64,
        /// Place in its batch.
        ordinal: u16,
        /// Place in the queue.
        place: u32,
    },
    /// The proposal with this digest.
    Proposal(Digest),
}

impl Due {
    /// The payment kept at this place.
    pub const fn payment(waiting: &Waiting, place: u32) -> Self {
        Self::Payment {
            entry: waiting.entry,
            ordinal: waiting.ordinal,
            place,
        }
    }
}

/// All that is due, by instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    all: BTreeSet<(Timestamp, Due)>,
}

impl Calendar {
    pub fn add(&mut self, at: Timestamp, due: Due) {
        self.all.insert((at, due));
    }

    pub fn remove(&mut self, at: Timestamp, due: Due) {
        self.all.remove(&(at, due));
    }

    /// The next instant at which something is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.all.first().map(|(at, _)| *at)
    }

    /// Takes one thing that is due at `now`.
    pub fn take(&mut self, now: Timestamp) -> Option<Due> {
        (self.next()? <= now)
            .then(|| self.all.pop_first().map(|(_, due)| due))
            .flatten()
    }
}
