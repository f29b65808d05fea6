//! What a log entry holds, read from its payload.
use causeway_message::action::Action;
use causeway_message::batch::{BatchBlock, BatchView, RECORDS_OFFSET, record_leaves};
use causeway_message::control::{Control, ControlRecord, ControlView};
use causeway_message::digest::Digest;
use causeway_message::entry::EntryKind;
use causeway_message::extension::Walk;
use causeway_message::limits::RECORD_BYTES;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::{FormatError, InstructionId, KeyId, ParticipantId, SessionId, wide};

/// An instruction as it stands in the log: its fields, and the bytes they were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paper {
    pub record: Instruction,
    pub bytes: [u8; RECORD_BYTES],
    pub extensions: Vec<u8>,
}

/// The records of a batch.
#[derive(Debug, Clone)]
pub(super) enum Records {
    Instructions(Vec<Paper>),
    Control(Vec<ControlRecord>),
}

/// A signed batch.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub block: BatchBlock,
    pub records: Records,
    /// Leaf of each record.
    pub leaves: Vec<Digest>,
}

/// What an entry holds for the ledger.
#[derive(Debug, Clone)]
pub(super) enum Input {
    Batch(Box<Batch>),
    /// Genesis, tick, tree head: time passes and nothing else.
    Time,
    /// From here on a later version of the rules is in force.
    Rules(u16),
    /// What netting proposes to settle together.
    Plan(Plan),
}

impl Batch {
    pub fn read(kind: EntryKind, payload: &[u8]) -> Result<Self, FormatError> {
        if kind == EntryKind::Control {
            let view = ControlView::parse(payload)?;
            return Ok(Self {
                block: *view.block,
                records: Records::Control(view.records),
                leaves: view.leaves,
            });
        }
        let view = BatchView::parse(payload)?;
        let mut leaves = Vec::new();
        record_leaves(view.records, view.extensions, &mut leaves);
        let mut walk = Walk::new(view.extensions);
        let paper = |(place, record): (usize, &Instruction)| {
            let at = RECORDS_OFFSET + place * RECORD_BYTES;
            let mut bytes = [0; RECORD_BYTES];
            bytes.copy_from_slice(&payload[at..at + RECORD_BYTES]);
            Paper {
                record: *record,
                bytes,
                extensions: walk.of(place).to_vec(),
            }
        };
        Ok(Self {
            block: *view.block,
            records: Records::Instructions(view.records.iter().enumerate().map(paper).collect()),
            leaves,
        })
    }

    /// True if the records are those of the signed root.
    pub fn is_whole(&self) -> bool {
        wide::root(&self.leaves) == self.block.root
    }

    pub const fn submitter(&self) -> ParticipantId {
        ParticipantId(self.block.participant.get())
    }

    pub const fn key(&self) -> KeyId {
        KeyId(self.block.key.get())
    }

    pub const fn session(&self) -> SessionId {
        SessionId(self.block.session.get())
    }

    pub const fn number(&self) -> u64 {
        self.block.number.get()
    }

    /// Instruction id of the record at this place.
    pub fn id(&self, place: usize) -> Option<InstructionId> {
        match &self.records {
            Records::Instructions(all) => all.get(place).map(|paper| paper.record.id()),
            Records::Control(all) => all.get(place).map(|record| record.instruction_id),
        }
    }

    /// The action that the record at this place proposes.
    pub fn proposal(&self, place: usize) -> Option<&Action> {
        match &self.records {
            Records::Control(all) => match all.get(place)?.control.as_ref()? {
                Control::Propose(action) => Some(action),
                Control::Approve(_) | Control::Withdraw(_) => None,
            },
            Records::Instructions(_) => None,
        }
    }
}
