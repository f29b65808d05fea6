//! Amounts as text: the exact decimal of ISO 20022 in, the exact decimal out.

use crate::currency::Currency;

/// Most digits of an ISO 20022 `ActiveCurrencyAndAmount` (`totalDigits`).
pub const TOTAL_DIGITS_MAX: usize = 18;

/// Most digits after the point of an ISO 20022 `ActiveCurrencyAndAmount` (`fractionDigits`).
pub const FRACTION_DIGITS_MAX: usize = 5;

/// Why a text is no amount of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// No digit at all.
    #[error("the amount is empty: at least one digit is required")]
    Empty,
    /// A minus sign.
    #[error("the amount is negative: ISO 20022 amounts are zero or more")]
    Negative,
    /// Something else than digits, one point and a leading plus sign.
    #[error(
        "the amount is not a decimal number: only digits and one point are allowed, no exponent, separator or space"
    )]
    NotDecimal,
    /// More digits than ISO 20022 allows.
    #[error("the amount has {digits} digits: ISO 20022 allows {TOTAL_DIGITS_MAX} in all")]
    TooManyDigits {
        /// Significant digits found.
        digits: usize,
    },
    /// More digits after the point than ISO 20022 allows.
    #[error(
        "the amount has {digits} digits after the point: ISO 20022 allows {FRACTION_DIGITS_MAX} in any currency"
    )]
    TooManyFractionDigits {
        /// Digits after the point, without trailing zeros.
        digits: usize,
    },
    /// A fraction of a minor unit.
    #[error("the amount has {digits} digits after the point: {currency} has {allowed} in ISO 4217")]
    FinerThanMinorUnit {
        /// Digits after the point, without trailing zeros.
        digits: usize,
        /// Alphabetic code of the currency.
        currency: &'static str,
        /// The currency's minor units.
        allowed: u8,
    },
    /// More minor units than 64 bits hold.
    #[error("the amount is too large: at most {} minor units", u64::MAX)]
    TooLarge,
}

/// Reads an amount as ISO 20022 writes it (`xs:decimal`), exactly, into minor units.
///
/// The XML schema's lexical forms are accepted (`+1.0`, `.5`, `5.`, leading zeros); like the schema,
/// digits are counted without leading zeros and without zeros at the end of the fraction, so `100.000`
/// is an amount of euros and `100.001` is not.
///
/// # Errors
/// When the text is not such a number or does not fit the currency.
pub fn parse_amount(text: &str, currency: &Currency) -> Result<u64, AmountError> {
    let (whole, fraction) = split_decimal(text)?;
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let digits = if whole.is_empty() {
        fraction.trim_start_matches('0').len()
    } else {
        whole.len().saturating_add(fraction.len())
    };
    if digits > TOTAL_DIGITS_MAX {
        return Err(AmountError::TooManyDigits { digits });
    }
    if fraction.len() > FRACTION_DIGITS_MAX {
        return Err(AmountError::TooManyFractionDigits {
            digits: fraction.len(),
        });
    }
    let units = usize::from(currency.minor_units);
    let Some(padding) = units.checked_sub(fraction.len()) else {
        return Err(AmountError::FinerThanMinorUnit {
            digits: fraction.len(),
            currency: currency.alpha(),
            allowed: currency.minor_units,
        });
    };
    let zeros = std::iter::repeat_n(b'0', padding);
    let mut minor = 0_u64;
    for digit in whole.bytes().chain(fraction.bytes()).chain(zeros) {
        let value = u64::from(digit.saturating_sub(b'0'));
        minor = minor
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(value))
            .ok_or(AmountError::TooLarge)?;
    }
    Ok(minor)
}

/// Splits at the point and checks that only digits are left.
fn split_decimal(text: &str) -> Result<(&str, &str), AmountError> {
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    if text.starts_with('-') {
        return Err(AmountError::Negative);
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return Err(AmountError::NotDecimal);
    }
    if whole.is_empty() && fraction.is_empty() {
        return Err(AmountError::Empty);
    }
    Ok((whole, fraction))
}

/// Writes minor units as an exact decimal with all digits of the fraction: `1234.50`, `-0.05`, `1234`.
pub fn format_minor(minor: i128, minor_units: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let units = usize::from(minor_units);
    let width = units.saturating_add(1);
    let digits = format!("{:0>width$}", minor.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(units));
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AmountError::*;

    fn parse(text: &str, code: &str) -> Result<u64, AmountError> {
        parse_amount(text, Currency::from_alpha(code).unwrap())
    }

    #[test]
    fn amounts_are_read_exactly_in_every_number_of_minor_units() {
        assert_eq!(parse("1234.50", "EUR"), Ok(123_450));
        assert_eq!(parse("1234", "JPY"), Ok(1_234));
        assert_eq!(parse("1.001", "KWD"), Ok(1_001));
        assert_eq!(parse("0.0001", "CLF"), Ok(1));
        assert_eq!(parse("0", "INR"), Ok(0));
    }

    #[test]
    fn every_lexical_form_of_the_xml_schema_is_read() {
        for text in ["+1.0", "1.", "1", "001.00", "1.00000", "+0001.0000000"] {
            assert_eq!(parse(text, "EUR"), Ok(100), "{text}");
        }
        assert_eq!(parse(".5", "EUR"), Ok(50));
        assert_eq!(parse("100.000", "EUR"), Ok(10_000));
    }

    #[test]
    fn a_fraction_of_a_minor_unit_is_refused_naming_the_rule() {
        let refused = parse("100.001", "EUR").unwrap_err();
        assert_eq!(
            refused,
            FinerThanMinorUnit {
                digits: 3,
                currency: "EUR",
                allowed: 2
            }
        );
        assert_eq!(
            refused.to_string(),
            "the amount has 3 digits after the point: EUR has 2 in ISO 4217"
        );
        assert!(matches!(parse("1.5", "JPY"), Err(FinerThanMinorUnit { .. })));
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for text in [
            "1,00", "1e3", "1 0", " 1", "1.0.0", "++1", "+-1", "NaN", "１", "0x1", "1_0",
        ] {
            assert_eq!(parse(text, "EUR"), Err(NotDecimal), "{text}");
        }
        for text in ["", "+", ".", "+."] {
            assert_eq!(parse(text, "EUR"), Err(Empty), "{text}");
        }
        assert_eq!(parse("-1", "EUR"), Err(Negative));
    }

    #[test]
    fn the_digit_limits_of_iso_20022_hold() {
        assert_eq!(parse("999999999999999999", "JPY"), Ok(999_999_999_999_999_999));
        assert_eq!(
            parse("1000000000000000000", "JPY"),
            Err(TooManyDigits { digits: 19 })
        );
        assert_eq!(parse("0.000001", "EUR"), Err(TooManyFractionDigits { digits: 6 }));
        assert_eq!(parse("999999999999999999", "EUR"), Err(TooLarge));
        assert_eq!(parse(&"0".repeat(100_000), "EUR"), Ok(0));
    }

    #[test]
    fn minor_units_are_written_with_all_their_digits() {
        assert_eq!(format_minor(123_450, 2), "1234.50");
        assert_eq!(format_minor(1_234, 0), "1234");
        assert_eq!(format_minor(5, 3), "0.005");
        assert_eq!(format_minor(-5, 4), "-0.0005");
        assert_eq!(format_minor(0, 2), "0.00");
        assert_eq!(
            format_minor(i128::MIN, 0),
            "-170141183460469231731687303715884105728"
        );
    }
}
