//! Value dates ahead: what may wait for its day, what becomes of it when that comes, and when it does not.
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::lifecycle::Event;
use crate::limits::{DATED_FX_PER_PARTICIPANT, DATED_PER_PARTICIPANT};
use crate::outcome::Outcome;
use crate::queue::{DatedAt, Seat, Waiting};
use crate::sweep::Sweep;

/// Behind all that has a date.
const LAST_OF_DATE: (u64, u16) = (u64::MAX, u16::MAX);

/// True for the kinds that may wait for their value date.
pub(crate) fn waits_for_date(record: &Instruction) -> bool {
    let kind = Kind::from_number(record.kind);
    matches!(kind, Some(Kind::Payment | Kind::Return | Kind::FxPayment))
}

/// Where a value date stands, for what joins.
enum Dated {
    Now,
    Ahead,
    Lost,
}

impl Ledger {
    /// True if a day of this date lies ahead in the schedule of a currency.
    pub(crate) fn stands(&self, currency: u16, date: u16) -> bool {
        self.days.row(currency, date, self.time).is_some()
    }

    /// True if the value date of a record is later than the business date of the currency it pays.
    #[inline]
    fn is_later(&self, record: &Instruction) -> bool {
        let date = record.value_date.get();
        date != 0 && u64::from(date) > self.date_of(record.currency.get())
    }

    /// True if an accepted record is to wait for its value date. Only one that lies ahead was accepted with a later one.
    #[inline]
    pub(crate) fn is_dated(&self, record: &Instruction) -> bool {
        self.is_later(record) && !mutated!(SettlesBeforeDate)
    }

    /// True of a record that no chain may hold, since it would wait for its value date.
    pub(crate) fn is_dated_link(&self, record: &Instruction) -> bool {
        self.is_later(record) && self.stands(record.currency.get(), record.value_date.get())
    }

    /// That the currency takes the record now, or that it may wait for its value date.
    #[inline]
    pub(crate) fn judge_value_date(&self, record: &Instruction) -> Result<(), Status> {
        let (currency, date) = (record.currency.get(), record.value_date.get());
        if self.is_later(record) && self.days.has(currency, self.time) {
            return if may_wait(record) && self.stands(currency, date) {
                Ok(())
            } else {
                Err(Status::ValueDateClosed)
            };
        }
        self.judge_intake(currency, record)?;
        if date != 0 && u64::from(date) != self.date_of(currency) {
            return Err(Status::ValueDateClosed);
        }
        Ok(())
    }

    /// The same of the currency in which an FX payment arrives: what is too early there awaits a quote.
    pub(crate) fn judge_counter_date(&self, record: &Instruction) -> Result<(), Status> {
        let (currency, date) = (record.counter_currency.get(), record.value_date.get());
        let now = self.date_of(currency);
        let ahead = || u64::from(date) > now && may_wait(record) && self.stands(currency, date);
        if date == 0 || u64::from(date) == now || ahead() {
            Ok(())
        } else {
            Err(Status::ValueDateClosed)
        }
    }

    /// True if the currency in which an FX payment arrives has not come to its value date.
    pub(crate) fn is_early_there(&self, record: &Instruction) -> bool {
        let date = u64::from(record.value_date.get());
        self.rules >= 4 && date > self.date_of(record.counter_currency.get())
    }

    /// That a trade's currency has a day of its value date, where it has a schedule.
    pub(crate) fn judge_scheduled(&self, currency: u16, date: u16) -> Result<(), Status> {
        let now = u64::from(date) == self.date_of(currency);
        if now || !self.days.has(currency, self.time) || self.stands(currency, date) {
            Ok(())
        } else {
            Err(Status::ValueDateClosed)
        }
    }

    /// That one more of a submitter may wait for its value date.
    pub(crate) fn judge_dated(&self, submitter: ParticipantId, fx: bool) -> Result<(), Status> {
        let (all, of_fx) = self.queue.dated_of(submitter);
        if all >= DATED_PER_PARTICIPANT || (fx && of_fx >= DATED_FX_PER_PARTICIPANT) {
            return Err(Status::QueueFull);
        }
        Ok(())
    }

    /// True of what the close of its currency leaves beside the queues: its day comes later.
    pub(crate) fn outlives_close(&self, record: &Instruction) -> bool {
        self.rules >= 4 && self.is_later(record) && !mutated!(CloseEndsDated)
    }

    /// Begins to look at what is dated in a currency, if there is anything.
    pub(crate) fn look_at_dates(&mut self, currency: u16) {
        if self.queue.dated_in(currency) != 0 {
            self.sweeps.push_back(Sweep::Dates { currency, last: None });
        }
    }

    /// The next that is dated for a day that does not lie ahead.
    fn next_dated(&self, currency: u16, mut last: Option<DatedAt>) -> Option<(DatedAt, u32)> {
        loop {
            let (at, place) = self.queue.dated_after(currency, last)?;
            if !self.stands(currency, at.0) {
                return Some((at, place));
            }
            last = Some((at.0, LAST_OF_DATE));
        }
    }

    /// Looks at the next that is dated: it joins on its day, and ends if that does not come.
    pub(crate) fn look_at_dated(
        &mut self,
        currency: u16,
        last: Option<DatedAt>,
        out: &mut Outcome,
    ) -> (usize, Option<Sweep>) {
        let Some((at, place)) = self.next_dated(currency, last) else {
            return (0, None);
        };
        let book = self.accounts.book(currency);
        let opened = book.map_or(0, |book| self.accounts.books()[book].date);
        let steps = if at.0 == opened {
            self.join(place, out)
        } else {
            self.lose_date(place, out)
        };
        let last = Some(at);
        (steps.max(1), Some(Sweep::Dates { currency, last }))
    }

    fn lose_date(&mut self, place: u32, out: &mut Outcome) -> usize {
        let over = |waiting: &Waiting| self.is_over(&waiting.record);
        let over = self.queue.get(place).is_some_and(over);
        self.end(
            place,
            if over { Event::Expire } else { Event::LoseDate },
            true,
            out,
        )
    }

    /// What joins too early for its value date goes on waiting, and what joins too late ends. Returns how many did either.
    pub(crate) fn judge_date_of_joining(&mut self, place: u32, out: &mut Outcome) -> Option<usize> {
        let waiting = self.queue.get(place).filter(|_| self.rules >= 4)?;
        if waiting.record.value_date.get() == 0 || waiting.chain.is_some() || !waits_for_date(&waiting.record)
        {
            return None;
        }
        match self.stand_of(&waiting.record) {
            Dated::Now => None,
            Dated::Ahead if !self.is_over(&waiting.record) => {
                self.move_to(place, Seat::Date, out);
                Some(1)
            }
            Dated::Ahead | Dated::Lost => Some(self.lose_date(place, out)),
        }
    }

    fn stand_of(&self, record: &Instruction) -> Dated {
        let (currency, date) = (record.currency.get(), record.value_date.get());
        if self.is_later(record) {
            return if self.stands(currency, date) {
                Dated::Ahead
            } else {
                Dated::Lost
            };
        }
        let book = self.accounts.book(currency);
        let opened = book.map_or(0, |book| self.accounts.books()[book].date);
        if date < opened { Dated::Lost } else { Dated::Now }
    }
}

/// True if a record may wait for a value date at all.
fn may_wait(record: &Instruction) -> bool {
    waits_for_date(record) && record.flags.get() & flags::SETTLE_OR_REJECT == 0
}
