//! A conditional payment: its amount is set aside until a condition is met, or its time is over.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, Priority, flags};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::payment::class_of;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::due::Due;
use crate::lifecycle::{Event, next, step};
use crate::outcome::{Audience, Outcome};
use crate::queue::{Seat, Waiting};

/// Money set aside for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conditional {
    /// The payment, with its accounts.
    pub payment: Waiting,
    /// Minor units not released yet.
    pub left: u64,
    /// How often its currency had closed when it was set aside: the use of limits begins anew at each close.
    pub closes: u32,
}

impl Ledger {
    pub(super) fn conditional(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let accounts = self.judge_payment(batch, Kind::Conditional, came)?;
        self.judge_day_of(record)?;
        let (amount, class) = (record.amount.get(), class_of(record));
        let origin = (self.index, came.ordinal);
        let waiting = Waiting::new(record, came.extensions, batch.submitter, origin, accounts);
        let entry = self.on_entry(accounts, class, amount);
        let seat = match entry {
            Ok(None) => {
                self.judge_effects(out)?;
                self.judge_room(1)?;
                self.accept(record);
                self.set_aside(waiting, false, out);
                return Ok(Placed::new(Status::SetAside));
            }
            Ok(Some(held)) => Seat::Party(held),
            Err(_) => Seat::Queued,
        };
        if record.flags.get() & flags::SETTLE_OR_REJECT != 0 {
            return Err(entry.err().unwrap_or(Status::InsufficientLiquidity));
        }
        self.judge_room(1)?;
        Ok(self.wait(waiting.seated(seat)))
    }

    fn closes_of(&self, payment: &Waiting) -> u32 {
        let book = self.accounts.book(payment.record.currency.get());
        book.map_or(0, |book| self.accounts.books()[book].closes)
    }

    pub(super) fn judge_condition(
        &self,
        kind: Kind,
        record: &Instruction,
        extensions: &[u8],
    ) -> Result<(), Status> {
        if kind != Kind::Conditional {
            return Ok(());
        }
        let has = |kind| extension::find(extensions, kind).is_some();
        let met = has(ExtensionType::Condition) || has(ExtensionType::Approver);
        if met && record.expires_at.get() != 0 {
            Ok(())
        } else {
            Err(Status::ConditionInvalid)
        }
    }

    pub(super) fn judge_approver(
        &self,
        kind: Kind,
        record: &Instruction,
        extensions: &[u8],
    ) -> Result<(), Status> {
        if kind != Kind::Conditional {
            return Ok(());
        }
        match Self::approver(extensions) {
            Some(approver)
                if self.registry.get(approver).is_none()
                    || self.is_closed(approver)
                    || approver.0 == record.debtor.get() =>
            {
                Err(Status::ApproverUnknown)
            }
            _ => Ok(()),
        }
    }

    /// The turn of a conditional payment that waited.
    pub(crate) fn set_aside_waiting(&mut self, place: u32, out: &mut Outcome) {
        let Some(gone) = self.take_out(place) else { return };
        let seat = gone.seat.status();
        step(next(seat, Event::Join).unwrap_or(seat), Event::SetAside);
        self.set_aside(gone, true, out);
    }

    /// Sets the amount aside. `told` says whether its submitter is told by an event: not where the answer says it.
    fn set_aside(&mut self, payment: Waiting, told: bool, out: &mut Outcome) {
        let (debtor, amount, class) = (payment.debtor, payment.amount(), payment.class);
        let counterparty = self.accounts.get(payment.creditor).participant;
        self.accounts.get_mut(debtor).reserved += i128::from(amount);
        self.accounts.consume(debtor, class, counterparty, amount);
        let key = (payment.submitter, payment.record.id());
        if let Some(at) = Self::expiry(&payment.record) {
            self.due.add(at, Due::Conditional(key.0, key.1));
        }
        self.tell_parties(&payment, Status::SetAside, 0, told, out);
        let (left, closes) = (amount, self.closes_of(&payment));
        self.conditionals.insert(
            key,
            Conditional {
                payment,
                left,
                closes,
            },
        );
    }

    /// Tells the parties of a conditional payment of a status of it.
    pub(super) fn tell_parties(
        &mut self,
        payment: &Waiting,
        status: Status,
        amount: u64,
        submitter: bool,
        out: &mut Outcome,
    ) {
        let told = Audience {
            submitter,
            creditor: true,
            approver: Self::approver(&payment.extensions),
        };
        self.tell(payment, status, amount, told, out);
    }

    /// Takes a conditional payment out of books and calendar.
    pub(super) fn end_conditional(&mut self, key: (ParticipantId, InstructionId)) -> Option<Conditional> {
        let ended = self.conditionals.remove(&key)?;
        if let Some(at) = Self::expiry(&ended.payment.record) {
            self.due.remove(at, Due::Conditional(key.0, key.1));
        }
        Some(ended)
    }

    /// What a conditional payment still holds is free again.
    pub(crate) fn give_back(&mut self, key: (ParticipantId, InstructionId), event: Event, out: &mut Outcome) {
        let Some(Conditional {
            payment,
            left,
            closes,
        }) = self.end_conditional(key)
        else {
            return;
        };
        self.accounts.get_mut(payment.debtor).reserved -= i128::from(left);
        if payment.class == Priority::Normal && closes == self.closes_of(&payment) {
            let counterparty = self.accounts.get(payment.creditor).participant;
            self.accounts.relieve(payment.debtor, counterparty, left);
        }
        self.tell_parties(&payment, step(Status::SetAside, event), 0, true, out);
        self.wake(payment.debtor);
    }
}
