//! A rate as a fraction: inverse and cross rates lose nothing.

use crate::currency::Currency;
use crate::rate::{Pair, Rate, RateError};
use crate::rounding::{Remainder, Rounding, divide, greatest_common_divisor};
use ethnum::U256;
use rust_decimal::Decimal;
use std::fmt;

/// One unit of `base` costs `numerator / denominator` units of `quote`, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExactRate {
    base: &'static Currency,
    quote: &'static Currency,
    numerator: u128,
    denominator: u128,
}

/// A rate that was rounded to a decimal, and what that lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundedRate {
    /// The rate.
    pub rate: Rate,
    /// What is to be added to it for the exact one, in units of its last digit.
    pub remainder: Remainder,
}

impl ExactRate {
    /// Most bits of numerator and denominator. With an amount of 128 bits and four digits of a currency, what a
    /// conversion has on the way fits 256 bits and what it leaves over 128.
    pub const TERM_BITS_MAX: u32 = 112;

    /// The price of a [`Rate`], which a decimal of 96 bits and at most 28 digits after the point always fits.
    pub(crate) fn of_decimal(value: Decimal, base: &'static Currency, quote: &'static Currency) -> ExactRate {
        let numerator = value.mantissa().unsigned_abs();
        let denominator = 10_u128.pow(value.scale());
        let (numerator, denominator) = lowest_terms(numerator, denominator);
        ExactRate {
            base,
            quote,
            numerator,
            denominator,
        }
    }

    /// The currency that is priced.
    pub const fn base(&self) -> &'static Currency {
        self.base
    }

    /// The currency of the price.
    pub const fn quote(&self) -> &'static Currency {
        self.quote
    }

    /// The price's number above the line, above zero.
    pub const fn numerator(&self) -> u128 {
        self.numerator
    }

    /// The price's number below the line, above zero.
    pub const fn denominator(&self) -> u128 {
        self.denominator
    }

    /// The price of one `quote` in `base`.
    #[must_use]
    pub const fn inverse(&self) -> ExactRate {
        ExactRate {
            base: self.quote,
            quote: self.base,
            numerator: self.denominator,
            denominator: self.numerator,
        }
    }

    /// The price through the currency that both rates have, whichever way either is quoted: of this rate's other
    /// currency in the other's other one.
    ///
    /// # Errors
    /// When no currency or both are common, or the fraction does not fit.
    pub fn cross(&self, other: &ExactRate) -> Result<ExactRate, RateError> {
        let (first, second) = self.chain(other).ok_or(RateError::NothingInCommon {
            left: self.pair(),
            right: other.pair(),
        })?;
        let (base, quote) = (first.base, second.quote);
        if base == quote {
            let currency = base.alpha();
            return Err(RateError::SameCurrency { currency });
        }
        // With common factors out first, only a fraction that does not fit in lowest terms overflows.
        let (up, down) = lowest_terms(first.numerator, second.denominator);
        let (more, below) = lowest_terms(second.numerator, first.denominator);
        let term = |a: u128, b: u128| {
            a.checked_mul(b)
                .filter(|term| *term >> ExactRate::TERM_BITS_MAX == 0)
        };
        let (Some(numerator), Some(denominator)) = (term(up, more), term(down, below)) else {
            return Err(RateError::OutOfRange {
                base: base.alpha(),
                quote: quote.alpha(),
            });
        };
        Ok(ExactRate {
            base,
            quote,
            numerator,
            denominator,
        })
    }

    /// Both rates, turned so that the first one's quote is the second one's base.
    fn chain(&self, other: &ExactRate) -> Option<(ExactRate, ExactRate)> {
        let turned = [(*self, *other), (self.inverse(), *other)]
            .into_iter()
            .flat_map(|(first, second)| [(first, second), (first, second.inverse())]);
        turned
            .into_iter()
            .find(|(first, second)| first.quote == second.base)
    }

    fn pair(&self) -> Pair {
        Pair {
            base: self.base.alpha(),
            quote: self.quote.alpha(),
        }
    }

    /// The same price as a decimal, if it is one.
    ///
    /// # Errors
    /// When the fraction has no end as a decimal, or more digits than one has.
    pub fn to_rate(&self) -> Result<Rate, RateError> {
        let digits = decimal_digits(self.denominator).ok_or(RateError::NoDecimal {
            base: self.base.alpha(),
            quote: self.quote.alpha(),
        })?;
        Ok(self.round(digits, Rounding::Down)?.rate)
    }

    /// The price as a decimal with so many digits after the point, and what that loses.
    ///
    /// # Errors
    /// When the result is zero, or has more digits than a decimal has.
    pub fn round(&self, digits: u32, rounding: Rounding) -> Result<RoundedRate, RateError> {
        let rounded = || {
            let shift = 10_u128.checked_pow(digits)?;
            let numerator = U256::from(self.numerator).checked_mul(U256::from(shift))?;
            let (mantissa, remainder) = divide(numerator, self.denominator, false, rounding)?;
            let value = Decimal::try_from_i128_with_scale(mantissa, digits).ok()?;
            Some((value, remainder))
        };
        let (value, remainder) = rounded().ok_or(RateError::OutOfRange {
            base: self.base.alpha(),
            quote: self.quote.alpha(),
        })?;
        let rate = Rate::new(value, self.base, self.quote)?;
        Ok(RoundedRate { rate, remainder })
    }
}

