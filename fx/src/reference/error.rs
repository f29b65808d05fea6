//! Why a text holds no reference rates, and why there is none for a pair.

use super::day::Day;
use crate::currency::CurrencyError;
use crate::limits::{REFERENCE_COLUMNS_MAX, REFERENCE_DAYS_MAX, SOURCE_BYTES_MAX};
use crate::rate::RateError;

/// Where a text of reference rates breaks which rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {rule}")]
pub struct ReferenceError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1: of a table the cell, of TOML the character.
    pub column: usize,
    /// The rule.
    #[source]
    pub rule: ReferenceRule,
}

/// What a text of reference rates must keep to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceRule {
    /// More bytes than are read.
    #[error("the text is too long: at most {most} bytes are read")]
    TextTooLong {
        /// Most bytes of such a text.
        most: usize,
    },
    /// A table without its head.
    #[error("the first column must be Date")]
    NoDate,
    /// More currencies than are read.
    #[error("there are too many currencies: at most {REFERENCE_COLUMNS_MAX} are read")]
    TooManyColumns,
    /// More days than are read.
    #[error("there are too many days: at most {REFERENCE_DAYS_MAX} are read")]
    TooManyDays,
    /// Nothing but a head.
    #[error("there is no rate: at least one is needed")]
    Empty,
    /// What should be a code has another form.
    #[error(transparent)]
    Currency(CurrencyError),
    /// A currency twice.
    #[error("currency {currency} is there twice: each has one column")]
    CurrencyTwice {
        /// The currency.
        currency: String,
    },
    /// A rate of the base in itself.
    #[error("currency {base} is the base: it has no rate of its own")]
    Base {
        /// The base.
        base: &'static str,
    },
    /// A line that is too long or too short.
    #[error("the line has {found} columns: the first line has {expected}")]
    Columns {
        /// Columns of the line.
        found: usize,
        /// Columns of the first line.
        expected: usize,
    },
    /// No day of the calendar.
    #[error("the date is none: a day is written 2026-04-13")]
    Date,
    /// A day twice.
    #[error("the date {day} is there twice: each has one line")]
    DayTwice {
        /// The day.
        day: Day,
    },
    /// No rate.
    #[error(transparent)]
    Rate(RateError),
    /// Not TOML.
    #[error("the text is not TOML: {0}")]
    Toml(String),
    /// A key that must be there.
    #[error("the key {0} is missing")]
    Missing(&'static str),
    /// A key that means nothing.
    #[error("the key is unknown: only source, time, base and rates are read")]
    UnknownKey,
    /// A value of another kind.
    #[error("the value of {key} must be {kind}")]
    Kind {
        /// The key.
        key: &'static str,
        /// What is asked for.
        kind: &'static str,
    },
    /// A name that cannot be shown.
    #[error("the source must have 1 to {SOURCE_BYTES_MAX} bytes and no control characters")]
    Source,
    /// An instant that cannot be carried.
    #[error("the time must be a date and time with an offset, from 1970 on, without a leap second")]
    Time,
}

/// Why there is no reference for a pair on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoReference {
    /// The rates begin later.
    #[error("there is no reference on {day} or before: the first one is of {first}")]
    Earlier {
        /// The day asked for.
        day: Day,
        /// The first day.
        first: Day,
    },
    /// The newest rates leave the currency out. An older one would be no reference.
    #[error("{currency} has no reference on {day}")]
    NotQuoted {
        /// The currency.
        currency: &'static str,
        /// The day of the newest rates.
        day: Day,
    },
    /// The pair has no rate.
    #[error(transparent)]
    Rate(#[from] RateError),
}
