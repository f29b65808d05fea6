//! Rates and pairs between words and numbers: decimals that keep the digits they are written with.
use causeway_fx::{Currency, format_minor};
use causeway_message::action::Valuation;
use causeway_message::exchange::Priced;

use super::words;
use crate::Failure;

/// Digits and how many of them stand behind the point, of a decimal as it is written; without a sign, above zero.
///
/// # Errors
/// The rule that the text breaks.
pub fn rate(option: &str, text: &str) -> Result<(u64, u8), Failure> {
    let wrong = |rule: &str| Failure::Config(format!("{option}: {rule}"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let dangling = whole.is_empty() || (fraction.is_empty() && text.contains('.'));
    if dangling || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(wrong("must be a decimal like 0.92"));
    }
    let scale = u8::try_from(fraction.len())
        .ok()
        .filter(|scale| *scale <= Valuation::SCALE_MAX)
        .ok_or_else(|| {
            wrong(&format!(
                "has more than {} digits behind the point",
                Valuation::SCALE_MAX
            ))
        })?;
    match format!("{whole}{fraction}").parse() {
        Ok(0) => Err(wrong("must not be zero")),
        Ok(digits) => Ok((digits, scale)),
        Err(_) => Err(wrong("has too many digits")),
    }
}

/// Base and counter of `EUR/USD`.
///
/// # Errors
/// The rule that the text breaks.
pub fn pair(option: &str, text: &str) -> Result<(&'static Currency, &'static Currency), Failure> {
    let (base, counter) = text.split_once('/').ok_or_else(|| {
        Failure::Config(format!(
            "{option}: {text:?} must be two currencies, like EUR/USD: the first is priced in the second"
        ))
    })?;
    let pair = (words::currency(option, base)?, words::currency(option, counter)?);
    if pair.0 == pair.1 {
        return Err(Failure::Config(format!(
            "{option}: must be two currencies, not {base} twice"
        )));
    }
    Ok(pair)
}

/// A rate in decimals.
pub fn decimal(digits: u64, scale: u8) -> String {
    format_minor(digits.into(), scale)
}

/// A rate that came with a conversion, as `1 EUR = 1.0850 USD`: the one unit is what its decimals price.
pub fn sentence(priced: &Priced, from: u16, to: u16) -> String {
    let (base, counter) = if priced.base_is_from {
        (from, to)
    } else {
        (to, from)
    };
    format!(
        "1 {} = {} {}",
        words::code(base),
        decimal(priced.rate, priced.scale),
        words::code(counter)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_keeps_the_digits_it_is_written_with() {
        for (text, digits, scale) in [
            ("0.92", 92, 2),
            ("1", 1, 0),
            ("1.00", 100, 2),
            ("0.000000000001", 1, 12),
        ] {
            assert_eq!(rate("--rate", text).expect(text), (digits, scale), "{text}");
            assert_eq!(decimal(digits, scale), text);
        }
        for wrong in [
            "",
            ".5",
            "5.",
            "-1",
            "1e3",
            "0",
            "0.00",
            "1,5",
            "0.0000000000001",
            "99999999999999999999",
        ] {
            assert!(
                matches!(rate("--rate", wrong), Err(Failure::Config(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_pair_is_two_currencies_and_its_rate_is_said_for_one_of_the_first() {
        let (base, counter) = pair("--pair", "EUR/USD").expect("a pair");
        assert_eq!((base.alpha(), counter.alpha()), ("EUR", "USD"));
        for wrong in ["EUR", "EURUSD", "EUR/EUR", "EUR/", "EUR/XXX", "eur/usd"] {
            assert!(
                matches!(pair("--pair", wrong), Err(Failure::Config(_))),
                "{wrong}"
            );
        }
        let mut priced = Priced {
            rate: 10_850,
            scale: 4,
            base_is_from: true,
        };
        assert_eq!(sentence(&priced, 978, 840), "1 EUR = 1.0850 USD");
        priced.base_is_from = false;
        assert_eq!(sentence(&priced, 978, 840), "1 USD = 1.0850 EUR");
    }
}
