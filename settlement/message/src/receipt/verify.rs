//! Checking a receipt, step by step.
use thiserror::Error;

use super::{Effect, Receipt};
use crate::batch::Class;
use crate::checkpoint::{Checkpoint, CheckpointError, LogKey, origin};
use crate::entry::EntryKind;
use crate::limits::{ANSWERS_PER_CHUNK, EVENTS_PER_CHUNK};
use crate::record::Kind;
use crate::time::Timestamp;
use crate::{FormatError, LedgerId, ParticipantId, Status, answer, event, extension, keys, rfc6962};

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// A part does not have its form.
    #[error("receipt: {0}")]
    Format(#[from] FormatError),
    /// The checkpoint is not the pinned log's.
    #[error("receipt: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// Two parts do not fit together.
    #[error("receipt: {0}")]
    Broken(&'static str),
    /// The status shown is not final.
    #[error("receipt: the status it shows is not final")]
    NotFinal,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// The ledger.
    pub ledger: LedgerId,
    /// Who submitted and signed the batch.
    pub submitter: ParticipantId,
    /// The outcome.
    pub status: Status,
    /// Minor units that moved.
    pub amount: u64,
    /// Log index of the instruction's entry, and the place of its record.
    pub origin: (u64, u32),
    /// Log index of the entry that gave the outcome.
    pub cause: u64,
    /// When that entry was sequenced.
    pub time: Timestamp,
    /// Size of the log's tree at the checkpoint.
    pub tree_size: u64,
    /// True if the outcome came in a later entry, or by another instruction's effect.
    pub deferred: bool,
}

fn holds(condition: bool, what: &'static str) -> Result<(), ReceiptError> {
    if condition {
        Ok(())
    } else {
        Err(ReceiptError::Broken(what))
    }
}

impl Receipt {
    /// Checks the receipt against the log key that the verifier has pinned.
    pub fn verify(&self, key: &LogKey) -> Result<ReceiptFacts, ReceiptError> {
        let ledger = LedgerId(self.block.ledger);
        self.verify_under(&Checkpoint::verify(&self.checkpoint, &origin(ledger), key)?)
    }

    /// Checks the receipt against the checkpoint of its note, for a verifier that has checked the note's signature already.
    pub fn verify_under(&self, checkpoint: &Checkpoint) -> Result<ReceiptFacts, ReceiptError> {
        let ledger = LedgerId(self.block.ledger);
        holds(
            checkpoint.origin == origin(ledger),
            "the checkpoint is another ledger's",
        )?;
        self.verify_record()?;
        holds(
            self.origin_proof.holds(self.origin.hash(), checkpoint),
            "the entry's leaf is not under the checkpoint",
        )?;
        let (status, amount, cause, time) = match &self.effect {
            Effect::Answer { .. } => self.verify_answer()?,
            Effect::Event { leaf, proof, .. } => {
                holds(
                    proof.holds(leaf.hash(), checkpoint),
                    "the causing leaf is not under the checkpoint",
                )?;
                holds(
                    self.effects.root() == leaf.effects_root,
                    "the effects are not the causing entry's",
                )?;
                self.verify_event()?
            }
        };
        if !status.is_final() {
            return Err(ReceiptError::NotFinal);
        }
        Ok(ReceiptFacts {
            ledger,
            submitter: ParticipantId(self.block.participant.get()),
            status,
            amount,
            origin: (self.origin.index, self.record_path.index),
            cause,
            time,
            tree_size: checkpoint.size,
            deferred: cause != self.origin.index,
        })
    }

    /// Checks the bank's signature over the batch, for a verifier that knows the bank's key.
    pub fn signed_by(&self, key: &keys::PublicKey) -> bool {
        key.verifies(&self.block.signed_bytes(), &self.block.signature)
    }

    fn verify_record(&self) -> Result<(), ReceiptError> {
        holds(
            self.block.class() == Some(Class::Instructions),
            "the batch holds no instructions",
        )?;
        holds(
            self.record_path.count == u32::from(self.block.count.get()),
            "the record path has another count",
        )?;
        extension::check_own(&self.extensions, self.record_path.index)?;
        let root = self.record_path.root(self.record.leaf(&self.extensions));
        holds(
            root == Some(self.block.root),
            "the record is not under the signed root",
        )?;
        holds(
            self.block.input_digest() == self.origin.input_digest,
            "the signed header is not the entry's",
        )?;
        holds(
            self.origin.kind == EntryKind::Batch as u16,
            "the entry is no batch",
        )
    }

    fn verify_answer(&self) -> Result<(Status, u64, u64, Timestamp), ReceiptError> {
        let Effect::Answer { chunk, path } = &self.effect else {
            return Err(ReceiptError::Broken("no answer"));
        };
        holds(
            self.effects.root() == self.origin.effects_root,
            "the effects are not the entry's",
        )?;
        holds(
            self.effects.answers == u32::from(self.block.count.get()),
            "the answers have another count",
        )?;
        let chunks = self.effects.answers.div_ceil(ANSWERS_PER_CHUNK as u32);
        let ordinal = self.record_path.index as usize;
        holds(path.count == chunks, "the answer path has another count")?;
        holds(
            path.index as usize == ordinal / ANSWERS_PER_CHUNK,
            "the answers are those of other records",
        )?;
        let root = path.root(answer::chunk_leaf(chunk));
        holds(
            root == Some(self.effects.answers_root),
            "the answers are not under the effects root",
        )?;
        let answer = chunk
            .get(ordinal % ANSWERS_PER_CHUNK)
            .ok_or(ReceiptError::Broken("the answer is missing"))?;
        holds(answer.is_first(), "the record only repeated an earlier one")?;
        let status = answer
            .status()
            .ok_or(ReceiptError::Broken("the status is unknown"))?;
        // What an exchange moved is not in its record: its event says it.
        holds(
            status != Status::Settled || self.record.kind != Kind::FxPayment as u8,
            "what an FX payment came to stands in its event",
        )?;
        let amount = if status == Status::Settled {
            self.record.amount.get()
        } else {
            0
        };
        Ok((status, amount, self.origin.index, self.origin.time))
    }

    fn verify_event(&self) -> Result<(Status, u64, u64, Timestamp), ReceiptError> {
        let Effect::Event {
            leaf,
            group,
            group_index,
            group_path,
            chunk,
            path,
            position,
            ..
        } = &self.effect
        else {
            return Err(ReceiptError::Broken("no event"));
        };
        holds(
            path.count == group.count.div_ceil(EVENTS_PER_CHUNK as u32),
            "the event path has another count",
        )?;
        let events_root = path
            .root(event::chunk_leaf(chunk))
            .ok_or(ReceiptError::Broken("the event path leads nowhere"))?;
        let group_leaf = rfc6962::leaf_hash(&group.digest(&events_root));
        let groups_root = rfc6962::root_from_inclusion(
            group_leaf,
            u64::from(*group_index),
            u64::from(self.effects.groups),
            group_path,
        );
        holds(
            groups_root == Some(self.effects.groups_root),
            "the group is not under the effects root",
        )?;
        event::chunks(chunk)?;
        let event = event::each(chunk)
            .nth(*position as usize)
            .ok_or(ReceiptError::Broken("the event is missing"))?;
        let exchanged = || event.exchange().map(|(_, record, own)| (record, own));
        let (record, extensions) = event
            .payment()
            .or_else(exchanged)
            .ok_or(ReceiptError::Broken("the event is about no payment"))?;
        holds(
            *record == self.record && extensions == self.extensions,
            "the event is about another record",
        )?;
        holds(
            event.head.origin_entry.get() == self.origin.index,
            "the event is about another entry",
        )?;
        let ordinal = u32::from(event.head.origin_ordinal.get());
        holds(
            ordinal == self.record_path.index,
            "the event is about another place",
        )?;
        let status = event
            .status()
            .ok_or(ReceiptError::Broken("the status is unknown"))?;
        Ok((status, event.head.amount.get(), leaf.index, leaf.time))
    }
}
