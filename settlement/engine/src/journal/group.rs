//! A group of entries: built in a buffer, and taken apart again.
use causeway_message::entry::{ENTRY_HEADER_BYTES, EntryHeader};
use zerocopy::{FromBytes, IntoBytes};

use super::blocks::{Blocks, padded};
use super::chain::Tail;
use super::layout::{KIND_GROUP, KIND_SEAL, Location, Place, RECORD_HEADER_BYTES, RecordHeader, RecordId};

const ENTRY_ALIGN: usize = 8;

/// Bytes an entry with a payload of `payload` bytes takes in a group.
pub const fn entry_bytes(payload: usize) -> usize {
    ENTRY_HEADER_BYTES
        .saturating_add(payload)
        .div_ceil(ENTRY_ALIGN)
        .saturating_mul(ENTRY_ALIGN)
}

/// Bytes a group takes whose entries take `entries` bytes together (the sum of their [`entry_bytes`]).
pub const fn group_bytes(entries: usize) -> usize {
    match RECORD_HEADER_BYTES
        .saturating_add(entries)
        .checked_next_multiple_of(super::config::BLOCK_BYTES)
    {
        Some(bytes) => bytes,
        None => usize::MAX,
    }
}

/// What a new record follows, and where it will stand.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub sealed: RecordId,
    pub tail: &'a Tail,
    pub place: Place,
}

/// Lays a group out at the front of `buffer`; its bytes are the first `RecordId::bytes`. The caller has checked
/// the entries and that they take `bytes` together.
pub(super) fn build(
    buffer: &mut Blocks,
    spot: Spot<'_>,
    entries: &[(&EntryHeader, &[u8])],
    bytes: usize,
) -> RecordId {
    let record = buffer.first_mut(bytes);
    let mut header = RecordHeader::after(spot.sealed, spot.tail, spot.place);
    header.kind = KIND_GROUP.into();
    header.bytes = u32::try_from(bytes).unwrap_or(u32::MAX).into();
    header.count = u32::try_from(entries.len()).unwrap_or(u32::MAX).into();
    record[..RECORD_HEADER_BYTES].copy_from_slice(header.as_bytes());
    let mut at = RECORD_HEADER_BYTES;
    for (entry, payload) in entries {
        let body = at + ENTRY_HEADER_BYTES;
        let end = body + payload.len();
        let next = at + entry_bytes(payload.len());
        record[at..body].copy_from_slice(entry.as_bytes());
        record[body..end].copy_from_slice(payload);
        record[end..next].fill(0);
        at = next;
    }
    record[at..].fill(0);
    RecordHeader::finish(record, header.number.get())
}

/// Lays a seal out at the front of `buffer`.
pub(super) fn build_seal(buffer: &mut Blocks, spot: Spot<'_>) -> RecordId {
    let record = buffer.first_mut(padded(RECORD_HEADER_BYTES));
    let mut header = RecordHeader::after(spot.sealed, spot.tail, spot.place);
    header.kind = KIND_SEAL.into();
    header.bytes = u32::try_from(record.len()).unwrap_or(u32::MAX).into();
    record.fill(0);
    record[..RECORD_HEADER_BYTES].copy_from_slice(header.as_bytes());
    RecordHeader::finish(record, header.number.get())
}

/// Locations of a group's entries, by the lengths of their payloads.
pub(super) fn locations<'a>(
    segment: u32,
    offset: u64,
    entries: &'a [(&'a EntryHeader, &'a [u8])],
) -> impl Iterator<Item = Location> + 'a {
    let mut at = offset + RECORD_HEADER_BYTES as u64;
    entries.iter().map(move |(_, payload)| {
        // Inside a segment, and therefore inside a u32.
        let here = Location {
            segment,
            offset: u32::try_from(at).unwrap_or(u32::MAX),
        };
        at += entry_bytes(payload.len()) as u64;
        here
    })
}

/// An entry as it stands in a record.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Where it begins in the record.
    pub offset: usize,
    pub header: &'a EntryHeader,
    pub payload: &'a [u8],
    /// Where the next one would begin.
    pub next: usize,
}

/// The entry at `offset` of a record.
pub(super) fn entry_at(record: &[u8], offset: usize) -> Result<Entry<'_>, &'static str> {
    const SHORT: &str = "the entry reaches past its group";
    let rest = record.get(offset..).ok_or(SHORT)?;
    let (header, rest) = EntryHeader::ref_from_prefix(rest).map_err(|_| SHORT)?;
    let len = header.len.get() as usize;
    let payload = rest.get(..len).ok_or(SHORT)?;
    let next = offset.saturating_add(entry_bytes(len));
    if next > record.len() {
        return Err(SHORT);
    }
    Ok(Entry {
        offset,
        header,
        payload,
        next,
    })
}
