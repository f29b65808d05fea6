//! Business days in words.
use std::fmt::Write as _;

use causeway_message::action::Hours;
use causeway_message::time::Timestamp;

use super::words::{code, date};

fn at(second: u32) -> String {
    Timestamp::from_seconds(second).to_text()
}

/// The instants of a day: opening, cut-offs, close.
pub fn hours(hours: &Hours) -> String {
    format!(
        "opens {}, takes customers until {}, banks until {}, closes {}",
        at(hours.open),
        at(hours.customer_cut_off),
        at(hours.interbank_cut_off),
        at(hours.close)
    )
}

/// What `schedule_days` does: every day of it, since two persons answer for each.
pub fn schedule(currency: u16, days: &[Hours]) -> String {
    let mut told = format!("enter days of {}:", code(currency));
    for day in days {
        let what = if day.is_none() {
            "does not open".to_owned()
        } else {
            hours(day)
        };
        let _ = write!(told, "\n  {} {what}", date(day.date));
    }
    told
}

/// What `extend_day` does.
pub fn extension(currency: u16, to: &Hours) -> String {
    format!("extend {} {}: {}", code(currency), date(to.date), hours(to))
}
