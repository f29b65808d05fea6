//! A control batch: variable records that propose, approve and withdraw actions of operators, settlement agents
//! and banks. Four eyes: the person who proposes never approves.
use zerocopy::IntoBytes;

use crate::action::Action;
use crate::batch::{BatchBlock, BatchHead, Class, block};
use crate::codec::{Put, within};
use crate::digest::{Digest, tagged};
use crate::frame::{self, Template};
use crate::keys::SigningKey;
use crate::limits::{BATCH_BYTES_MAX, CONTROL_PAYLOAD_BYTES_MAX, CONTROL_RECORDS_MAX};
use crate::{FormatError, InstructionId, LedgerId, ParticipantId, tags, wide};

/// What one control record does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Proposes an action; it waits for a second person.
    Propose(Action),
    /// Approves the proposal with this digest; it takes effect here.
    Approve(Digest),
    /// Withdraws the proposal with this digest.
    Withdraw(Digest),
}

/// One control record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRecord {
    /// Random, chosen by the submitter; with it the idempotency key.
    pub instruction_id: InstructionId,
    /// What it does; `None` if kind or payload are not understood.
    pub control: Option<Control>,
    /// True if the keys that a proposed action brings are shown to be held. Only a
    /// [`VerifiedBatch`](crate::verify::VerifiedBatch) says so; a record as it was read is not proven.
    pub proven: bool,
}

const ENTRY_BYTES: usize = 24;

/// Digest by which a proposal is approved: binds ledger, proposer and its id, and the action.
pub fn proposal_digest(
    ledger: LedgerId,
    proposer: ParticipantId,
    id: InstructionId,
    action: &Action,
) -> Digest {
    let mut bytes = Vec::new();
    action.write(&mut bytes);
    tagged(
        tags::PROPOSAL,
        &[&ledger.0, &proposer.0.to_le_bytes(), &id.0, &bytes],
    )
}

fn leaf(entry: &[u8], payload: &[u8]) -> Digest {
    tagged(
        tags::CONTROL,
        &[entry, &(payload.len() as u32).to_le_bytes(), payload],
    )
}

impl Control {
    const fn number(&self) -> u16 {
        match self {
            Self::Propose(_) => 1,
            Self::Approve(_) => 2,
            Self::Withdraw(_) => 3,
        }
    }

    fn payload(&self) -> Vec<u8> {
        match self {
            Self::Propose(action) => {
                let mut out = Vec::new();
                action.write(&mut out);
                out
            }
            Self::Approve(digest) | Self::Withdraw(digest) => digest.to_vec(),
        }
    }

    fn read(number: u16, payload: &[u8]) -> Option<Self> {
        match number {
            1 => Action::read(payload).ok().map(Self::Propose),
            2 => Some(Self::Approve(payload.try_into().ok()?)),
            3 => Some(Self::Withdraw(payload.try_into().ok()?)),
            _ => None,
        }
    }
}

/// Builds and signs the frame of a control batch.
pub fn build(
    head: &BatchHead,
    records: &[(InstructionId, Control)],
    key: &SigningKey,
) -> Result<Vec<u8>, FormatError> {
    if records.is_empty() {
        return Err(FormatError::rule(
            "batch.count",
            "a batch holds at least one record",
        ));
    }
    within(records.len(), CONTROL_RECORDS_MAX, "batch.count")?;
    let mut body = Vec::new();
    frame::put_group(&mut body, ENTRY_BYTES, records.len());
    let mut leaves = Vec::with_capacity(records.len());
    for (id, control) in records {
        let payload = control.payload();
        within(payload.len(), CONTROL_PAYLOAD_BYTES_MAX, "control.payload")?;
        let mut entry = Vec::with_capacity(ENTRY_BYTES);
        entry.put(&id.0).put_u16(control.number()).put_u16(0).put_u32(0);
        leaves.push(leaf(&entry, &payload));
        body.put(&entry).put_var(&payload);
    }
    let block = head.sign(
        Class::Control,
        records.len(),
        wide::root_in_place(&mut leaves),
        key,
    );
    let mut out = frame::start(Template::ControlBatch, 160 + body.len());
    out.put(block.as_bytes()).put(&body);
    Ok(out)
}

/// A control batch as it stands in its frame.
#[derive(Debug, Clone)]
pub struct ControlView<'a> {
    /// Header and signature.
    pub block: &'a BatchBlock,
    /// The records.
    pub records: Vec<ControlRecord>,
    /// Leaves of the records.
    pub leaves: Vec<Digest>,
}

impl<'a> ControlView<'a> {
    /// Reads a frame, checking its form. A record whose kind or payload is not understood stays in the batch: it
    /// is answered, not refused.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        within(bytes.len(), BATCH_BYTES_MAX, "batch.bytes")?;
        let mut reader = frame::expect(bytes, Template::ControlBatch)?;
        let block = block(&mut reader, Class::Control)?;
        let count = frame::group(&mut reader, ENTRY_BYTES, "control.records")?;
        if count != usize::from(block.count.get()) {
            return Err(FormatError::rule(
                "batch.count",
                "differs from the number of records",
            ));
        }
        within(count, CONTROL_RECORDS_MAX, "batch.count")?;
        let mut records = Vec::with_capacity(count);
        let mut leaves = Vec::with_capacity(count);
        for _ in 0..count {
            let entry = reader.bytes(ENTRY_BYTES, "control.record")?;
            let payload = reader.var(CONTROL_PAYLOAD_BYTES_MAX, "control.payload")?;
            leaves.push(leaf(entry, payload));
            let mut fields = crate::codec::Reader::new(entry);
            let instruction_id = InstructionId(fields.array("control.instruction_id")?);
            let kind = fields.u16("control.kind")?;
            let clean = fields.rest().iter().all(|b| *b == 0);
            let control = Control::read(kind, payload).filter(|_| clean);
            records.push(ControlRecord {
                instruction_id,
                control,
                proven: false,
            });
        }
        reader.end("batch")?;
        Ok(Self {
            block,
            records,
            leaves,
        })
    }
}
