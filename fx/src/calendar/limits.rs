//! Every bound on calendars, in one place.

/// Longest text of one calendar or of the spot days, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Longest name of a calendar or a holiday, in characters.
pub const NAME_CHARS_MAX: usize = 64;
/// Most holidays of one calendar: fifty a year over the longest validity.
pub const HOLIDAYS_MAX: usize = 1_000;
/// Most early closes of one calendar.
pub const EARLY_CLOSES_MAX: usize = 1_000;
/// First year a calendar may hold. The ledger counts days from 2000-01-01 and takes day zero for no date.
pub const YEAR_MIN: u16 = 2001;
/// Last year a calendar may hold: the last whole one that sixteen bits of days reach.
pub const YEAR_MAX: u16 = 2178;
/// Most years one calendar may be valid.
pub const YEARS_MAX: u16 = 20;
/// Most calendars in a set.
pub const CALENDARS_MAX: usize = 256;
/// Most pairs with spot days of their own.
pub const PAIRS_MAX: usize = 1_000;
/// Most business days from trade to spot.
pub const SPOT_DAYS_MAX: u16 = 5;
/// Longest part of a refused text that an error repeats, in characters.
pub(super) const QUOTED_CHARS_MAX: usize = 32;

const _: () = {
    assert!(HOLIDAYS_MAX >= 50 * YEARS_MAX as usize);
    assert!(
        (YEAR_MAX as u32 + 1 - 2000) * 366 < u16::MAX as u32,
        "every date of a calendar must fit sixteen bits"
    );
};
