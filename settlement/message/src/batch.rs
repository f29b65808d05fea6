//! A batch: one signature over many records.
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::codec::{Put, within};
use crate::digest::{Digest, tagged};
use crate::frame::{self, HEADER_BYTES, Template};
use crate::keys::{Signature, SigningKey};
use crate::limits::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, RECORD_BYTES};
use crate::record::Instruction;
use crate::{FormatError, KeyId, LedgerId, ParticipantId, SessionId, extension, tags, wide};

/// What a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Instruction records.
    Instructions = 1,
    /// Control records.
    Control = 2,
}

/// Root block of a batch: the signed header and its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct BatchBlock {
    /// Digest of the genesis of the ledger it is meant for.
    pub ledger: [u8; 32],
    /// Participant that submits.
    pub participant: U32,
    /// Its key that signs.
    pub key: U32,
    /// Session it belongs to.
    pub session: U64,
    /// Number in the session, from 1 without gaps.
    pub number: U64,
    /// See [`Class`].
    pub class: u8,
    /// Zero.
    pub reserved: u8,
    /// Records in the batch, 1 to 8,190.
    pub count: U16,
    /// Seconds since 2000-01-01T00:00Z after which it is no longer accepted.
    pub not_after: U32,
    /// Root of the wide tree over the records.
    pub root: [u8; 32],
    /// Ed25519 over the tag and all fields above.
    pub signature: Signature,
}

/// Bytes of the block that the signature covers.
pub const SIGNED_BLOCK_BYTES: usize = 96;
const BLOCK_BYTES: usize = size_of::<BatchBlock>();
const _: () = assert!(BLOCK_BYTES == 160 && SIGNED_BLOCK_BYTES + 64 == BLOCK_BYTES);
/// Where the records of an instruction batch begin in its frame.
pub const RECORDS_OFFSET: usize = HEADER_BYTES + BLOCK_BYTES + 4;

impl BatchBlock {
    /// The bytes that are signed: tag and header.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(tags::BATCH.len() + SIGNED_BLOCK_BYTES);
        out.put(tags::BATCH).put(&self.as_bytes()[..SIGNED_BLOCK_BYTES]);
        out
    }

    /// Digest of header and signature: what the log's chain and leaf hold of the batch. It covers the signature,
    /// so that the evidence of who signed stands in the log too.
    pub fn input_digest(&self) -> Digest {
        tagged(tags::INPUT, &[self.as_bytes()])
    }

    /// The class, if it is known.
    pub const fn class(&self) -> Option<Class> {
        match self.class {
            1 => Some(Class::Instructions),
            2 => Some(Class::Control),
            _ => None,
        }
    }
}

/// Everything of a batch's header that its signer chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHead {
    /// Ledger it is meant for.
    pub ledger: LedgerId,
    /// Participant that submits.
    pub participant: ParticipantId,
    /// Its key that signs.
    pub key: KeyId,
    /// Session it belongs to.
    pub session: SessionId,
    /// Number in the session.
    pub number: u64,
    /// Seconds since 2000 after which it is no longer accepted.
    pub not_after: u32,
}

impl BatchHead {
    /// Completes the block with class, count and root, and signs it.
    pub fn sign(&self, class: Class, count: usize, root: Digest, key: &SigningKey) -> BatchBlock {
        let mut block = BatchBlock {
            ledger: self.ledger.0,
            participant: self.participant.0.into(),
            key: self.key.0.into(),
            session: self.session.0.into(),
            number: self.number.into(),
            class: class as u8,
            reserved: 0,
            count: u16::try_from(count).unwrap_or(u16::MAX).into(),
            not_after: self.not_after.into(),
            root,
            signature: [0; 64],
        };
        block.signature = key.sign(&block.signed_bytes());
        block
    }
}

