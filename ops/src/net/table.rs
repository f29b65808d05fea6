//! A report as a treasurer reads it.
use std::fmt::Write;

use super::{Line, Report, Sums};
use crate::client::words::grouped;

/// Sets columns flush: the first so many to the left, the others to the right.
pub(crate) fn columns(out: &mut String, rows: &[Vec<String>], left: usize) {
    let width = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count())
            .max()
    };
    for row in rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let width = width(at).unwrap_or(0);
            let _ = if at < left {
                write!(line, "  {cell:<width$}")
            } else {
                write!(line, "  {cell:>width$}")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

pub(crate) fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A share as a percentage with one digit.
pub(crate) fn percent(part: u128, of: u128) -> String {
    let thousandths = part.saturating_mul(1_000).checked_div(of).unwrap_or(0);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

/// What is queued of a currency, what of it settles, and the share.
pub(crate) fn cells(currency: &str, queued: Sums, settled: Sums) -> Vec<String> {
    vec![
        currency.to_owned(),
        String::new(),
        grouped(queued.count),
        grouped(queued.value.cast_signed()),
        grouped(settled.count),
        grouped(settled.value.cast_signed()),
        percent(settled.value, queued.value),
    ]
}

/// The report in words; at most `most` accounts, those first that pay most.
pub fn table(report: &Report, most: usize) -> String {
    let mut out = String::from("By currency, in minor units:\n\n");
    let mut rows = vec![head(&[
        "currency", "", "rows", "value", "settle", "value", "", "left", "value",
    ])];
    for (currency, (queued, settled)) in &report.currencies {
        let left = queued.less(*settled);
        let mut row = cells(currency, *queued, *settled);
        row.extend([grouped(left.count), grouped(left.value.cast_signed())]);
        rows.push(row);
    }
    columns(&mut out, &rows, 2);
    let mut lines: Vec<&Line> = report.lines.iter().collect();
    let rest = lines.len().saturating_sub(most);
    if rest > 0 {
        lines.sort_by_key(|line| std::cmp::Reverse(line.pays.max(line.left.value)));
        lines.truncate(most);
        lines.sort_by(|a, b| (&a.participant, &a.currency).cmp(&(&b.participant, &b.currency)));
    }
    out.push_str("\nBy account:\n\n");
    let mut rows = vec![head(&[
        "participant",
        "",
        "before",
        "pays",
        "gets",
        "after",
        "may be",
        "rows left",
        "value",
    ])];
    rows.extend(lines.into_iter().map(|line| {
        vec![
            line.participant.clone(),
            line.currency.clone(),
            grouped(line.before),
            grouped(line.pays.cast_signed()),
            grouped(line.gets.cast_signed()),
            grouped(line.after),
            grouped(-line.limit),
            grouped(line.left.count),
            grouped(line.left.value.cast_signed()),
        ]
    }));
    columns(&mut out, &rows, 2);
    if rest > 0 {
        let _ = writeln!(out, "\n  and {} more accounts, in --json", grouped(rest as i128));
    }
    out
}
