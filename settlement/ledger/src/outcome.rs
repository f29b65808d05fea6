//! What one applied entry caused.
use causeway_message::action::Action;
use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Status};

/// A status that an instruction of an earlier record reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// The instruction.
    pub record: Instruction,
    /// Its extensions.
    pub extensions: Box<[u8]>,
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Log index of its entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// The status reached.
    pub status: Status,
}

/// A control action that reached a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who proposed it.
    pub proposer: ParticipantId,
    /// Whom it concerns, if another.
    pub subject: Option<ParticipantId>,
    /// Id of the proposal.
    pub id: InstructionId,
    /// Log index of the proposal's entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// The status reached.
    pub status: Status,
    /// Minor units that moved.
    pub amount: u64,
    /// The action.
    pub action: Action,
}

/// Everything an entry caused; buffers are kept between entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// One for each record of the batch.
    pub answers: Vec<Answer>,
    /// For records that asked, and for those known before.
    pub details: Vec<AnswerDetail>,
    /// Earlier instructions that reached a status, in order.
    pub deferred: Vec<Deferred>,
    /// Control actions that reached a status, in order.
    pub notices: Vec<Notice>,
    /// True if participants or keys changed.
    pub registry_changed: bool,
}

impl Outcome {
    /// Empties it, keeping the buffers.
    pub fn clear(&mut self) {
        self.answers.clear();
        self.details.clear();
        self.deferred.clear();
        self.notices.clear();
        self.registry_changed = false;
    }
}
