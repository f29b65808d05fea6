//! A release: meets the condition of a conditional payment, or gives it up.
use causeway_message::digest::hash;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Kind, flags};
use causeway_message::{ParticipantId, Status, mutated};

use super::form::related;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::lifecycle::{Event, step};
use crate::outcome::Outcome;
use causeway_message::action::Phase;

impl Ledger {
    pub(super) fn release_conditional(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_form(Kind::Release, record, came.extensions)?;
        let declines = record.flags.get() & flags::DECLINE != 0;
        if record.amount.get() == 0 && !declines {
            return Err(Status::AmountZero);
        }
        self.judge_parties(record, false)?;
        let key = (ParticipantId(record.debtor.get()), related(record));
        let Some(found) = self.conditionals.get(&key) else {
            return Err(match self.ids.get(key.0, key.1) {
                Some(_) => Status::NotWaiting,
                None => Status::OriginalUnknown,
            });
        };
        let (held, left) = (&found.payment, found.left);
        let approver = Self::approver(&held.extensions);
        let creditor = ParticipantId(held.record.creditor.get());
        let who = batch.submitter;
        let approves = approver == Some(who);
        let preimage = extension::find(came.extensions, ExtensionType::Preimage);
        let may = if declines {
            approves || who == creditor
        } else {
            approves || (preimage.is_some() && (who == creditor || who == key.0))
        };
        if !may && !mutated!(AnyoneReleases) {
            return Err(Status::NotAuthorised);
        }
        if held.record.creditor != record.creditor || held.record.currency != record.currency {
            return Err(Status::OriginalMismatch);
        }
        // Its time is judged by the entry, not by the sweep that gives it back.
        if self.is_over(&held.record) {
            return Err(Status::NotWaiting);
        }
        // One that is given must be right, whoever gives it.
        let condition = extension::find(&held.extensions, ExtensionType::Condition);
        let wrong = preimage.is_some_and(|preimage| condition != Some(hash(preimage).as_slice()));
        if wrong && !mutated!(AnyPreimage) {
            return Err(Status::ConditionUnmet);
        }
        if declines {
            self.judge_effects(out)?;
            self.give_back(key, Event::GiveBack, out);
            self.release(out);
            return Ok(Placed::new(Status::Executed));
        }
        let amount = record.amount.get();
        let partial = held.record.flags.get() & flags::PARTIAL != 0;
        if amount > left || (amount < left && !partial) {
            return Err(Status::ReturnExceeds);
        }
        if self.phase(record.currency.get()) == Phase::Closed {
            return Err(Status::RejectedCutOff);
        }
        self.judge_effects(out)?;
        self.pay_out(key, amount, out);
        Ok(Placed::new(Status::Executed))
    }

    /// Moves what was set aside to the creditor.
    fn pay_out(
        &mut self,
        key: (ParticipantId, causeway_message::InstructionId),
        amount: u64,
        out: &mut Outcome,
    ) {
        let Some(found) = self.conditionals.get_mut(&key) else {
            return;
        };
        found.left -= amount;
        let (left, payment) = (found.left, found.payment.clone());
        self.accounts
            .transfer_set_aside(payment.debtor, payment.creditor, amount);
        let payer = self.accounts.get(payment.debtor).participant;
        self.accounts.relieve(payment.creditor, payer, amount);
        self.accrue(payment.debtor, payment.record.kind, amount);
        let status = if left == 0 {
            self.end_conditional(key);
            step(Status::SetAside, Event::Release)
        } else {
            Status::SetAside
        };
        self.tell_parties(&payment, status, amount, true, out);
        self.credited(payment.creditor, out);
    }
}
