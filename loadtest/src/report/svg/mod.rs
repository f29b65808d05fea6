//! Pictures: SVG that stands in a page and takes its colours from there. What is no number is left out, and a picture
//! of nothing says so.
mod bars;
mod chart;
mod scale;
mod strip;

use std::fmt::Write;

pub use bars::{Bar, Segment, bars};
pub use chart::{Chart, Line, Rule, chart};
pub use scale::Scale;
pub use strip::{Row, Strip, strip};

/// Width of every picture in its own units; the page scales it.
pub const WIDTH: f64 = 1_040.0;
/// Room beside a picture over time, so that those below each other have one axis: names at its left.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
/// A letter of a label, roughly.
const LETTER: f64 = 6.4;
/// Most columns of a picture over time: more seconds than that share one.
pub const COLUMNS: usize = 240;

/// Text that no tag or attribute can begin in. Characters that XML does not know are replaced.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// A number of a path, no longer than it needs to be.
fn px(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A picture of this height that a screen reader calls so.
fn open(out: &mut String, height: f64, label: &str) {
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">",
        escape(label)
    );
}

fn text(out: &mut String, at: (f64, f64), class: &str, words: &str) {
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\" class=\"{class}\">{}</text>",
        px(at.0),
        px(at.1),
        escape(words)
    );
}

fn line(out: &mut String, from: (f64, f64), to: (f64, f64), class: &str) {
    let _ = write!(
        out,
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{class}\"/>",
        px(from.0),
        px(from.1),
        px(to.0),
        px(to.1)
    );
}

/// A rectangle; what is told stands there when it is pointed at.
fn block(out: &mut String, at: (f64, f64), size: (f64, f64), class: &str, told: &str) {
    let _ = write!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{class}\">",
        px(at.0),
        px(at.1),
        px(size.0.max(0.0)),
        px(size.1.max(0.0))
    );
    if !told.is_empty() {
        let _ = write!(out, "<title>{}</title>", escape(told));
    }
    out.push_str("</rect>");
}
