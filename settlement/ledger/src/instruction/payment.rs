//! A payment in one currency: settles at once, waits in its account's queue or beside it, or is rejected.
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, Priority, flags};
use causeway_message::time::Timestamp;
use causeway_message::{Status, mutated};

use super::{Batch, Came, Placed};
use crate::account::Short;
use crate::apply::Ledger;
use crate::due::{Due, instant};
use crate::duplicate::fingerprint;
use crate::outcome::Outcome;
use crate::queue::{Seat, Waiting};

impl Ledger {
    pub(super) fn payment(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let accounts = self.judge_payment(batch, Kind::Payment, came)?;
        self.judge_day_of(came.record)?;
        self.pay(batch, came, accounts, out)
    }

    /// Settles a judged payment, or lets it wait.
    pub(super) fn pay(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        (debtor, creditor): (u32, u32),
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let (amount, class) = (record.amount.get(), class_of(record));
        let waits = self.is_early(came.extensions);
        let entry = self.on_entry((debtor, creditor), class, amount);
        let seat = match entry {
            _ if self.is_dated(record) => Seat::Date,
            _ if waits => Seat::Warehoused,
            Ok(None) => {
                self.accounts.settle(debtor, creditor, class, amount);
                self.accrue(debtor, record.kind, amount);
                self.accept(record);
                self.credited(creditor, out);
                return Ok(Placed::new(Status::Settled));
            }
            Ok(Some(held)) => Seat::Party(held),
            Err(_) => Seat::Queued,
        };
        if record.flags.get() & flags::SETTLE_OR_REJECT != 0 {
            return Err(entry.err().unwrap_or(Status::InsufficientLiquidity));
        }
        self.judge_room(1)?;
        if seat == Seat::Date {
            self.judge_dated(batch.submitter, false)?;
        }
        let origin = (self.index, came.ordinal);
        let waiting = Waiting::new(
            record,
            came.extensions,
            batch.submitter,
            origin,
            (debtor, creditor),
        );
        Ok(self.wait(waiting.seated(seat)))
    }

    /// Takes a payment in where it waits.
    pub(super) fn wait(&mut self, waiting: Waiting) -> Placed {
        let (debtor, seat) = (waiting.debtor, waiting.seat);
        self.accept(&waiting.record);
        let place = self.queue.enter(&mut self.accounts, waiting);
        if let Some(waiting) = self.queue.get(place) {
            for (at, due) in Due::all_of(waiting, place) {
                self.due.add(at, due);
            }
        }
        let queued = self.accounts.get(debtor).queued + u32::from(mutated!(QueuePosition));
        Placed {
            queue_position: if seat == Seat::Queued { queued } else { 0 },
            ..Placed::new(seat.status())
        }
    }

    /// Whether a payment settles on entry; if it would but for the hold on its creditor, that; if not, its status if it
    /// was not to wait.
    pub(super) fn on_entry(
        &self,
        (debtor, creditor): (u32, u32),
        class: Priority,
        amount: u64,
    ) -> Result<Option<u32>, Status> {
        // Entry rule: it settles at once only if nothing waits before it in that account.
        if !self.may_enter(debtor, class) {
            return Err(Status::InsufficientLiquidity);
        }
        let payee = self.accounts.get(creditor);
        let needed = i128::from(amount);
        self.accounts
            .fits(debtor, class, payee.participant, needed, needed)
            .map_err(Short::refusal)?;
        Ok((payee.held && !mutated!(HeldIsPaid)).then_some(payee.participant))
    }

    /// That so many more may wait.
    pub(super) fn judge_room(&self, more: usize) -> Result<(), Status> {
        let paid_in: usize = self.windows.values().map(|window| window.pay_ins.len()).sum();
        let aside = self.conditionals.len() + self.market.locks.len() + paid_in;
        let waiting = self.queue.len() as usize + aside + self.questions.len();
        if waiting + more > self.queue_capacity as usize {
            return Err(Status::QueueFull);
        }
        Ok(())
    }

    /// Every rule of a record that moves money but its day, duplicates and liquidity; the accounts of its parties.
    pub(super) fn judge_payment(
        &self,
        batch: &Batch<'_>,
        kind: Kind,
        came: &Came<'_>,
    ) -> Result<(u32, u32), Status> {
        let record = came.record;
        self.judge_form(kind, record, came.extensions)?;
        self.judge_condition(kind, record, came.extensions)?;
        self.judge_times(record, came.extensions)?;
        let accounts = self.judge_order(batch, record, record.debtor.get())?;
        self.judge_approver(kind, record, came.extensions)?;
        self.judge_standing(accounts)?;
        Ok(accounts)
    }

    /// The day of a payment, its end, and whether it came before.
    pub(super) fn judge_day_of(&self, record: &Instruction) -> Result<(), Status> {
        self.judge_value_date(record)?;
        if self.is_over(record) && !mutated!(LiveOn) {
            return Err(Status::Expired);
        }
        let meant = self.rules < 2 || record.flags.get() & flags::DUPLICATE != 0;
        if !meant && self.is_suspected(record) {
            return Err(Status::DuplicateSuspected);
        }
        Ok(())
    }

    /// True if a payment like this was accepted lately, or waits for its value date.
    #[inline]
    pub(super) fn is_suspected(&self, record: &Instruction) -> bool {
        let print = fingerprint(record);
        let waits = self.rules >= 4 && self.queue.is_dated_alike(print);
        (self.duplicates.seen(print) || waits) && !mutated!(NeverSuspected)
    }

    /// Remembers the UETR of a payment that was accepted.
    #[inline]
    pub(super) fn accept(&mut self, record: &Instruction) {
        if self.rules >= 2 {
            self.duplicates.accept(fingerprint(record));
        }
    }

    /// The business date of a currency, in days since 2000-01-01.
    pub(crate) fn date_of(&self, currency: u16) -> u64 {
        let book = self
            .accounts
            .book(currency)
            .map(|book| self.accounts.books()[book].date);
        match book {
            Some(date) if date != 0 => u64::from(date),
            _ => self.time.days(),
        }
    }

    /// True if a from-time lies ahead.
    pub(crate) fn is_early(&self, extensions: &[u8]) -> bool {
        instant(extensions, ExtensionType::FromTime)
            .is_some_and(|from| Timestamp::from_seconds(from) > self.time && !mutated!(SettlesEarly))
    }

    /// True if the record's own time is over. Judged by the time of the entry, not by the sweep.
    pub(crate) fn is_over(&self, record: &Instruction) -> bool {
        Self::expiry(record).is_some_and(|expires| expires <= self.time)
    }
}

/// The class of a judged record.
pub(super) fn class_of(record: &Instruction) -> Priority {
    Priority::from_number(record.priority).unwrap_or(Priority::Normal)
}
