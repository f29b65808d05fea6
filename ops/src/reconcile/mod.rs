//! Reconciliation of a settlement agent's liability with a statement of its account at the central bank.
//!
//! What banks hold on the ledger is backed, to the minor unit, by money on one account in the RTGS. Each credit there is
//! funded once, each pay-out is confirmed once, both under the reference that the RTGS gave: so every line of the
//! statement has exactly one entry of the log, and every such entry one line.
mod camt053;
mod compare;
mod csv;
mod days;

use causeway_fx::{Currency, parse_amount};
use serde::{Serialize, Serializer};

use crate::client::words;

pub use compare::{Difference, Kind, Reconciliation, Told, compare};
pub use days::Days;

/// Most bytes of a statement.
pub const STATEMENT_BYTES_MAX: u64 = 64 * 1_048_576;

/// A calendar date, in days since 2000-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub u16);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&words::date(self.0))
    }
}

/// Where money went, as the holder of the account at the central bank sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Into the account: funded on the ledger.
    Credit,
    /// Out of it: a defunding that was confirmed.
    Debit,
}

impl Side {
    /// An amount with its sign.
    pub fn signed(self, amount: u64) -> i128 {
        match self {
            Self::Credit => amount.into(),
            Self::Debit => -i128::from(amount),
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
        }
    }
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Line of the file, from 1.
    pub at: u32,
    /// When it was booked there.
    pub date: Date,
    /// Every reference that it bears; one of them is the RTGS's.
    pub references: Vec<String>,
    /// Where it went.
    pub side: Side,
    /// Minor units.
    pub amount: u64,
}

/// A statement of one account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// First date that it covers.
    pub from: Date,
    /// Last one.
    pub to: Date,
    /// Balance before the first line, minor units.
    pub opening: Option<i128>,
    /// Balance after the last one, minor units.
    pub closing: Option<i128>,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Statement {
    /// Reads CSV, or camt.053 if it begins as XML does.
    ///
    /// # Errors
    /// Line, field and rule of the first that is wrong.
    pub fn read(bytes: &[u8], currency: &Currency) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| {
                let line = Lines::new(bytes).of(error.valid_up_to());
                Fault::new(line, "text", "is not UTF-8")
            })?
            .trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('<') {
            camt053::read(text, currency)
        } else {
            csv::read(text, currency)
        }
    }
}

/// What the ledger did against the agent's liability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Log index at which it took effect.
    pub entry: u64,
    /// Business date that it counts under; where the currency has no days, UTC date of that entry.
    pub date: Date,
    /// Reference of the credit or of the pay-out in the RTGS.
    pub reference: String,
    /// Where the money went.
    pub side: Side,
    /// Minor units.
    pub amount: u64,
    /// Whose account, by name.
    pub participant: String,
}

/// What is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: u32,
    /// Column or element.
    pub field: &'static str,
    /// What it must be, and is not.
    pub rule: String,
}

impl Fault {
    fn new(line: u32, field: &'static str, rule: impl Into<String>) -> Self {
        let rule = rule.into();
        Self { line, field, rule }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.field, self.rule)
    }
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &[u8]) -> Self {
        let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self(breaks.map(|(at, _)| at).collect())
    }

    /// The line of a byte, from 1.
    fn of(&self, at: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < at);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// An amount above zero.
fn amount(line: u32, field: &'static str, text: &str, currency: &Currency) -> Result<u64, Fault> {
    match amount_or_zero(line, field, text, currency)? {
        0 => Err(Fault::new(line, field, "must be above zero")),
        amount => Ok(amount),
    }
}

fn amount_or_zero(line: u32, field: &'static str, text: &str, currency: &Currency) -> Result<u64, Fault> {
    parse_amount(text, currency).map_err(|error| Fault::new(line, field, format!("{text}: {error}")))
}

/// A date, perhaps with a time or an offset behind it.
fn date(line: u32, field: &'static str, text: &str) -> Result<Date, Fault> {
    let day = text.get(..10).and_then(words::days);
    let day = day.and_then(|day| u16::try_from(day).ok());
    day.map(Date)
        .ok_or_else(|| Fault::new(line, field, format!("{text}: must be a date like 2026-11-30")))
}
