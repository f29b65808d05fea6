//! One side of a trade, payment versus payment: matched with the other party's, alleged to it, or refused.
use causeway_message::action::Phase;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind};
use causeway_message::{ParticipantId, Status, mutated};

use super::payment::class_of;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::chain::Part;
use crate::due::Due;
use crate::lifecycle::{Event, step};
use crate::limits::UNMATCHED_PER_COUNTERPARTY;
use crate::outcome::{Audience, Outcome};
use crate::queue::{Seat, Waiting};
use crate::trade::{currencies, deferred_of, other_of, terms};

impl Ledger {
    pub(super) fn pvp(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let accounts = self.judge_pvp(batch, came)?;
        let replaced = self.judge_replaced(batch, came)?;
        self.judge_trade_day(record)?;
        self.judge_effects(out)?;
        self.judge_room(usize::from(replaced.is_none()))?;
        // What is over may still stand there: an entry ends only so many.
        let lives = |place| {
            let other = self.queue.get(place);
            other.is_some_and(|other| !self.is_over(&other.record))
        };
        let other = self.matcher.find(&terms(record, came.extensions), lives);
        let pair = (batch.submitter.0, record.creditor.get());
        let standing = self.unmatched.get(&pair).copied().unwrap_or(0) - u32::from(replaced.is_some());
        if other.is_none() && standing >= UNMATCHED_PER_COUNTERPARTY {
            return Err(Status::TooManyUnmatched);
        }
        if let Some(place) = replaced.filter(|_| !mutated!(KeepsReplaced)) {
            self.end(place, Event::Replace, true, out);
        }
        let origin = (self.index, came.ordinal);
        let mut waiting = Waiting::new(record, came.extensions, batch.submitter, origin, accounts);
        waiting.since = self.time;
        match other {
            Some(other) => Ok(self.match_with(other, waiting, out)),
            None => {
                let waiting = waiting.seated(Seat::Unmatched);
                self.allege(&waiting, out);
                let place = self.take_in(waiting);
                self.keep_unmatched(place);
                Ok(Placed::new(Status::Unmatched))
            }
        }
    }

    /// Makes a trade of an unmatched instruction and one that came now: it settles at once, or waits as one item.
    fn match_with(&mut self, other: u32, own: Waiting, out: &mut Outcome) -> Placed {
        let Some(earlier) = self.queue.get(other).cloned() else {
            return Placed::new(Status::Unmatched);
        };
        self.forget_unmatched(other, &earlier);
        let matched = step(Status::Unmatched, Event::Match);
        let legs = [leg(&earlier), leg(&own)];
        if self.may_settle_at_once(&own.record, &legs) {
            let told = Audience {
                submitter: true,
                ..Audience::default()
            };
            self.move_legs(own.record.kind, &legs);
            self.queue.seat(&mut self.accounts, other, Seat::ValueDate);
            if let Some(gone) = self.take_out(other) {
                self.finish_trade(&gone, Event::Settle, own.amount(), out);
            }
            let mut settled = deferred_of(&own);
            settled.status = step(matched, Event::Settle);
            (settled.amount, settled.counter_amount, settled.told) = (own.amount(), earlier.amount(), told);
            out.deferred.push(settled);
            legs.iter().for_each(|leg| self.wake(leg.creditor));
            self.release(out);
            return Placed::new(Status::Settled);
        }
        let seat = if self.is_ready(&own.record) {
            Seat::Queued
        } else {
            Seat::ValueDate
        };
        self.queue.seat(&mut self.accounts, other, seat);
        let place = self.take_in(own.seated(seat));
        self.queue.pair(other, place);
        let told = Audience {
            submitter: true,
            ..Audience::default()
        };
        if let Some(earlier) = self.queue.get(other).cloned() {
            self.tell(&earlier, matched, 0, told, out);
        }
        Placed::new(matched)
    }

    /// Takes one side in where its seat says.
    fn take_in(&mut self, waiting: Waiting) -> u32 {
        let place = self.queue.enter(&mut self.accounts, waiting);
        if let Some(waiting) = self.queue.get(place) {
            for (at, due) in Due::all_of(waiting, place) {
                self.due.add(at, due);
            }
        }
        place
    }