/// Leaves of all records of a batch, with their extensions.
pub fn record_leaves(records: &[Instruction], extensions: &[u8], leaves: &mut Vec<Digest>) {
    leaves.clear();
    leaves.reserve(records.len());
    let mut walk = extension::Walk::new(extensions);
    let (pairs, last) = records.as_chunks::<2>();
    for (n, pair) in pairs.iter().enumerate() {
        let own = [walk.of(2 * n), walk.of(2 * n + 1)];
        leaves.extend(match own {
            [[], []] => Instruction::plain_leaves(pair),
            [first, second] => [pair[0].leaf(first), pair[1].leaf(second)],
        });
    }
    leaves.extend(last.iter().map(|record| record.leaf(walk.of(records.len() - 1))));
}

/// Builds and signs the frame of an instruction batch (without the length in front).
pub fn build(
    head: &BatchHead,
    records: &[Instruction],
    extensions: &[u8],
    key: &SigningKey,
) -> Result<Vec<u8>, FormatError> {
    if records.is_empty() {
        return Err(FormatError::rule(
            "batch.count",
            "a batch holds at least one record",
        ));
    }
    within(records.len(), BATCH_RECORDS_MAX, "batch.count")?;
    extension::check(extensions, records.len())?;
    let bytes = RECORDS_OFFSET + size_of_val(records) + 4 + extensions.len();
    within(bytes, BATCH_BYTES_MAX, "batch.bytes")?;
    let mut leaves = Vec::new();
    record_leaves(records, extensions, &mut leaves);
    let root = wide::root_in_place(&mut leaves);
    let block = head.sign(Class::Instructions, records.len(), root, key);
    let mut out = frame::start(Template::Batch, bytes);
    out.put(block.as_bytes());
    frame::put_group(&mut out, RECORD_BYTES, records.len());
    out.put(records.as_bytes()).put_var(extensions);
    Ok(out)
}

/// An instruction batch as it stands in its frame.
#[derive(Debug, Clone, Copy)]
pub struct BatchView<'a> {
    /// Header and signature.
    pub block: &'a BatchBlock,
    /// The records.
    pub records: &'a [Instruction],
    /// The extension area, checked.
    pub extensions: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// Reads a frame (without the length in front), checking its form and nothing else.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        within(bytes.len(), BATCH_BYTES_MAX, "batch.bytes")?;
        let mut reader = frame::expect(bytes, Template::Batch)?;
        let block = block(&mut reader, Class::Instructions)?;
        let count = frame::group(&mut reader, RECORD_BYTES, "batch.records")?;
        if count != usize::from(block.count.get()) {
            return Err(FormatError::rule(
                "batch.count",
                "differs from the number of records",
            ));
        }
        within(count, BATCH_RECORDS_MAX, "batch.count")?;
        let records = <[Instruction]>::ref_from_bytes(reader.bytes(count * RECORD_BYTES, "batch.records")?)
            .map_err(|_| FormatError::rule("batch.records", "are not whole records"))?;
        let extensions = reader.var(BATCH_BYTES_MAX, "batch.extensions")?;
        extension::check(extensions, count)?;
        reader.end("batch")?;
        Ok(Self {
            block,
            records,
            extensions,
        })
    }
}

/// Reads and checks the block of a batch of `class`.
pub(crate) fn block<'a>(
    reader: &mut crate::codec::Reader<'a>,
    class: Class,
) -> Result<&'a BatchBlock, FormatError> {
    let block = BatchBlock::ref_from_bytes(reader.bytes(BLOCK_BYTES, "batch.block")?)
        .map_err(|_| FormatError::rule("batch.block", "is not whole"))?;
    if block.class() != Some(class) {
        return Err(FormatError::rule("batch.class", "is not that of this message"));
    }
    if block.reserved != 0 {
        return Err(FormatError::rule("batch.reserved", "must be zero"));
    }
    if block.count.get() == 0 {
        return Err(FormatError::rule(
            "batch.count",
            "a batch holds at least one record",
        ));
    }
    if block.number.get() == 0 {
        return Err(FormatError::rule("batch.number", "numbers begin at 1"));
    }
    Ok(block)
}
