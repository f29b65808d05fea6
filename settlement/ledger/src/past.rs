//! The log's own past, as far as the ledger asks for it: the records of originals that returns and cancellations cite.
use causeway_message::record::Instruction;

/// A record as it stands in an earlier entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The record.
    pub record: Instruction,
    /// Its extensions, as they stood in the batch.
    pub extensions: Vec<u8>,
}

/// Reads records of earlier entries. What it returns is a function of the log alone, so that `apply` stays one; the ledger
/// holds each to the check that it remembers of it.
pub trait Past {
    /// The record at this place of an earlier entry, or of the present one.
    fn original(&self, entry: u64, ordinal: u16) -> Option<Original>;
}

/// A past in which nothing is found: for ledgers that cite nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPast;

impl Past for NoPast {
    fn original(&self, _: u64, _: u16) -> Option<Original> {
        None
    }
}
