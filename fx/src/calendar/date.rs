//! A business date as the ledger counts it, in text and in days.

use crate::limits::QUOTED_CHARS_MAX;
use jiff::{ToSpan, civil};
use std::fmt;
use std::str::FromStr;

/// Day zero.
const EPOCH: civil::Date = civil::Date::constant(2000, 1, 1);

/// A calendar date: days since 2000-01-01, the unit of the ledger's business and value dates. It reaches to 2179-06-06.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u16);

/// A text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no date: YYYY-MM-DD from 2000-01-01 to 2179-06-06")]
pub struct NoDate {
    /// The text, shortened.
    pub text: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weekday {
    /// The day ISO 8601 counts as first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The seventh.
    Sunday,
}

impl Weekday {
    /// All seven, from Monday.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// Its English name in small letters, as calendars write it.
    pub const fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        }
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Date {
    /// The date so many days after 2000-01-01.
    pub const fn from_days(days: u16) -> Date {
        Date(days)
    }

    /// Days since 2000-01-01.
    pub const fn days(self) -> u16 {
        self.0
    }

    /// The date of a year, month and day, if there is one and days reach it.
    pub fn from_civil(year: u16, month: u8, day: u8) -> Option<Date> {
        let date = civil::Date::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        )
        .ok()?;
        let days = date.since((jiff::Unit::Day, EPOCH)).ok()?.get_days();
        u16::try_from(days).ok().map(Date)
    }

    /// The year of the date.
    pub fn year(self) -> u16 {
        self.civil().year().unsigned_abs()
    }

    /// Its day of the week.
    pub fn weekday(self) -> Weekday {
        // 2000-01-01 was a Saturday.
        let place = (usize::from(self.0) + 5) % Weekday::ALL.len();
        Weekday::ALL.get(place).copied().unwrap_or(Weekday::Saturday)
    }

    /// The day after, unless it is the last that days reach.
    pub const fn next(self) -> Option<Date> {
        match self.0.checked_add(1) {
            Some(days) => Some(Date(days)),
            None => None,
        }
    }

    /// The day before, unless it is 2000-01-01.
    pub const fn previous(self) -> Option<Date> {
        match self.0.checked_sub(1) {
            Some(days) => Some(Date(days)),
            None => None,
        }
    }

    pub(super) fn civil(self) -> civil::Date {
        // Sixteen bits of days end in 2179, far below the library's last year.
        EPOCH.saturating_add(i64::from(self.0).days())
    }
}

impl FromStr for Date {
    type Err = NoDate;

    /// Reads `YYYY-MM-DD`, and nothing else that ISO 8601 would take.
    fn from_str(text: &str) -> Result<Date, NoDate> {
        read(text).ok_or_else(|| NoDate {
            text: text.chars().take(QUOTED_CHARS_MAX).collect(),
        })
    }
}

fn read(text: &str) -> Option<Date> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
        return None;
    };
    let year = number(&[y0, y1, y2, y3])?;
    let [month, day] = [[m0, m1], [d0, d1]].map(|digits| number(&digits).and_then(|n| u8::try_from(n).ok()));
    Date::from_civil(year, month?, day?)
}

/// The number that at most four decimal digits write.
pub(super) fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u16::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.civil();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}
