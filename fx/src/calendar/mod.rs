//! Value-date calendars: which dates are business days of a currency, and at which UTC instants such a day opens, cuts
//! off and closes.
//!
//! Calendars are data: TOML in, questions answered. A date outside the years a calendar knows is an error, never a
//! guess. Local times become instants here, outside the ledger, which takes only the results. Zones come from the
//! database that is compiled in; how times that a change of the clocks skips or repeats are read is in `zone`.

mod date;
mod error;
mod format;
mod set;
mod shipped;
mod spot;
mod zone;

pub use date::{Date, NoDate, Weekday};
pub use error::{CalendarError, Closure, DateError, Rule};
pub use set::{Calendars, CalendarsError};
pub use shipped::{SHIPPED, SHIPPED_SPOT_DAYS, shipped};
pub use spot::SpotDays;
pub use zone::LocalTime;

use crate::Currency;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The business days of one currency, over the years for which they are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    name: String,
    currency: &'static Currency,
    zone: TimeZone,
    weekend: Vec<Weekday>,
    years: RangeInclusive<u16>,
    times: Times,
    holidays: BTreeMap<Date, String>,
    early_closes: BTreeMap<Date, Times>,
}

/// The local times of a business day: opening, then both cut-offs, then the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When the day opens.
    pub open: LocalTime,
    /// Whether that is on the calendar day before.
    pub open_day_before: bool,
    /// Latest time of a customer's payment.
    pub customer_cut_off: LocalTime,
    /// Latest time of a payment between banks.
    pub interbank_cut_off: LocalTime,
    /// When the day ends.
    pub close: LocalTime,
}

/// A business day in UTC instants: seconds since 1970-01-01T00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusinessDay {
    /// The business date.
    pub date: Date,
    /// When it opens.
    pub open: u64,
    /// From when on no customer's payment counts for it.
    pub customer_cut_off: u64,
    /// From when on no payment between banks counts for it.
    pub interbank_cut_off: u64,
    /// When it ends.
    pub close: u64,
    /// Whether it closes early.
    pub early: bool,
}

impl Calendar {
    /// Reads a calendar from TOML.
    ///
    /// # Errors
    /// When the text breaks a rule of the format; the error names calendar, field and rule.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        format::read(text)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The currency whose days it knows.
    pub const fn currency(&self) -> &'static Currency {
        self.currency
    }

    /// The name of its time zone.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or_default()
    }

    /// The first and the last year it knows.
    pub const fn years(&self) -> (u16, u16) {
        (*self.years.start(), *self.years.end())
    }

    /// The times of a regular day.
    pub const fn times(&self) -> &Times {
        &self.times
    }

    /// Its holidays with their names, by date.
    pub fn holidays(&self) -> impl Iterator<Item = (Date, &str)> {
        self.holidays.iter().map(|(date, name)| (*date, name.as_str()))
    }

    /// Whether the date is a business day.
    ///
    /// # Errors
    /// When the date is outside the years of the calendar.
    pub fn is_business_day(&self, date: Date) -> Result<bool, DateError> {
        Ok(self.why_closed(date)?.is_none())
    }

    /// Why the date is no business day; none if it is one.
    ///
    /// # Errors
    /// When the date is outside the years of the calendar.
    pub fn why_closed(&self, date: Date) -> Result<Option<Closure>, DateError> {
        if !self.years.contains(&date.year()) {
            return Err(self.outside(date));
        }
        Ok(self.closure(date))
    }

    /// Nothing on a business day.
    ///
    /// # Errors
    /// When the date is no business day, with the reason, or outside the years of the calendar.
    pub fn require_open(&self, date: Date) -> Result<(), DateError> {
        match self.why_closed(date)? {
            None => Ok(()),
            Some(why) => Err(DateError::Closed {
                calendar: self.name.clone(),
                currency: self.currency.alpha(),
                date,
                why,
            }),
        }
    }

    /// The first business day after a date.
    ///
    /// # Errors
    /// When the date or the answer is outside the years of the calendar.
    pub fn next_business_day(&self, date: Date) -> Result<Date, DateError> {
        self.search(date, Date::next)
    }

    /// The last business day before a date.
    ///
    /// # Errors
    /// When the date or the answer is outside the years of the calendar.
    pub fn previous_business_day(&self, date: Date) -> Result<Date, DateError> {
        self.search(date, Date::previous)
    }

    /// The business day so many business days after a date, which need not be one itself. Zero gives the date back if
    /// it is a business day and the next one otherwise.
    ///
    /// # Errors
    /// When the date or the answer is outside the years of the calendar.
    pub fn add_business_days(&self, date: Date, days: u16) -> Result<Date, DateError> {
        if days == 0 && self.is_business_day(date)? {
            return Ok(date);
        }
        (0..days.max(1)).try_fold(date, |date, _| self.next_business_day(date))
    }

    /// The instants of a business day.
    ///
    /// # Errors
    /// When the date is no business day or outside the years of the calendar, or when the clocks skip the whole time
    /// between open and cut-off.
    pub fn day(&self, date: Date) -> Result<BusinessDay, DateError> {
        self.require_open(date)?;
        let early = self.early_closes.get(&date);
        let times = early.unwrap_or(&self.times);
        let opens_on = if times.open_day_before {
            date.previous()
        } else {
            Some(date)
        };
        let instant = |date, time| zone::instant(&self.zone, date, time).ok_or_else(|| self.outside(date));
        let day = BusinessDay {
            date,
            open: instant(opens_on.ok_or_else(|| self.outside(date))?, times.open)?,
            customer_cut_off: instant(date, times.customer_cut_off)?,
            interbank_cut_off: instant(date, times.interbank_cut_off)?,
            close: instant(date, times.close)?,
            early: early.is_some(),
        };
        if day.open < day.customer_cut_off {
            return Ok(day);
        }
        Err(DateError::Skipped {
            calendar: self.name.clone(),
            date,
        })
    }

    fn search(&self, from: Date, step: fn(Date) -> Option<Date>) -> Result<Date, DateError> {
        self.why_closed(from)?;
        let mut date = from;
        loop {
            date = step(date).ok_or_else(|| self.outside(date))?;
            if self.is_business_day(date)? {
                return Ok(date);
            }
        }
    }

    fn closure(&self, date: Date) -> Option<Closure> {
        if let Some(name) = self.holidays.get(&date) {
            return Some(Closure::Holiday(name.clone()));
        }
        let day = date.weekday();
        self.weekend.contains(&day).then_some(Closure::Weekend(day))
    }

    fn outside(&self, date: Date) -> DateError {
        let (first, last) = self.years();
        DateError::OutsideYears {
            calendar: self.name.clone(),
            date,
            first,
            last,
        }
    }
}
