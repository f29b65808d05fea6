//! Reference rates of any source, as TOML: who fixed them, when, and the prices of one unit of the base.

use super::day::{Day, Fixed};
use super::error::{ReferenceError, ReferenceRule};
use super::{Cell, Columns, Fixing, ReferenceRates};
use crate::currency::Currency;
use crate::limits::{REFERENCE_FILE_BYTES_MAX, SOURCE_BYTES_MAX};
use crate::rate::Rate;
use rust_decimal::Decimal;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Datetime, Offset};

impl ReferenceRates {
    /// Reads rates from TOML. Prices are read digit by digit as they are written, with or without quotes:
    ///
    /// ```toml
    /// source = "Treasury desk"
    /// time = 2026-04-13T14:15:00Z
    /// base = "EUR"
    /// [rates]
    /// USD = 1.1684
    /// JPY = "186.75"
    /// ```
    ///
    /// Currencies that cannot be settled are passed over with a note.
    ///
    /// # Errors
    /// With line, column and rule, when the text is no TOML, or a key is missing, unknown or has no such value.
    pub fn from_toml(text: &str) -> Result<ReferenceRates, ReferenceError> {
        let place = Place(text);
        if text.len() > REFERENCE_FILE_BYTES_MAX {
            let most = REFERENCE_FILE_BYTES_MAX;
            return Err(place.at(0, ReferenceRule::TextTooLong { most }));
        }
        let table = DeTable::parse(text).map_err(|error| {
            let begin = error.span().map_or(0, |span| span.start);
            place.at(begin, ReferenceRule::Toml(error.message().to_owned()))
        })?;
        let table = table.get_ref();
        known_keys(table, &place)?;
        let source = source(table, &place)?;
        let fixed = Fixed::At(time(table, &place)?);
        let (mut columns, begin) = base(table, &place)?;
        let cells = rates(table, &place, &mut columns)?;
        if cells.is_empty() {
            return Err(place.at(begin, ReferenceRule::Empty));
        }
        Ok(ReferenceRates {
            source,
            base: columns.base,
            columns: columns.settled,
            fixings: vec![Fixing {
                day: fixed.day(),
                fixed,
                cells: 0..cells.len(),
            }],
            cells,
            notes: columns.notes,
        })
    }
}

/// Turns positions of the text into lines and columns.
struct Place<'a>(&'a str);

impl Place<'_> {
    fn at(&self, position: usize, rule: ReferenceRule) -> ReferenceError {
        let bytes = self.0.as_bytes();
        let before = bytes.get(..position).unwrap_or(bytes);
        let begin = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at.saturating_add(1));
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let in_line = before.get(begin..).unwrap_or_default();
        // Every character has one byte that does not continue another.
        let characters = in_line.iter().filter(|byte| *byte & 0xc0 != 0x80).count();
        ReferenceError {
            line: lines.saturating_add(1),
            column: characters.saturating_add(1),
            rule,
        }
    }
}

type Value<'a, 'i> = (Range<usize>, &'a DeValue<'i>);

fn known_keys(table: &DeTable<'_>, place: &Place<'_>) -> Result<(), ReferenceError> {
    let unknown = table
        .keys()
        .find(|key| !["source", "time", "base", "rates"].contains(&key.get_ref().as_ref()));
    unknown.map_or(Ok(()), |key| {
        Err(place.at(key.span().start, ReferenceRule::UnknownKey))
    })
}

fn value<'a, 'i>(
    table: &'a DeTable<'i>,
    key: &'static str,
    place: &Place<'_>,
) -> Result<Value<'a, 'i>, ReferenceError> {
    let value = table
        .get(key)
        .ok_or_else(|| place.at(0, ReferenceRule::Missing(key)))?;
    Ok((value.span(), value.get_ref()))
}

fn text<'a>(
    table: &'a DeTable<'_>,
    key: &'static str,
    place: &Place<'_>,
) -> Result<(usize, &'a str), ReferenceError> {
    let (span, value) = value(table, key, place)?;
    let kind = "a text";
    let text = value.as_str();
    let text = text.ok_or_else(|| place.at(span.start, ReferenceRule::Kind { key, kind }))?;
    Ok((span.start, text))
}

