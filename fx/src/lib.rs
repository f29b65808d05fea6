//! Currencies, exact money, rates, firm quotes and value-date calendars.
//!
//! Amounts are integers in minor units; decimals appear only where text is read or a rate is carried.
//! Nothing here reads a clock, does I/O or uses a float.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod amount;
pub mod calendar;
mod convert;
mod currency;
mod exact;
pub mod limits;
mod money;
pub mod quotes;
mod rate;
pub mod reference;
mod rounding;
mod table;
mod unsettled;

pub use amount::{AmountError, FRACTION_DIGITS_MAX, TOTAL_DIGITS_MAX, format_minor, parse_amount};
pub use convert::{ConvertError, Converted, convert, convert_through};
pub use currency::{Currency, CurrencyError};
pub use exact::{ExactRate, RoundedRate};
pub use money::{Money, MoneyError};
pub use rate::{Pair, Rate, RateError};
pub use rounding::{Remainder, Rounding};
pub use table::ACTIVE;

/// The decimal type of rates.
pub use rust_decimal::Decimal;
