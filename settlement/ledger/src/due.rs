//! What is due at an instant: expiry of waiting payments and of proposals.
use std::collections::BTreeSet;

use causeway_message::Digest;
use causeway_message::time::Timestamp;

/// Something that expires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The payment at this place of the queue.
    Payment(u32),
    /// The proposal with this digest.
    Proposal(Digest),
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
        (self.next()? <= now).then(|| self.all.pop_first().map(|(_, due)| due)).flatten()
    }
}
