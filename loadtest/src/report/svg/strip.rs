//! A strip of cells over time, darker where a value is higher.
use super::{LEFT, RIGHT, Rule, WIDTH, block, line, open, text};
use crate::report::words::{ms, tick};

const TOP: f64 = 22.0;
const ROW: f64 = 26.0;
const GAP: f64 = 3.0;
/// Shades from low to high: classes `h0` and on.
const STEPS: usize = 8;

/// A strip.
#[derive(Debug)]
pub struct Strip<'a> {
    /// What a screen reader says of it.
    pub label: &'a str,
    /// Rows from above.
    pub rows: Vec<Row<'a>>,
    /// Where the window ends.
    pub seconds: f64,
    /// Upright lines.
    pub marks: Vec<Rule>,
}

/// A row.
#[derive(Debug)]
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
    /// From, to, and the milliseconds between; none where nothing was measured.
    pub cells: Vec<(f64, f64, Option<f64>)>,
}

/// Upper ends of the shades, equal factors apart; the last has none.
fn steps(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let (least, most) = values
        .filter(|value| value.is_finite() && *value > 0.0)
        .fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), value| {
            (least.min(value), most.max(value))
        });
    if most <= 0.0 {
        return Vec::new();
    }
    // Values that hardly differ shall not look as if they did.
    let most = most.max(least * 4.0);
    let factor = (most / least).powf(1.0 / STEPS as f64);
    (1..STEPS).map(|step| least * factor.powi(step as i32)).collect()
}

/// Draws it.
pub fn strip(strip: &Strip<'_>) -> String {
    let mut out = String::new();
    let cells = || strip.rows.iter().flat_map(|row| &row.cells);
    let ends = steps(cells().filter_map(|(_, _, value)| *value));
    let bottom = TOP + ROW * strip.rows.len() as f64;
    open(&mut out, bottom + 54.0, strip.label);
    let scale = super::Scale::Linear(0.0, strip.seconds.max(1.0));
    let x = |second: f64| LEFT + scale.place(second) * (WIDTH - RIGHT - LEFT);
    for (row, top) in strip.rows.iter().zip(0..) {
        let top = TOP + ROW * f64::from(top);
        text(&mut out, (LEFT - 8.0, top + 16.0), "tick end", row.name);
        for (from, to, value) in &row.cells {
            let value = value.filter(|value| value.is_finite());
            let shade = value.map(|value| ends.iter().filter(|end| value > **end).count());
            let class = shade.map_or_else(|| "h".to_owned(), |shade| format!("h h{shade}"));
            let told = format!("{} in second {}: {}", row.name, tick(*from), ms(value));
            // A hair of overlap, or the page shines through between cells.
            let wide = x(*to) - x(*from) + if x(*to) - x(*from) > 6.0 { -1.0 } else { 0.3 };
            block(&mut out, (x(*from), top), (wide, ROW - GAP), &class, &told);
        }
    }
    for mark in strip.marks.iter().filter(|mark| mark.at.is_finite()) {
        line(
            &mut out,
            (x(mark.at), TOP - 8.0),
            (x(mark.at), bottom),
            mark.class,
        );
    }
    for second in scale.named() {
        text(&mut out, (x(second), bottom + 14.0), "tick middle", &tick(second));
    }
    text(&mut out, (WIDTH - RIGHT, bottom + 32.0), "unit end", "seconds");
    if ends.is_empty() {
        text(
            &mut out,
            (WIDTH / 2.0, TOP + 16.0),
            "nothing middle",
            "nothing was measured",
        );
    } else {
        legend(&mut out, &ends, bottom + 34.0);
    }
    out.push_str("</svg>");
    out
}

fn legend(out: &mut String, ends: &[f64], top: f64) {
    let wide = 74.0;
    for shade in 0..=ends.len() {
        let at = LEFT + wide * shade as f64;
        block(out, (at, top), (wide - 2.0, 6.0), &format!("h h{shade}"), "");
        let name = ends
            .get(shade)
            .map_or_else(|| "and more".to_owned(), |end| format!("≤ {}", ms(Some(*end))));
        text(out, (at, top + 18.0), "tick", &name);
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn shades_are_equal_factors_apart() {
        let ends = steps([1.0, 256.0, f64::NAN].into_iter());
        let expected = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        assert!(
            ends.iter()
                .zip(expected)
                .all(|(end, expected)| (end - expected).abs() < 1e-9),
            "{ends:?}"
        );
        assert_eq!(ends.len(), expected.len());
        assert!(steps(std::iter::empty()).is_empty() && steps([0.0].into_iter()).is_empty());
        // Equal values are all light.
        assert!(steps([5.0, 5.0].into_iter()).iter().all(|end| *end > 5.0));
    }
}
