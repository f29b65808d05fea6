//! A statement as CSV (RFC 4180): opening, lines, closing.
use std::fmt::Write;

use causeway_message::posting::Side;

use crate::model::Statement;

/// The columns.
const HEAD: &str = "date,entry,ordinal,time,side,amount,balance,counterparty,kind,reference,uetr,id";

/// Writes it: the first row is the opening balance, the last the closing balance; amounts are exact decimals.
pub fn csv(statement: &Statement) -> String {
    let mut out = format!("{HEAD}\r\n");
    let mut row = |cells: [&str; 12]| {
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
    row([&day, &entry, "", &time, side, &money, &money, "", "", "", "", ""]);
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
            &line.counterparty,
            line.kind(),
            &line.reference,
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
    row([&day, &entry, "", &time, side, &money, &money, "", "", "", "", ""]);
    out
}

const fn side_of(side: Side) -> &'static str {
    match side {
        Side::Credit => "credit",
        Side::Debit => "debit",
    }
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
