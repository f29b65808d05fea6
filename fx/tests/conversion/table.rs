//! Every currency on every day of the ECB's table, where it is at hand, against the oracle.

use super::currency;
use super::oracle::{Fraction, Oracle, cross};
use super::random::Random;
use causeway_fx::reference::{Day, NoReference, ReferenceRates};
use causeway_fx::{Currency, Money, Rounding, convert};
use num_bigint::BigUint;

/// A cell by its characters alone.
fn fraction(cell: &str, quote: &'static Currency) -> Fraction {
    let (whole, digits) = cell.split_once('.').unwrap_or((cell, ""));
    Fraction {
        base: currency("EUR"),
        quote,
        numerator: format!("{whole}{digits}").parse().expect("digits"),
        denominator: BigUint::from(10_u8).pow(digits.len() as u32),
    }
}

struct Check<'a> {
    rates: &'a ReferenceRates,
    oracle: Oracle,
    random: Random,
    checked: u64,
}

impl Check<'_> {
    /// One amount both ways at the reference of a pair.
    fn pair(&mut self, day: Day, expected: &Fraction) {
        for [base, quote] in [[expected.base, expected.quote], [expected.quote, expected.base]] {
            let reference = self.rates.at(day, base, quote).expect("the cell is there");
            assert_eq!(reference.fixed.day(), day);
            let rounding = Rounding::ALL[self.random.below(4)];
            let amount = Money::new(self.random.signed() >> 60, base);
            let converted = convert(amount, reference.rate, rounding).expect("it fits");
            let what = format!("{day}: {amount} to {quote} {rounding:?}");
            assert_eq!(converted.money.currency, quote, "{what}");
            self.oracle
                .convert(amount, expected, rounding)
                .check(&converted, &what);
            self.checked += 1;
        }
    }
}

#[test]
fn all_currencies_of_all_days_convert_as_big_integers_do() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let path = std::path::Path::new(&samples)
        .join("fx")
        .join("eurofxref-hist.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rates = ReferenceRates::from_ecb_csv(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut check = Check {
        rates: &rates,
        oracle: Oracle::new(),
        random: Random::new(1_999),
        checked: 0,
    };
    let mut lines = text.lines();
    let codes: Vec<&str> = lines.next().expect("a head").split(',').skip(1).collect();
    let (mut days, mut cells, mut left_out, mut passed_over) = (0, 0, 0, 0);
    for line in lines {
        days += 1;
        let (day, line) = line.split_once(',').expect("a date");
        let day = Day::parse(day).expect("a day");
        let mut before: Option<Fraction> = None;
        for (code, cell) in codes.iter().zip(line.split(',')) {
            let Ok(quote) = Currency::from_alpha(code) else {
                passed_over += 1;
                continue;
            };
            if matches!(cell, "" | "N/A") {
                let refused = rates.at(day, currency("EUR"), quote);
                assert!(
                    matches!(refused, Err(NoReference::NotQuoted { .. })),
                    "{day} {code}"
                );
                left_out += 1;
                continue;
            }
            let per_euro = fraction(cell, quote);
            check.pair(day, &per_euro);
            if let Some(other) = before.replace(per_euro) {
                let last = before.as_ref().expect("it was put there");
                check.pair(day, &cross(&other, last));
            }
            cells += 1;
        }
    }
    println!(
        "{days} days, {cells} rates, {} conversions; {left_out} cells left out, {passed_over} passed over",
        check.checked
    );
    assert_eq!(rates.days().len(), days);
    assert!(cells > 100_000 && left_out > 0 && passed_over > 0);
    assert!(rates.days().is_sorted());
}
