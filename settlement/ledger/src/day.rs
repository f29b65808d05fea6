//! The business day by its schedule: currencies open, cut off and close by themselves at instants that operators entered.
use std::collections::BTreeMap;

use causeway_message::action::{Hours, Phase};
use causeway_message::record::{Instruction, flags};
use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;
use causeway_message::wire::{self as told, DayLine, day_flags};
use causeway_message::{Status, mutated};

use crate::apply::Ledger;
use crate::limits::{DAYS_AHEAD_MAX, LAST_NETTING_SECONDS};
use crate::outcome::Outcome;
use crate::sweep::{Stage, Sweep};

/// The days of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Day {
    /// Of the present day, until it closes; none of a day that was opened by hand.
    pub hours: Option<Hours>,
    /// Days ahead, by date.
    pub ahead: BTreeMap<u16, Hours>,
}

/// The days of all currencies that have a schedule.
#[derive(Debug, Default)]
pub(crate) struct Days {
    pub of: BTreeMap<u16, Day>,
    /// When a day turns next.
    next: Option<Timestamp>,
}

impl Days {
    pub const fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// The hours of a currency's present day.
    pub fn hours(&self, currency: u16) -> Option<&Hours> {
        self.of.get(&currency)?.hours.as_ref()
    }

    /// Days that are not over at an instant. One that was missed whole lies ahead no more; its row goes with the next
    /// opening, or when something else is entered.
    pub fn ahead(&self, currency: u16, now: Timestamp) -> impl Iterator<Item = &Hours> {
        let own = self.of.get(&currency).into_iter();
        let rows = own.flat_map(|day| day.ahead.values());
        rows.filter(move |row| at(row.close) > now)
    }

    /// The day of a date, while it lies ahead.
    pub fn row(&self, currency: u16, date: u16, now: Timestamp) -> Option<&Hours> {
        let row = self.of.get(&currency)?.ahead.get(&date)?;
        (at(row.close) > now).then_some(row)
    }

    /// True if a schedule turns the days of a currency.
    pub fn has(&self, currency: u16, now: Timestamp) -> bool {
        self.hours(currency).is_some() || self.ahead(currency, now).next().is_some()
    }
}

const fn at(seconds: u32) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// When what waits is rejected: after the last netting.
const fn end_of(hours: &Hours) -> Timestamp {
    at(hours.close.saturating_add(LAST_NETTING_SECONDS))
}

impl Ledger {
    /// The next instant at which a business day turns by its schedule.
    pub const fn next_day(&self) -> Option<Timestamp> {
        self.days.next()
    }

    /// What the clock has brought since the entry before: every transition of every day, up to its close.
    pub(crate) fn turn_days(&mut self, out: &mut Outcome) {
        if self.days.next.is_none_or(|next| next > self.time) {
            return;
        }
        let currencies: Vec<u16> = self.days.of.keys().copied().collect();
        for currency in currencies {
            let Some(place) = self.accounts.book(currency) else {
                continue;
            };
            self.pass_hours(currency, place, out);
            if self.open_by_schedule(currency, place) {
                self.pass_hours(currency, place, out);
            }
        }
        self.plan_days();
    }

    /// Notes when a day turns next.
    pub(crate) fn plan_days(&mut self) {
        let next = self
            .days
            .of
            .keys()
            .filter_map(|currency| self.next_turn(*currency));
        self.days.next = next.min();
    }

    fn next_turn(&self, currency: u16) -> Option<Timestamp> {
        let book = &self.accounts.books()[self.accounts.book(currency)?];
        if let Some(hours) = self.days.hours(currency) {
            let customers = (!book.customers_out).then(|| at(hours.customer_cut_off));
            let all = (book.phase == Phase::Open).then(|| at(hours.interbank_cut_off));
            return customers.into_iter().chain(all).chain([end_of(hours)]).min();
        }
        if book.phase != Phase::Closed && book.date != 0 {
            // Opened by hand: it is closed by hand, too.
            return None;
        }
        let next = self.days.ahead(currency, self.time).next();
        next.map(|row| at(row.open))
    }

