//! The answer of the creditor's bank to the question whether a settled payment comes back (camt.029).
use causeway_message::record::{Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::form::related;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::due::Due;
use crate::outcome::{Audience, Outcome};
use crate::queue::Waiting;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The cancel record.
    pub asked: Waiting,
    /// Id of the payment that it is about.
    pub original: InstructionId,
}

impl Ledger {
    pub(super) fn resolve(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_form(Kind::Resolve, record, came.extensions)?;
        self.judge_order(batch, record, record.creditor.get())?;
        let key = (ParticipantId(record.debtor.get()), related(record));
        // Whose question it is not, is told nothing of it.
        let question = self.questions.get(&key);
        let asked = question.filter(|question| question.asked.record.creditor == record.creditor);
        // Its time is judged by the entry, not by the sweep that ends it.
        let asked = asked.filter(|question| !self.is_over(&question.asked.record));
        let question = asked.ok_or(Status::OriginalUnknown)?;
        let (asked, original) = (&question.asked.record, question.original);
        if asked.currency != record.currency || asked.amount != record.amount {
            return Err(Status::OriginalMismatch);
        }
        self.judge_effects(out)?;
        let place = self.queue.find(key.0, original);
        if let Some(place) = place.filter(|_| record.flags.get() & flags::DECLINE == 0) {
            self.withdraw_both(key, place, out);
            return Ok(Placed::new(Status::Executed));
        }
        let status = if record.flags.get() & flags::DECLINE != 0 {
            Status::CancellationRefused
        } else {
            Status::Executed
        };
        self.end_question(key, status, out);
        Ok(Placed::new(Status::Executed))
    }

    /// Closes a question; both banks are told.
    pub(crate) fn end_question(
        &mut self,
        key: (ParticipantId, InstructionId),
        status: Status,
        out: &mut Outcome,
    ) {
        let Some(Question { asked, .. }) = self.questions.remove(&key) else {
            return;
        };
        if let Some(at) = Self::expiry(&asked.record) {
            self.due.remove(at, Due::Question(key.0, key.1));
        }
        let told = Audience {
            submitter: true,
            creditor: true,
            approver: None,
        };
        self.tell(&asked, status, 0, told, out);
        if status == Status::Executed {
            self.accrue_executed(asked.submitter, asked.record.currency.get(), asked.record.kind);
        }
    }
}
