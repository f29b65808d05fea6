//! A statement as CSV (RFC 4180): opening, lines, closing.
//!
//! Names and references are others' words. A spreadsheet runs a cell as a formula that begins with `=`, `+`, `-` or `@`, or
//! with a tab or a carriage return before it: such a text gets a single quote in front, by which it is text to a spreadsheet.
//! Amounts have none: they are numbers, with their sign.
use std::borrow::Cow;
use std::fmt::Write;

use causeway_message::posting::Side;

use crate::model::Statement;

/// The columns.
const HEAD: &str = "date,entry,ordinal,time,side,amount,balance,currency,counterparty,kind,reference,uetr,id";

/// Writes it: the first row is the opening balance, the last the closing balance; amounts are exact decimals.
pub fn csv(statement: &Statement) -> String {
    let mut out = format!("{HEAD}\r\n");
    let code = statement.currency.alpha();
    let mut row = |cells: [&str; 13]| {
        for (at, cell) in cells.iter().enumerate() {
            if at != 0 {
                out.push(',');
            }
            put(&mut out, cell);
        }
        out.push_str("\r\n");
    };
    let balance = |money: i128, entry: u64, time: String, side| {
        let (day, money) = (statement.day(statement.to_time), statement.money(money));
        (day, entry.to_string(), time, side, money)
    };
    let begins = statement.begins();
    let (day, entry, time, side, money) =
        balance(statement.opening, statement.from, begins.to_text(), "opening");
    let day = if statement.date == 0 {
        statement.day(begins)
    } else {
        day
    };
    row([
        &day, &entry, "", &time, side, &money, &money, code, "", "", "", "", "",
    ]);
    for line in &statement.lines {
        let (told, posting) = (&line.told, &line.told.posting);
        row([
            &statement.day(told.time),
            &told.entry.to_string(),
            &posting.origin.1.to_string(),
            &told.time.to_text(),
            side_of(posting.side),
            &statement.money(posting.amount.into()),
            &statement.money(line.balance),
            code,
            &text_cell(&line.counterparty),
            line.kind(),
            &text_cell(&line.reference),
            &line.uetr(),
            &line.id(),
        ]);
    }
    let (day, entry, time, side, money) = balance(
        statement.closing,
        statement.to,
        statement.to_time.to_text(),
        "closing",
    );
    row([
        &day, &entry, "", &time, side, &money, &money, code, "", "", "", "", "",
    ]);
    out
}

const fn side_of(side: Side) -> &'static str {
    match side {
        Side::Credit => "credit",
        Side::Debit => "debit",
    }
}

/// True for what a spreadsheet takes for the begin of a formula.
const fn steers(first: u8) -> bool {
    matches!(first, b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r')
}

/// A text as a cell that no spreadsheet runs as a formula.
pub fn text_cell(text: &str) -> Cow<'_, str> {
    // A text that looks as if it had its quote already gets one more, so that it reads back as what it was.
    let begin = text.trim_start_matches('\'').bytes().next();
    if begin.is_some_and(steers) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell that [`text_cell`] made.
pub fn cell_text(cell: &str) -> &str {
    let begin = cell.trim_start_matches('\'').bytes().next();
    let quoted = cell.strip_prefix('\'').filter(|_| begin.is_some_and(steers));
    quoted.unwrap_or(cell)
}

/// A cell; in quotes where it holds what has a meaning.
fn put(out: &mut String, cell: &str) {
    let plain = |c: char| !matches!(c, ',' | '"' | '\r' | '\n');
    if cell.chars().all(plain) && cell.trim() == cell {
        out.push_str(cell);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
    }
}