    fn pass_hours(&mut self, currency: u16, place: usize, out: &mut Outcome) {
        let Some(hours) = self.days.hours(currency).copied() else {
            return;
        };
        let now = self.time;
        let book = self.accounts.book_mut(place);
        if !book.customers_out && at(hours.customer_cut_off) <= now {
            book.customers_out = true;
            self.tell_step(place, DayStep::CustomersCutOff, hours.customer_cut_off);
        }
        let book = self.accounts.book_mut(place);
        if book.phase == Phase::Open && at(hours.interbank_cut_off) <= now {
            book.phase = Phase::CutOff;
            self.tell_step(place, DayStep::CutOff, hours.interbank_cut_off);
        }
        // A window that is over by the close settles or fails by its own rules, not because of the close.
        if end_of(&hours) <= now && self.finish_windows(currency, hours.close, out) {
            self.close_day(currency, place, hours.close);
        }
    }

    /// Opens the day that has come, if the one before is over. Days that were missed whole are passed over.
    fn open_by_schedule(&mut self, currency: u16, place: usize) -> bool {
        let book = &self.accounts.books()[place];
        if !(book.date == 0 || (book.phase == Phase::Closed && !self.is_closing(currency))) {
            return false;
        }
        let now = self.time;
        let next = self.days.ahead(currency, now).next().copied();
        let Some(hours) = next.filter(|next| at(next.open) <= now) else {
            return false;
        };
        if let Some(day) = self.days.of.get_mut(&currency) {
            day.hours = Some(hours);
        }
        self.open_day(place, hours.date, hours.open);
        true
    }

    /// Opens a day at an instant of its schedule; 0 by hand.
    pub(crate) fn open_day(&mut self, place: usize, date: u16, at: u32) {
        self.look_at_trades();
        self.market.stirred = true;
        let book = self.accounts.book_mut(place);
        (book.phase, book.date, book.customers_out) = (Phase::Open, date, false);
        if let Some(day) = self.days.of.get_mut(&book.currency) {
            day.ahead.retain(|ahead, _| *ahead > date);
        }
        let currency = book.currency;
        self.look_at_dates(currency);
        self.tell_step(place, DayStep::Opened, at);
    }

    /// Closes a day at an instant of its schedule, 0 by hand: what still waits is rejected from here on.
    pub(crate) fn close_day(&mut self, currency: u16, place: usize, at: u32) {
        let book = self.accounts.book_mut(place);
        (book.phase, book.customers_out) = (Phase::Closed, false);
        book.closes = book.closes.saturating_add(1);
        if let Some(day) = self.days.of.get_mut(&currency) {
            day.hours = None;
        }
        self.end_windows(Status::RejectedClose, |window| window.has(currency));
        self.sweeps.push_back(Sweep::Close {
            currency,
            stage: Stage::Queues,
            account: 0,
            last: None,
        });
        self.tell_step(place, DayStep::Closed, at);
    }

    /// True while the close of a currency is under way.
    pub(crate) fn is_closing(&self, currency: u16) -> bool {
        let own = |sweep: &Sweep| matches!(sweep, Sweep::Close { currency: other, .. } if *other == currency);
        self.sweeps.iter().any(own)
    }

    /// Cuts the present day off now, for all.
    pub(crate) fn cut_off_hours(&mut self, currency: u16) {
        let now = u32::try_from(self.time.seconds()).unwrap_or(u32::MAX);
        if let Some(hours) = self.days.of.get_mut(&currency).and_then(|day| day.hours.as_mut()) {
            hours.customer_cut_off = hours.customer_cut_off.min(now);
            hours.interbank_cut_off = hours.interbank_cut_off.min(now);
        }
    }

    /// That a currency takes instructions of this class now.
    #[inline]
    pub(crate) fn judge_intake(&self, currency: u16, record: &Instruction) -> Result<(), Status> {
        let Some(place) = self.accounts.book(currency) else {
            return Ok(());
        };
        let book = &self.accounts.books()[place];
        let late =
            book.customers_out && record.flags.get() & flags::INTERBANK == 0 && !mutated!(TakesLateCustomers);
        let shut = book.phase != Phase::Open && !mutated!(SettlesWhenClosed);
        if shut || late {
            return Err(Status::RejectedCutOff);
        }
        Ok(())
    }

