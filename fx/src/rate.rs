//! An exchange rate with its direction.

use crate::currency::Currency;
use crate::exact::ExactRate;
use rust_decimal::Decimal;
use std::fmt;

/// One unit of `base` costs `value` units of `quote`, another currency; the price is above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    base: &'static Currency,
    quote: &'static Currency,
    value: Decimal,
}

/// Why there is no such rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateError {
    /// Not a plain decimal number.
    #[error("the rate is not a decimal number: only digits and one point are allowed")]
    NotDecimal,
    /// Zero.
    #[error("the rate is zero: a rate is above zero")]
    Zero,
    /// Below zero.
    #[error("the rate is negative: a rate is above zero")]
    Negative,
    /// One currency priced in itself.
    #[error("the rate prices {currency} in itself: a rate has two currencies")]
    SameCurrency {
        /// The currency on both sides.
        currency: &'static str,
    },
    /// Two rates that have no currency in common.
    #[error("{left} and {right} have no currency in common: there is no cross rate")]
    NothingInCommon {
        /// The pair of the first rate.
        left: Pair,
        /// The pair of the second rate.
        right: Pair,
    },
    /// A fraction with larger terms than a conversion takes, or a decimal with more digits than there are.
    #[error(
        "the rate of {base} in {quote} does not fit: a fraction has at most {} bits above and below the line, a decimal 96",
        ExactRate::TERM_BITS_MAX
    )]
    OutOfRange {
        /// The currency that is priced.
        base: &'static str,
        /// The currency of the price.
        quote: &'static str,
    },
    /// A fraction without an end as a decimal.
    #[error(
        "the rate of {base} in {quote} is no decimal of at most {} digits after the point: a rounding is needed",
        Decimal::MAX_SCALE
    )]
    NoDecimal {
        /// The currency that is priced.
        base: &'static str,
        /// The currency of the price.
        quote: &'static str,
    },
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

/// Two currencies, for what errors say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The currency that is priced.
    pub base: &'static str,
    /// The currency of the price.
    pub quote: &'static str,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.quote)
    }
}

impl Rate {
    /// Most digits of an ISO 20022 `BaseOneRate` (`totalDigits`).
    pub const TOTAL_DIGITS_MAX: usize = 11;

    /// Most digits after the point of an ISO 20022 `BaseOneRate` (`fractionDigits`).
    pub const FRACTION_DIGITS_MAX: usize = 10;

    /// The price of one `base` in `quote`.
    ///
    /// # Errors
    /// When the price is not above zero or both currencies are the same.
    pub fn new(value: Decimal, base: &'static Currency, quote: &'static Currency) -> Result<Rate, RateError> {
        if value.is_zero() {
            return Err(RateError::Zero);
        }
        if value.is_sign_negative() {
            return Err(RateError::Negative);
        }
        if base == quote {
            let currency = base.alpha();
            return Err(RateError::SameCurrency { currency });
        }
        Ok(Rate { base, quote, value })
    }

    /// The price of one `base` in `quote` as an integer with decimal places.
    ///
    /// # Errors
    /// As [`Rate::new`], and when a decimal has no such scale.
    pub fn of_digits(
        mantissa: u64,
        scale: u8,
        base: &'static Currency,
        quote: &'static Currency,
    ) -> Result<Rate, RateError> {
        let value = Decimal::try_from_i128_with_scale(i128::from(mantissa), u32::from(scale));
        Rate::new(value.map_err(|_| RateError::NotDecimal)?, base, quote)
    }

    /// The currency that is priced.
    pub const fn base(&self) -> &'static Currency {
        self.base
    }

    /// The currency of the price.
    pub const fn quote(&self) -> &'static Currency {
        self.quote
    }

    /// The price, above zero.
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// The same price as a fraction.
    pub fn exact(&self) -> ExactRate {
        ExactRate::of_decimal(self.value, self.base, self.quote)
    }

    /// The price of one `quote` in `base`: a fraction, for few prices have a decimal as their inverse.
    pub fn inverse(&self) -> ExactRate {
        self.exact().inverse()
    }

    /// The price through the currency that both rates have: see [`ExactRate::cross`].
    ///
    /// # Errors
    /// When no currency or both are common, or the fraction does not fit.
    pub fn cross(&self, other: &Rate) -> Result<ExactRate, RateError> {
        self.exact().cross(&other.exact())
    }

    /// Reads the price of one `base` in `quote`, an ISO 20022 `BaseOneRate`, exactly.
    ///
    /// # Errors
    /// When the text is not such a number, is zero, or both currencies are the same.
    pub fn parse(text: &str, base: &'static Currency, quote: &'static Currency) -> Result<Rate, RateError> {
        Rate::new(Rate::parse_value(text)?, base, quote)
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
        let [eur, usd] = ["EUR", "USD"].map(|code| Currency::from_alpha(code).unwrap());
        assert_eq!(Rate::new(Decimal::ZERO, eur, usd), Err(RateError::Zero));
        assert_eq!(
            Rate::new(Decimal::NEGATIVE_ONE, eur, usd),
            Err(RateError::Negative)
        );
        let same = RateError::SameCurrency { currency: "EUR" };
        assert_eq!(Rate::parse("1", eur, eur), Err(same));
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
