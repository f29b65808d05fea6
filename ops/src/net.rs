//! Netting of a queue that stands in files: what settles together, told as a table, as JSON and as a picture.
mod report;
mod svg;
mod table;

pub use report::{Line, Report, Sums};
pub use svg::svg;
pub use table::table;

/// A whole number with its digits in groups of three.
pub fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let told = [0, 7, -12, 999, 1_000, -123_456, 31_132_000].map(grouped);
        assert_eq!(told, ["0", "7", "-12", "999", "1,000", "-123,456", "31,132,000"]);
    }
}