fn source(table: &DeTable<'_>, place: &Place<'_>) -> Result<String, ReferenceError> {
    let (begin, source) = text(table, "source", place)?;
    let fits = !source.trim().is_empty() && source.len() <= SOURCE_BYTES_MAX;
    if !fits || source.chars().any(char::is_control) {
        return Err(place.at(begin, ReferenceRule::Source));
    }
    Ok(source.to_owned())
}

fn time(table: &DeTable<'_>, place: &Place<'_>) -> Result<u64, ReferenceError> {
    let (span, value) = value(table, "time", place)?;
    value
        .as_datetime()
        .and_then(unix_nanos)
        .ok_or_else(|| place.at(span.start, ReferenceRule::Time))
}

fn unix_nanos(at: &Datetime) -> Option<u64> {
    let (date, time) = (at.date?, at.time?);
    let offset = match at.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = Day::new(date.year, date.month, date.day)?.unix_days();
    let second = Some(time.second).filter(|second| *second < 60)?;
    let minutes = days
        .checked_mul(1_440)?
        .checked_add(i64::from(time.hour).checked_mul(60)?)?
        .checked_add(i64::from(time.minute))?
        .checked_sub(offset)?;
    let seconds = minutes.checked_mul(60)?.checked_add(i64::from(second))?;
    u64::try_from(seconds)
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(u64::from(time.nanosecond))
}

fn base(table: &DeTable<'_>, place: &Place<'_>) -> Result<(Columns, usize), ReferenceError> {
    let (begin, code) = text(table, "base", place)?;
    let base = Currency::from_alpha(code).map_err(|error| place.at(begin, ReferenceRule::Currency(error)))?;
    Ok((Columns::new(base), begin))
}

fn rates(table: &DeTable<'_>, place: &Place<'_>, columns: &mut Columns) -> Result<Vec<Cell>, ReferenceError> {
    let (span, rates) = value(table, "rates", place)?;
    let kind = ReferenceRule::Kind {
        key: "rates",
        kind: "a table of currencies and prices",
    };
    let rates = rates.as_table().ok_or_else(|| place.at(span.start, kind))?;
    let mut cells = Vec::new();
    for (code, rate) in rates {
        let column = columns
            .take(code.get_ref())
            .map_err(|rule| place.at(code.span().start, rule))?;
        let value = price(rate).map_err(|rule| place.at(rate.span().start, rule))?;
        cells.extend(column.map(|column| Cell { column, value }));
    }
    Ok(cells)
}

