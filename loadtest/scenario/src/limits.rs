//! What a scenario may ask for.

/// Most banks of a day.
pub const BANKS_MAX: u32 = 100_000;

/// Most payments and trades of a day.
pub const ITEMS_MAX: u32 = 2_000_000;

/// Most accounts of a day: each bank has one in each currency.
pub const ACCOUNTS_MAX: usize = 1_000_000;

/// Natural logarithm of the middle amount in dollars. At its largest the middle is below the largest amount, so that
/// at least every second draw is kept.
pub const MU: std::ops::RangeInclusive<f64> = -5.0..=20.0;

/// Largest spread of the logarithms.
pub const SIGMA_MAX: f64 = 10.0;

/// Largest balance or limit of an account, as a share of what it pays.
pub const MONEY_SHARE_MAX: f64 = 100.0;

/// Draws of one amount, beyond which it is the largest.
pub const REDRAWS_MAX: usize = 256;
