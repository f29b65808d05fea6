//! The chain of entry headers.
use causeway_message::LedgerId;
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, payload_digest};
use causeway_message::time::Timestamp;

/// The last entry of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Its index; 0 of an empty log.
    pub index: u64,
    /// Hash of its header; of an empty log, the ledger id.
    pub hash: Digest,
    /// When it was sequenced.
    pub time: Timestamp,
}

impl Tail {
    /// The tail of an empty log.
    pub const fn empty(ledger: LedgerId) -> Self {
        Self {
            index: 0,
            hash: ledger.0,
            time: Timestamp(0),
        }
    }

    /// Moves on to the entry with this header if it is the next one.
    pub(super) fn follow(&mut self, header: &EntryHeader) -> Result<(), &'static str> {
        if header.version.get() != ENTRY_VERSION {
            return Err("the entry has a layout version this build does not read");
        }
        if self.index.checked_add(1) != Some(header.index.get()) {
            return Err("the entry's index is not the next one");
        }
        if header.kind().is_err() {
            return Err("the entry is of no known kind");
        }
        if header.prev_hash != self.hash {
            return Err("the entry does not carry the hash of the header before");
        }
        if self.index > 0 && header.time() <= self.time {
            return Err("the entry's time does not rise");
        }
        *self = Self {
            index: header.index.get(),
            hash: header.hash(),
            time: header.time(),
        };
        Ok(())
    }
}

/// Checks a payload against its header. The digest of a signed batch is left to who parses it.
pub(super) fn check_payload(header: &EntryHeader, payload: &[u8]) -> Result<(), &'static str> {
    if crc32c::crc32c(payload) != header.crc32c.get() {
        return Err("the payload does not have the entry's crc32c");
    }
    match header.kind() {
        Ok(EntryKind::Batch | EntryKind::Control) => Ok(()),
        Ok(EntryKind::Genesis | EntryKind::Tick | EntryKind::Roots | EntryKind::Rules | EntryKind::Plan) => {
            if payload_digest(payload) == header.payload_digest {
                Ok(())
            } else {
                Err("the payload does not have the entry's digest")
            }
        }
        Err(_) => Err("the entry is of no known kind"),
    }
}
