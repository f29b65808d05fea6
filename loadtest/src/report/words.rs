//! Numbers for people.

/// What stands for a number that is none.
pub const NONE: &str = "–";

/// Where nobody counts digits any more.
const HUGE: f64 = 1e15;

/// A whole number with its thousands set apart.
pub fn whole(number: f64) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    if number.abs() >= HUGE {
        return format!("{number:.1e}");
    }
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number <= -0.5 { format!("-{text}") } else { text }
}

/// A number with three digits or so, whatever its size.
pub fn short(number: f64) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    match number.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.001 => format!("{number:.1e}"),
        size if size < 0.1 => format!("{number:.3}"),
        size if size < 10.0 => format!("{number:.2}"),
        size if size < 100.0 => format!("{number:.1}"),
        _ => whole(number),
    }
}

/// A number of an axis: no more digits than it needs.
pub fn tick(number: f64) -> String {
    let scaled = |by: f64, unit: &str| {
        let text = format!("{:.2}", number / by);
        format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
    };
    match number.abs() {
        size if !size.is_finite() => NONE.to_owned(),
        0.0 => "0".to_owned(),
        size if size >= HUGE => format!("{number:.1e}"),
        size if size >= 1e9 => scaled(1e9, "G"),
        size if size >= 1e6 => scaled(1e6, "M"),
        size if size >= 1e4 => scaled(1e3, "k"),
        size if size >= 1.0 => scaled(1.0, ""),
        _ => {
            let text = format!("{number:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Milliseconds.
pub fn ms(number: Option<f64>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| format!("{} ms", short(number)))
}

/// Things, or that there are none.
pub fn list(things: &[String]) -> String {
    if things.is_empty() {
        "nothing".to_owned()
    } else {
        things.join("; ")
    }
}

/// A text of somebody else for a terminal: what would steer it is replaced.
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_need_to_be() {
        let wholes = [0.0, 999.4, 1_000.0, 1_234_567.0, -12_345.0, f64::NAN].map(whole);
        assert_eq!(wholes, ["0", "999", "1,000", "1,234,567", "-12,345", NONE]);
        let shorts = [0.0, 0.000_04, 0.012_34, 3.456, 34.56, 345.6, 3_456.7].map(short);
        assert_eq!(shorts, ["0", "4.0e-5", "0.012", "3.46", "34.6", "346", "3,457"]);
        let ticks = [0.0, 0.25, 0.001, 5.0, 2_500.0, 25_000.0, 1_500_000.0, 2e9].map(tick);
        assert_eq!(ticks, ["0", "0.25", "0.001", "5", "2500", "25k", "1.5M", "2G"]);
    }
}
