//! Answers: eight bytes for each record of a batch, in order; more for those that ask.
use zerocopy::little_endian::{I128, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::codec::Put;
use crate::digest::{Digest, hash_all, tagged};
use crate::limits::ANSWERS_PER_CHUNK;
use crate::{Status, tags, wide};

/// Bits of [`Answer::flags`].
pub mod answer_flags {
    /// The instruction was known already: this is its present status, nothing happened now.
    pub const REPLAYED: u16 = 1 << 0;
    /// An [`super::AnswerDetail`] goes with it.
    pub const DETAILED: u16 = 1 << 1;
    /// A limit or reservation was set to less than what is in use: nothing flows out under it until use falls.
    pub const BELOW_USE: u16 = 1 << 2;
}

/// What became of one record when its batch was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Answer {
    /// Number of a [`Status`].
    pub status: U16,
    /// Bits of [`answer_flags`].
    pub flags: U16,
    /// If queued: how many wait in the account's queue, this one included.
    pub queue_position: U32,
}

/// Bytes of an answer.
pub const ANSWER_BYTES: usize = 8;
/// Bytes of a detail.
pub const DETAIL_BYTES: usize = 64;
const _: () = assert!(size_of::<Answer>() == ANSWER_BYTES && size_of::<AnswerDetail>() == DETAIL_BYTES);

impl Answer {
    /// An answer with a status and nothing else.
    pub fn new(status: Status) -> Self {
        Self {
            status: u16::from(status as u8).into(),
            flags: 0.into(),
            queue_position: 0.into(),
        }
    }

    /// The status, if this version knows its number.
    pub fn status(&self) -> Option<Status> {
        Status::from_number(self.status.get())
    }

    /// True if the record took effect in this entry.
    pub fn is_first(&self) -> bool {
        self.flags.get() & answer_flags::REPLAYED == 0
    }
}

/// More about one record: on request, and for every replayed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AnswerDetail {
    /// Place of the record in the batch.
    pub record: U16,
    /// Place of the record in its original batch.
    pub origin_ordinal: U16,
    /// Decimal places of `rate`.
    pub rate_scale: U32,
    /// Log index of the record's original entry.
    pub origin_entry: U64,
    /// Balance of the debtor's account after the record, in minor units.
    pub balance: I128,
    /// Rate applied, as an integer with `rate_scale` decimal places; zero if none.
    pub rate: U64,
    /// Fee charged in minor units of the debtor's currency.
    pub fee: U64,
    /// Zero.
    pub reserved: U64,
    /// Zero.
    pub reserved2: U64,
}

/// Leaves over answers: one for each chunk.
pub fn answer_leaves(answers: &[Answer]) -> Vec<Digest> {
    hash_all(answers.chunks(ANSWERS_PER_CHUNK), |out, chunk| {
        out.put(tags::ANSWERS).put(chunk.as_bytes());
    })
}

/// Leaf of one chunk of answers.
pub fn chunk_leaf(chunk: &[Answer]) -> Digest {
    tagged(tags::ANSWERS, &[chunk.as_bytes()])
}

/// Root over answers.
pub fn answers_root(answers: &[Answer]) -> Digest {
    wide::root_in_place(&mut answer_leaves(answers))
}

/// Root over details.
pub fn details_root(details: &[AnswerDetail]) -> Digest {
    wide::root_in_place(&mut hash_all(details, |out, detail| {
        out.put(tags::DETAIL).put(detail.as_bytes());
    }))
}
