//! Why a text is no calendar, and why a date is no business day.

use super::date::{Date, Weekday};
use crate::limits;
use std::fmt;

/// A calendar breaks a rule of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar {calendar:?}: {field}: {rule}")]
pub struct CalendarError {
    /// The name of the calendar, empty where it could not be read.
    pub calendar: String,
    /// The field as the format writes it, such as `holidays[3].date`.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

/// A rule of the format of calendars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// Not TOML, a key that is unknown or missing, or a value of another type.
    #[error("{0}")]
    Form(String),
    /// Longer than it may be.
    #[error("{what} are more than the {max} allowed")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// Not a name.
    #[error(
        "a name has 1 to {} characters, none of them a control character",
        limits::CALENDAR_NAME_CHARS_MAX
    )]
    Name,
    /// Not a currency that can be settled.
    #[error(transparent)]
    Currency(#[from] crate::CurrencyError),
    /// Not a zone of the IANA database.
    #[error("{0:?} is no time zone of the IANA database")]
    Zone(String),
    /// Not a day of the week.
    #[error("{0:?} is no day of the week: monday to sunday, in small letters")]
    Weekday(String),
    /// Stands twice.
    #[error("{0} stands twice")]
    Twice(String),
    /// Every day of the week is weekend.
    #[error("no day of the week is left for business")]
    NoBusinessDay,
    /// The years are out of order, too many, or not ones the ledger can count.
    #[error(
        "years run from first to last, within {} to {}, at most {} of them",
        limits::CALENDAR_YEAR_MIN,
        limits::CALENDAR_YEAR_MAX,
        limits::CALENDAR_YEARS_MAX
    )]
    Years,
    /// Not a date.
    #[error(transparent)]
    Date(#[from] super::date::NoDate),
    /// A date out of the years of the calendar.
    #[error("{date} is outside the years {first} to {last} of the calendar")]
    OutsideYears {
        /// The date.
        date: Date,
        /// First year.
        first: u16,
        /// Last year.
        last: u16,
    },
    /// Not a time of day.
    #[error("{0:?} is no time of day: HH:MM from 00:00 to 23:59")]
    Time(String),
    /// Two times are out of order.
    #[error("{time} is {} {other} at {other_time}", if *.equal { "not after" } else { "after" })]
    Order {
        /// The time.
        time: String,
        /// The field it is compared with.
        other: &'static str,
        /// The time that field holds.
        other_time: String,
        /// Whether being equal breaks the rule, too.
        equal: bool,
    },
    /// A day opens on the evening before while the day before may still be open.
    #[error("{open} on the day before is not after that day's close at {close}")]
    Overlap {
        /// When it opens.
        open: String,
        /// When the day before closes.
        close: String,
    },
    /// An early close that is not early.
    #[error("{close} is not before the regular close at {regular}")]
    NotEarly {
        /// The close given.
        close: String,
        /// The regular one.
        regular: String,
    },
    /// An early close on a day that does not open at all.
    #[error("{date} is closed: {why}")]
    ClosedAnyway {
        /// The date.
        date: Date,
        /// Why it is closed.
        why: Closure,
    },
    /// A pair of one currency.
    #[error("{0} is paired with itself")]
    OneCurrency(&'static str),
    /// More days to spot than are believed.
    #[error("{0} business days: at most {max}", max = limits::SPOT_DAYS_MAX)]
    SpotDays(u16),
}

/// Why a date is no business day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closure {
    /// A day of the weekend.
    Weekend(Weekday),
    /// A holiday, by its name.
    Holiday(String),
}

impl fmt::Display for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closure::Weekend(day) => write!(f, "{day} is weekend"),
            Closure::Holiday(name) => f.write_str(name),
        }
    }
}

/// Why a question about a date has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The answer lies outside the years the calendar knows.
    #[error("calendar {calendar:?} knows the years {first} to {last}: {date} is outside them")]
    OutsideYears {
        /// The name of the calendar.
        calendar: String,
        /// The date asked for, or the last one the search reached.
        date: Date,
        /// First year.
        first: u16,
        /// Last year.
        last: u16,
    },
    /// Not a business day.
    #[error("{currency} is closed on {date} in calendar {calendar:?}: {why}")]
    Closed {
        /// The name of the calendar.
        calendar: String,
        /// Its currency.
        currency: &'static str,
        /// The date.
        date: Date,
        /// Why it is closed.
        why: Closure,
    },
    /// A change of the clocks skips the whole time between two of the day's times.
    #[error(
        "calendar {calendar:?} leaves no time between open and customer cut-off on {date}: the clocks change then"
    )]
    Skipped {
        /// The name of the calendar.
        calendar: String,
        /// The date.
        date: Date,
    },
    /// The set has no calendar of the currency.
    #[error("there is no calendar for {currency}")]
    NoCalendar {
        /// The currency.
        currency: &'static str,
    },
    /// A pair of one currency.
    #[error("{currency} is paired with itself")]
    OneCurrency {
        /// The currency.
        currency: &'static str,
    },
}
