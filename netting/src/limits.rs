//! Every bound on the work of one call.

/// Most unmatched instructions whose amounts one arriving instruction with a tolerance is held to: what a pair of
/// parties leaves standing on one date in two currencies must not slow everyone else down.
pub const TOLERANCE_CANDIDATES_MAX: usize = 64;

/// Most accounts of a netting case.
pub const CASE_ACCOUNTS_MAX: usize = 1 << 24;

/// Most rows (payments, and legs of trades) of a netting case.
pub const CASE_LEGS_MAX: usize = 1 << 24;

/// Most legs of one trade.
pub const TRADE_LEGS_MAX: usize = 64;

/// Largest balance, limit or room of a sender limit of a netting case, above and below zero, in minor units.
pub const CASE_MONEY_MAX: i128 = 1 << 90;

/// Largest weight of a currency in a netting case: value that one minor unit counts for.
pub const CASE_WEIGHT_MAX: u64 = 1 << 20;

/// Milliseconds of a day: times of day are below.
pub const DAY_MILLIS: u32 = 86_400_000;

/// Longest line of a netting file, in bytes.
pub const CSV_LINE_BYTES_MAX: usize = 4_096;

// What moves in a case is no more than a balance may be, and its value, with the bits behind the point of a bound's
// multipliers, no more than 127 bits.
const _: () = assert!((CASE_LEGS_MAX as u128) << 64 <= CASE_MONEY_MAX as u128);
const _: () = assert!(
    ((CASE_LEGS_MAX as u128) * (CASE_WEIGHT_MAX as u128)) << crate::MULTIPLIER_BITS < 1 << (127 - 64)
);
