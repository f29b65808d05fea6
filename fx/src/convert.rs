//! Conversion of an amount: exact, then rounded once, in sight.

use crate::currency::Currency;
use crate::exact::ExactRate;
use crate::money::Money;
use crate::rate::{Pair, Rate};
use crate::rounding::{Remainder, Rounding, divide};
use ethnum::U256;

/// An amount after conversion, and what rounding left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    /// The amount in the other currency.
    pub money: Money,
    /// What is to be added to it for the exact value, in its minor units.
    pub remainder: Remainder,
}

/// Why an amount is not converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The amount is in neither currency of the rate.
    #[error(
        "an amount of {amount} is not converted by a rate of {rate}: it must be in one of its currencies"
    )]
    OtherCurrency {
        /// Currency of the amount.
        amount: &'static str,
        /// Currencies of the rate.
        rate: Pair,
    },
    /// The result does not fit.
    #[error("the {currency} result does not fit 128 bits of minor units")]
    OutOfRange {
        /// Currency of the result.
        currency: &'static str,
    },
    /// A way without a rate.
    #[error("there is no rate to convert through: at least one is needed")]
    NoRate,
}

/// Converts an amount at a `&`[`Rate`] or an [`ExactRate`], in the direction that fits its currency: the base's
/// amount is multiplied by the price, the quote's amount divided by it. The value is exact until it is rounded once,
/// to a minor unit; no inverse rate is made on the way.
///
/// # Errors
/// When the amount is in neither currency, or the result does not fit.
pub fn convert(
    amount: Money,
    rate: impl Into<ExactRate>,
    rounding: Rounding,
) -> Result<Converted, ConvertError> {
    let rate = rate.into();
    let rate = if amount.currency == rate.base() {
        rate
    } else if amount.currency == rate.quote() {
        rate.inverse()
    } else {
        return Err(ConvertError::OtherCurrency {
            amount: amount.currency.alpha(),
            rate: Pair {
                base: rate.base().alpha(),
                quote: rate.quote().alpha(),
            },
        });
    };
    let currency = rate.quote();
    let (minor, remainder) = minor_units(amount, &rate, rounding).ok_or(ConvertError::OutOfRange {
        currency: currency.alpha(),
    })?;
    Ok(Converted {
        money: Money::new(minor, currency),
        remainder,
    })
}

/// The value of an amount of the base in minor units of the quote.
fn minor_units(amount: Money, rate: &ExactRate, rounding: Rounding) -> Option<(i128, Remainder)> {
    let finer = scale(rate.quote(), rate.base())?;
    let coarser = scale(rate.base(), rate.quote())?;
    let numerator = U256::from(amount.minor.unsigned_abs())
        .checked_mul(U256::from(rate.numerator()))?
        .checked_mul(U256::from(finer))?;
    let denominator = rate.denominator().checked_mul(coarser)?;
    divide(numerator, denominator, amount.minor < 0, rounding)
}

/// How many times finer the minor unit of one currency is than the other's; one if it is not.
pub(crate) fn scale(of: &Currency, than: &Currency) -> Option<u128> {
    10_u128.checked_pow(u32::from(of.minor_units.saturating_sub(than.minor_units)))
}

