//! The calendars that come with the source.

use super::{Calendars, CalendarsError};

/// The texts under `fx/calendars`, one a currency.
pub const SHIPPED: [&str; 5] = [
    include_str!("../../calendars/eur.toml"),
    include_str!("../../calendars/usd.toml"),
    include_str!("../../calendars/gbp.toml"),
    include_str!("../../calendars/jpy.toml"),
    include_str!("../../calendars/chf.toml"),
];

/// The spot days under `fx/calendars`.
pub const SHIPPED_SPOT_DAYS: &str = include_str!("../../calendars/spot.toml");

/// The set that comes with the source.
///
/// # Errors
/// None with the texts as they stand, which a test reads; the result spares a panic.
pub fn shipped() -> Result<Calendars, CalendarsError> {
    Calendars::parse(SHIPPED, SHIPPED_SPOT_DAYS)
}
