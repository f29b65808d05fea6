//! Value-date calendars: what the format refuses, which days are business days and when they begin and end, and the
//! calendars that come with the source.
mod days;
mod format;
mod pairs;
mod shipped;

use causeway_fx::Currency;
use causeway_fx::calendar::{Calendar, Date};

/// A calendar with a holiday on a Thursday and an early close on Christmas Eve.
const PLAIN: &str = r#"name = "Plain"
currency = "EUR"
zone = "Europe/Berlin"
weekend = ["saturday", "sunday"]
years = { first = 2026, last = 2027 }

[times]
open = "07:00"
customer_cut_off = "17:00"
interbank_cut_off = "18:00"
close = "18:30"

[[holidays]]
date = "2026-01-01"
name = "New Year's Day"

[[early_closes]]
date = "2026-12-24"
name = "Christmas Eve"
customer_cut_off = "11:00"
interbank_cut_off = "12:00"
close = "12:30"
"#;

fn plain() -> Calendar {
    Calendar::parse(PLAIN).unwrap()
}

/// The plain calendar with each text on the left, which must be there, replaced by its right.
fn plain_but(changes: &[(&str, &str)]) -> Calendar {
    let text = changes.iter().fold(PLAIN.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    Calendar::parse(&text).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn currency(code: &str) -> &'static Currency {
    Currency::from_alpha(code).unwrap()
}

/// Seconds since 1970 of a UTC time.
fn utc(day: &str, hour: u64, minute: u64) -> u64 {
    946_684_800 + u64::from(date(day).days()) * 86_400 + hour * 3_600 + minute * 60
}
