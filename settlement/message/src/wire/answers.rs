//! Answers to one batch, with the proof that they stand in the log.
use zerocopy::{FromBytes, IntoBytes};

use crate::answer::{ANSWER_BYTES, Answer, AnswerDetail, DETAIL_BYTES, answers_root, details_root};
use crate::checkpoint::Checkpoint;
use crate::codec::{Put, Reader, within};
use crate::digest::Digest;
use crate::effects::EffectsHead;
use crate::frame::{self, Template};
use crate::leaf::Leaf;
use crate::limits::{BATCH_RECORDS_MAX, CHECKPOINT_BYTES_MAX, PATH_HASHES_MAX};
use crate::{FormatError, rfc6962};

/// Proof that a leaf stands in the log: its place and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProof {
    /// Place of the leaf in the tree, from 0.
    pub leaf_index: u64,
    /// Path from the leaf to the head.
    pub path: Vec<Digest>,
}

impl LeafProof {
    /// True if `leaf` stands under the head of `checkpoint`.
    pub fn holds(&self, leaf: Digest, checkpoint: &Checkpoint) -> bool {
        rfc6962::root_from_inclusion(leaf, self.leaf_index, checkpoint.size, &self.path)
            == Some(checkpoint.root)
    }
}

/// The message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswersMessage {
    /// Number of the batch.
    pub number: u64,
    /// Log index of the entry that holds it.
    pub index: u64,
    /// When it was sequenced.
    pub time: crate::time::Timestamp,
    /// Version of the rules.
    pub rules_version: u16,
    /// Kind of the entry.
    pub kind: u16,
    /// Number of groups of events the entry caused.
    pub groups: u32,
    /// Root over these groups.
    pub groups_root: Digest,
    /// Input digest of the entry; the client compares it with that of its own batch.
    pub input_digest: Digest,
    /// One answer for each record.
    pub answers: Vec<Answer>,
    /// Details of those that have them.
    pub details: Vec<AnswerDetail>,
    /// Place and path of the entry's leaf.
    pub proof: LeafProof,
    /// The signed checkpoint that the path leads to.
    pub checkpoint: String,
}

impl AnswersMessage {
    /// The entry's leaf, recomputed from the answers.
    pub fn leaf(&self) -> Leaf {
        let effects = EffectsHead {
            answers: self.answers.len() as u32,
            details: self.details.len() as u32,
            groups: self.groups,
            answers_root: answers_root(&self.answers),
            details_root: details_root(&self.details),
            groups_root: self.groups_root,
        };
        Leaf {
            index: self.index,
            time: self.time,
            kind: self.kind,
            rules_version: self.rules_version,
            input_digest: self.input_digest,
            effects_root: effects.root(),
        }
    }

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let capacity = 512 + self.answers.len() * ANSWER_BYTES + self.details.len() * DETAIL_BYTES;
        let mut out = frame::start(
            Template::Answers,
            capacity + self.checkpoint.len() + 32 * self.proof.path.len(),
        );
        out.put_u64(self.number).put_u64(self.index).put_u64(self.time.0);
        out.put_u16(self.kind)
            .put_u16(self.rules_version)
            .put_u32(self.groups);
        out.put(&self.groups_root).put(&self.input_digest);
        out.put_u64(self.proof.leaf_index);
        frame::put_group(&mut out, ANSWER_BYTES, self.answers.len());
        out.put(self.answers.as_bytes());
        frame::put_group(&mut out, DETAIL_BYTES, self.details.len());
        out.put(self.details.as_bytes());
        frame::put_digests(&mut out, &self.proof.path);
        out.put_var(self.checkpoint.as_bytes());
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let number = r.u64("answers.number")?;
        let index = r.u64("answers.index")?;
        let time = crate::time::Timestamp(r.u64("answers.time")?);
        let kind = r.u16("answers.kind")?;
        let rules_version = r.u16("answers.rules_version")?;
        let groups = r.u32("answers.groups")?;
        let groups_root = r.array("answers.groups_root")?;
        let input_digest = r.array("answers.input_digest")?;
        let leaf_index = r.u64("answers.leaf_index")?;
        let count = frame::group(&mut r, ANSWER_BYTES, "answers.answers")?;
        within(count, BATCH_RECORDS_MAX, "answers.answers")?;
        let answers = <[Answer]>::ref_from_bytes(r.bytes(count * ANSWER_BYTES, "answers.answers")?)
            .map_err(|_| FormatError::rule("answers.answers", "are not whole answers"))?
            .to_vec();
        let count = frame::group(&mut r, DETAIL_BYTES, "answers.details")?;
        within(count, BATCH_RECORDS_MAX, "answers.details")?;
        let details = <[AnswerDetail]>::ref_from_bytes(r.bytes(count * DETAIL_BYTES, "answers.details")?)
            .map_err(|_| FormatError::rule("answers.details", "are not whole details"))?
            .to_vec();
        let path = frame::digests(&mut r, PATH_HASHES_MAX, "answers.path")?;
        let checkpoint = r.text(CHECKPOINT_BYTES_MAX, "answers.checkpoint")?.to_owned();
        r.end("answers")?;
        Ok(Self {
            number,
            index,
            time,
            rules_version,
            kind,
            groups,
            groups_root,
            input_digest,
            answers,
            details,
            proof: LeafProof { leaf_index, path },
            checkpoint,
        })
    }
}
