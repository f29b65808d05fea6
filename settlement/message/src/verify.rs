//! The only way into the sequencer: a batch whose form, root and signature were checked.
use crate::batch::{BatchBlock, BatchView, Class, record_leaves};
use crate::control::{Control, ControlRecord, ControlView};
use crate::digest::Digest;
use crate::frame::{self, Template};
use crate::keys::PublicKey;
use crate::mutated;
use crate::record::Instruction;
use crate::refusal::{Refusal, RefusalCode};
use crate::wide::WideTree;
use crate::{FormatError, InstructionId, KeyId, LedgerId, ParticipantId, SessionId};

/// A batch with the evidence that it was checked. There is no way to make one but to check its form and root, and
/// either its signature or, for the node's own journal, the chain that holds it.
#[derive(Debug)]
pub struct VerifiedBatch {
    frame: Vec<u8>,
    block: BatchBlock,
    class: Class,
    input_digest: Digest,
    /// The tree over its records, kept for the paths of receipts.
    tree: WideTree,
    control: Vec<ControlRecord>,
}

/// The header's fields needed to find the key before anything is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Participant it says it is from.
    pub participant: ParticipantId,
    /// Key it says it is signed with.
    pub key: KeyId,
    /// Session it says it belongs to.
    pub session: SessionId,
    /// Number it says it has.
    pub number: u64,
}

fn parse_block(frame_bytes: &[u8]) -> Result<(BatchBlock, Class), FormatError> {
    let (template, mut reader) = frame::open(frame_bytes)?;
    let class = match template {
        Template::Batch => Class::Instructions,
        Template::ControlBatch => Class::Control,
        _ => return Err(FormatError::rule("header.templateId", "a batch was expected")),
    };
    Ok((*crate::batch::block(&mut reader, class)?, class))
}

impl Claim {
    /// Reads the claim of a frame.
    pub fn read(frame_bytes: &[u8]) -> Result<Self, FormatError> {
        let (block, _) = parse_block(frame_bytes)?;
        Ok(Self {
            participant: ParticipantId(block.participant.get()),
            key: KeyId(block.key.get()),
            session: SessionId(block.session.get()),
            number: block.number.get(),
        })
    }
}

impl VerifiedBatch {
    /// Checks ledger, signature, form and root of a frame that came from a bank.
    pub fn verify(frame_bytes: Vec<u8>, ledger: LedgerId, key: &PublicKey) -> Result<Self, Refusal> {
        let (block, _) = parse_block(&frame_bytes)?;
        let number = block.number.get();
        if block.ledger != ledger.0 {
            return Err(Refusal::new(RefusalCode::WrongLedger, "").about(number));
        }
        if !key.verifies(&block.signed_bytes(), &block.signature) && !mutated!(SkipSignature) {
            return Err(Refusal::new(RefusalCode::SignatureInvalid, "").about(number));
        }
        Self::check(frame_bytes).map_err(|error| {
            let code = match error {
                FormatError::Rule {
                    field: "batch.root", ..
                } => RefusalCode::RootMismatch,
                _ => RefusalCode::Format,
            };
            Refusal::new(code, error.to_string()).about(number)
        })
    }

    /// Reads back a batch from the node's own journal. The caller has checked the chain; `input_digest` is the
    /// entry's payload digest, which the batch must have.
    pub fn from_journal(frame_bytes: Vec<u8>, input_digest: &Digest) -> Result<Self, FormatError> {
        let batch = Self::check(frame_bytes)?;
        if batch.input_digest != *input_digest {
            return Err(FormatError::rule(
                "entry.payload_digest",
                "is not that of the batch",
            ));
        }
        Ok(batch)
    }

    fn check(frame_bytes: Vec<u8>) -> Result<Self, FormatError> {
        let (block, class) = parse_block(&frame_bytes)?;
        let (leaves, control) = match class {
            Class::Instructions => {
                let view = BatchView::parse(&frame_bytes)?;
                let mut leaves = Vec::new();
                record_leaves(view.records, view.extensions, &mut leaves);
                (leaves, Vec::new())
            }
            Class::Control => {
                let mut view = ControlView::parse(&frame_bytes)?;
                // Here, not in the ledger: it verifies no signature, and a replay has to judge the same.
                let ledger = LedgerId(block.ledger);
                for record in &mut view.records {
                    record.proven = match &record.control {
                        Some(Control::Propose(action)) => action.is_proven(ledger),
                        _ => true,
                    };
                }
                (view.leaves, view.records)
            }
        };
        let tree = WideTree::new(leaves);
        if tree.root() != block.root && !mutated!(SkipRoot) {
            return Err(FormatError::rule(
                "batch.root",
                "the records are not those of the signed root",
            ));
        }
        Ok(Self {
            input_digest: block.input_digest(),
            frame: frame_bytes,
            block,
            class,
            tree,
            control,
        })
    }

    /// The frame, as signed and as journalled.
    pub fn frame(&self) -> &[u8] {
        &self.frame
    }

    /// Bytes of the buffer that the frame stands in.
    pub const fn frame_capacity(&self) -> usize {
        self.frame.capacity()
    }

    /// Gives the frame's buffer up.
    pub fn into_frame(self) -> Vec<u8> {
        self.frame
    }

    /// Header and signature.
    pub const fn block(&self) -> &BatchBlock {
        &self.block
    }

    /// Instructions or control.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Digest of header and signature.
    pub const fn input_digest(&self) -> &Digest {
        &self.input_digest
    }

    /// Participant that submits.
    pub const fn participant(&self) -> ParticipantId {
        ParticipantId(self.block.participant.get())
    }

    /// Session it belongs to.
    pub const fn session(&self) -> SessionId {
        SessionId(self.block.session.get())
    }

    /// Number in the session.
    pub const fn number(&self) -> u64 {
        self.block.number.get()
    }

    /// The records of an instruction batch; none for a control batch.
    pub fn view(&self) -> Option<BatchView<'_>> {
        match self.class {
            // Checked when it was made: parsing again costs a few comparisons, and no second form of the truth.
            Class::Instructions => BatchView::parse(&self.frame).ok(),
            Class::Control => None,
        }
    }

    /// The control records; none for an instruction batch.
    pub fn control(&self) -> &[ControlRecord] {
        &self.control
    }

    /// The tree over its records.
    pub const fn tree(&self) -> &WideTree {
        &self.tree
    }

    /// First eight bytes of each record's leaf: tells the same bytes from others under one instruction id.
    pub fn checks(&self) -> impl Iterator<Item = u64> + '_ {
        self.tree.leaves().iter().map(check_of)
    }

    /// Instruction ids of all records, in order.
    pub fn instruction_ids(&self) -> Vec<InstructionId> {
        match self.view() {
            Some(view) => view.records.iter().map(Instruction::id).collect(),
            None => self.control.iter().map(|record| record.instruction_id).collect(),
        }
    }
}

/// First eight bytes of a leaf.
fn check_of(leaf: &Digest) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&leaf[..8]);
    u64::from_le_bytes(first)
}