/// A price by its digits: no float is made of them.
fn price(rate: &Spanned<DeValue<'_>>) -> Result<Decimal, ReferenceRule> {
    let digits = match rate.get_ref() {
        DeValue::String(text) => text.as_ref(),
        DeValue::Float(float) => float.as_str(),
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        _ => {
            return Err(ReferenceRule::Kind {
                key: "rates",
                kind: "a price: a decimal number",
            });
        }
    };
    Rate::parse_value(digits).map_err(ReferenceRule::Rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "source = \"Desk\"\ntime = 2026-04-13T16:15:00.5+02:00\nbase = \"EUR\"\n";

    fn refused(text: &str) -> String {
        ReferenceRates::from_toml(text).unwrap_err().to_string()
    }

    #[test]
    fn prices_are_read_by_their_digits_and_the_answer_names_source_and_time() {
        let text = format!(
            "{HEAD}[rates]\nUSD = 1.1684\nJPY = \"186.75\"\nKRW = 1740\nXAU = 0.0003\nDEM = 1.95583\n"
        );
        let rates = ReferenceRates::from_toml(&text).unwrap();
        let [eur, usd, jpy] = ["EUR", "USD", "JPY"].map(|code| Currency::from_alpha(code).unwrap());
        let day = Day::new(2026, 4, 13).unwrap();
        let reference = rates.at(day, eur, usd).unwrap();
        assert_eq!(reference.rate.to_string(), "1 EUR = 1.1684 USD");
        assert_eq!(reference.source, "Desk");
        assert_eq!(reference.fixed.to_string(), "2026-04-13T14:15:00.500000000Z");
        let cross = rates.at(day, usd, jpy).unwrap();
        assert_eq!(cross.derived, super::super::Derived::Cross);
        assert_eq!(cross.rate.to_string(), "1 USD = 466875/2921 JPY");
        let notes: Vec<&str> = rates.notes().iter().map(|note| note.code.as_str()).collect();
        assert_eq!(notes, ["DEM", "XAU"]);
    }

    #[test]
    fn what_is_wrong_is_refused_naming_line_column_and_rule() {
        let missing = |key: &str| format!("line 1, column 1: the key {key} is missing");
        assert_eq!(refused(""), missing("source"));
        assert_eq!(refused("source = \"Desk\""), missing("time"));
        assert_eq!(refused(HEAD), missing("rates"));
        for (rates, expected) in [
            (
                "rates = 1",
                "line 4, column 9: the value of rates must be a table of currencies and prices",
            ),
            (
                "[rates]",
                "line 3, column 8: there is no rate: at least one is needed",
            ),
            (
                "other = 1",
                "line 4, column 1: the key is unknown: only source, time, base and rates are read",
            ),
            (
                "[rates]\nUSD = 0.0",
                "line 5, column 7: the rate is zero: a rate is above zero",
            ),
            (
                "[rates]\nUSD = 1e3",
                "line 5, column 7: the rate is not a decimal number: only digits and one point are allowed",
            ),
            (
                "[rates]\nUSD = nan",
                "line 5, column 7: the rate is not a decimal number: only digits and one point are allowed",
            ),
            (
                "[rates]\nUSD = true",
                "line 5, column 7: the value of rates must be a price: a decimal number",
            ),
            (
                "[rates]\nUSD = 0x10",
                "line 5, column 7: the value of rates must be a price: a decimal number",
            ),
            (
                "[rates]\nEUR = 1",
                "line 5, column 1: currency EUR is the base: it has no rate of its own",
            ),
        ] {
            assert_eq!(refused(&format!("{HEAD}{rates}\n")), expected, "{rates}");
        }
        assert!(
            refused(&format!("{HEAD}[rates]\nUSD = 1\nUSD = 2\n"))
                .starts_with("line 6, column 1: the text is not TOML")
        );
    }

    #[test]
    fn a_file_that_is_too_long_is_refused_unread() {
        let long = "#".repeat(REFERENCE_FILE_BYTES_MAX + 1);
        assert_eq!(
            refused(&long),
            "line 1, column 1: the text is too long: at most 65536 bytes are read"
        );
        let deep = format!("{HEAD}rates = {}", "[".repeat(REFERENCE_FILE_BYTES_MAX / 2));
        assert!(refused(&deep).contains("the text is not TOML"));
    }

    #[test]
    fn the_head_is_checked() {
        let rates = "[rates]\nUSD = 1\n";
        let with = |old: &str, new: &str| refused(&format!("{}{rates}", HEAD.replace(old, new)));
        let time = "line 2, column 8: the time must be a date and time with an offset, from 1970 on, without a leap second";
        for other in [
            "2026-04-13T16:15:00",
            "2026-04-13",
            "1969-12-31T23:59:59Z",
            "2026-06-30T23:59:60Z",
            "\"now\"",
        ] {
            assert_eq!(with("2026-04-13T16:15:00.5+02:00", other), time, "{other}");
        }
        let source = "line 1, column 10: the source must have 1 to 128 bytes and no control characters";
        for other in ["", "\\n", &"x".repeat(129)] {
            assert_eq!(with("Desk", other), source, "{other}");
        }
        assert_eq!(
            with("\"Desk\"", "7"),
            "line 1, column 10: the value of source must be a text"
        );
        assert_eq!(
            with("EUR", "DEM"),
            "line 3, column 8: currency DEM is retired: withdrawn from ISO 4217 in 2002-03"
        );
    }
}
