//! The bytes of segments and records, version 1. All integers are little endian.
use causeway_message::LedgerId;
use causeway_message::digest::Digest;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::blocks::Block;
use super::chain::Tail;
use super::config::BLOCK_BYTES;

/// Version of segments and records.
pub(super) const FORMAT_VERSION: u16 = 1;
const SEGMENT_MAGIC: [u8; 8] = *b"CWAYSEG\0";
const RECORD_MAGIC: [u8; 8] = *b"CWAYGRP\0";
/// A record that holds entries.
pub(super) const KIND_GROUP: u16 = 1;
/// A record that holds nothing and seals the one before.
pub(super) const KIND_SEAL: u16 = 2;
/// Bytes of a record's header.
pub(super) const RECORD_HEADER_BYTES: usize = 96;
/// Where the first record of a segment begins.
pub(super) const FIRST_RECORD: u64 = BLOCK_BYTES as u64;
// Both headers begin with the magic and the checksum, which covers everything else.
const CRC_END: usize = 12;
const MAGIC_END: usize = 8;

/// Where an entry's header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Number of the segment file, from 1.
    pub segment: u32,
    /// Offset of the entry's header in it.
    pub offset: u32,
}

const _: () = assert!(size_of::<Location>() == 8);

/// What identifies a record: carried by whatever is written next, which seals it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RecordId {
    /// Number, from 1 without gaps; 0 stands for "none yet".
    pub number: u64,
    /// Its checksum.
    pub crc: u32,
    /// Its bytes.
    pub bytes: u32,
}

/// First block of a segment, written when the segment is first used.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct SegmentHeader {
    pub magic: [u8; 8],
    pub crc32c: U32,
    pub version: U16,
    pub reserved: U16,
    pub ledger: [u8; 32],
    /// Hash of the header of the last entry before this segment.
    pub prev_hash: Digest,
    /// Time of that entry.
    pub prev_time: U64,
    /// Index of the first entry in this segment.
    pub first_index: U64,
    pub segment_bytes: U64,
    /// The last record of the segment before.
    pub sealed_number: U64,
    pub sealed_crc: U32,
    pub sealed_bytes: U32,
    pub segment: U32,
    pub reserved_2: U32,
    /// Random. Records repeat it, so that nobody who chooses a payload can make it look like a record.
    pub salt: U64,
    pub zeros: [u8; BLOCK_BYTES - 136],
}

const _: () = assert!(size_of::<SegmentHeader>() == BLOCK_BYTES);

/// Header of a record: a group of entries, or a seal.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(super) struct RecordHeader {
    pub magic: [u8; 8],
    pub crc32c: U32,
    pub version: U16,
    pub kind: U16,
    pub number: U64,
    /// Index of the first entry in it; of a seal, the next one to come.
    pub first_index: U64,
    /// All bytes with header and padding: a multiple of the block.
    pub bytes: U32,
    pub count: U32,
    /// The record before: its number is one less than this one's.
    pub sealed_crc: U32,
    pub sealed_bytes: U32,
    /// Where this record stands, so that one that went astray is no record.
    pub segment: U32,
    pub offset: U32,
    pub salt: U64,
    /// Hash of the header of the last entry before.
    pub prev_hash: Digest,
}

const _: () = assert!(size_of::<RecordHeader>() == RECORD_HEADER_BYTES);

/// CRC-32C of a segment header or a whole record, leaving out the field that holds it.
fn checksum(bytes: &[u8]) -> u32 {
    match (bytes.get(..MAGIC_END), bytes.get(CRC_END..)) {
        (Some(magic), Some(rest)) => crc32c::crc32c_append(crc32c::crc32c(magic), rest),
        _ => 0,
    }
}

impl SegmentHeader {
    /// The header block of a segment that follows `tail` and `sealed`.
    pub(super) fn block(
        ledger: LedgerId,
        segment: u32,
        bytes: u64,
        salt: u64,
        tail: &Tail,
        sealed: RecordId,
    ) -> Block {
        let mut header = Self::new_zeroed();
        header.magic = SEGMENT_MAGIC;
        header.version = FORMAT_VERSION.into();
        header.ledger = ledger.0;
        header.prev_hash = tail.hash;
        header.prev_time = tail.time.0.into();
        header.first_index = tail.index.saturating_add(1).into();
        header.segment_bytes = bytes.into();
        header.sealed_number = sealed.number.into();
        header.sealed_crc = sealed.crc.into();
        header.sealed_bytes = sealed.bytes.into();
        header.segment = segment.into();
        header.salt = salt.into();
        header.crc32c = checksum(header.as_bytes()).into();
        let mut block = Block::new_zeroed();
        block.0.copy_from_slice(header.as_bytes());
        block
    }

