//! A picture of a queue: who owes whom before, and what is left.
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fmt::Write;

use super::Report;
use crate::client::words::grouped;

/// Participants that have a place of their own; the others stand together.
const PLACES: usize = 12;
/// Currencies that are drawn, those first in which most rows wait.
const CURRENCIES: usize = 6;
/// Pixels of a circle with its names.
const SIDE: f64 = 420.0;
const RADIUS: f64 = 130.0;
const OTHERS: &str = "others";

/// Characters that XML keeps for itself.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // No other control character may stand in XML.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Obligations of one currency between places.
struct Circle {
    names: Vec<String>,
    /// Queued, and left, by debtor and creditor.
    owed: BTreeMap<(usize, usize), (u128, u128)>,
}

impl Circle {
    fn new(report: &Report, currency: &str) -> Self {
        let own = || report.owed.iter().filter(|((code, ..), _)| code == currency);
        let mut weight: BTreeMap<&str, u128> = BTreeMap::new();
        for ((_, debtor, creditor), (queued, _)) in own() {
            *weight.entry(debtor).or_default() += queued;
            *weight.entry(creditor).or_default() += queued;
        }
        let mut names: Vec<&str> = weight.keys().copied().collect();
        names.sort_by_key(|name| std::cmp::Reverse(weight[name]));
        let more = names.len() > PLACES;
        names.truncate(PLACES);
        names.sort_unstable();
        let place = |name: &str| names.binary_search(&name).unwrap_or(names.len());
        let mut owed: BTreeMap<(usize, usize), (u128, u128)> = BTreeMap::new();
        for ((_, debtor, creditor), (queued, left)) in own() {
            let pair = (place(debtor), place(creditor));
            if pair.0 != pair.1 {
                let sums = owed.entry(pair).or_default();
                *sums = (sums.0 + queued, sums.1 + left);
            }
        }
        let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        if more {
            names.push(OTHERS.to_owned());
        }
        Self { names, owed }
    }

    fn at(&self, place: usize, radius: f64, (x, y): (f64, f64)) -> (f64, f64) {
        let angle = TAU * place as f64 / self.names.len().max(1) as f64 - TAU / 4.0;
        (x + radius * angle.cos(), y + radius * angle.sin())
    }

    /// Arrows as thick as what they stand for, against the largest that is queued.
    fn draw(&self, out: &mut String, center: (f64, f64), of: impl Fn(&(u128, u128)) -> u128) {
        let most = self.owed.values().map(|sums| sums.0).max().unwrap_or(1).max(1) as f64;
        for ((debtor, creditor), sums) in &self.owed {
            let amount = of(sums);
            if amount == 0 {
                continue;
            }
            let (from, to) = (
                self.at(*debtor, RADIUS, center),
                self.at(*creditor, RADIUS, center),
            );
            // Bent to one side, so that what goes back stands beside it.
            let bend = |from: f64, to: f64, center: f64| (from + to) / 2.0 * 0.75 + center * 0.25;
            let side = ((to.1 - from.1) * 0.12, (from.0 - to.0) * 0.12);
            let via = (
                bend(from.0, to.0, center.0) + side.0,
                bend(from.1, to.1, center.1) + side.1,
            );
            let width = 0.6 + 7.0 * (amount as f64 / most).sqrt();
            let _ = writeln!(
                out,
                "<path d=\"M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}\" stroke-width=\"{width:.1}\" marker-end=\"url(#to)\">\
                 <title>{} owes {}: {}</title></path>",
                from.0,
                from.1,
                via.0,
                via.1,
                to.0,
                to.1,
                escaped(&self.names[*debtor]),
                escaped(&self.names[*creditor]),
                grouped(amount.cast_signed())
            );
        }
        for (place, name) in self.names.iter().enumerate() {
            let (dot, text) = (
                self.at(place, RADIUS, center),
                self.at(place, RADIUS + 18.0, center),
            );
            let anchor = match text.0 - center.0 {
                aside if aside > 20.0 => "start",
                aside if aside < -20.0 => "end",
                _ => "middle",
            };
            let _ = writeln!(
                out,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                dot.0,
                dot.1,
                text.0,
                text.1 + 4.0,
                escaped(name)
            );
        }
    }
}

/// The picture: a row for each currency, what is queued to the left and what is left to the right.
pub fn svg(report: &Report) -> String {
    let mut currencies: Vec<_> = report.currencies.iter().collect();
    currencies.sort_by_key(|(_, (queued, _))| std::cmp::Reverse(queued.count));
    currencies.truncate(CURRENCIES);
    let (width, height) = (2.0 * SIDE, SIDE * currencies.len().max(1) as f64);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <style>path{{fill:none;stroke:#0b6e99;stroke-opacity:.55}}circle{{fill:#102a43}}text{{fill:#102a43}}</style>\n\
         <defs><marker id=\"to\" viewBox=\"0 0 6 6\" refX=\"9\" refY=\"3\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" style=\"fill:#0b6e99;stroke:none\"/>\
         </marker></defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (row, (currency, (queued, settled))) in currencies.into_iter().enumerate() {
        let circle = Circle::new(report, currency);
        let (top, left) = (row as f64 * SIDE, queued.less(*settled));
        for (column, title, sums) in [(0.0, "queued", *queued), (1.0, "left", left)] {
            let center = (SIDE * (column + 0.5), top + SIDE / 2.0 + 15.0);
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"15\">{} {title}: {} in {} rows</text>",
                center.0,
                top + 26.0,
                escaped(currency),
                grouped(sums.value.cast_signed()),
                grouped(sums.count)
            );
            circle.draw(
                &mut out,
                center,
                |both| if column == 0.0 { both.0 } else { both.1 },
            );
        }
    }
    out.push_str("</svg>\n");
    out
}
