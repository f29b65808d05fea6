//! How entries become final: proposed, then committed. One node commits what its own disk holds.
use causeway_message::Digest;
use causeway_message::entry::EntryHeader;
use causeway_message::time::Timestamp;

use crate::journal::{JournalError, Location, Writer};

/// An agreement on the order of log entries. Only what is committed is applied or published.
pub trait Consensus: Send {
    /// Index, header hash and time of the last entry proposed.
    fn last(&self) -> (u64, Digest, Timestamp);

    /// Proposes a group of chained entries; `locations` gets the place of each.
    ///
    /// # Errors
    /// If the group cannot be made durable; the node must stop.
    fn propose(
        &mut self,
        entries: &[(&EntryHeader, &[u8])],
        locations: &mut Vec<Location>,
    ) -> Result<(), JournalError>;

    /// Index up to which entries are committed.
    fn committed(&self) -> u64;

    /// Drops what was proposed and will never be committed; returns the index of the last entry kept.
    ///
    /// # Errors
    /// If the log cannot be cut.
    fn truncate_uncommitted(&mut self) -> Result<u64, JournalError>;

    /// Called when nothing is under way.
    ///
    /// # Errors
    /// If the log cannot be written.
    fn idle(&mut self) -> Result<(), JournalError>;
}

/// A single node: durable is committed.
#[derive(Debug)]
pub struct Solo {
    writer: Writer,
    last: (u64, Digest, Timestamp),
}

impl Solo {
    /// Goes on behind the last entry of the journal.
    pub const fn new(writer: Writer, last: (u64, Digest, Timestamp)) -> Self {
        Self { writer, last }
    }
}

impl Consensus for Solo {
    fn last(&self) -> (u64, Digest, Timestamp) {
        self.last
    }

    fn propose(
        &mut self,
        entries: &[(&EntryHeader, &[u8])],
        locations: &mut Vec<Location>,
    ) -> Result<(), JournalError> {
        self.writer.append(entries, locations)?;
        if let Some((header, _)) = entries.last() {
            self.last = (header.index.get(), header.hash(), header.time());
        }
        Ok(())
    }

    fn committed(&self) -> u64 {
        self.last.0
    }

    fn truncate_uncommitted(&mut self) -> Result<u64, JournalError> {
        // Every append is durable before it returns: there is nothing to drop.
        Ok(self.last.0)
    }

    fn idle(&mut self) -> Result<(), JournalError> {
        self.writer.seal().map(|_| ())
    }
}
