//! Days of the calendar, and when a reference was fixed.

use jiff::{Span, civil};
use std::fmt;

const EPOCH: civil::Date = civil::Date::constant(1970, 1, 1);

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

impl Day {
    /// A day from year 1 to 9999, if there is such a one.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let year = i16::try_from(year).ok()?;
        let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Day::within(date.ok()?)
    }

    fn within(date: civil::Date) -> Option<Day> {
        (date.year() > 0).then_some(Day(date))
    }

    /// Reads `2026-04-13`, and no other form.
    pub fn parse(text: &str) -> Option<Day> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u16, |number, digit| {
                let value = digit.is_ascii_digit().then(|| u16::from(digit & 0xf))?;
                number.checked_mul(10)?.checked_add(value)
            })
        };
        let [month, day] = [number(&[m0, m1])?, number(&[d0, d1])?];
        Day::new(
            number(&[y0, y1, y2, y3])?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.0.year().unsigned_abs()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    /// Days since 1970-01-01, before it negative.
    pub fn unix_days(self) -> i64 {
        (self.0 - EPOCH).get_days().into()
    }

    /// The day this many days after 1970-01-01, if it is in the years 1 to 9999.
    pub fn from_unix_days(days: i64) -> Option<Day> {
        let span = Span::new().try_days(days).ok()?;
        Day::within(EPOCH.checked_add(span).ok()?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When a reference was fixed, as exactly as its source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// On a day.
    On(Day),
    /// At an instant: nanoseconds since 1970-01-01T00:00Z.
    At(u64),
}

const DAY_NANOS: u64 = 86_400 * 1_000_000_000;

impl Fixed {
    /// The day; of an instant it is the one in UTC.
    pub fn day(self) -> Day {
        match self {
            Fixed::On(day) => day,
            Fixed::At(nanos) => {
                let days = i64::try_from(nanos / DAY_NANOS).unwrap_or(i64::MAX);
                Day::from_unix_days(days).unwrap_or(Day(civil::Date::MAX))
            }
        }
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.day();
        let Fixed::At(nanos) = *self else {
            return day.fmt(f);
        };
        let (seconds, fraction) = (nanos % DAY_NANOS / 1_000_000_000, nanos % 1_000_000_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{day}T{hours:02}:{minutes:02}:{seconds:02}")?;
        if fraction > 0 {
            write!(f, ".{fraction:09}")?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_in_the_one_form_are_read() {
        for text in [
            "2026-04-13",
            "2024-02-29",
            "2000-02-29",
            "0001-01-01",
            "9999-12-31",
        ] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026-4-13",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-04-31",
            "0000-01-01",
            "2026/04/13",
            "13 April 2026",
            "2026-04-13 ",
            "+026-04-13",
            "２026-4-3",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_from_1970_and_back() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-03-01", 11_017),
            ("2026-04-13", 20_556),
        ] {
            assert_eq!(Day::parse(text).unwrap().unix_days(), days, "{text}");
        }
        let first = Day::new(1, 1, 1).unwrap().unix_days();
        let last = Day::new(9999, 12, 31).unwrap().unix_days();
        let mut before = None;
        for days in first..=last {
            let day = Day::from_unix_days(days).unwrap();
            assert_eq!(day.unix_days(), days);
            assert!(before < Some(day));
            before = Some(day);
        }
        for days in [first - 1, last + 1, i64::MIN, i64::MAX] {
            assert_eq!(Day::from_unix_days(days), None);
        }
    }

    #[test]
    fn an_instant_is_shown_in_utc_and_lies_on_its_day() {
        let at = Fixed::At(20_556 * DAY_NANOS + 51_300 * 1_000_000_000);
        assert_eq!(at.to_string(), "2026-04-13T14:15:00Z");
        assert_eq!(Fixed::At(5).to_string(), "1970-01-01T00:00:00.000000005Z");
        assert_eq!(Fixed::At(u64::MAX).day().to_string(), "2554-07-21");
        assert_eq!(Fixed::On(at.day()).to_string(), "2026-04-13");
    }
}
