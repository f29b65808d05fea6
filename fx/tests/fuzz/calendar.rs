//! Calendars in TOML: one that reads keeps its own rules on every day it knows.
use causeway_fx::calendar::{Calendar, Date, SHIPPED, SHIPPED_SPOT_DAYS, SpotDays};
use causeway_fx::{ACTIVE, Currency};

use crate::support::{self, Input, fuzz};

const SMALL: &str = r#"name = "Small"
currency = "USD"
zone = "America/New_York"
weekend = []
years = { first = 2026, last = 2026 }
[times]
open = "02:30"
customer_cut_off = "03:00"
interbank_cut_off = "03:00"
close = "03:30"
[[holidays]]
date = "2026-01-01"
name = "One"
[[early_closes]]
date = "2026-11-01"
name = "Two"
customer_cut_off = "02:40"
interbank_cut_off = "02:50"
close = "03:00"
"#;

const WORDS: [&str; 16] = [
    "[[holidays]]\n",
    "[[early_closes]]\n",
    "open_day_before = true\n",
    "date = \"2026-03-08\"\n",
    "name = \"x\"\n",
    "close = \"12:00\"\n",
    "\"sunday\"",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "23:59",
    "00:00",
    "2178",
    "2001",
    "\"",
    "\u{e9}",
    "[[[[[[[[",
];

/// Days from one that is looked at to the next: not a multiple of a week, so that each day of the week has its turn.
const STEP: usize = 13;

#[test]
fn a_calendar_that_reads_keeps_its_own_rules() {
    let samples: Vec<Vec<u8>> = [&[SMALL], &SHIPPED[..]]
        .concat()
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    fuzz!("calendar", &samples, &WORDS, |input: &Input| {
        let text = input.text();
        let Ok(calendar) = Calendar::parse(&text) else {
            return;
        };
        let table: toml::Table = text.parse().expect("what reads is TOML");
        let written = table
            .get("holidays")
            .and_then(toml::Value::as_array)
            .map_or(0, Vec::len);
        assert_eq!(calendar.holidays().count(), written);
        assert_eq!(table["name"].as_str(), Some(calendar.name()));
        assert!(ACTIVE.contains(calendar.currency()));
        for (date, _) in calendar.holidays() {
            assert_eq!(calendar.is_business_day(date), Ok(false));
        }
        let (first, last) = calendar.years();
        let [from, to] = [(first, 1, 1), (last, 12, 31)]
            .map(|(year, month, day)| Date::from_civil(year, month, day).expect("a date"));
        assert!(
            calendar
                .is_business_day(from.previous().expect("no calendar begins with day zero"))
                .is_err()
        );
        assert!(
            to.next()
                .is_none_or(|date| calendar.is_business_day(date).is_err())
        );
        for date in (from.days()..=to.days()).step_by(STEP).map(Date::from_days) {
            business_day(&calendar, date);
        }
    });
}

fn business_day(calendar: &Calendar, date: Date) {
    let open = calendar.is_business_day(date).expect("it is within the years");
    if let Ok(day) = calendar.day(date) {
        assert!(open && day.open < day.customer_cut_off, "{date}");
        assert!(
            day.customer_cut_off <= day.interbank_cut_off && day.interbank_cut_off <= day.close,
            "{date}"
        );
        // No zone is a whole day and four hours away from UTC.
        let midnight = 946_684_800 + u64::from(date.days()) * 86_400;
        assert!(
            midnight.abs_diff(day.close) < 52 * 3_600 && day.close - day.open < 48 * 3_600,
            "{date}"
        );
    }
    if let Ok(next) = calendar.next_business_day(date) {
        assert!(next > date);
        let back = calendar.previous_business_day(next);
        assert!(!open || back == Ok(date), "{date} {next} {back:?}");
    }
}

#[test]
fn spot_days_that_read_are_within_their_bound_in_both_orders() {
    let samples = [
        SHIPPED_SPOT_DAYS.as_bytes().to_vec(),
        b"default_days = 0".to_vec(),
    ];
    fuzz!(
        "spot_days",
        &samples,
        &[
            "[[pairs]]\n",
            "base = \"EUR\"\n",
            "quote = \"USD\"\n",
            "days = 5\n",
            "65536",
            "\""
        ],
        |input: &Input| {
            let Ok(days) = SpotDays::parse(&input.text()) else {
                return;
            };
            for [base, quote] in [["USD", "CAD"], ["EUR", "USD"], ["USD", "PHP"]] {
                let [base, quote] =
                    [base, quote].map(|code| Currency::from_alpha(code).expect("it is active"));
                assert!(days.of(base, quote) <= 5);
                assert_eq!(days.of(base, quote), days.of(quote, base));
            }
        }
    );
}