    /// Every rule of the record but its dates, what it replaces, and bounds; the accounts of its leg.
    fn judge_pvp(&self, batch: &Batch<'_>, came: &Came<'_>) -> Result<(u32, u32), Status> {
        let record = came.record;
        self.judge_form(Kind::Pvp, record, came.extensions)?;
        if record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        if record.amount.get() == 0 || record.counter_amount.get() == 0 {
            return Err(Status::AmountZero);
        }
        if record.debtor == record.creditor {
            return Err(Status::SameParty);
        }
        let [pays, gets] = currencies(record);
        self.judge_currency(pays)?;
        self.judge_currency(gets)?;
        let find = |who: u32, currency: u16| {
            let book = self.accounts.book(currency)?;
            self.accounts.find(who, book)
        };
        let both = |who: u32| Some((find(who, pays)?, find(who, gets)?));
        let (from, _) = both(record.debtor.get()).ok_or(Status::DebtorUnknown)?;
        let (to, _) = both(record.creditor.get()).ok_or(Status::CreditorUnknown)?;
        self.judge_standing((from, to))?;
        Ok((from, to))
    }

    /// The unmatched instruction that the record takes the place of, if it names one.
    fn judge_replaced(&self, batch: &Batch<'_>, came: &Came<'_>) -> Result<Option<u32>, Status> {
        let named = extension::find(came.extensions, ExtensionType::Replaces).and_then(extension::id);
        let Some(id) = named else { return Ok(None) };
        let place = self.queue.find(batch.submitter, id);
        let Some((place, old)) = place.and_then(|place| Some((place, self.queue.get(place)?))) else {
            return Err(match self.ids.get(batch.submitter, id) {
                Some(_) => Status::NotWaiting,
                None => Status::OriginalUnknown,
            });
        };
        if !old.is_trade() || old.record.creditor != came.record.creditor {
            return Err(Status::OriginalMismatch);
        }
        // Its time is judged by the entry, not by the sweep that ends it.
        if old.seat != Seat::Unmatched || self.is_over(&old.record) {
            return Err(Status::NotWaiting);
        }
        Ok(Some(place))
    }

    /// That both currencies still take instructions for the value date, and that the record's own time is not over.
    fn judge_trade_day(&self, record: &Instruction) -> Result<(), Status> {
        let date = u64::from(record.value_date.get());
        let currencies = currencies(record);
        if currencies
            .into_iter()
            .any(|currency| date == self.date_of(currency) && self.phase(currency) != Phase::Open)
            && !mutated!(TradesAfterCutOff)
        {
            return Err(Status::RejectedCutOff);
        }
        if currencies
            .into_iter()
            .any(|currency| date < self.date_of(currency))
        {
            return Err(Status::ValueDateClosed);
        }
        for currency in currencies {
            self.judge_scheduled(currency, record.value_date.get())?;
        }
        if self.is_over(record) && !mutated!(LiveOn) {
            return Err(Status::Expired);
        }
        Ok(())
    }

    /// A cancel of one side: withdraws what is unmatched; of a matched trade asks the other party, or agrees with it.
    pub(super) fn withdraw_trade(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        place: u32,
        accounts: (u32, u32),
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        if self.is_item_over(place) {
            return Err(Status::NotWaiting);
        }
        let places = self.queue.together(place);
        let other = self.queue.get(other_of(&places, place));
        let Some((who, id)) = other.map(|other| (other.submitter, other.record.id())) else {
            self.judge_effects(out)?;
            self.end(place, Event::Withdraw, true, out);
            return Ok(Placed::new(Status::Executed));
        };
        let agreed = self
            .open_question_about(who, id)
            .or(mutated!(WithdrawAlone).then_some(id));
        if let Some(asked) = agreed {
            self.judge_effects(out)?;
            self.withdraw_both((who, asked), place, out);
            return Ok(Placed::new(Status::Executed));
        }
        self.put_question(batch, came, accounts, out)
    }

    /// The other party agrees: its question, or its counterparty's, is answered, and both sides are withdrawn.
    pub(super) fn withdraw_both(
        &mut self,
        question: (ParticipantId, causeway_message::InstructionId),
        place: u32,
        out: &mut Outcome,
    ) {
        self.end_question(question, Status::Executed, out);
        self.end(place, Event::Withdraw, true, out);
        self.release(out);
    }
}

/// The leg that an instruction pays.
fn leg(waiting: &Waiting) -> Part {
    Part {
        debtor: waiting.debtor,
        creditor: waiting.creditor,
        amount: waiting.amount(),
        class: class_of(&waiting.record),
    }
}
