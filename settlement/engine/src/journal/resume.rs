//! A walk that begins behind a trusted entry.
use causeway_message::LedgerId;

use super::beyond::whole;
use super::blocks::Blocks;
use super::chain::Tail;
use super::config::BLOCK_BYTES;
use super::directory::segment_path;
use super::error::JournalError;
use super::group::entry_at;
use super::layout::{FIRST_RECORD, KIND_GROUP, Location, RECORD_HEADER_BYTES, RecordHeader};
use super::segment::{OpenSegment, Peek, peek};
use super::walk::Walk;
use crate::system::Dir;

impl Walk {
    /// From what follows `tail`. At `at` stands the entry that `tail` describes, or the one after it; the segments
    /// before are only checked to exist.
    pub(super) fn after(dir: &Dir, ledger: LedgerId, at: Location, tail: Tail) -> Result<Self, JournalError> {
        let mut walk = Self::start(dir, ledger)?;
        let path = |number| segment_path(dir, number);
        if let Some(number) = (1..at.segment).find(|number| dir.system().len(&path(*number)).is_err()) {
            return Err(JournalError::Missing { path: path(number) });
        }
        let no_entry = |rule| JournalError::NoEntry {
            path: path(at.segment),
            offset: at.offset,
            rule,
        };
        let open = match peek(dir, at.segment, ledger)? {
            Peek::InUse(open) => open,
            Peek::Absent => {
                return Err(JournalError::Missing {
                    path: path(at.segment),
                });
            }
            Peek::Unused { .. } => return Err(no_entry("the segment was never used")),
            Peek::Broken { rule, .. } => return Err(no_entry(rule)),
        };
        let mut buffer = Blocks::default();
        let offset = u64::from(at.offset);
        let (start, header) = group_around(&open, offset, &mut buffer)?
            .ok_or_else(|| no_entry("no whole group of entries holds it"))?;
        let record = buffer.first_mut(header.bytes.get() as usize);
        let mut entry = entry_at(record, RECORD_HEADER_BYTES).map_err(no_entry)?;
        while start + (entry.offset as u64) < offset {
            entry = entry_at(record, entry.next).map_err(no_entry)?;
        }
        let (own, next) = (entry.header.index.get() == tail.index, tail.index.checked_add(1));
        let is_tail = own && entry.header.hash() == tail.hash;
        let is_next = next == Some(entry.header.index.get()) && entry.header.prev_hash == tail.hash;
        if start + entry.offset as u64 != offset || !(is_tail || is_next) {
            return Err(no_entry("it is not the entry that was to stand here"));
        }
        walk.tail_at = is_tail.then_some(at);
        (walk.pos, walk.last) = (start, header.sealed());
        walk.stand_in(open);
        (walk.tail, walk.resume) = (tail, Some(offset));
        Ok(walk)
    }
}

/// The whole group around an offset, in `buffer`: its header must begin a block at or before it.
fn group_around(
    open: &OpenSegment,
    offset: u64,
    buffer: &mut Blocks,
) -> Result<Option<(u64, RecordHeader)>, JournalError> {
    let failed = |source| JournalError::io(&open.path, "read a group", source);
    let mut block = Blocks::default();
    let mut start = offset - offset % BLOCK_BYTES as u64;
    if offset >= open.size {
        return Ok(None);
    }
    while start >= FIRST_RECORD {
        let bytes = block.first_mut(BLOCK_BYTES);
        open.file.read_exact_at(bytes, start).map_err(failed)?;
        if let Some(header) = whole(&open.file, bytes, open.place(start), buffer).map_err(failed)? {
            let reaches = start + u64::from(header.bytes.get()) > offset;
            return Ok((reaches && header.kind.get() == KIND_GROUP).then_some((start, header)));
        }
        start -= BLOCK_BYTES as u64;
    }
    Ok(None)
}