    /// Reads a header block; `None` if magic or checksum are not right.
    pub(super) fn read(block: &Block) -> Option<Self> {
        let header = Self::read_from_bytes(&block.0).ok()?;
        let whole = header.magic == SEGMENT_MAGIC && header.crc32c.get() == checksum(&block.0);
        whole.then_some(header)
    }

    /// The last record before this segment.
    pub(super) fn sealed(&self) -> RecordId {
        RecordId {
            number: self.sealed_number.get(),
            crc: self.sealed_crc.get(),
            bytes: self.sealed_bytes.get(),
        }
    }

    /// Whether this segment follows `tail`.
    pub(super) fn follows(&self, tail: &Tail) -> bool {
        tail.index.checked_add(1) == Some(self.first_index.get())
            && self.prev_hash == tail.hash
            && self.prev_time.get() == tail.time.0
    }
}

/// Where a record is expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub segment: u32,
    pub offset: u64,
    pub salt: u64,
    /// Bytes of the segment.
    pub size: u64,
}

impl RecordHeader {
    /// The header of the record after `sealed`, still without kind, count, bytes and checksum.
    pub(super) fn after(sealed: RecordId, tail: &Tail, place: Place) -> Self {
        let mut header = Self::new_zeroed();
        header.magic = RECORD_MAGIC;
        header.version = FORMAT_VERSION.into();
        header.number = sealed.number.saturating_add(1).into();
        header.first_index = tail.index.saturating_add(1).into();
        header.sealed_crc = sealed.crc.into();
        header.sealed_bytes = sealed.bytes.into();
        header.segment = place.segment.into();
        // A segment is at most SEGMENT_BYTES_MAX, so an offset in it always fits.
        header.offset = u32::try_from(place.offset).unwrap_or(u32::MAX).into();
        header.salt = place.salt.into();
        header.prev_hash = tail.hash;
        header
    }

    /// Writes the checksum into a whole record and gives its identity.
    pub(super) fn finish(record: &mut [u8], number: u64) -> RecordId {
        let crc = checksum(record);
        record[MAGIC_END..CRC_END].copy_from_slice(&crc.to_le_bytes());
        RecordId {
            number,
            crc,
            bytes: u32::try_from(record.len()).unwrap_or(u32::MAX),
        }
    }

    /// Reads the header at the front of `bytes` if it can be that of a record at `place`.
    pub(super) fn read(bytes: &[u8], place: Place) -> Result<Self, &'static str> {
        let (header, _) = Self::read_from_prefix(bytes).map_err(|_| "the record is cut short")?;
        if header.magic != RECORD_MAGIC {
            return Err("no record begins here");
        }
        let here = header.segment.get() == place.segment && u64::from(header.offset.get()) == place.offset;
        if !here || header.salt.get() != place.salt {
            return Err("the record does not belong here");
        }
        let len = header.bytes.get() as usize;
        let room = place.size.saturating_sub(place.offset);
        if len == 0 || !len.is_multiple_of(BLOCK_BYTES) || len as u64 > room {
            return Err("the record's length is impossible");
        }
        Ok(header)
    }

    /// Whether `record`, all of it, has the checksum that its header carries.
    pub(super) fn verifies(&self, record: &[u8]) -> bool {
        self.crc32c.get() == checksum(record)
    }

    /// Its own identity.
    pub(super) fn id(&self) -> RecordId {
        RecordId {
            number: self.number.get(),
            crc: self.crc32c.get(),
            bytes: self.bytes.get(),
        }
    }

    /// Identity of the record before.
    pub(super) fn sealed(&self) -> RecordId {
        RecordId {
            number: self.number.get().saturating_sub(1),
            crc: self.sealed_crc.get(),
            bytes: self.sealed_bytes.get(),
        }
    }
}
