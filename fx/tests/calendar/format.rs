//! The format is strict: each rule that is broken is named with its calendar and field.
use crate::{PLAIN, date, plain};
use causeway_fx::calendar::{Calendar, Calendars, Date, LocalTime, Rule, SpotDays};
use causeway_fx::limits;

/// A change to the plain calendar, and the error it brings.
const BROKEN: &[(&str, &str, &str)] = &[
    ("zone =", "zoen =", "text: line 3: unknown field `zoen`"),
    ("open =", "opens =", "text: line 8: unknown field `opens`"),
    ("first =", "from =", "text: line 5: unknown field `from`"),
    (
        "weekend = [\"saturday\", \"sunday\"]",
        "",
        "text: line 1: missing field `weekend`",
    ),
    (
        "last = 2027",
        "last = \"2027\"",
        "text: line 5: invalid type: string",
    ),
    (
        "last = 2027",
        "last = -1",
        "text: line 5: invalid value: integer `-1`",
    ),
    (
        "\"EUR\"",
        "\"EUR\"\ncurrency = \"USD\"",
        "text: line 3: duplicate key",
    ),
    ("\"EUR\"", "\"XAU\"", "currency: currency XAU has no minor units"),
    (
        "Europe/Berlin",
        "Europe/Bonn",
        "zone: \"Europe/Bonn\" is no time zone of the IANA database",
    ),
    (
        "Europe/Berlin",
        "europe/berlin",
        "zone: \"europe/berlin\" is no time zone",
    ),
    ("Europe/Berlin", "", "zone: \"\" is no time zone"),
    (
        "\"sunday\"",
        "\"Sunday\"",
        "weekend[1]: \"Sunday\" is no day of the week",
    ),
    ("\"sunday\"", "\"saturday\"", "weekend[1]: saturday stands twice"),
    (
        "\"sunday\"",
        "\"sunday\", \"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\"",
        "weekend: no day of the week is left for business",
    ),
    (
        "first = 2026",
        "first = 2028",
        "years: years run from first to last",
    ),
    (
        "first = 2026",
        "first = 2000",
        "years: years run from first to last, within 2001 to 2178",
    ),
    (
        "last = 2027",
        "last = 2179",
        "years: years run from first to last",
    ),
    (
        "last = 2027",
        "last = 2046",
        "years: years run from first to last",
    ),
    ("\"07:00\"", "\"7:00\"", "times.open: \"7:00\" is no time of day"),
    (
        "\"07:00\"",
        "\"24:00\"",
        "times.open: \"24:00\" is no time of day",
    ),
    (
        "\"17:00\"",
        "\"17:60\"",
        "times.customer_cut_off: \"17:60\" is no time of day",
    ),
    (
        "\"17:00\"",
        "\"07:00\"",
        "times.customer_cut_off: 07:00 is not after open at 07:00",
    ),
    (
        "\"17:00\"",
        "\"18:01\"",
        "times.customer_cut_off: 18:01 is after interbank_cut_off at 18:00",
    ),
    (
        "\"18:00\"",
        "\"18:31\"",
        "times.interbank_cut_off: 18:31 is after close at 18:30",
    ),
    (
        "\"07:00\"",
        "\"18:30\"\nopen_day_before = true",
        "times.open: 18:30 on the day before is not after that day's close at 18:30",
    ),
    (
        "2026-01-01",
        "2026-1-1",
        "holidays[0].date: \"2026-1-1\" is no date",
    ),
    (
        "2026-01-01",
        "2026-02-29",
        "holidays[0].date: \"2026-02-29\" is no date",
    ),
    (
        "2026-01-01",
        "1999-12-31",
        "holidays[0].date: \"1999-12-31\" is no date",
    ),
    (
        "2026-01-01",
        "2025-12-31",
        "holidays[0].date: 2025-12-31 is outside the years 2026 to 2027",
    ),
    (
        "New Year's Day",
        "",
        "holidays[0].name: a name has 1 to 64 characters",
    ),
    (
        "New Year's Day",
        "New\\nYear",
        "holidays[0].name: a name has 1 to 64 characters",
    ),
    (
        "[[early_closes]]",
        "[[holidays]]\ndate = \"2026-01-01\"\nname = \"Again\"\n[[early_closes]]",
        "holidays[1].date: 2026-01-01 stands twice",
    ),
    (
        "2026-12-24",
        "2026-01-01",
        "early_closes[0].date: 2026-01-01 is closed: New Year's Day",
    ),
    (
        "2026-12-24",
        "2026-12-26",
        "early_closes[0].date: 2026-12-26 is closed: saturday is weekend",
    ),
    (
        "2026-12-24",
        "2028-12-22",
        "early_closes[0].date: 2028-12-22 is outside the years 2026 to 2027",
    ),
    (
        "Christmas Eve",
        "",
        "early_closes[0].name: a name has 1 to 64 characters",
    ),
    (
        "\"11:00\"",
        "\"12:01\"",
        "early_closes[0].customer_cut_off: 12:01 is after interbank_cut_off at 12:00",
    ),
    (
        "\"11:00\"",
        "\"06:59\"",
        "early_closes[0].customer_cut_off: 06:59 is not after open at 07:00",
    ),
    (
        "\"12:00\"",
        "\"12:31\"",
        "early_closes[0].interbank_cut_off: 12:31 is after close at 12:30",
    ),
    (
        "\"12:30\"",
        "\"18:30\"",
        "early_closes[0].close: 18:30 is not before the regular close at 18:30",
    ),
    (
        "\"12:30\"",
        "\"noon\"",
        "early_closes[0].close: \"noon\" is no time of day",
    ),
];

