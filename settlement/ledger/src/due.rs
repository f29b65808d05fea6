//! What is due at an instant: expiry of waiting payments and of proposals.
use std::collections::BTreeSet;

use causeway_message::extension::{self, ExtensionType};
use causeway_message::time::Timestamp;
use causeway_message::{Digest, InstructionId, ParticipantId};

use crate::queue::{Origin, Seat, Waiting};
use crate::risk::Deadline;

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
    /// From-time of a payment, found by its entry and place.
    From(Origin, u32),
    /// Till-time of a payment.
    Till(Origin, u32),
    /// What a conditional payment set aside is given back.
    Conditional(ParticipantId, InstructionId),
    /// A question about a settled payment is over.
    Question(ParticipantId, InstructionId),
    /// A pay-in deadline.
    PayIn(Deadline),
    /// The lock with this number is over.
    Lock(u64),
    /// What became of the proposal with this digest is remembered no longer.
    Ended(Digest),
    /// A netting window is looked at.
    Window(InstructionId),
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

    /// All that is due of a payment that waits.
    pub fn all_of(waiting: &Waiting, place: u32) -> impl Iterator<Item = (Timestamp, Self)> {
        let at = |seconds: u32| Timestamp::from_seconds(seconds);
        let expires = waiting.record.expires_at.get();
        let expires = (expires != 0).then(|| (at(expires), Self::payment(waiting, place)));
        let time = |kind| instant(&waiting.extensions, kind).map(at);
        let from = time(ExtensionType::FromTime).filter(|_| waiting.seat == Seat::Warehoused);
        let from = from.map(|at| (at, Self::From(waiting.origin(), place)));
        let till = time(ExtensionType::TillTime).filter(|_| !waiting.reminded);
        let till = till.map(|at| (at, Self::Till(waiting.origin(), place)));
        expires.into_iter().chain(from).chain(till)
    }
}

/// The second that an extension names.
pub(crate) fn instant(extensions: &[u8], kind: ExtensionType) -> Option<u32> {
    if extensions.is_empty() {
        return None;
    }
    extension::find(extensions, kind).and_then(extension::number)
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
