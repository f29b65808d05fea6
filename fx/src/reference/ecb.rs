//! The table of the European Central Bank, `eurofxref-hist.csv`: a line for each day, a column for each currency.

use super::day::{Day, Fixed};
use super::error::{ReferenceError, ReferenceRule};
use super::{Cell, Columns, Fixing, ReferenceRates};
use crate::currency::Currency;
use crate::limits::{REFERENCE_DAYS_MAX, REFERENCE_TABLE_BYTES_MAX};
use crate::rate::Rate;

/// The source that the answers name.
pub const ECB_SOURCE: &str = "European Central Bank, euro foreign exchange reference rates";

impl ReferenceRates {
    /// Reads the table of the European Central Bank: prices of one euro. The first line begins with `Date` and names
    /// the currencies; a comma may end every line. `N/A` or nothing stands where a currency has no rate that day.
    ///
    /// Currencies that cannot be settled, as retired ones, are passed over with a note; their cells must still be
    /// rates. The table names days and no times, and so do the answers.
    ///
    /// # Errors
    /// With line, column and rule, when a line is none of such a table, or a day or currency is there twice.
    pub fn from_ecb_csv(text: &str) -> Result<ReferenceRates, ReferenceError> {
        if text.len() > REFERENCE_TABLE_BYTES_MAX {
            let most = REFERENCE_TABLE_BYTES_MAX;
            return Err(at(1, 1)(ReferenceRule::TextTooLong { most }));
        }
        let mut lines = (1_usize..).zip(text.lines());
        let (_, head) = lines.next().ok_or(at(1, 1)(ReferenceRule::NoDate))?;
        let (columns, head) = Head::read(head)?;
        let mut days = Vec::new();
        let mut cells = Vec::new();
        for (number, line) in lines {
            if days.len() >= REFERENCE_DAYS_MAX {
                return Err(at(number, 1)(ReferenceRule::TooManyDays));
            }
            let (day, cells) = head.line(number, line, &mut cells)?;
            let fixed = Fixed::On(day);
            days.push((number, Fixing { day, fixed, cells }));
        }
        if cells.is_empty() {
            return Err(at(2, 1)(ReferenceRule::Empty));
        }
        Ok(ReferenceRates {
            source: ECB_SOURCE.to_owned(),
            base: columns.base,
            columns: columns.settled,
            fixings: in_order(days)?,
            cells,
            notes: columns.notes,
        })
    }
}

/// Sorts days; the later line of two of one day is in error.
fn in_order(mut days: Vec<(usize, Fixing)>) -> Result<Vec<Fixing>, ReferenceError> {
    days.sort_by_key(|(line, fixing)| (fixing.day, *line));
    for pair in days.windows(2) {
        if let [(_, first), (line, second)] = pair
            && first.day == second.day
        {
            let day = second.day;
            return Err(at(*line, 1)(ReferenceRule::DayTwice { day }));
        }
    }
    Ok(days.into_iter().map(|(_, fixing)| fixing).collect())
}

fn at(line: usize, column: usize) -> impl Fn(ReferenceRule) -> ReferenceError {
    move |rule| ReferenceError { line, column, rule }
}

/// What the first line says of the others.
struct Head {
    /// For each column after the date, the number among those that have rates.
    columns: Vec<Option<u16>>,
    /// Whether a comma ends every line.
    trailing: bool,
}

impl Head {
    fn read(line: &str) -> Result<(Columns, Head), ReferenceError> {
        let euro = Currency::from_alpha("EUR").map_err(|error| at(1, 1)(ReferenceRule::Currency(error)))?;
        let mut columns = Columns::new(euro);
        let trailing = line.ends_with(',');
        let mut cells = (1_usize..).zip(line.strip_suffix(',').unwrap_or(line).split(','));
        if cells.next().is_none_or(|(_, cell)| cell != "Date") {
            return Err(at(1, 1)(ReferenceRule::NoDate));
        }
        let taken = cells.map(|(number, code)| columns.take(code).map_err(at(1, number)));
        let head = Head {
            columns: taken.collect::<Result<_, _>>()?,
            trailing,
        };
        Ok((columns, head))
    }

