//! Every bound on what is read from outside.

/// Most bytes of a table of reference rates. That of the ECB since 1999 has two million.
pub const REFERENCE_TABLE_BYTES_MAX: usize = 8 << 20;
/// Most bytes of a file of reference rates of one instant: room for comments beside every rate.
pub const REFERENCE_FILE_BYTES_MAX: usize = 64 << 10;
/// Most columns of a table of reference rates, or rates of a file: more than ISO 4217 has currencies.
pub const REFERENCE_COLUMNS_MAX: usize = 256;
/// Most days of a table of reference rates: more than a century of them.
pub const REFERENCE_DAYS_MAX: usize = 1 << 16;
/// Most bytes of the name of a source.
pub const SOURCE_BYTES_MAX: usize = 128;

/// Longest text of one calendar or of the spot days, in bytes.
pub const CALENDAR_BYTES_MAX: usize = 64 << 10;
/// Longest name of a calendar or a holiday, in characters.
pub const CALENDAR_NAME_CHARS_MAX: usize = 64;
/// Most holidays of one calendar: fifty a year over the longest validity.
pub const HOLIDAYS_MAX: usize = 1_000;
/// Most early closes of one calendar.
pub const EARLY_CLOSES_MAX: usize = 1_000;
/// First year a calendar may hold. The ledger counts days from 2000-01-01 and takes day zero for no date.
pub const CALENDAR_YEAR_MIN: u16 = 2001;
/// Last year a calendar may hold: the last whole one that sixteen bits of days reach.
pub const CALENDAR_YEAR_MAX: u16 = 2178;
/// Most years one calendar may be valid.
pub const CALENDAR_YEARS_MAX: u16 = 20;
/// Most calendars in a set.
pub const CALENDARS_MAX: usize = 256;
/// Most pairs with spot days of their own.
pub const SPOT_PAIRS_MAX: usize = 1_000;
/// Most business days from trade to spot.
pub const SPOT_DAYS_MAX: u16 = 5;

/// Most tiers of a quote.
pub const QUOTE_TIERS_MAX: usize = 8;
/// Most digits behind the point of a quote's prices. With it every comparison and conversion fits 128 bits.
pub const QUOTE_SCALE_MAX: u8 = 12;
/// Most live quotes of one provider for one pair as it is quoted. EUR/USD and USD/EUR count apart.
pub const QUOTES_PER_PAIR_MAX: usize = 16;
/// Most live quotes in all.
pub const QUOTES_MAX: usize = 1 << 16;
/// Most quotes that are looked at for one hop, of both orientations together: what one order may cost. Those of the
/// best prices come first; from eight providers on, that all quote as often as they may, the worst are not seen.
pub const QUOTES_LOOKED_MAX: usize = 256;

/// Longest part of a refused text that an error repeats, in characters.
pub(crate) const QUOTED_CHARS_MAX: usize = 32;

const _: () = {
    assert!(QUOTE_TIERS_MAX <= u8::MAX as usize);
    assert!(
        QUOTES_LOOKED_MAX >= 8 * 2 * QUOTES_PER_PAIR_MAX,
        "fewer than eight providers must not be able to hide all others"
    );
};

const _: () = assert!(REFERENCE_COLUMNS_MAX >= crate::table::TABLE.len());

const _: () = {
    assert!(HOLIDAYS_MAX >= 50 * CALENDAR_YEARS_MAX as usize);
    assert!(
        (CALENDAR_YEAR_MAX as u32 + 1 - 2000) * 366 < u16::MAX as u32,
        "every date of a calendar must fit sixteen bits"
    );
};
