//! Lines over an axis.
use std::fmt::Write;

use super::{LEFT, LETTER, RIGHT, Scale, WIDTH, block, escape, line, open, px, text};
use crate::report::words::tick;

const TOP: f64 = 26.0;
const BOTTOM: f64 = 38.0;

/// A picture of lines.
#[derive(Debug)]
pub struct Chart<'a> {
    /// What a screen reader says of it.
    pub label: &'a str,
    /// Height in units of [`WIDTH`].
    pub height: f64,
    /// The axis below, the values named on it with their names, and what it counts.
    pub x: Scale,
    /// Names on it; the scale's own if empty.
    pub names: Vec<(f64, String)>,
    /// What it counts.
    pub x_unit: &'a str,
    /// The axis at the left.
    pub y: Scale,
    /// What it counts.
    pub y_unit: &'a str,
    /// What is drawn.
    pub lines: Vec<Line<'a>>,
    /// Upright lines at a value of x.
    pub marks: Vec<Rule>,
    /// Level ones at a value of y.
    pub levels: Vec<Rule>,
    /// Points of x and y that are named.
    pub points: Vec<(f64, f64, String)>,
    /// What is told when a range of x is pointed at.
    pub told: Vec<(f64, f64, String)>,
}

/// One line.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its colour: a class of the page.
    pub class: &'a str,
    /// Filled below.
    pub filled: bool,
    /// A circle at each point.
    pub dotted: bool,
    /// Where it goes; what is no number interrupts it.
    pub points: Vec<(f64, f64)>,
}

/// A straight line with a word.
#[derive(Debug)]
pub struct Rule {
    /// At which value.
    pub at: f64,
    /// Its colour: a class of the page.
    pub class: &'static str,
    /// Its word.
    pub name: String,
}

/// Draws it.
pub fn chart(chart: &Chart<'_>) -> String {
    let mut out = String::new();
    open(&mut out, chart.height, chart.label);
    let (bottom, right) = (chart.height - BOTTOM, WIDTH - RIGHT);
    let x = |value: f64| LEFT + chart.x.place(value) * (right - LEFT);
    let y = |value: f64| bottom - chart.y.place(value) * (bottom - TOP);
    for value in chart.y.named() {
        line(&mut out, (LEFT, y(value)), (right, y(value)), "grid");
        text(&mut out, (LEFT - 8.0, y(value) + 4.0), "tick end", &tick(value));
    }
    let names: Vec<(f64, String)> = if chart.names.is_empty() {
        chart
            .x
            .named()
            .into_iter()
            .map(|value| (value, tick(value)))
            .collect()
    } else {
        chart.names.clone()
    };
    for (value, name) in &names {
        text(&mut out, (x(*value), bottom + 18.0), "tick middle", name);
    }
    text(&mut out, (right, chart.height - 4.0), "unit end", chart.x_unit);
    text(&mut out, (LEFT - 8.0, 12.0), "unit end", chart.y_unit);
    for drawn in &chart.lines {
        path(&mut out, drawn, bottom, x, y);
    }
    for level in chart.levels.iter().filter(|level| level.at.is_finite()) {
        line(&mut out, (LEFT, y(level.at)), (right, y(level.at)), level.class);
        text(&mut out, (LEFT + 6.0, y(level.at) - 5.0), "note", &level.name);
    }
    marks(&mut out, chart, bottom, x);
    for (at, value, name) in chart
        .points
        .iter()
        .filter(|(at, value, _)| at.is_finite() && value.is_finite())
    {
        let (at, up) = (x(*at), y(*value));
        let _ = write!(
            out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"3.5\" class=\"dot a\"/>",
            px(at),
            px(up)
        );
        text(&mut out, (at - 7.0, up - 8.0), "named end", name);
    }
    legend(&mut out, &chart.lines);
    for (from, to, told) in &chart.told {
        block(
            &mut out,
            (x(*from), TOP),
            (x(*to) - x(*from), bottom - TOP),
            "hit",
            told,
        );
    }
    if chart.lines.iter().all(|line| line.points.is_empty()) {
        text(
            &mut out,
            (WIDTH / 2.0, chart.height / 2.0),
            "nothing middle",
            "nothing was measured",
        );
    }
    out.push_str("</svg>");
    out
}

/// The parts of a line between interruptions.
fn path(out: &mut String, drawn: &Line<'_>, bottom: f64, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) {
    let parts = drawn.points.split(|(x, y)| !x.is_finite() || !y.is_finite());
    for part in parts.filter(|part| !part.is_empty()) {
        let mut steps = String::new();
        for (number, (at, value)) in part.iter().enumerate() {
            let sign = if number == 0 { 'M' } else { 'L' };
            let _ = write!(steps, "{sign}{} {}", px(x(*at)), px(y(*value)));
        }
        if let (true, [(first, _), .., (last, _)]) = (drawn.filled, part) {
            let (first, last, bottom) = (px(x(*first)), px(x(*last)), px(bottom));
            let _ = write!(
                out,
                "<path d=\"{steps}L{last} {bottom}L{first} {bottom}Z\" class=\"area {}\"/>",
                drawn.class
            );
        }
        let _ = write!(out, "<path d=\"{steps}\" class=\"line {}\"/>", drawn.class);
        // A point alone has no line.
        for (at, value) in part.iter().filter(|_| drawn.dotted || part.len() == 1) {
            let _ = write!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"3.5\" class=\"dot {}\"/>",
                px(x(*at)),
                px(y(*value)),
                drawn.class
            );
        }
    }
}

/// Upright lines; their words as far as they do not run into one another.
fn marks(out: &mut String, chart: &Chart<'_>, bottom: f64, x: impl Fn(f64) -> f64) {
    let mut free = 0.0;
    for mark in chart.marks.iter().filter(|mark| mark.at.is_finite()) {
        let at = x(mark.at);
        let _ = write!(out, "<g><title>{}</title>", escape(&mark.name));
        line(out, (at, TOP), (at, bottom), mark.class);
        out.push_str("</g>");
        let long = mark.name.chars().count() as f64 * LETTER;
        if at >= free && at + long < WIDTH - RIGHT {
            text(out, (at + 4.0, TOP + 11.0), "note", &mark.name);
            free = at + long + 10.0;
        } else if at - long >= free.max(LEFT) {
            text(out, (at - 4.0, TOP + 11.0), "note end", &mark.name);
            free = at;
        }
    }
}

fn legend(out: &mut String, lines: &[Line<'_>]) {
    let mut at = LEFT;
    for drawn in lines.iter().filter(|drawn| !drawn.name.is_empty()) {
        let _ = write!(
            out,
            "<rect x=\"{}\" y=\"5\" width=\"12\" height=\"3\" rx=\"1.5\" class=\"key {}\"/>",
            px(at),
            drawn.class
        );
        text(out, (at + 17.0, 11.0), "name", drawn.name);
        at += 34.0 + drawn.name.chars().count() as f64 * LETTER;
    }
}
