//! Calendar dates and times, without a clock.

use serde::Serialize;
use std::fmt;

/// A calendar date (`ISODate`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year, 2000 to 2179.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Days since 2000-01-01, the value date of an instruction record.
    pub fn days_since_2000(self) -> u16 {
        let years = self.year.saturating_sub(2000);
        let leap_days = match years {
            0 => 0,
            _ => (years - 1) / 4 + 1 - (years - 1) / 100,
        };
        let months: u16 = (1..self.month)
            .map(|month| u16::from(days_in_month(self.year, month)))
            .sum();
        let days = months.saturating_add(u16::from(self.day)).saturating_sub(1);
        years
            .saturating_mul(365)
            .saturating_add(leap_days)
            .saturating_add(days)
    }

    /// Reads `YYYY-MM-DD`, with an optional zone that does not change the date.
    pub fn parse(text: &str) -> Option<Date> {
        let (date, zone) = text.split_at_checked(10)?;
        let zone_is_valid = zone.is_empty() || is_zone(zone);
        let mut parts = date.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let in_range = (2000..=2179).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        (zone_is_valid && in_range && parts.next().is_none()).then_some(Date { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &str, count: usize) -> Option<u16> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `Z`, `+hh:mm` or `-hh:mm`.
fn is_zone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else {
        return text == "Z";
    };
    let Some((hours, minutes)) = rest.split_once(':') else {
        return false;
    };
    digits(hours, 2).is_some_and(|hours| hours <= 14) && digits(minutes, 2).is_some_and(|part| part < 60)
}

/// Whether a text is an `ISODateTime`.
pub(crate) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let Some((clock, rest)) = time.split_at_checked(8) else {
        return false;
    };
    let mut parts = clock.split(':');
    let mut below = |limit| {
        parts
            .next()
            .and_then(|part| digits(part, 2))
            .is_some_and(|part| part < limit)
    };
    let clock_is_valid = below(25) && below(60) && below(61) && parts.next().is_none();
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    date.len() == 10 && Date::parse(date).is_some() && clock_is_valid && (zone.is_empty() || is_zone(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_year_2000() {
        let days = |text| Date::parse(text).map(Date::days_since_2000);
        assert_eq!(days("2000-01-01"), Some(0));
        assert_eq!(days("2000-12-31"), Some(365));
        assert_eq!(days("2001-01-01"), Some(366));
        assert_eq!(days("2024-02-29"), Some(8_825));
        assert_eq!(days("2100-03-01Z"), Some(36_584));
        assert_eq!(days("2101-01-01+01:00"), Some(36_890));
        assert_eq!(days("2179-06-06"), Some(65_535));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2024-2-01",
            "2023-02-29",
            "2100-02-29",
            "2024-13-01",
            "2024-00-10",
            "1999-12-31",
            "2024-01-01T00:00:00",
            "2024/01/01",
            "2024-01-01+1",
            "２024-01-01",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn date_times_have_an_optional_fraction_and_zone() {
        for text in [
            "2024-01-01T12:00:00",
            "2024-01-01T12:00:00Z",
            "2021-02-10T15:07:38.6875000+03:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2024-01-01",
            "2024-01-01T12:00",
            "2024-01-01 12:00:00",
            "2024-01-01T12:00:00.",
            "T",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
