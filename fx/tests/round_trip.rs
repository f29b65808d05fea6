//! Amounts survive the way to text and back, and no text makes the readers panic.

use causeway_fx::{ACTIVE, Currency, Rate, format_minor, parse_amount};
use proptest::prelude::*;

fn any_currency() -> impl Strategy<Value = &'static Currency> {
    proptest::sample::select(ACTIVE)
        .prop_map(|row| Currency::from_alpha(row.alpha()).expect("a row of the table"))
}

proptest! {
    #[test]
    fn an_amount_is_read_back_as_it_was_written(
        minor in 0..1_000_000_000_000_000_000_u64,
        currency in any_currency(),
        zeros in 0..4_usize,
    ) {
        let mut text = format_minor(i128::from(minor), currency.minor_units);
        prop_assert_eq!(parse_amount(&text, currency), Ok(minor));
        if text.contains('.') {
            text.push_str(&"0".repeat(zeros));
        }
        prop_assert_eq!(parse_amount(&format!("+0{text}"), currency), Ok(minor));
    }

    #[test]
    fn one_digit_more_than_the_currency_has_is_refused(
        minor in 0..1_000_000_000_000_u64,
        currency in any_currency(),
        digit in 1..10_u8,
    ) {
        let text = format_minor(i128::from(minor), currency.minor_units);
        let point = if text.contains('.') { "" } else { "." };
        let finer = format!("{text}{point}{digit}");
        prop_assert!(parse_amount(&finer, currency).is_err());
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,40}", numeric in "[-+.0-9]{0,40}", currency in any_currency()) {
        for text in [&text, &numeric] {
            let _ = parse_amount(text, currency);
            let _ = Currency::from_alpha(text);
            let _ = Rate::parse(text, currency, currency);
        }
    }

    #[test]
    fn the_sign_and_digits_of_any_integer_are_kept(minor in any::<i128>(), units in 0..5_u8) {
        let text = format_minor(minor, units);
        let without_point = text.replace('.', "");
        prop_assert_eq!(without_point.parse::<i128>(), Ok(minor));
    }
}
