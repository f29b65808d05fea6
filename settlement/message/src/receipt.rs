//! The finality receipt: offline evidence that this instruction, as signed, has this outcome in the log.
//!
//! signed record → its entry's leaf; effect → the causing entry's leaf; both under one signed checkpoint. The key
//! that the checkpoint is verified with comes from the verifier, never from the receipt.
mod verify;

use zerocopy::{FromBytes, IntoBytes};

use crate::FormatError;
use crate::answer::{ANSWER_BYTES, Answer};
use crate::batch::BatchBlock;
use crate::codec::{Put, Reader, within};
use crate::digest::Digest;
use crate::effects::EffectsHead;
use crate::event::{EVENT_BODY_MAX, EVENT_HEAD_BYTES, GroupHead};
use crate::frame::{self, Template};
use crate::leaf::{LEAF_BYTES, Leaf};
use crate::limits::{
    ANSWERS_PER_CHUNK, CHECKPOINT_BYTES_MAX, EVENTS_PER_CHUNK, PATH_HASHES_MAX, RECORD_BYTES,
    RECORD_EXTENSION_BYTES_MAX,
};
use crate::record::Instruction;
use crate::wide::WidePath;
use crate::wire::LeafProof;
use crate::{ParticipantId, digest};

pub use verify::{ReceiptError, ReceiptFacts};

/// How the receipt shows the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// By the submitter's answers: the record took effect in its own entry.
    Answer {
        /// The chunk of answers that holds it.
        chunk: Vec<Answer>,
        /// Path from the chunk to the answers root.
        path: WidePath,
    },
    /// By an event in the feed of the participant that asked: its own entry's, or a later one's.
    Event {
        /// Leaf of the causing entry.
        leaf: Leaf,
        /// Place and path of that leaf.
        proof: LeafProof,
        /// The group the event belongs to.
        group: GroupHead,
        /// Place of the group among the groups of the entry.
        group_index: u32,
        /// Path from the group to the groups root.
        group_path: Vec<Digest>,
        /// The chunk of events that holds it.
        chunk: Vec<u8>,
        /// Path from the chunk to the events root of the group.
        path: WidePath,
        /// Place of the event in the chunk.
        position: u32,
    },
}

/// A finality receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Signed header of the batch, with its signature.
    pub block: BatchBlock,
    /// The record.
    pub record: Instruction,
    /// Its extensions.
    pub extensions: Vec<u8>,
    /// Path from the record to the signed root.
    pub record_path: WidePath,
    /// Leaf of the record's own entry.
    pub origin: Leaf,
    /// Place and path of that leaf.
    pub origin_proof: LeafProof,
    /// Effects of the entry that gave the outcome.
    pub effects: EffectsHead,
    /// The outcome.
    pub effect: Effect,
    /// The signed checkpoint that all paths lead to.
    pub checkpoint: String,
}

const FORM_ANSWER: u16 = 1;
const FORM_EVENT: u16 = 2;

/// Bytes of the part of the block that only an event fills: causing leaf, its place, group, places within.
const CAUSE_BYTES: usize = LEAF_BYTES + 8 + 16 + 8;
const SIBLINGS_MAX: usize = WidePath::SIBLINGS_MAX;

