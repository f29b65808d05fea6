//! The log entry: shaped so that it can be a Raft entry, chained by the hashes of its headers.
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::codec::{Put, Reader};
use crate::digest::{Digest, tagged};
use crate::leaf::RULES_VERSION;
use crate::time::Timestamp;
use crate::{FormatError, tags};

/// Kinds of log entries. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum EntryKind {
    /// The genesis; always the first entry.
    Genesis = 1,
    /// A signed batch of instructions.
    Batch = 2,
    /// A signed control batch.
    Control = 3,
    /// Time passes: something is due and nobody speaks.
    Tick = 4,
    /// Tree head over the leaves of earlier entries; a replay must reproduce it.
    Roots = 5,
    /// From this entry on a later version of the rules is in force.
    Rules = 6,
    /// What netting proposes to settle together: a [`crate::plan::Plan`].
    Plan = 7,
}

impl EntryKind {
    /// The kind with this number.
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Genesis),
            2 => Some(Self::Batch),
            3 => Some(Self::Control),
            4 => Some(Self::Tick),
            5 => Some(Self::Roots),
            6 => Some(Self::Rules),
            7 => Some(Self::Plan),
            _ => None,
        }
    }
}

/// Header of a log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct EntryHeader {
    /// Position in the log, from 1 without gaps.
    pub index: U64,
    /// Raft term; 1 with a single node.
    pub term: U64,
    /// Nanoseconds since 2000-01-01T00:00Z, rising strictly.
    pub time: U64,
    /// Node that proposed it.
    pub leader: U32,
    /// Bytes of the payload.
    pub len: U32,
    /// See [`EntryKind`].
    pub kind: U16,
    /// Version of this layout: 1.
    pub version: U16,
    /// CRC-32C of the payload: finds damage, proves nothing.
    pub crc32c: U32,
    /// Input digest for batches (header and signature), tagged SHA-256 of the payload otherwise.
    pub payload_digest: [u8; 32],
    /// Hash of the header before; of the first entry, the ledger id.
    pub prev_hash: [u8; 32],
}

/// Bytes of an entry header.
pub const ENTRY_HEADER_BYTES: usize = 104;
const _: () = assert!(size_of::<EntryHeader>() == ENTRY_HEADER_BYTES);
/// Version of the layout.
pub const ENTRY_VERSION: u16 = 1;

impl EntryHeader {
    /// Hash of this header: what the next one carries.
    pub fn hash(&self) -> Digest {
        tagged(tags::ENTRY, &[self.as_bytes()])
    }

    /// When it was sequenced.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.time.get())
    }

    /// The kind, if this version knows its number.
    pub fn kind(&self) -> Result<EntryKind, FormatError> {
        EntryKind::from_number(self.kind.get())
            .ok_or(FormatError::rule("entry.kind", "no such kind of entry"))
    }
}

/// Payload of a [`EntryKind::Roots`] entry. That of a tick is empty, that of the first entry the genesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roots {
    /// Leaves in the tree.
    pub size: u64,
    /// RFC 6962 tree head over them.
    pub root: Digest,
}

impl Roots {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u64(self.size).put(&self.root);
    }

    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(payload);
        let roots = Self {
            size: r.u64("roots.size")?,
            root: r.array("roots.root")?,
        };
        r.end("roots")?;
        Ok(roots)
    }
}

/// Payload of a [`EntryKind::Rules`] entry: the version of the rules that is in force from it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules(pub u16);

impl Rules {
    /// Appends the payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(self.0);
    }

    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(payload);
        let version = r.u16("rules.version")?;
        r.end("rules")?;
        if (1..=RULES_VERSION).contains(&version) {
            Ok(Self(version))
        } else {
            Err(FormatError::rule(
                "rules.version",
                "this build knows no such rules",
            ))
        }
    }
}

/// Digest of a payload that is not a batch.
pub fn payload_digest(payload: &[u8]) -> Digest {
    tagged(tags::PAYLOAD, &[payload])
}
