//! Fuzz targets of what is read from text, amounts, rates, currency codes, reference rates and calendars, and from bytes,
//! the tiers of quotes. What reads is written back with its value, and agrees with a second reading that is done the
//! long way.
mod calendar;
mod quotes;
mod reference;
mod support;

use causeway_fx::{ACTIVE, Currency, Rate, format_minor, parse_amount};
use support::{Input, fuzz};

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 256 << 20);

const WORDS: [&str; 12] = [
    "0",
    "9",
    ".",
    "+",
    "-",
    "e",
    " ",
    ",",
    "\u{661}",
    "99999999",
    "00000",
    "1844674407370955161",
];

fn samples(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Minor units by shifting the point with digits alone: no arithmetic that could overflow.
fn shifted(text: &str, units: u8) -> String {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = "0".repeat(usize::from(units).saturating_sub(fraction.len()));
    let digits = format!("{whole}{fraction}{zeros}");
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

#[test]
fn an_amount_that_reads_has_its_value_and_is_written_back() {
    let samples = samples(&[
        "1234.50",
        "0",
        "+.5",
        "5.",
        "999999999999999999",
        "0.00001",
        "184467440737095516.15",
    ]);
    fuzz!("amount", &samples, &WORDS, |input: &Input| {
        let text = input.text();
        for code in ["JPY", "EUR", "KWD", "CLF"] {
            let currency = Currency::from_alpha(code).expect("it is active");
            let Ok(minor) = parse_amount(&text, currency) else {
                continue;
            };
            assert_eq!(
                minor.to_string(),
                shifted(&text, currency.minor_units),
                "{code} {text:?}"
            );
            let written = format_minor(i128::from(minor), currency.minor_units);
            assert_eq!(parse_amount(&written, currency), Ok(minor), "{code} {written:?}");
        }
    });
}

#[test]
fn minor_units_are_written_with_sign_and_digits() {
    let samples: Vec<Vec<u8>> = [0, 5, -5, 123_450, i128::MIN, i128::MAX]
        .iter()
        .map(|minor| [&minor.to_le_bytes()[..], &[2]].concat())
        .collect();
    fuzz!("minor", &samples, |input: &Input| {
        let Some((minor, [units, ..])) = input.bytes.split_first_chunk::<16>() else {
            return;
        };
        let minor = i128::from_le_bytes(*minor);
        let text = format_minor(minor, *units);
        assert_eq!(text.replace('.', "").parse(), Ok(minor), "{text}");
        let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        assert_eq!(fraction, usize::from(*units));
    });
}

#[test]
fn a_rate_that_reads_keeps_its_value() {
    let samples = samples(&["1.0857", "0.0000000001", "12345678901", "+01.50", ".5", "5."]);
    fuzz!("rate", &samples, &WORDS, |input: &Input| {
        let text = input.text();
        let [base, quote] = ["EUR", "USD"].map(|code| Currency::from_alpha(code).expect("it is active"));
        let Ok(rate) = Rate::parse(&text, base, quote) else {
            return;
        };
        assert!(rate.value() > rust_decimal::Decimal::ZERO);
        let plain = rate.value().normalize().to_string();
        assert_eq!(shifted(&plain, 10), shifted(&text, 10), "{text:?}");
        assert_eq!(
            Rate::parse(&plain, base, quote).map(|again| again.value()),
            Ok(rate.value())
        );
    });
}

#[test]
fn a_currency_is_found_only_by_its_own_codes() {
    let samples = samples(&["EUR", "JPY", "XAU", "DEM", "ZZZ", "eur"]);
    fuzz!(
        "currency",
        &samples,
        &["E", "U", "R", "\u{e9}", "X"],
        |input: &Input| {
            let text = input.text();
            match Currency::from_alpha(&text) {
                Ok(currency) => {
                    assert_eq!(currency.alpha(), text);
                    assert_eq!(Currency::from_numeric(currency.numeric), Some(currency));
                }
                Err(error) => assert!(error.to_string().len() < 300),
            }
            if let [low, high, ..] = *input.bytes {
                let numeric = u16::from_le_bytes([low, high]);
                let found = Currency::from_numeric(numeric);
                assert_eq!(found.is_some(), ACTIVE.iter().any(|row| row.numeric == numeric));
            }
        }
    );
}
