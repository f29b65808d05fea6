//! Days of the calendar, and when a reference was fixed.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// A day from year 1 to 9999, if there is such a one.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if year == 0 || year > 9999 || day == 0 || day > days {
            return None;
        }
        Some(Day { year, month, day })
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
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01, before it negative.
    pub const fn unix_days(self) -> i64 {
        // Years begin in March here, so that a leap day is the last one.
        let early = self.month <= 2;
        let year = self.year as i64 - early as i64;
        let month = (self.month as i64 + 9) % 12;
        let within = (153 * month + 2) / 5 + self.day as i64 - 1;
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + within - 719_468
    }

    /// The day this many days after 1970-01-01, if it is in the years 1 to 9999.
    pub fn from_unix_days(days: i64) -> Option<Day> {
        let shifted = days.checked_add(719_468)?;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era.checked_mul(400)? + i64::from(month <= 2);
        Day::new(
            u16::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
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
                Day::from_unix_days(days).unwrap_or(Day {
                    year: 9999,
                    month: 12,
                    day: 31,
                })
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
