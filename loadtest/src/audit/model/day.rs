//! The day of a currency (PROTOCOL §22.9): open, cut off, closed.
use std::collections::BTreeMap;

use causeway_message::Status;
use causeway_message::action::Phase;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;

use super::sweep::{Close, Sweep};
use super::{Caused, Model};

/// Where the day of a currency stands.
#[derive(Debug, Clone, Copy)]
struct Day {
    phase: Phase,
    date: u16,
    /// When it closed.
    closed: Timestamp,
}

/// Days of the currencies that had one.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeMap<u16, Day>);

impl Days {
    pub fn phase(&self, currency: u16) -> Phase {
        self.0.get(&currency).map_or(Phase::Open, |day| day.phase)
    }

    /// True if a currency had a day.
    pub fn has_any(&self, currency: u16) -> bool {
        self.0.contains_key(&currency)
    }

    /// When a currency closed.
    pub fn closed_at(&self, currency: u16) -> Timestamp {
        self.0.get(&currency).map_or(Timestamp(0), |day| day.closed)
    }

    /// The day of a currency goes on, or no more.
    pub fn put_phase(&mut self, currency: u16, phase: Phase) {
        if let Some(day) = self.0.get_mut(&currency) {
            day.phase = phase;
        }
    }

    pub fn is_closed(&self, currency: u16) -> bool {
        self.phase(currency) == Phase::Closed
    }
}

impl Model {
    /// The business date of a currency; until its first day, the date of the entry.
    pub(super) fn business_date(&self, currency: u16) -> u64 {
        let own = self.days.0.get(&currency).map(|day| u64::from(day.date));
        own.unwrap_or_else(|| self.time.days())
    }

    /// True if a record comes too late for the day.
    pub(super) fn judge_cut_off(&self, record: &Instruction) -> Result<(), Status> {
        if self.lies_ahead(record) {
            return Ok(());
        }
        let phase = self.days.phase(record.currency.get());
        let late = match Kind::from_number(record.kind) {
            Some(kind) if kind.pays() => phase != Phase::Open,
            Some(Kind::Release) => phase == Phase::Closed && record.flags.get() & flags::DECLINE == 0,
            _ => false,
        };
        if late || self.is_late_customer(record) {
            Err(Status::RejectedCutOff)
        } else {
            Ok(())
        }
    }

    pub(super) fn judge_value_date(&self, record: &Instruction) -> Result<(), Status> {
        if self.lies_ahead(record) {
            return self.judge_ahead(record);
        }
        let date = u64::from(record.value_date.get());
        if date == 0 || date == self.business_date(record.currency.get()) {
            Ok(())
        } else {
            Err(Status::ValueDateClosed)
        }
    }

    pub(super) fn judge_day(&self, currency: u16, to: Phase, date: u16) -> Result<(), Status> {
        self.judge_currency(currency)?;
        let same_date = u64::from(date) == self.business_date(currency);
        let closing = self
            .sweeps
            .iter()
            .any(|sweep| matches!(sweep, Sweep::Close(close) if close.currency == currency));
        let first = !self.days.0.contains_key(&currency);
        let holds = match (self.days.phase(currency), to) {
            (_, Phase::Open) if self.schedules.opens(currency, self.time) => false,
            (_, to) if first => to == Phase::Open && date != 0,
            (Phase::Open, Phase::CutOff | Phase::Closed) | (Phase::CutOff, Phase::Closed) => same_date,
            (Phase::Closed, Phase::Open) => u64::from(date) > self.business_date(currency) && !closing,
            _ => false,
        };
        if holds { Ok(()) } else { Err(Status::DayInvalid) }
    }

    pub(super) fn set_day_by_hand(&mut self, currency: u16, phase: Phase, date: u16, caused: &mut Caused) {
        self.set_day(currency, phase, date);
        let step = match phase {
            Phase::Open => DayStep::Opened,
            Phase::CutOff => DayStep::CutOff,
            Phase::Closed => DayStep::Closed,
        };
        self.step(currency, step, 0, caused);
    }

    pub(super) fn set_day(&mut self, currency: u16, phase: Phase, date: u16) {
        let before = self.days.closed_at(currency);
        let closes = phase == Phase::Closed;
        let closed = if closes { self.time } else { before };
        self.days.0.insert(currency, Day { phase, date, closed });
        match phase {
            Phase::Open => {}
            Phase::CutOff => self.schedules.cut_off(currency, self.time.seconds() as u32),
            Phase::Closed => self.schedules.end(currency),
        }
        if closes {
            self.quotes.close(currency);
            self.end_windows_in(currency);
            self.sweeps.push_back(Sweep::Close(Close::new(currency, date)));
        } else if phase == Phase::Open && self.is_third() {
            self.quotes.stirred = true;
            if self.waits.values().any(super::classes::Waiting::is_trade) {
                self.sweeps.push_back(Sweep::Review(None));
            }
            self.begin_dates(currency);
        }
    }
}
