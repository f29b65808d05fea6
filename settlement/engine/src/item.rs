//! What flows from stage to stage.
use std::sync::Arc;

use causeway_ledger::Outcome;
use causeway_message::entry::EntryHeader;
use causeway_message::verify::VerifiedBatch;

use crate::intake::ReplyTo;
use crate::journal::Location;

/// A log entry's payload.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// A bank's batch.
    Batch(Arc<VerifiedBatch>),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Payload {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Batch(batch) => batch.frame(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// A log entry that is durable.
#[derive(Debug)]
pub(crate) struct Committed {
    pub header: EntryHeader,
    pub payload: Payload,
    pub location: Location,
    pub reply: Option<ReplyTo>,
}

/// What the log thread hands on, in order.
#[derive(Debug)]
pub(crate) enum Item {
    /// An entry.
    Entry(Committed),
    /// A batch sent again: its answers are those of this entry.
    Again { entry: u64, number: u64, reply: ReplyTo },
}

/// What the apply thread hands on, in order.
#[derive(Debug)]
pub(crate) enum Applied {
    /// An entry and what it caused.
    Entry(Box<(Committed, Outcome)>),
    /// As before.
    Again { entry: u64, number: u64, reply: ReplyTo },
    /// The ledger's state after the last entry.
    Snapshot { index: u64, ledger: Vec<u8> },
}
