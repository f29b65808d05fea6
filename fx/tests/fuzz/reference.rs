//! Fuzz targets of reference rates. What reads is read a second time, cell by cell or as it is written back.

use super::support;
use super::support::{Input, fuzz};
use causeway_fx::reference::{ReferenceError, ReferenceRates};
use causeway_fx::{Currency, Decimal, ExactRate, Rate};
use std::fmt::Write;

const EXTRACT: &str = include_str!("../conversion/ecb-extract.csv");

/// An error points into the text.
fn points_into(text: &str, error: &ReferenceError) {
    let lines = text.split('\n').count();
    assert!(error.line >= 1 && error.line <= lines.max(2), "{error}");
    assert!(error.column >= 1 && error.column <= text.len() + 1, "{error}");
    assert!(error.to_string().len() < 1_000, "{error}");
}

#[test]
fn a_table_that_reads_has_the_rates_of_its_cells() {
    let samples: Vec<Vec<u8>> = [
        EXTRACT,
        "Date,USD,JPY,\n2026-04-13,1.1684,186.75,\n2026-04-10,N/A,186.43,\n",
        "Date,USD,HRK,KWD\r\n2022-12-30,1.0666,7.5365,\r\n",
        "Date\n2022-12-30\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let words = [
        "N/A",
        ",",
        "\n",
        "2026-04-13",
        "2026-04-12",
        "USD",
        "GBP",
        "EUR",
        "XAU",
        "0",
        "1.5",
    ];
    fuzz!("reference-ecb", &samples, &words, |input: &Input| {
        let text = input.text();
        let rates = match ReferenceRates::from_ecb_csv(&text) {
            Ok(rates) => rates,
            Err(error) => return points_into(&text, &error),
        };
        let mut lines = text.lines();
        let codes: Vec<&str> = lines.next().expect("a head").split(',').skip(1).collect();
        assert_eq!(rates.days().len(), lines.clone().count());
        for line in lines {
            let (day, cells) = line.split_once(',').unwrap_or((line, ""));
            let found = rates
                .days()
                .find(|found| found.to_string() == day)
                .expect("the day");
            for (code, cell) in codes.iter().zip(cells.split(',')) {
                let Ok(quote) = Currency::from_alpha(code) else {
                    continue;
                };
                let expected = Rate::parse(cell, rates.base(), quote).map(|rate| rate.exact());
                let reference = rates
                    .at(found, rates.base(), quote)
                    .map(|reference| reference.rate);
                assert_eq!(reference.ok(), expected.ok(), "{line:?} {code}");
            }
        }
    });
}

/// The same rates as text again.
fn written(rates: &ReferenceRates, priced: &[(&str, Decimal)]) -> String {
    let day = rates.days().next().expect("a day");
    let (base, currency) = (rates.base(), rates.currencies().first().expect("a rate"));
    let reference = rates.at(day, base, currency).expect("a rate");
    let source = rates.source().replace('\\', "\\\\").replace('"', "\\\"");
    let mut text = format!(
        "source = \"{source}\"\ntime = {}\nbase = \"{base}\"\n[rates]\n",
        reference.fixed
    );
    for (code, value) in priced {
        writeln!(text, "{code} = \"{value}\"").expect("a text takes all");
    }
    text
}

#[test]
fn a_file_that_reads_is_written_back_with_its_rates() {
    let samples: Vec<Vec<u8>> = [
        "source = \"Desk\"\ntime = 2026-04-13T14:15:00Z\nbase = \"EUR\"\n[rates]\nUSD = 1.1684\nJPY = \"186.75\"\n",
        "base = \"USD\"\nsource = 'a \"b\\c\"'\ntime = 1970-01-01 02:00:00.25+02:00\nrates = { XAU = 1, KWD = 0.3, CLF = 1_0 }\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let words = [
        "[rates]",
        "USD = ",
        "EUR",
        "\"",
        "'",
        "1e3",
        "inf",
        "2262-01-01T00:00:00Z",
        "\n",
        "_",
        "[",
        "{",
    ];
    fuzz!("reference-toml", &samples, &words, |input: &Input| {
        let text = input.text();
        let rates = match ReferenceRates::from_toml(&text) {
            Ok(rates) => rates,
            Err(error) => return points_into(&text, &error),
        };
        let day = rates.days().next().expect("a day");
        let value = |rate: ExactRate| rate.to_rate().expect("it was a decimal").value();
        let priced: Vec<(&str, Decimal)> = rates
            .currencies()
            .iter()
            .map(|quote| {
                let reference = rates.at(day, rates.base(), quote).expect("a rate");
                (quote.alpha(), value(reference.rate))
            })
            .collect();
        let text = written(&rates, &priced);
        let again = ReferenceRates::from_toml(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(again.source(), rates.source());
        assert_eq!(again.currencies(), rates.currencies());
        for quote in rates.currencies() {
            assert_eq!(
                again.at(day, rates.base(), quote),
                rates.at(day, rates.base(), quote),
                "{text}"
            );
        }
    });
}
