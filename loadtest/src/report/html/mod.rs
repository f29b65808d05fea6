//! The page of a report: one file that needs no other, no network and no script.
mod head;
mod parts;
mod stages;
mod style;
mod tables;
mod times;

use std::fmt::Write;

use super::form::{Mark, MarkKind, Report};
use super::svg::{COLUMNS, Rule, escape};

/// The page. It is XML as well as HTML.
pub fn page(report: &Report) -> String {
    let mut out = String::with_capacity(1 << 17);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>Causeway load test: {} {}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
        escape(&report.scenario),
        escape(&report.began),
        style::STYLE
    );
    head::head(&mut out, report);
    times::throughput(&mut out, report);
    parts::ramp(&mut out, report);
    parts::overload(&mut out, report);
    times::distribution(&mut out, report);
    times::heat(&mut out, report);
    times::queues(&mut out, report);
    stages::stages(&mut out, report);
    times::memory(&mut out, report);
    tables::audit(&mut out, report);
    tables::conditions(&mut out, report);
    tables::plan(&mut out, report);
    out.push_str("</main>\n</body>\n</html>");
    out
}

/// A part of the page; what it says stands below its title.
fn section(out: &mut String, title: &str, say: &str, inner: &str) {
    let _ = writeln!(
        out,
        "<section>\n<h2>{}</h2>\n<p class=\"say\">{}</p>\n{inner}\n</section>",
        escape(title),
        escape(say)
    );
}

/// Seconds that share a column, as first and last place in the series.
fn columns(report: &Report) -> Vec<std::ops::Range<usize>> {
    let seconds = report.series.len();
    let each = seconds.div_ceil(COLUMNS).max(1);
    (0..seconds)
        .step_by(each)
        .map(|from| from..(from + each).min(seconds))
        .collect()
}

/// What happened, in the order of time.
fn happened(report: &Report) -> Vec<&Mark> {
    let marks = report.marks.iter();
    let mut marks: Vec<&Mark> = marks
        .filter(|mark| mark.at.is_finite() && mark.at >= 0.0)
        .collect();
    marks.sort_by(|a, b| a.at.total_cmp(&b.at));
    marks
}

/// The same as upright lines.
fn marks(report: &Report) -> Vec<Rule> {
    happened(report)
        .into_iter()
        .take(COLUMNS)
        .map(|mark| Rule {
            at: mark.at,
            class: if mark.kind == MarkKind::Outage {
                "mark outage"
            } else {
                "mark"
            },
            name: mark.text.clone(),
        })
        .collect()
}

/// Length of the window as the series has it.
fn seconds(report: &Report) -> f64 {
    let last = report.series.iter().map(|second| second.at).max();
    last.map_or(1.0, |last| last as f64 + 1.0)
}
