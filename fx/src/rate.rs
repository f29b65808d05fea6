//! An exchange rate with its direction.

use crate::currency::Currency;
use rust_decimal::Decimal;
use std::fmt;

/// One unit of `base` costs `value` units of `quote`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The currency that is priced.
    pub base: &'static Currency,
    /// The currency of the price.
    pub quote: &'static Currency,
    /// The price, above zero.
    pub value: Decimal,
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateError {
    /// Not a plain decimal number.
    #[error("the rate is not a decimal number: only digits and one point are allowed")]
    NotDecimal,
    /// Zero.
    #[error("the rate is zero: a rate is above zero")]
    Zero,
    /// More digits than ISO 20022 allows.
    #[error(
        "the rate has {digits} digits: ISO 20022 allows {} in all",
        Rate::TOTAL_DIGITS_MAX
    )]
    TooManyDigits {
        /// Significant digits found.
        digits: usize,
    },
    /// More digits after the point than ISO 20022 allows.
    #[error(
        "the rate has {digits} digits after the point: ISO 20022 allows {}",
        Rate::FRACTION_DIGITS_MAX
    )]
    TooManyFractionDigits {
        /// Digits after the point, without trailing zeros.
        digits: usize,
    },
}

impl Rate {
    /// Most digits of an ISO 20022 `BaseOneRate` (`totalDigits`).
    pub const TOTAL_DIGITS_MAX: usize = 11;

    /// Most digits after the point of an ISO 20022 `BaseOneRate` (`fractionDigits`).
    pub const FRACTION_DIGITS_MAX: usize = 10;

    /// Reads the price of one `base` in `quote`, an ISO 20022 `BaseOneRate`, exactly.
    ///
    /// # Errors
    /// When the text is not such a number or is zero.
    pub fn parse(text: &str, base: &'static Currency, quote: &'static Currency) -> Result<Rate, RateError> {
        Ok(Rate {
            base,
            quote,
            value: Rate::parse_value(text)?,
        })
    }

    /// Reads a `BaseOneRate` whose direction the message leaves open, as ISO 20022 `XchgRate` does.
    ///
    /// # Errors
    /// When the text is not such a number or is zero.
    pub fn parse_value(text: &str) -> Result<Decimal, RateError> {
        parse_value(text)
    }
}

fn parse_value(text: &str) -> Result<Decimal, RateError> {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut all = whole.bytes().chain(fraction.bytes());
    if unsigned.len() <= usize::from(unsigned.contains('.')) || !all.all(|byte| byte.is_ascii_digit()) {
        return Err(RateError::NotDecimal);
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let digits = if whole.is_empty() {
        fraction.trim_start_matches('0').len()
    } else {
        whole.len().saturating_add(fraction.len())
    };
    if digits == 0 {
        return Err(RateError::Zero);
    }
    if digits > Rate::TOTAL_DIGITS_MAX {
        return Err(RateError::TooManyDigits { digits });
    }
    if fraction.len() > Rate::FRACTION_DIGITS_MAX {
        return Err(RateError::TooManyFractionDigits {
            digits: fraction.len(),
        });
    }
    Decimal::from_str_exact(&format!("0{whole}.{fraction}0")).map_err(|_| RateError::NotDecimal)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} = {} {}", self.base, self.value.normalize(), self.quote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Rate, RateError> {
        Rate::parse(
            text,
            Currency::from_alpha("EUR").unwrap(),
            Currency::from_alpha("USD").unwrap(),
        )
    }

    #[test]
    fn a_rate_keeps_its_direction_and_exact_value() {
        let rate = parse("1.0857").unwrap();
        assert_eq!(rate.to_string(), "1 EUR = 1.0857 USD");
        assert_eq!(rate.value, Decimal::new(10_857, 4));
        assert_eq!(parse("+01.08570").unwrap(), rate);
        assert_eq!(parse(".5").unwrap().to_string(), "1 EUR = 0.5 USD");
        assert_eq!(parse("5.").unwrap().to_string(), "1 EUR = 5 USD");
        assert_eq!(parse("0.0000000001").unwrap().value, Decimal::new(1, 10));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", ".", "+", "-1", "1e3", "1,5", "1.2.3", " 1"] {
            assert_eq!(parse(text), Err(RateError::NotDecimal), "{text}");
        }
        assert_eq!(parse("0.00"), Err(RateError::Zero));
        assert_eq!(
            parse("123456789012"),
            Err(RateError::TooManyDigits { digits: 12 })
        );
        assert_eq!(
            parse("0.00000000001"),
            Err(RateError::TooManyFractionDigits { digits: 11 })
        );
    }
}
