//! Currencies, exact money, rates and value-date calendars.
//!
//! Amounts are integers in minor units; decimals appear only where text is read or a rate is carried.
//! Nothing here reads a clock, does I/O or uses a float.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod amount;
pub mod calendar;
mod currency;
mod money;
mod rate;
mod table;
mod unsettled;

pub use amount::{AmountError, FRACTION_DIGITS_MAX, TOTAL_DIGITS_MAX, format_minor, parse_amount};
pub use currency::{Currency, CurrencyError};
pub use money::{Money, MoneyError};
pub use rate::{Rate, RateError};
pub use table::ACTIVE;

/// The decimal type of rates.
pub use rust_decimal::Decimal;