#[test]
fn what_breaks_a_rule_is_refused_with_calendar_field_and_rule() {
    for (from, to, expected) in BROKEN {
        assert!(PLAIN.contains(from), "{from}");
        let told = Calendar::parse(&PLAIN.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        // A text that is not TOML at all cannot say its name.
        let name = if expected.contains("duplicate key") {
            ""
        } else {
            "Plain"
        };
        let expected = format!("calendar {name:?}: {expected}");
        assert!(
            told.starts_with(&expected),
            "{from} → {to}\n   told {told}\nexpected {expected}"
        );
    }
}

#[test]
fn an_early_close_twice_is_refused() {
    let (_, early) = PLAIN.split_once("[[early_closes]]").unwrap();
    let told = Calendar::parse(&format!("{PLAIN}[[early_closes]]{early}")).unwrap_err();
    assert_eq!(
        told.to_string(),
        "calendar \"Plain\": early_closes[1].date: 2026-12-24 stands twice"
    );
}

#[test]
fn a_name_that_is_none_is_refused_and_not_repeated_whole() {
    for name in ["", "a\\tb", &"é".repeat(65), &"x".repeat(5_000)] {
        let error = Calendar::parse(&PLAIN.replace("\"Plain\"", &format!("\"{name}\""))).unwrap_err();
        assert_eq!((error.field.as_str(), &error.rule), ("name", &Rule::Name));
        assert!(error.to_string().len() < 200, "{error}");
    }
    Calendar::parse(&PLAIN.replace("Plain", &"é".repeat(64))).unwrap();
}

#[test]
fn a_text_over_its_bound_is_not_read() {
    let room = limits::CALENDAR_BYTES_MAX - PLAIN.len();
    Calendar::parse(&format!("{PLAIN}{}", "\n".repeat(room))).unwrap();
    let told = Calendar::parse(&format!("{PLAIN}{}", "\n".repeat(room + 1))).unwrap_err();
    assert_eq!(
        told.to_string(),
        "calendar \"\": text: bytes are more than the 65536 allowed"
    );
}

#[test]
fn more_holidays_than_the_bound_are_refused_before_any_is_read() {
    let row = "\n[[holidays]]\ndate=\"\"\nname=\"\"";
    let told = Calendar::parse(&format!("{PLAIN}{}", row.repeat(limits::HOLIDAYS_MAX))).unwrap_err();
    assert_eq!(
        told.to_string(),
        "calendar \"Plain\": holidays: holidays are more than the 1000 allowed"
    );
}

#[test]
fn a_calendar_that_reads_says_what_was_written() {
    let calendar = plain();
    assert_eq!(calendar.name(), "Plain");
    assert_eq!(calendar.currency().alpha(), "EUR");
    assert_eq!(calendar.zone(), "Europe/Berlin");
    assert_eq!(calendar.years(), (2026, 2027));
    assert_eq!(calendar.times().close.to_string(), "18:30");
    assert_eq!(calendar.times().open.minutes(), 7 * 60);
    let holidays: Vec<_> = calendar.holidays().collect();
    assert_eq!(holidays, [(date("2026-01-01"), "New Year's Day")]);
    assert_eq!(size_of::<LocalTime>(), 2);
}

#[test]
fn every_day_the_ledger_can_count_is_written_and_read_back() {
    for days in 0..=u16::MAX {
        let day = Date::from_days(days);
        let text = day.to_string();
        assert_eq!(text.parse(), Ok(day), "{text}");
        assert_eq!(day.next().is_none(), days == u16::MAX);
        assert!(
            day.next()
                .is_none_or(|next| next.previous() == Some(day) && next.to_string() > text)
        );
    }
    assert_eq!(Date::from_days(0).to_string(), "2000-01-01");
    assert_eq!(date("2026-04-03").days(), 9_589);
    assert_eq!(Date::from_days(u16::MAX).to_string(), "2179-06-06");
    assert_eq!(Date::from_days(0).previous(), None);
    for text in [
        "",
        "2179-06-07",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "+026-01-01",
        "20260101",
        " 2026-01-01",
        "2026-01-01Z",
    ] {
        assert_eq!(
            text.parse::<Date>().unwrap_err().to_string(),
            format!("{text:?} is no date: YYYY-MM-DD from 2000-01-01 to 2179-06-06")
        );
    }
}

#[test]
fn spot_days_break_no_rule_unnoticed() {
    let pair = |base: &str, quote: &str, days: u16| {
        format!("default_days = 2\n[[pairs]]\nbase = \"{base}\"\nquote = \"{quote}\"\ndays = {days}\n")
    };
    let twice = format!(
        "{}{}",
        pair("USD", "CAD", 1),
        pair("CAD", "USD", 1).replace("default_days = 2\n", "")
    );
    for (text, expected) in [
        (String::new(), "text: line 1: missing field `default_days`"),
        (
            "default_days = 6".to_owned(),
            "default_days: 6 business days: at most 5",
        ),
        (
            "default_days = 2\ndays = 1".to_owned(),
            "text: line 2: unknown field `days`",
        ),
        (
            pair("USD", "usd", 1),
            "pairs[0].quote: currency code \"usd\" is malformed",
        ),
        (pair("DEM", "USD", 1), "pairs[0].base: currency DEM is retired"),
        (pair("USD", "USD", 1), "pairs[0]: USD is paired with itself"),
        (pair("USD", "CAD", 9), "pairs[0].days: 9 business days: at most 5"),
        (twice, "pairs[1]: CAD/USD stands twice"),
    ] {
        let told = SpotDays::parse(&text).unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("calendar \"spot days\": {expected}")),
            "{told}"
        );
    }
}

#[test]
fn two_calendars_of_one_currency_make_no_set() {
    let other = PLAIN.replace("Plain", "Other");
    let told = Calendars::parse([PLAIN, &other], "default_days = 2").unwrap_err();
    assert_eq!(
        told.to_string(),
        "calendars \"Plain\" and \"Other\" are both of EUR"
    );
}
