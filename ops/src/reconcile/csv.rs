//! A statement as CSV: a head that names the columns, and a line for each booking.
use causeway_fx::Currency;
use causeway_statement::cell_text;

use super::{Fault, Line, Lines, Side, Statement, amount, amount_or_zero, date};

/// The columns; `currency` may be missing.
const COLUMNS: [&str; 5] = ["date", "reference", "side", "amount", "currency"];
const REQUIRED: usize = 4;
/// What `control statement` writes beside them; it is passed over.
const BESIDE: [&str; 8] = [
    "entry",
    "ordinal",
    "time",
    "balance",
    "counterparty",
    "kind",
    "uetr",
    "id",
];

/// Reads the whole of it.
pub(super) fn read(text: &str, currency: &Currency) -> Result<Statement, Fault> {
    let mut reader = ::csv::ReaderBuilder::new()
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| fault(&error))?;
    let own = BESIDE
        .iter()
        .all(|name| head.iter().any(|column| column == *name));
    let places = places(head)?;
    let (mut opening, mut closing) = (None, None);
    let (mut lines, mut dates) = (Vec::new(), Vec::new());
    let starts = Lines::new(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|error| fault(&error))?;
        // Empty lines before it are passed over.
        let from = record.position().map_or(0, |position| position.byte() as usize);
        let rest = text.as_bytes().get(from..).unwrap_or_default();
        let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let at = starts.of(from + empty.count());
        let cell = |column: usize| places[column].and_then(|place| record.get(place));
        if let Some(code) = cell(4)
            && code != currency.alpha()
        {
            let rule = format!("{code}: the statement must be one in {}", currency.alpha());
            return Err(Fault::new(at, "currency", rule));
        }
        let (day, side, money) = (cell(0), cell(2), cell(3).unwrap_or_default());
        let day = date(at, "date", day.unwrap_or_default())?;
        dates.push(day);
        let side = match side.unwrap_or_default() {
            "credit" => Side::Credit,
            "debit" => Side::Debit,
            which @ ("opening" | "closing") => {
                let slot = if which == "opening" {
                    &mut opening
                } else {
                    &mut closing
                };
                if slot.replace(balance(at, money, currency)?).is_some() {
                    let rule = format!("{which}: stands there twice");
                    return Err(Fault::new(at, "side", rule));
                }
                continue;
            }
            other => {
                let rule = format!("{other}: must be credit, debit, opening or closing");
                return Err(Fault::new(at, "side", rule));
            }
        };
        // Only what this program wrote has quotes before what a spreadsheet would run.
        let reference = cell(1).unwrap_or_default();
        let reference = if own { cell_text(reference) } else { reference };
        if reference.is_empty() {
            return Err(Fault::new(at, "reference", "is missing"));
        }
        lines.push(Line {
            at,
            date: day,
            references: vec![reference.to_owned()],
            side,
            amount: amount(at, "amount", money, currency)?,
        });
    }
    let (from, to) = (dates.iter().min(), dates.iter().max());
    let (Some(from), Some(to)) = (from.copied(), to.copied()) else {
        return Err(Fault::new(
            1,
            "lines",
            "there are none, so nothing says which days it covers",
        ));
    };
    Ok(Statement {
        from,
        to,
        opening,
        closing,
        lines,
    })
}

/// Where each column stands.
fn places(head: &::csv::StringRecord) -> Result<[Option<usize>; COLUMNS.len()], Fault> {
    let mut places = [None; COLUMNS.len()];
    for (place, name) in head.iter().enumerate().filter(|(_, name)| !BESIDE.contains(name)) {
        let column = COLUMNS.iter().position(|column| *column == name);
        let column = column.ok_or_else(|| {
            let rule = format!("{name}: columns are {}", COLUMNS.join(", "));
            Fault::new(1, "head", rule)
        })?;
        if places[column].replace(place).is_some() {
            return Err(Fault::new(1, "head", format!("{name}: stands there twice")));
        }
    }
    let missing = (0..REQUIRED).find(|column| places[*column].is_none());
    match missing {
        Some(column) => {
            let rule = format!("column {} is missing", COLUMNS[column]);
            Err(Fault::new(1, "head", rule))
        }
        None => Ok(places),
    }
}

/// A balance, which may be below zero.
fn balance(at: u32, text: &str, currency: &Currency) -> Result<i128, Fault> {
    let (side, digits) = text
        .strip_prefix('-')
        .map_or((Side::Credit, text), |rest| (Side::Debit, rest));
    Ok(side.signed(amount_or_zero(at, "amount", digits, currency)?))
}

fn fault(error: &::csv::Error) -> Fault {
    let line = error
        .position()
        .map_or(1, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
    Fault::new(line, "columns", error.to_string())
}