impl Receipt {
    /// The bytes of a receipt: a file, or a message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Receipt, 4_096);
        let (form, path) = match &self.effect {
            Effect::Answer { path, .. } => (FORM_ANSWER, path),
            Effect::Event { path, .. } => (FORM_EVENT, path),
        };
        out.put_u16(form)
            .put(&[0; 6])
            .put(self.block.as_bytes())
            .put(self.record.as_bytes());
        self.origin.write(&mut out);
        out.put_u64(self.origin_proof.leaf_index);
        self.effects.write(&mut out);
        out.put_u32(self.record_path.index)
            .put_u32(self.record_path.count);
        out.put_u32(path.index).put_u32(path.count);
        let (cause_path, groups, chunk): (&[Digest], &[Digest], &[u8]) = match &self.effect {
            Effect::Answer { chunk, .. } => {
                out.put(&[0; CAUSE_BYTES]);
                (&[], &[], chunk.as_bytes())
            }
            Effect::Event {
                leaf,
                proof,
                group,
                group_index,
                group_path,
                chunk,
                position,
                ..
            } => {
                leaf.write(&mut out);
                out.put_u64(proof.leaf_index);
                out.put_u32(group.participant.0)
                    .put_u32(group.count)
                    .put_u64(group.first);
                out.put_u32(*group_index).put_u32(*position);
                (&proof.path, group_path, chunk)
            }
        };
        for digests in [
            &self.record_path.siblings,
            &self.origin_proof.path,
            &path.siblings,
        ] {
            frame::put_digests(&mut out, digests);
        }
        frame::put_digests(&mut out, cause_path);
        frame::put_digests(&mut out, groups);
        out.put_var(&self.extensions)
            .put_var(chunk)
            .put_var(self.checkpoint.as_bytes());
        out
    }

    /// Reads a receipt without believing it.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = frame::expect(bytes, Template::Receipt)?;
        let form = r.u16("receipt.form")?;
        r.zeros(6, "receipt.reserved")?;
        let block = BatchBlock::read_from_bytes(r.bytes(160, "receipt.block")?)
            .map_err(|_| FormatError::rule("receipt.block", "is not whole"))?;
        let record = Instruction::read_from_bytes(r.bytes(RECORD_BYTES, "receipt.record")?)
            .map_err(|_| FormatError::rule("receipt.record", "is not whole"))?;
        let origin = Leaf::read(&mut r)?;
        let leaf_index = r.u64("receipt.origin_leaf_index")?;
        let effects = EffectsHead::read(&mut r)?;
        let (record_index, record_count) = (r.u32("receipt.record_index")?, r.u32("receipt.record_count")?);
        let (effect_index, effect_count) = (r.u32("receipt.effect_index")?, r.u32("receipt.effect_count")?);
        let mut cause = Reader::new(r.bytes(CAUSE_BYTES, "receipt.cause")?);
        let siblings = frame::digests(&mut r, SIBLINGS_MAX, "receipt.record_path")?;
        let record_path = WidePath {
            index: record_index,
            count: record_count,
            siblings,
        };
        let path = frame::digests(&mut r, PATH_HASHES_MAX, "receipt.origin_path")?;
        let origin_proof = LeafProof { leaf_index, path };
        let siblings = frame::digests(&mut r, SIBLINGS_MAX, "receipt.effect_path")?;
        let path = WidePath {
            index: effect_index,
            count: effect_count,
            siblings,
        };
        let cause_path = frame::digests(&mut r, PATH_HASHES_MAX, "receipt.cause_path")?;
        let group_path = frame::digests(&mut r, PATH_HASHES_MAX, "receipt.group_path")?;
        let extensions = r.var(RECORD_EXTENSION_BYTES_MAX, "receipt.extensions")?.to_vec();
        let effect = match form {
            FORM_ANSWER => {
                cause.zeros(CAUSE_BYTES, "receipt.cause")?;
                if !cause_path.is_empty() || !group_path.is_empty() {
                    return Err(FormatError::rule(
                        "receipt.cause_path",
                        "has no place in this form",
                    ));
                }
                let chunk = r.var(ANSWERS_PER_CHUNK * ANSWER_BYTES, "receipt.chunk")?;
                let chunk = <[Answer]>::ref_from_bytes(chunk)
                    .map_err(|_| FormatError::rule("receipt.chunk", "is not whole answers"))?
                    .to_vec();
                Effect::Answer { chunk, path }
            }
            FORM_EVENT => {
                let chunk = r.var(
                    EVENTS_PER_CHUNK * (EVENT_HEAD_BYTES + EVENT_BODY_MAX),
                    "receipt.chunk",
                )?;
                Self::read_event(&mut cause, cause_path, group_path, chunk.to_vec(), path)?
            }
            _ => return Err(FormatError::rule("receipt.form", "must be 1 or 2")),
        };
        let checkpoint = r.text(CHECKPOINT_BYTES_MAX, "receipt.checkpoint")?.to_owned();
        r.end("receipt")?;
        Ok(Self {
            block,
            record,
            extensions,
            record_path,
            origin,
            origin_proof,
            effects,
            effect,
            checkpoint,
        })
    }

    fn read_event(
        cause: &mut Reader<'_>,
        cause_path: Vec<Digest>,
        group_path: Vec<Digest>,
        chunk: Vec<u8>,
        path: WidePath,
    ) -> Result<Effect, FormatError> {
        let leaf = Leaf::read(cause)?;
        let proof = LeafProof {
            leaf_index: cause.u64("receipt.cause_leaf_index")?,
            path: cause_path,
        };
        let participant = ParticipantId(cause.u32("receipt.group_participant")?);
        let count = cause.u32("receipt.group_count")?;
        let first = cause.u64("receipt.group_first")?;
        let group_index = cause.u32("receipt.group_index")?;
        let position = cause.u32("receipt.position")?;
        within(position as usize, EVENTS_PER_CHUNK - 1, "receipt.position")?;
        let group = GroupHead {
            participant,
            entry: leaf.index,
            first,
            count,
        };
        Ok(Effect::Event {
            leaf,
            proof,
            group,
            group_index,
            group_path,
            chunk,
            path,
            position,
        })
    }

    /// Digest of the receipt's bytes, to name it by.
    pub fn digest(&self) -> Digest {
        digest::hash(&self.write())
    }
}
