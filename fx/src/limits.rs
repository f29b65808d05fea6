//! Bounds on what is read from outside.

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

const _: () = assert!(REFERENCE_COLUMNS_MAX >= crate::table::TABLE.len());
