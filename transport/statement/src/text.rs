//! A statement for people.
use std::fmt::Write;

use causeway_message::posting::Side;

use crate::model::Statement;

/// Writes it: a head, one line for each posting, and the balances around them. The last line has no line break.
pub fn text(statement: &Statement) -> String {
    let code = statement.currency.alpha();
    let what = match (statement.running, statement.holder.account.liability) {
        (false, false) => "statement",
        (true, false) => "report of the running day",
        (false, true) => "statement of the liability",
        (true, true) => "report of the liability",
    };
    let day = match statement.date {
        0 => "before the first day".to_owned(),
        _ => statement.day(statement.to_time),
    };
    let mut out = format!("{} {code}: {what}, {day}\n", statement.holder.name);
    let balances = [statement.opening, statement.closing].map(|money| statement.money(money));
    let lines: Vec<[String; 8]> = statement
        .lines
        .iter()
        .map(|line| {
            let posting = &line.told.posting;
            let sign = match posting.side {
                Side::Credit => "+",
                Side::Debit => "-",
            };
            let about = [line.reference.clone(), line.id(), line.uetr()];
            [
                line.told.time.to_text(),
                line.told.entry.to_string(),
                posting.origin.1.to_string(),
                format!("{sign}{}", statement.money(posting.amount.into())),
                statement.money(line.balance),
                line.kind().to_owned(),
                line.counterparty.clone(),
                about
                    .into_iter()
                    .find(|text| !text.is_empty())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    let wide = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let balance = wide(4).max(balances.iter().map(String::len).max().unwrap_or(0));
    let (entry, ordinal, amount, kind, whom) = (wide(1), wide(2), wide(3), wide(5), wide(6));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "opening {} after log entry {}", balances[0], statement.from);
    for [time, at, place, money, after, what, other, about] in &lines {
        let _ = writeln!(
            out,
            "  {time}  {at:>entry$}.{place:<ordinal$}  {money:>amount$}  {after:>balance$}  {what:<kind$}  \
             {other:<whom$}  {about}"
        );
    }
    let _ = write!(
        out,
        "closing {} at log entry {}, {}: {} lines",
        balances[1],
        statement.to,
        statement.to_time.to_text(),
        lines.len()
    );
    out
}
