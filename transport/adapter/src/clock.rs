//! The time of this machine.
use causeway_message::time::{Timestamp, civil};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::iso::Date;

/// Now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(since.as_nanos())
}

/// Today in UTC, as days since 2000-01-01.
pub fn today() -> u16 {
    u16::try_from(now().days()).unwrap_or(u16::MAX)
}

/// The UTC date of an instant.
pub fn date_of(at: Timestamp) -> Date {
    let (year, month, day) = civil(at.days());
    let part = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
    Date {
        year: u16::try_from(year).unwrap_or(u16::MAX),
        month: part(month),
        day: part(day),
    }
}
