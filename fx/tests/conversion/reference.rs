//! The ECB's table as it is published, in a few lines of it.

use super::currency;
use causeway_fx::reference::{Day, Derived, ECB_SOURCE, NoReference, ReferenceRates};
use causeway_fx::{Money, Rounding, convert};

const EXTRACT: &str = include_str!("ecb-extract.csv");

fn extract() -> ReferenceRates {
    ReferenceRates::from_ecb_csv(EXTRACT).expect("it is as published")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[track_caller]
fn check(asked: &str, base: &str, quote: &str, fixed: &str, derived: Derived, rate: &str) {
    let rates = extract();
    let found = rates
        .at(day(asked), currency(base), currency(quote))
        .expect("there is one");
    assert_eq!(found.source, ECB_SOURCE);
    assert_eq!(found.fixed.to_string(), fixed);
    assert_eq!(found.derived, derived);
    assert_eq!(found.rate.to_string(), rate);
}

#[test]
fn the_newest_rates_at_or_before_a_day_answer_in_every_direction() {
    check(
        "2026-04-13",
        "EUR",
        "USD",
        "2026-04-13",
        Derived::Direct,
        "1 EUR = 1.1684 USD",
    );
    check(
        "2026-04-12",
        "EUR",
        "USD",
        "2026-04-10",
        Derived::Direct,
        "1 EUR = 1.1711 USD",
    );
    check(
        "2030-01-01",
        "JPY",
        "EUR",
        "2026-04-13",
        Derived::Inverse,
        "1 JPY = 4/747 EUR",
    );
    check(
        "2026-04-13",
        "USD",
        "JPY",
        "2026-04-13",
        Derived::Cross,
        "1 USD = 466875/2921 JPY",
    );
    check(
        "1999-01-04",
        "EUR",
        "USD",
        "1999-01-04",
        Derived::Direct,
        "1 EUR = 1.1789 USD",
    );
}

#[test]
fn a_day_before_the_first_and_a_currency_left_out_have_no_reference() {
    let rates = extract();
    let at = |asked: &str, base: &str, quote: &str| {
        let refused = rates.at(day(asked), currency(base), currency(quote)).unwrap_err();
        refused.to_string()
    };
    let first = "there is no reference on 1999-01-03 or before: the first one is of 1999-01-04";
    assert_eq!(at("1999-01-03", "EUR", "USD"), first);
    assert_eq!(
        at("2026-04-13", "EUR", "BGN"),
        "BGN has no reference on 2026-04-13"
    );
    assert_eq!(
        at("2026-04-13", "USD", "RUB"),
        "RUB has no reference on 2026-04-13"
    );
    assert_eq!(
        at("2026-04-13", "KWD", "USD"),
        "KWD has no reference on 2026-04-13"
    );
    for same in ["EUR", "USD", "KWD"] {
        let refused = rates
            .at(day("2026-04-13"), currency(same), currency(same))
            .unwrap_err();
        assert!(
            !matches!(refused, NoReference::Earlier { .. }),
            "{same}: {refused}"
        );
    }
}

#[test]
fn retired_currencies_are_passed_over_with_a_note_that_says_why() {
    let rates = extract();
    let notes: Vec<String> = rates.notes().iter().map(ToString::to_string).collect();
    let codes: Vec<&str> = rates.notes().iter().map(|note| note.code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "CYP", "EEK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "HRK", "TRL"
        ]
    );
    assert!(notes.contains(
        &"HRK is passed over: currency HRK is retired: withdrawn from ISO 4217 in 2023-01".to_owned()
    ));
    assert_eq!(rates.currencies().len() + rates.notes().len(), 41);
    assert_eq!(rates.days().len(), 6);
}

#[test]
fn a_reference_converts_money() {
    let rates = extract();
    let reference = rates
        .at(day("2026-04-13"), currency("JPY"), currency("USD"))
        .expect("there is one");
    let yen = Money::new(1_000_000, currency("JPY"));
    let converted = convert(yen, reference.rate, Rounding::HalfEven).expect("it fits");
    assert_eq!(converted.money.to_string(), "6256.49 USD");
}

#[test]
fn lines_may_end_as_on_windows_and_stand_in_any_order() {
    let windows = EXTRACT.replace('\n', "\r\n");
    assert_eq!(ReferenceRates::from_ecb_csv(&windows), Ok(extract()));
    let mut lines: Vec<&str> = EXTRACT.lines().collect();
    lines[1..].reverse();
    let reversed = ReferenceRates::from_ecb_csv(&lines.join("\n")).expect("only the order differs");
    assert!(reversed.days().eq(extract().days()));
    assert!(reversed.days().is_sorted());
}