    pub(crate) fn judge_schedule(
        &self,
        currency: u16,
        days: &[Hours],
    ) -> Result<BTreeMap<u16, Hours>, Status> {
        self.judge_currency(currency)?;
        let place = self.accounts.book(currency).ok_or(Status::CurrencyNotOpen)?;
        let mut last = match self.accounts.books()[place].date {
            // Until its first day its date is the UTC date.
            0 => u16::try_from(self.time.days().saturating_sub(1)).unwrap_or(u16::MAX),
            date => date,
        };
        let own = self.days.of.get(&currency);
        let rows = self.days.ahead(currency, self.time);
        let mut ahead: BTreeMap<u16, Hours> = rows.map(|row| (row.date, *row)).collect();
        for hours in days {
            let rises = hours.date > last;
            last = hours.date;
            let before = ahead.get(&hours.date);
            let moves = before.is_none_or(|row| at(row.open) > self.time);
            let fits = if hours.is_none() {
                before.is_some()
            } else {
                hours.is_in_order() && at(hours.open) > self.time
            };
            if !(rises && moves && fits) {
                return Err(Status::DayInvalid);
            }
            if hours.is_none() {
                ahead.remove(&hours.date);
            } else {
                ahead.insert(hours.date, *hours);
            }
        }
        let mut closed = own.and_then(|day| day.hours).map_or(0, |hours| hours.close);
        for hours in ahead.values() {
            if hours.open < closed {
                return Err(Status::DayInvalid);
            }
            closed = hours.close;
        }
        if ahead.len() > DAYS_AHEAD_MAX {
            return Err(Status::DayInvalid);
        }
        Ok(ahead)
    }

    pub(crate) fn schedule_days(&mut self, currency: u16, days: &[Hours]) -> Result<(), Status> {
        let ahead = self.judge_schedule(currency, days)?;
        self.days.of.entry(currency).or_default().ahead = ahead;
        self.plan_days();
        if days.iter().any(Hours::is_none) {
            self.look_at_dates(currency);
        }
        Ok(())
    }

    pub(crate) fn judge_extension(&self, currency: u16, hours: &Hours) -> Result<usize, Status> {
        self.judge_currency(currency)?;
        let place = self.accounts.book(currency).ok_or(Status::CurrencyNotOpen)?;
        let now = self.days.hours(currency).ok_or(Status::DayInvalid)?;
        let same = (now.date, now.open) == (hours.date, hours.open);
        let later = now.customer_cut_off <= hours.customer_cut_off
            && now.interbank_cut_off <= hours.interbank_cut_off
            && now.close <= hours.close
            && now != hours;
        let room = self
            .days
            .ahead(currency, self.time)
            .next()
            .is_none_or(|next| hours.close <= next.open);
        let open = at(now.close) > self.time;
        if same && later && room && open && hours.is_in_order() {
            Ok(place)
        } else {
            Err(Status::DayInvalid)
        }
    }

    pub(crate) fn extend_day(&mut self, currency: u16, hours: &Hours) -> Result<(), Status> {
        let place = self.judge_extension(currency, hours)?;
        self.days.of.entry(currency).or_default().hours = Some(*hours);
        let now = self.time;
        let book = self.accounts.book_mut(place);
        book.customers_out = at(hours.customer_cut_off) <= now;
        if book.phase == Phase::CutOff && at(hours.interbank_cut_off) > now {
            book.phase = Phase::Open;
            self.market.stirred = true;
        }
        self.tell_step(place, DayStep::Extended, hours.close);
        self.plan_days();
        Ok(())
    }
}

impl Ledger {
    /// The present day of every currency, or of one, and then its days ahead.
    pub fn day_lines(&self, currency: u16) -> told::Days {
        let books = self.accounts.books().iter();
        let books = books.filter(|book| currency == 0 || book.currency == currency);
        let mut lines = Vec::new();
        for book in books.take(told::Days::LINES_MAX) {
            let hours = self.days.hours(book.currency).copied();
            let mut flags = 0;
            for (bit, holds) in [
                (day_flags::CUSTOMERS_OUT, book.customers_out),
                (day_flags::CLOSING, self.is_closing(book.currency)),
                (day_flags::SCHEDULED, hours.is_some()),
            ] {
                flags |= if holds { bit } else { 0 };
            }
            lines.push(DayLine {
                currency: book.currency,
                phase: book.phase,
                flags,
                step: self.end_of_day.steps.get(&book.currency).copied(),
                hours: hours.unwrap_or(Hours::none(book.date)),
            });
            if currency != 0 {
                lines.extend(self.days.ahead(currency, self.time).map(|hours| DayLine {
                    currency,
                    phase: Phase::Closed,
                    flags: day_flags::AHEAD | day_flags::SCHEDULED,
                    step: None,
                    hours: *hours,
                }));
            }
        }
        told::Days {
            index: self.index,
            time: self.time.0,
            lines,
        }
    }
}