    /// Reads the day of a line and adds its rates to `cells`. The day, and where its cells are.
    fn line(
        &self,
        number: usize,
        line: &str,
        cells: &mut Vec<Cell>,
    ) -> Result<(Day, std::ops::Range<usize>), ReferenceError> {
        let expected = self.columns.len().saturating_add(1);
        let inner = if self.trailing {
            line.strip_suffix(',')
        } else {
            Some(line)
        };
        let found = line.split(',').count();
        let inner = inner.filter(|inner| inner.split(',').count() == expected);
        let Some(inner) = inner else {
            let expected = expected.saturating_add(usize::from(self.trailing));
            let column = found.min(expected);
            return Err(at(number, column)(ReferenceRule::Columns { found, expected }));
        };
        let (day, rates) = inner.split_once(',').unwrap_or((inner, ""));
        let day = Day::parse(day).ok_or(at(number, 1)(ReferenceRule::Date))?;
        let begin = cells.len();
        for ((position, column), cell) in (2_usize..).zip(&self.columns).zip(rates.split(',')) {
            if matches!(cell, "" | "N/A") {
                continue;
            }
            let value =
                Rate::parse_value(cell).map_err(|error| at(number, position)(ReferenceRule::Rate(error)))?;
            cells.extend(column.map(|column| Cell { column, value }));
        }
        Ok((day, begin..cells.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        ReferenceRates::from_ecb_csv(text).unwrap_err().to_string()
    }

    #[test]
    fn bad_lines_are_refused_naming_line_column_and_rule() {
        for (text, expected) in [
            ("", "line 1, column 1: the first column must be Date"),
            ("date,USD\n", "line 1, column 1: the first column must be Date"),
            (
                "Date,USD,\n",
                "line 2, column 1: there is no rate: at least one is needed",
            ),
            (
                "Date,USD,us\n",
                "line 1, column 3: currency code \"us\" is malformed: ISO 4217 codes are three capital letters A to Z",
            ),
            (
                "Date,USD,USD\n",
                "line 1, column 3: currency USD is there twice: each has one column",
            ),
            (
                "Date,HRK,HRK\n",
                "line 1, column 3: currency HRK is there twice: each has one column",
            ),
            (
                "Date,EUR\n",
                "line 1, column 2: currency EUR is the base: it has no rate of its own",
            ),
            (
                "Date,USD,JPY,\n2026-04-13,1.1684,\n",
                "line 2, column 3: the line has 3 columns: the first line has 4",
            ),
            (
                "Date,USD\n2026-04-13,1.1684,\n",
                "line 2, column 2: the line has 3 columns: the first line has 2",
            ),
            (
                "Date,USD\n2026-04-13,1.1684\n\n",
                "line 3, column 1: the line has 1 columns: the first line has 2",
            ),
            (
                "Date,USD\n13.04.2026,1\n",
                "line 2, column 1: the date is none: a day is written 2026-04-13",
            ),
            (
                "Date,USD\n2026-04-13,1\n2026-04-10,1\n2026-04-13,1\n",
                "line 4, column 1: the date 2026-04-13 is there twice: each has one line",
            ),
            (
                "Date,USD,JPY\n2026-04-13,1,0\n",
                "line 2, column 3: the rate is zero: a rate is above zero",
            ),
            (
                "Date,HRK\n2026-04-13,x\n",
                "line 2, column 2: the rate is not a decimal number: only digits and one point are allowed",
            ),
        ] {
            assert_eq!(refused(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_bounds_hold() {
        let long = "x".repeat(REFERENCE_TABLE_BYTES_MAX + 1);
        assert!(refused(&long).contains("too long"));
        let codes = (0..300_u16).map(|number| {
            let letter = |of: u16| char::from(b'A' + (of % 26) as u8);
            format!(",Q{}{}", letter(number / 26), letter(number))
        });
        let wide = format!("Date{}\n", codes.collect::<String>());
        assert_eq!(
            refused(&wide),
            "line 1, column 258: there are too many currencies: at most 256 are read"
        );
        let days = (0..=REFERENCE_DAYS_MAX as i64).map(|day| Day::from_unix_days(day).unwrap());
        let tall: String = days.map(|day| format!("{day},\n")).collect();
        assert_eq!(
            refused(&format!("Date,USD\n{tall}")),
            "line 65538, column 1: there are too many days: at most 65536 are read"
        );
    }
}
