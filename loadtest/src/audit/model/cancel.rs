//! Cancellation (PROTOCOL §22.4): of what waits at once, of what settled by asking the creditor.
use causeway_message::event::Role;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::classes::Spot;
use super::due::Due;
use super::tell::tell;
use super::{Caused, Key, Model, Origin};
use crate::audit::input::Paper;

/// Originals that one entry looks at (PROTOCOL §22.10).
const LOOKS_PER_ENTRY: usize = 256;
/// Questions that one participant may have open (PROTOCOL §22.10).
const QUESTIONS: usize = 4_096;

/// The question whether a settled payment comes back.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The cancel record.
    paper: Paper,
    origin: Origin,
    /// The payment that it is about, or the side of a trade.
    pub about: Key,
}

impl Question {
    /// The cancel record, between the parties of what it is about.
    pub const fn record(&self) -> &Instruction {
        &self.paper.record
    }

    pub fn end(&self) -> Option<Timestamp> {
        let expires = self.paper.record.expires_at.get();
        (expires != 0).then(|| Timestamp::from_seconds(expires))
    }
}

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// The instruction that a record is about, submitted by its debtor.
pub(super) fn related(record: &Instruction) -> Key {
    (ParticipantId(record.debtor.get()), InstructionId(record.related))
}

impl Model {
    /// A payment of the record's debtor under the id that it names.
    pub(super) fn judge_original(&self, record: &Instruction) -> Result<Instruction, Status> {
        let key = related(record);
        let known = self.memory.get(key.0, key.1).ok_or(Status::OriginalUnknown)?;
        let own = known.paper.as_ref().ok_or(Status::OriginalUnknown)?.record;
        let trade = self.is_third() && own.kind == Kind::Pvp as u8;
        let exchange = own.kind == Kind::FxPayment as u8;
        let exchange = self.is_third() && exchange && self.waiting_of(key).is_some();
        let pays = Kind::from_number(own.kind).is_some_and(Kind::pays);
        refuse(!pays && !trade && !exchange, Status::OriginalUnknown)?;
        Ok(own)
    }

    /// Creditor, currency and amount must be those of the original.
    pub(super) fn judge_same(record: &Instruction, original: &Instruction) -> Result<(), Status> {
        let parts = |of: &Instruction| (of.creditor.get(), of.currency.get(), of.amount.get());
        refuse(parts(record) != parts(original), Status::OriginalMismatch)
    }

    /// Looks at one more original, if the entry may.
    pub(super) const fn look(&mut self) -> bool {
        self.looks += 1;
        self.looks <= LOOKS_PER_ENTRY
    }

    pub(super) fn judge_cancel(&self, record: &Instruction) -> Result<(), Status> {
        let original = self.judge_original(record)?;
        Self::judge_same(record, &original)?;
        let key = related(record);
        // A trade that settled does not come back.
        let settled = original.kind != Kind::Pvp as u8 && self.status_of(key) == Some(Status::Settled);
        let waits = self.waiting_of(key);
        let waits = waits.is_some_and(|item| {
            let leaves = item.spot != Spot::Window || self.collects(InstructionId(item.record().related));
            leaves && !self.is_over(&self.chain_of(item.origin))
        });
        refuse(!waits && !settled, Status::NotWaiting)
    }

    /// One question for one payment at a time.
    pub(super) fn judge_question(&self, record: &Instruction) -> Result<(), Status> {
        let about = related(record);
        let asked = self
            .questions
            .values()
            .any(|question| question.about == about && question.end().is_none_or(|end| !self.has_come(end)));
        refuse(asked, Status::DuplicateSuspected)
    }

    pub(super) fn status_of(&self, key: Key) -> Option<Status> {
        self.memory.get(key.0, key.1).map(|known| known.now().0)
    }

    /// Cancels what waits, or asks about what settled (kind 5).
    pub(super) fn carry_out_cancel(&mut self, paper: &Paper, origin: Origin, caused: &mut Caused) -> Status {
        let about = related(&paper.record);
        let waits = self.waiting_of(about).map(|item| item.origin);
        if let Some(waits) = waits {
            if self.waits.get(&waits).is_none_or(|item| !item.is_trade()) {
                self.end_with_chain(waits, Status::Cancelled, Status::Cancelled, caused);
                return Status::Executed;
            }
            if self.withdraw_trade(waits, caused) {
                return Status::Executed;
            }
        }
        let open = self.questions.keys().filter(|(who, _)| *who == about.0);
        if open.count() >= QUESTIONS || !self.has_place_for(1) {
            return Status::QueueFull;
        }
        let question = Question {
            paper: paper.clone(),
            origin,
            about,
        };
        let key = (about.0, paper.record.id());
        self.due
            .extend(question.end().map(|end| (end, Due::Question(key))));
        self.questions.insert(key, question);
        self.effects += 1;
        Self::tell_others(&mut caused.later, paper, origin, Status::CancellationPending, 0);
        Status::CancellationPending
    }

    /// The question is open, and was put to who answers it.
    pub(super) fn judge_resolve(&self, who: ParticipantId, record: &Instruction) -> Result<(), Status> {
        let open = |question: &&Question| question.end().is_none_or(|end| !self.has_come(end));
        let question = self
            .questions
            .get(&related(record))
            .filter(|question| question.paper.record.creditor.get() == who.0)
            .filter(open)
            .ok_or(Status::OriginalUnknown)?;
        Self::judge_same(record, &question.paper.record)
    }

    /// The creditor answers (kind 6). Money comes back by a return only.
    pub(super) fn carry_out_resolve(&mut self, record: &Instruction, caused: &mut Caused) {
        let status = if record.flags.get() & flags::DECLINE != 0 {
            Status::CancellationRefused
        } else {
            Status::Executed
        };
        let about = self
            .questions
            .get(&related(record))
            .map(|question| question.about);
        self.end_question(related(record), status, caused);
        if let Some(about) = about.filter(|_| status == Status::Executed) {
            self.withdraw_by_answer(about, caused);
        }
    }

    /// A question ends; who asked and who was asked are told.
    pub(super) fn end_question(&mut self, key: Key, status: Status, caused: &mut Caused) {
        let Some(question) = self.questions.remove(&key) else {
            return;
        };
        if let Some(end) = question.end() {
            self.due.remove(&(end, Due::Question(key)));
        }
        if status == Status::Executed {
            let record = &question.paper.record;
            self.fees.accrue((key.0.0, record.currency.get()), record.kind, 0);
        }
        self.memory.change(key.0, key.1, (status, 0), self.index);
        self.effects += 1;
        let told = &mut caused.later;
        let whom = (Role::Debtor, key.0);
        tell(told, &question.paper, question.origin, whom, status, 0);
        Self::tell_others(told, &question.paper, question.origin, status, 0);
    }
}
