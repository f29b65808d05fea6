//! Local times of a zone as UTC instants.
//!
//! A time that the clocks skip becomes the instant at which they jump; of a time that they show twice the first is
//! taken. Both keep order: of two local times the later never becomes the earlier instant.

use super::date::{Date, number};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, civil};
use std::fmt;

/// A time of day in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u16);

impl LocalTime {
    /// Reads `HH:MM`.
    pub(super) fn read(text: &str) -> Option<LocalTime> {
        let &[h0, h1, b':', m0, m1] = text.as_bytes() else {
            return None;
        };
        let (hour, minute) = (number(&[h0, h1])?, number(&[m0, m1])?);
        (hour < 24 && minute < 60).then(|| LocalTime(hour * 60 + minute))
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The zone of this name, as the database spells it, out of the database that is compiled in.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (zone.iana_name() == Some(name)).then_some(zone)
}

/// Seconds since 1970 of a local time; nothing before 1970.
pub(super) fn instant(zone: &TimeZone, date: Date, time: LocalTime) -> Option<u64> {
    let [hour, minute] = [time.0 / 60, time.0 % 60].map(i8::try_from);
    let local = date.civil().at(hour.ok()?, minute.ok()?, 0, 0);
    let at = resolve(zone, local)?;
    u64::try_from(at.as_second()).ok()
}

fn resolve(zone: &TimeZone, local: civil::DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        // Before the clocks are put back, the offset is the larger one: the first of the two instants.
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the offset of afterwards, a skipped time lies before the jump.
            let early = after.to_timestamp(local).ok()?;
            zone.following(early).next().map(|jump| jump.timestamp())
        }
    }
}
