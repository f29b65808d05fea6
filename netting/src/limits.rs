//! Every bound on the work of one call.

/// Most unmatched instructions whose amounts one arriving instruction with a tolerance is held to: what a pair of
/// parties leaves standing on one date in two currencies must not slow everyone else down.
pub const TOLERANCE_CANDIDATES_MAX: usize = 64;

/// Most accounts of a netting case.
pub const CASE_ACCOUNTS_MAX: usize = 1 << 24;

/// Most rows (payments, and legs of trades) of a netting case.
pub const CASE_LEGS_MAX: usize = 1 << 26;

/// Most legs of one trade.
pub const TRADE_LEGS_MAX: usize = 64;

/// Largest balance, limit or room of a sender limit of a netting case, above and below zero, in minor units.
pub const CASE_MONEY_MAX: i128 = 1 << 90;

/// Largest weight of a currency in a netting case: value that one minor unit counts for.
pub const CASE_WEIGHT_MAX: u64 = 1 << 30;

/// Longest line of a netting file, in bytes.
pub const CSV_LINE_BYTES_MAX: usize = 4_096;

// Every sum over a case, valued, stays far inside 127 bits... of which the multipliers of a bound may use the rest.
const _: () = assert!((CASE_LEGS_MAX as u128) << 64 <= CASE_MONEY_MAX as u128);
const _: () = assert!(
    (CASE_MONEY_MAX as u128)
        .checked_mul(CASE_WEIGHT_MAX as u128)
        .is_some()
);
