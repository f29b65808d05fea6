//! Instants and dates. Nothing here reads a clock.

/// Seconds between 1970-01-01 and 2000-01-01, both at 00:00 UTC.
pub const UNIX_SECONDS_AT_2000: u64 = 946_684_800;

/// An instant: nanoseconds since 2000-01-01T00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Midnight UTC at which a day begins, counted in days since 2000-01-01.
    pub const fn midnight(days: u64) -> Self {
        Self(days.saturating_mul(86_400 * 1_000_000_000))
    }

    /// From nanoseconds since 1970; an instant before 2000 counts as 2000.
    pub const fn from_unix_nanos(nanos: u128) -> Self {
        let shift = UNIX_SECONDS_AT_2000 as u128 * 1_000_000_000;
        let since = nanos.saturating_sub(shift);
        Self(if since > u64::MAX as u128 {
            u64::MAX
        } else {
            since as u64
        })
    }

    /// From seconds since 2000.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds as u64 * 1_000_000_000)
    }

    /// Whole seconds since 2000, the unit of `expires_at` and `not_after`.
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Seconds since 1970.
    pub const fn unix_seconds(self) -> u64 {
        self.seconds() + UNIX_SECONDS_AT_2000
    }

    /// The UTC date as days since 2000-01-01, the unit of `value_date`.
    pub const fn days(self) -> u64 {
        self.seconds() / 86_400
    }

    /// `YYYY-MM-DDThh:mm:ss.mmmZ`.
    pub fn to_text(self) -> String {
        let (year, month, day) = civil(self.days());
        let second = self.seconds() % 86_400;
        let milli = self.0 / 1_000_000 % 1_000;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}Z",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )
    }
}

/// Year, month and day of a date given as days since 2000-01-01 (Gregorian calendar).
pub const fn civil(days: u64) -> (u64, u64, u64) {
    // Days since 0000-03-01, after H. Hinnant, "chrono-compatible low-level date algorithms".
    let z = days + 730_425;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Days since 2000-01-01 of a date, if it is one and not before 2000.
pub fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u16> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(2000..=2178).contains(&year) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y / 400;
    let yoe = y % 400;
    let mp = (month + 9) % 12;
    let doy = (153 * mp + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = (era * 146_097 + doe).checked_sub(730_425)?;
    (civil(days) == (year, month, day)).then_some(u16::try_from(days).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_reads_back() {
        for days in 0..65_000u16 {
            let (y, m, d) = civil(u64::from(days));
            assert_eq!(days_from_civil(y, m, d), Some(days));
        }
        assert_eq!(civil(0), (2000, 1, 1));
        assert_eq!(days_from_civil(2023, 2, 29), None);
        assert_eq!(days_from_civil(1999, 12, 31), None);
    }

    #[test]
    fn an_instant_prints_in_utc() {
        let at = Timestamp::from_unix_nanos(1_700_000_000_123_000_000);
        assert_eq!(at.to_text(), "2023-11-14T22:13:20.123Z");
    }
}
