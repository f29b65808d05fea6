//! Level bars of one unit, some of them stacked.
use super::{LETTER, Scale, WIDTH, block, line, open, text};
use crate::report::words::tick;

const LEFT: f64 = 132.0;
const RIGHT: f64 = 92.0;
const GAP: f64 = 8.0;

/// A bar.
#[derive(Debug)]
pub struct Bar {
    /// What stands before it.
    pub name: String,
    /// What stands behind it.
    pub end: String,
    /// Its height.
    pub height: f64,
    /// Its parts from the left.
    pub segments: Vec<Segment>,
}

/// A part of a bar.
#[derive(Debug)]
pub struct Segment {
    /// What stands in it if there is room, and when it is pointed at.
    pub name: String,
    /// Its length.
    pub value: f64,
    /// Its colour: a class of the page.
    pub class: String,
}

/// Draws them below one another.
pub fn bars(label: &str, unit: &str, bars: &[Bar]) -> String {
    let mut out = String::new();
    let length = |bar: &Bar| {
        bar.segments
            .iter()
            .map(|part| part.value)
            .filter(|v| v.is_finite())
            .sum()
    };
    let scale = Scale::from_zero(bars.iter().map(length));
    let bottom: f64 = bars.iter().map(|bar| bar.height + GAP).sum();
    open(&mut out, bottom + 34.0, label);
    let x = |value: f64| LEFT + scale.place(value) * (WIDTH - RIGHT - LEFT);
    for value in scale.named() {
        line(&mut out, (x(value), 0.0), (x(value), bottom), "grid");
        text(&mut out, (x(value), bottom + 14.0), "tick middle", &tick(value));
    }
    text(&mut out, (WIDTH - RIGHT, bottom + 30.0), "unit end", unit);
    let mut top = 0.0;
    for bar in bars {
        let middle = top + bar.height / 2.0 + 4.0;
        text(&mut out, (LEFT - 10.0, middle), "name end", &bar.name);
        let mut from = 0.0;
        for part in bar.segments.iter().filter(|part| part.value.is_finite()) {
            let wide = x(from + part.value) - x(from);
            block(
                &mut out,
                (x(from), top),
                ((wide - 1.0).max(0.5), bar.height),
                &part.class,
                &part.name,
            );
            if part.name.chars().count() as f64 * LETTER + 10.0 < wide {
                text(&mut out, (x(from) + 6.0, middle), "inside", &part.name);
            }
            from += part.value;
        }
        text(&mut out, (x(from) + 6.0, middle), "name", &bar.end);
        top += bar.height + GAP;
    }
    out.push_str("</svg>");
    out
}
