//! Single entries by their location, beside a writer.
use std::sync::{Arc, Mutex, PoisonError};

use causeway_message::LedgerId;
use causeway_message::entry::{ENTRY_HEADER_BYTES, ENTRY_VERSION, EntryHeader};
use zerocopy::FromZeros;
use zerocopy::IntoBytes;

use super::config::READER_FILES_MAX;
use super::directory::{list, segment_path};
use super::error::JournalError;
use super::layout::{FIRST_RECORD, Location, RECORD_HEADER_BYTES};
use super::segment::{OpenSegment, Peek, peek};
use crate::system::Dir;

/// Fetches entries. Clones share their open files.
#[derive(Debug, Clone)]
pub struct Reader {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: Dir,
    ledger: LedgerId,
    /// Open segments, the one used last at the back.
    files: Mutex<Vec<Arc<OpenSegment>>>,
}

impl Reader {
    /// Opens the journal in a directory for reading.
    pub fn open(dir: impl Into<Dir>, ledger: LedgerId) -> Result<Self, JournalError> {
        let dir = dir.into();
        list(&dir)?;
        let files = Mutex::new(Vec::with_capacity(READER_FILES_MAX));
        Ok(Self {
            shared: Arc::new(Shared { dir, ledger, files }),
        })
    }

    /// The entry at a location that an append or a scan has given, its payload checked against its checksum.
    pub fn read(&self, at: Location) -> Result<(EntryHeader, Vec<u8>), JournalError> {
        let segment = self.segment(at)?;
        let no_entry = |rule| JournalError::NoEntry {
            path: segment.path.clone(),
            offset: at.offset,
            rule,
        };
        let failed = |source| JournalError::io(&segment.path, "read an entry", source);
        let start = u64::from(at.offset);
        let body = start + ENTRY_HEADER_BYTES as u64;
        if start < FIRST_RECORD + RECORD_HEADER_BYTES as u64 || body > segment.size {
            return Err(no_entry("it lies outside the segment's groups"));
        }
        let mut header = EntryHeader::new_zeroed();
        segment
            .file
            .read_exact_at(header.as_mut_bytes(), start)
            .map_err(failed)?;
        if header.version.get() != ENTRY_VERSION || header.index.get() == 0 || header.kind().is_err() {
            return Err(no_entry("what stands there is no entry header"));
        }
        let len = header.len.get() as usize;
        if body + len as u64 > segment.size {
            return Err(no_entry("the payload reaches past the segment"));
        }
        let mut payload = vec![0; len];
        segment.file.read_exact_at(&mut payload, body).map_err(failed)?;
        if crc32c::crc32c(&payload) != header.crc32c.get() {
            return Err(no_entry("the payload does not have the entry's crc32c"));
        }
        Ok((header, payload))
    }

    fn segment(&self, at: Location) -> Result<Arc<OpenSegment>, JournalError> {
        let Shared { dir, ledger, files } = &*self.shared;
        // A panic elsewhere cannot leave the list half changed.
        let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = files.iter().position(|open| open.number == at.segment) {
            let open = files.remove(found);
            files.push(Arc::clone(&open));
            return Ok(open);
        }
        let no_entry = |path, rule| {
            Err(JournalError::NoEntry {
                path,
                offset: at.offset,
                rule,
            })
        };
        let open = match peek(dir, at.segment, *ledger)? {
            Peek::InUse(open) => Arc::new(*open),
            Peek::Absent => {
                return Err(JournalError::Missing {
                    path: segment_path(dir, at.segment),
                });
            }
            Peek::Unused { path, .. } => return no_entry(path, "the segment was never used"),
            Peek::Broken { path, rule, .. } => return no_entry(path, rule),
        };
        if files.len() >= READER_FILES_MAX {
            files.remove(0);
        }
        files.push(Arc::clone(&open));
        Ok(open)
    }
}
