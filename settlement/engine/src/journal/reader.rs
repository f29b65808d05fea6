//! Single entries by their location, beside a writer.
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_message::LedgerId;
use causeway_message::batch::{BatchBlock, RECORDS_OFFSET};
use causeway_message::entry::{ENTRY_HEADER_BYTES, ENTRY_VERSION, EntryHeader, EntryKind};
use causeway_message::extension::Walk;
use causeway_message::frame;
use causeway_message::limits::RECORD_BYTES;
use causeway_message::record::Instruction;
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
        let (header, body) = header_at(&segment, at)?;
        let failed = |source| JournalError::io(&segment.path, "read an entry", source);
        let mut payload = vec![0; header.len.get() as usize];
        segment.file.read_exact_at(&mut payload, body).map_err(failed)?;
        if crc32c::crc32c(&payload) != header.crc32c.get() {
            return Err(no_entry(
                &segment,
                at,
                "the payload does not have the entry's crc32c",
            ));
        }
        Ok((header, payload))
    }

    /// One record of an entry and its extensions, read alone; `None` if the entry holds no such record. It is not held
    /// to the entry's checksum: whoever asks knows the record's digest.
    pub fn record(
        &self,
        at: Location,
        entry: u64,
        ordinal: u16,
    ) -> Result<Option<(Instruction, Vec<u8>)>, JournalError> {
        let segment = self.segment(at)?;
        let failed = |source| JournalError::io(&segment.path, "read a record", source);
        let (header, body) = header_at(&segment, at)?;
        if header.index.get() != entry {
            return Err(no_entry(&segment, at, "another entry stands there"));
        }
        let len = u64::from(header.len.get());
        // Message header, block, head of the group of records.
        let records = (frame::HEADER_BYTES + size_of::<BatchBlock>() + 4) as u64;
        if header.kind().ok() != Some(EntryKind::Batch) || len < records {
            return Ok(None);
        }
        let mut block = BatchBlock::new_zeroed();
        let block_at = body + frame::HEADER_BYTES as u64;
        segment
            .file
            .read_exact_at(block.as_mut_bytes(), block_at)
            .map_err(failed)?;
        let place = records + u64::from(ordinal) * RECORD_BYTES as u64;
        let area = records + u64::from(block.count.get()) * RECORD_BYTES as u64;
        if ordinal >= block.count.get() || area + 4 > len {
            return Ok(None);
        }
        let mut record = Instruction::new_zeroed();
        segment
            .file
            .read_exact_at(record.as_mut_bytes(), body + place)
            .map_err(failed)?;
        let mut length = [0; 4];
        segment
            .file
            .read_exact_at(&mut length, body + area)
            .map_err(failed)?;
        let length = u64::from(u32::from_le_bytes(length));
        if area + 4 + length > len {
            return Ok(None);
        }
        let mut extensions = vec![0; length as usize];
        segment
            .file
            .read_exact_at(&mut extensions, body + area + 4)
            .map_err(failed)?;
        let mut walk = Walk::new(&extensions);
        // Records are walked in order: those before are passed over.
        let own = (0..=usize::from(ordinal))
            .map(|at| walk.of(at))
            .last()
            .unwrap_or_default();
        Ok(Some((record, own.to_vec())))
    }

    /// Records of the batch at a location, read alone. They are held to nothing: whoever asks knows what is hashed over
    /// them.
    pub fn records(&self, at: Location, which: Range<u32>) -> Result<Vec<Instruction>, JournalError> {
        let segment = self.segment(at)?;
        let place = |ordinal: u32| RECORDS_OFFSET as u64 + u64::from(ordinal) * RECORD_BYTES as u64;
        let payload = u64::from(at.offset) + ENTRY_HEADER_BYTES as u64;
        if payload + place(which.end) > segment.size {
            return Err(no_entry(&segment, at, "the records reach past the segment"));
        }
        let mut records = vec![Instruction::new_zeroed(); which.len()];
        segment
            .file
            .read_exact_at(records.as_mut_bytes(), payload + place(which.start))
            .map_err(|source| JournalError::io(&segment.path, "read records", source))?;
        Ok(records)
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

fn no_entry(segment: &OpenSegment, at: Location, rule: &'static str) -> JournalError {
    JournalError::NoEntry {
        path: segment.path.clone(),
        offset: at.offset,
        rule,
    }
}

/// The header of the entry at a location, and where its payload begins, all of it within the segment.
fn header_at(segment: &OpenSegment, at: Location) -> Result<(EntryHeader, u64), JournalError> {
    let start = u64::from(at.offset);
    let body = start + ENTRY_HEADER_BYTES as u64;
    if start < FIRST_RECORD + RECORD_HEADER_BYTES as u64 || body > segment.size {
        return Err(no_entry(segment, at, "it lies outside the segment's groups"));
    }
    let mut header = EntryHeader::new_zeroed();
    segment
        .file
        .read_exact_at(header.as_mut_bytes(), start)
        .map_err(|source| JournalError::io(&segment.path, "read an entry", source))?;
    if header.version.get() != ENTRY_VERSION || header.index.get() == 0 || header.kind().is_err() {
        return Err(no_entry(segment, at, "what stands there is no entry header"));
    }
    if body + u64::from(header.len.get()) > segment.size {
        return Err(no_entry(segment, at, "the payload reaches past the segment"));
    }
    Ok((header, body))
}
