//! A cancellation: ends a payment that waits, asks the creditor about one that settled (camt.056).
use causeway_message::limits::{CHAIN_RECORDS_MAX, DEFERRED_EFFECTS_MAX};
use causeway_message::record::{Instruction, Kind};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use super::form::related;
use super::resolve::Question;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::due::Due;
use crate::lifecycle::{Event, next};
use crate::limits::QUESTIONS_PER_PARTICIPANT;
use crate::outcome::{Audience, Outcome};
use crate::queue::{Seat, Waiting};

impl Ledger {
    pub(super) fn cancel(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_form(Kind::Cancel, record, came.extensions)?;
        let key = (batch.submitter, related(record));
        if let Some(place) = self.fx_that_waits(record) {
            return self.cancel_fx(batch, record, place, out);
        }
        let accounts = self.judge_order(batch, record, record.debtor.get())?;
        if let Some(place) = self.queue.find(key.0, key.1) {
            let Some(waiting) = self.queue.get(place) else {
                return Err(Status::OriginalUnknown);
            };
            judge_same(record, &waiting.record)?;
            if waiting.is_trade() {
                return self.withdraw_trade(batch, came, place, accounts, out);
            }
            return self.cancel_waiting(place, out);
        }
        let found = self.original(batch, key.0, key.1);
        // What can be judged without looking has its place before that.
        if found == Err(Status::EntryFull) && self.is_over(record) {
            return Err(Status::Expired);
        }
        let (original, status) = found?;
        if self.rules >= 3 && original.record.kind == Kind::Pvp as u8 {
            judge_same(record, &original.record)?;
            return Err(Status::NotWaiting);
        }
        if !Kind::from_number(original.record.kind).is_some_and(Kind::pays) {
            return Err(Status::OriginalUnknown);
        }
        judge_same(record, &original.record)?;
        if status != Status::Settled && !mutated!(AskOfAnything) {
            return Err(Status::NotWaiting);
        }
        self.put_question(batch, came, accounts, out)
    }

    /// The place of the FX payment of its debtor that a record names, if it waits.
    fn fx_that_waits(&self, record: &Instruction) -> Option<u32> {
        let debtor = ParticipantId(record.debtor.get());
        let place = self.queue.find(debtor, related(record))?;
        self.queue.get(place)?.is_fx().then_some(place)
    }

    /// A cancel of an FX payment that waits: its creditor may be its debtor, and need not have an account in what is paid.
    fn cancel_fx(
        &mut self,
        batch: &Batch<'_>,
        record: &Instruction,
        place: u32,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        if record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        if record.amount.get() == 0 {
            return Err(Status::AmountZero);
        }
        let Some(waiting) = self.queue.get(place) else {
            return Err(Status::OriginalUnknown);
        };
        judge_same(record, &waiting.record)?;
        self.cancel_waiting(place, out)
    }

    /// Ends a payment that waits, and its chain.
    fn cancel_waiting(&mut self, place: u32, out: &mut Outcome) -> Result<Placed, Status> {
        // Its time is judged by the entry, not by the sweep that ends it.
        let stands = |waiting: &Waiting| {
            let leaves = waiting.seat != Seat::Window || self.is_collecting(waiting.window());
            leaves && !self.is_over(&waiting.record) && next(waiting.status(), Event::Cancel).is_some()
        };
        if !self.queue.get(place).is_some_and(stands) {
            return Err(Status::NotWaiting);
        }
        self.judge_effects(out)?;
        self.end(place, Event::Cancel, true, out);
        self.release(out);
        Ok(Placed::new(Status::Executed))
    }

    /// Puts the question to the counterparty, if it may be put.
    pub(super) fn put_question(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        accounts: (u32, u32),
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let key = (batch.submitter, related(came.record));
        self.judge_question(came.record, key)?;
        self.judge_effects(out)?;
        if self.questions_of(key.0).count() >= QUESTIONS_PER_PARTICIPANT {
            return Err(Status::QueueFull);
        }
        self.judge_room(1)?;
        self.ask(batch, came, accounts, out);
        Ok(Placed::new(Status::CancellationPending))
    }

    /// That the question comes in time, and that the same is not asked already.
    fn judge_question(
        &self,
        record: &Instruction,
        original: (ParticipantId, InstructionId),
    ) -> Result<(), Status> {
        if self.is_over(record) {
            return Err(Status::Expired);
        }
        match self.open_question_about(original.0, original.1) {
            Some(_) => Err(Status::DuplicateSuspected),
            None => Ok(()),
        }
    }

    /// Id of the cancel by which a participant asks about an original, unless its time is over.
    pub(super) fn open_question_about(
        &self,
        who: ParticipantId,
        original: InstructionId,
    ) -> Option<InstructionId> {
        let open =
            |question: &&Question| question.original == original && !self.is_over(&question.asked.record);
        let found = self.questions_of(who).find(open);
        found.map(|question| question.asked.record.id())
    }

    /// The questions of a participant, those among them whose end has not come by yet.
    pub(crate) fn questions_of(&self, who: ParticipantId) -> impl Iterator<Item = &Question> {
        let own = self.questions.range((who, FIRST)..=(who, LAST));
        own.map(|(_, question)| question)
    }

    /// Puts the question to the creditor's bank.
    fn ask(&mut self, batch: &Batch<'_>, came: &Came<'_>, accounts: (u32, u32), out: &mut Outcome) {
        let origin = (self.index, came.ordinal);
        let asked = Waiting::new(came.record, came.extensions, batch.submitter, origin, accounts);
        let key = (batch.submitter, came.record.id());
        if let Some(at) = Self::expiry(came.record) {
            self.due.add(at, Due::Question(key.0, key.1));
        }
        let told = Audience {
            creditor: true,
            ..Audience::default()
        };
        self.tell(&asked, Status::CancellationPending, 0, told, out);
        let original = related(came.record);
        self.questions.insert(key, Question { asked, original });
    }
}

const FIRST: InstructionId = InstructionId([0; 16]);
const LAST: InstructionId = InstructionId([u8::MAX; 16]);

/// That creditor, currency and amount are those of the original; its debtor submitted both.
fn judge_same(record: &Instruction, original: &Instruction) -> Result<(), Status> {
    let same = record.creditor == original.creditor
        && record.currency == original.currency
        && record.amount == original.amount;
    if same {
        Ok(())
    } else {
        Err(Status::OriginalMismatch)
    }
}

impl Ledger {
    /// That the entry has room for the effects of this record, beside those that retries and sweeps may still have.
    pub(super) fn judge_effects(&self, out: &Outcome) -> Result<(), Status> {
        if out.deferred.len() + self.budget + 4 * CHAIN_RECORDS_MAX > DEFERRED_EFFECTS_MAX {
            return Err(Status::EntryFull);
        }
        Ok(())
    }
}
