//! Times of a day, in milliseconds since midnight.
use crate::limits::DAY_MILLIS;

/// Two digits below a bound.
fn two(text: &str, below: u32) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten()?;
    (number < below).then_some(number)
}

/// Thousandths from one to three digits.
fn thousandths(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = digits.then(|| text.parse().ok()).flatten()?;
    Some(number * [100, 10, 1].get(text.len() - 1).copied().unwrap_or(1))
}

/// Reads `HH:MM:SS`, with or without up to three digits of a second behind a point.
pub fn parse(text: &str) -> Option<u32> {
    let (whole, millis) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, thousandths(fraction)?),
        None => (text, 0),
    };
    let mut parts = whole.split(':');
    let mut next = |below| two(parts.next()?, below);
    let (hours, minutes, seconds) = (next(24)?, next(60)?, next(60)?);
    let end = parts.next().is_none();
    end.then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis)
}

/// Writes what [`parse`] reads; the milliseconds only where there are some. Times beyond a day are told as its last.
pub fn text(millis: u32) -> String {
    let millis = millis.min(DAY_MILLIS - 1);
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match rest {
        0 => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        _ => format!("{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for (written, millis) in [
            ("00:00:00", 0),
            ("07:00:00.250", 25_200_250),
            ("23:59:59.999", DAY_MILLIS - 1),
        ] {
            assert_eq!(parse(written), Some(millis));
            assert_eq!(text(millis), written);
        }
        assert_eq!(parse("07:00:00.5"), Some(25_200_500));
        for wrong in [
            "",
            "7:00:00",
            "24:00:00",
            "07:60:00",
            "07:00:60",
            "07:00",
            "07:00:00:00",
            "07:00:00.",
            "07:00:00.1234",
            "+7:00:00",
            "07:00:00.-1",
            "07-00-00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