impl From<&Rate> for ExactRate {
    fn from(rate: &Rate) -> ExactRate {
        rate.exact()
    }
}

impl fmt::Display for ExactRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExactRate {
            base,
            quote,
            numerator,
            denominator,
        } = self;
        match self.to_rate() {
            Ok(rate) => rate.fmt(f),
            Err(_) => write!(f, "1 {base} = {numerator}/{denominator} {quote}"),
        }
    }
}

fn lowest_terms(a: u128, b: u128) -> (u128, u128) {
    let common = greatest_common_divisor(a, b).max(1);
    (a / common, b / common)
}

/// Digits after the point of a fraction in lowest terms; nothing if they do not end, or are too many.
fn decimal_digits(denominator: u128) -> Option<u32> {
    let twos = denominator.trailing_zeros();
    let mut rest = denominator.checked_shr(twos)?;
    let mut fives = 0_u32;
    while rest.is_multiple_of(5) && rest > 0 {
        rest /= 5;
        fives += 1;
    }
    let digits = twos.max(fives);
    (rest == 1 && digits <= Decimal::MAX_SCALE).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(base: &str, value: &str, quote: &str) -> Rate {
        let [base, quote] = [base, quote].map(|code| Currency::from_alpha(code).unwrap());
        Rate::new(value.parse().unwrap(), base, quote).unwrap()
    }

    #[test]
    fn an_inverse_is_exact_and_its_own_inverse() {
        let rate = rate("EUR", "1.1", "USD");
        let inverse = rate.inverse();
        assert_eq!(inverse.to_string(), "1 USD = 10/11 EUR");
        assert_eq!(inverse.inverse(), rate.exact());
        assert_eq!(inverse.inverse().to_rate(), Ok(rate));
    }

    #[test]
    fn an_inverse_without_an_end_is_no_decimal_unless_it_is_rounded_and_says_so() {
        let inverse = rate("EUR", "3", "USD").inverse();
        let refused = inverse.to_rate().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the rate of USD in EUR is no decimal of at most 28 digits after the point: a rounding is needed"
        );
        let rounded = inverse.round(4, Rounding::HalfEven).unwrap();
        assert_eq!(rounded.rate, rate("USD", "0.3333", "EUR"));
        let left = rounded.remainder;
        assert_eq!((left.numerator(), left.denominator()), (1, 3));
        assert_eq!(
            rate("EUR", "8", "USD").inverse().to_rate(),
            Ok(rate("USD", "0.125", "EUR"))
        );
        assert_eq!(inverse.round(0, Rounding::Down), Err(RateError::Zero));
        assert!(matches!(
            inverse.round(29, Rounding::Down),
            Err(RateError::OutOfRange { .. })
        ));
    }

    #[test]
    fn a_cross_finds_the_common_currency_on_any_side() {
        let expected = "1 USD = 142.5 JPY";
        let [usd, jpy] = [rate("EUR", "1.2", "USD"), rate("EUR", "171", "JPY")];
        assert_eq!(usd.cross(&jpy).unwrap().to_string(), expected);
        assert_eq!(usd.inverse().cross(&jpy.exact()).unwrap().to_string(), expected);
        assert_eq!(usd.exact().cross(&jpy.inverse()).unwrap().to_string(), expected);
        assert_eq!(usd.inverse().cross(&jpy.inverse()).unwrap().to_string(), expected);
        assert_eq!(jpy.cross(&usd).unwrap(), usd.cross(&jpy).unwrap().inverse());
    }

    #[test]
    fn a_cross_of_rates_with_none_or_both_currencies_in_common_is_refused() {
        let [usd, kwd] = [rate("EUR", "1.2", "USD"), rate("GBP", "0.4", "KWD")];
        assert_eq!(
            usd.cross(&kwd).unwrap_err().to_string(),
            "EUR/USD and GBP/KWD have no currency in common: there is no cross rate"
        );
        assert!(matches!(usd.cross(&usd), Err(RateError::SameCurrency { .. })));
    }

    #[test]
    fn a_cross_that_does_not_fit_is_refused() {
        let most = Decimal::MAX.to_string();
        let [usd, jpy] = [rate("USD", &most, "EUR"), rate("EUR", &most, "JPY")];
        assert!(matches!(usd.cross(&jpy), Err(RateError::OutOfRange { .. })));
        assert!(matches!(
            usd.exact().round(1, Rounding::Down),
            Err(RateError::OutOfRange { .. })
        ));
        let back = rate("JPY", &most, "EUR");
        assert_eq!(usd.cross(&back).unwrap().to_string(), "1 USD = 1 JPY");
    }
}