/// Converts an amount at each rate in turn. Every hop is **rounded to its own currency's digits** before the next one
/// begins, for each is an amount that somebody is paid: the last hop differs from a conversion at the cross rate, which
/// rounds once, by what the earlier hops left over. All hops are given, in order.
///
/// # Errors
/// When there is no rate, or a hop fails.
pub fn convert_through(
    amount: Money,
    rates: &[Rate],
    rounding: Rounding,
) -> Result<Vec<Converted>, ConvertError> {
    if rates.is_empty() {
        return Err(ConvertError::NoRate);
    }
    let mut from = amount;
    rates
        .iter()
        .map(|rate| {
            let hop = convert(from, rate, rounding)?;
            from = hop.money;
            Ok(hop)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i128, code: &str) -> Money {
        Money::new(minor, Currency::from_alpha(code).unwrap())
    }

    fn rate(base: &str, value: &str, quote: &str) -> Rate {
        let [base, quote] = [base, quote].map(|code| Currency::from_alpha(code).unwrap());
        Rate::new(value.parse().unwrap(), base, quote).unwrap()
    }

    #[track_caller]
    fn check(from: Money, at: Rate, rounding: Rounding, to: &str, left: (i128, u128)) {
        let converted = convert(from, &at, rounding).unwrap();
        assert_eq!(converted.money.to_string(), to);
        let remainder = converted.remainder;
        assert_eq!((remainder.numerator(), remainder.denominator()), left);
    }

    #[test]
    fn the_base_is_multiplied_and_the_quote_divided_in_every_number_of_digits() {
        let down = Rounding::Down;
        check(
            money(10_000, "EUR"),
            rate("EUR", "1.1", "USD"),
            down,
            "110.00 USD",
            (0, 1),
        );
        check(
            money(11_000, "USD"),
            rate("EUR", "1.1", "USD"),
            down,
            "100.00 EUR",
            (0, 1),
        );
        check(
            money(100, "EUR"),
            rate("EUR", "171.47", "JPY"),
            down,
            "171 JPY",
            (47, 100),
        );
        check(
            money(171, "JPY"),
            rate("EUR", "171.47", "JPY"),
            down,
            "0.99 EUR",
            (12_447, 17_147),
        );
        check(
            money(1, "JPY"),
            rate("KWD", "480", "JPY"),
            down,
            "0.002 KWD",
            (1, 12),
        );
        check(
            money(1, "EUR"),
            rate("EUR", "0.025", "CLF"),
            Rounding::Up,
            "0.0003 CLF",
            (-1, 2),
        );
        check(
            money(-1, "EUR"),
            rate("EUR", "0.025", "CLF"),
            down,
            "-0.0002 CLF",
            (-1, 2),
        );
    }

    #[test]
    fn a_tie_is_seen_in_the_remainder() {
        let at = rate("EUR", "0.5", "USD");
        for (minor, even, up) in [(1, 0, 1), (3, 2, 2), (-1, 0, -1), (-3, -2, -2)] {
            for (rounding, expected) in [(Rounding::HalfEven, even), (Rounding::HalfUp, up)] {
                let converted = convert(money(minor, "EUR"), &at, rounding).unwrap();
                assert_eq!(converted.money.minor, expected, "{minor} {rounding:?}");
                assert!(converted.remainder.is_tie());
            }
        }
        assert!(
            convert(money(2, "EUR"), &at, Rounding::HalfEven)
                .unwrap()
                .remainder
                .is_zero()
        );
    }

    #[test]
    fn a_third_currency_is_refused() {
        let refused = convert(money(1, "GBP"), &rate("EUR", "1.1", "USD"), Rounding::Down).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "an amount of GBP is not converted by a rate of EUR/USD: it must be in one of its currencies"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_and_never_wrapped() {
        let twice = rate("EUR", "2", "USD");
        let half = i128::MAX / 2;
        let usd = |minor| convert(money(minor, "EUR"), &twice, Rounding::Down).map(|to| to.money.minor);
        let refused = Err(ConvertError::OutOfRange { currency: "USD" });
        assert_eq!(usd(half), Ok(i128::MAX - 1));
        assert_eq!(usd(half + 1), refused);
        assert_eq!(usd(i128::MIN / 2), Ok(i128::MIN));
        assert_eq!(usd(i128::MIN / 2 - 1), refused);
        let most = rate("JPY", &rust_decimal::Decimal::MAX.to_string(), "CLF");
        for minor in [i128::MIN, i128::MAX] {
            let refused = convert(money(minor, "JPY"), &most, Rounding::Down);
            assert_eq!(refused, Err(ConvertError::OutOfRange { currency: "CLF" }));
            let back = convert(money(minor, "CLF"), &most, Rounding::Down).unwrap();
            assert_eq!(back.money.minor, minor.signum() * 214_748);
        }
    }

    #[test]
    fn every_hop_is_rounded_to_its_currency_and_a_cross_only_once() {
        let [jpy, kwd] = [rate("EUR", "171.47", "JPY"), rate("KWD", "480", "JPY")];
        let hops = convert_through(money(100, "EUR"), &[jpy, kwd], Rounding::Down).unwrap();
        let shown: Vec<String> = hops.iter().map(|hop| hop.money.to_string()).collect();
        assert_eq!(shown, ["171 JPY", "0.356 KWD"]);
        assert_eq!(
            (hops[0].remainder.numerator(), hops[0].remainder.denominator()),
            (47, 100)
        );
        let once = convert(money(100, "EUR"), jpy.cross(&kwd).unwrap(), Rounding::Down).unwrap();
        assert_eq!(once.money.to_string(), "0.357 KWD");
    }

    #[test]
    fn a_way_without_a_rate_or_with_a_gap_is_refused() {
        let usd = rate("EUR", "1.1", "USD");
        assert_eq!(
            convert_through(money(1, "EUR"), &[], Rounding::Down),
            Err(ConvertError::NoRate)
        );
        let gap = convert_through(money(1, "EUR"), &[usd, rate("GBP", "2", "JPY")], Rounding::Down);
        assert!(matches!(
            gap,
            Err(ConvertError::OtherCurrency { amount: "USD", .. })
        ));
    }
}
