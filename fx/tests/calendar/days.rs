//! Business days, the way between them, and their instants across changes of the clocks.
use crate::{date, plain, plain_but, utc};
use causeway_fx::calendar::{BusinessDay, Date, DateError};

#[test]
fn weekends_and_holidays_are_no_business_days_and_say_why() {
    let calendar = plain();
    for (day, closed) in [
        ("2026-01-01", Some("New Year's Day")),
        ("2026-01-02", None),
        ("2026-01-03", Some("saturday is weekend")),
        ("2026-01-04", Some("sunday is weekend")),
        ("2026-01-05", None),
        ("2026-12-24", None),
    ] {
        let why = calendar.why_closed(date(day)).unwrap();
        assert_eq!(why.map(|why| why.to_string()).as_deref(), closed, "{day}");
        assert_eq!(calendar.is_business_day(date(day)), Ok(closed.is_none()), "{day}");
    }
    assert_eq!(
        calendar.require_open(date("2026-01-01")).unwrap_err().to_string(),
        "EUR is closed on 2026-01-01 in calendar \"Plain\": New Year's Day"
    );
}

#[test]
fn the_way_to_a_business_day_leads_over_what_is_closed() {
    let calendar = plain();
    let next = |day| calendar.next_business_day(date(day)).unwrap().to_string();
    let previous = |day| calendar.previous_business_day(date(day)).unwrap().to_string();
    let add = |day, days| calendar.add_business_days(date(day), days).unwrap().to_string();
    assert_eq!(next("2026-01-01"), "2026-01-02");
    assert_eq!(next("2026-01-02"), "2026-01-05");
    assert_eq!(previous("2026-01-05"), "2026-01-02");
    assert_eq!(previous("2026-01-04"), "2026-01-02");
    assert_eq!(add("2026-01-02", 0), "2026-01-02");
    assert_eq!(add("2026-01-03", 0), "2026-01-05");
    assert_eq!(add("2026-01-03", 1), "2026-01-05");
    assert_eq!(add("2026-01-02", 2), "2026-01-06");
    assert_eq!(add("2026-01-02", 260), "2027-01-01");
}

#[test]
fn a_date_outside_the_years_is_an_error_and_never_a_guess() {
    let calendar = plain();
    let told = calendar.is_business_day(date("2025-12-31")).unwrap_err();
    assert_eq!(
        told.to_string(),
        "calendar \"Plain\" knows the years 2026 to 2027: 2025-12-31 is outside them"
    );
    let outside = |error: DateError| matches!(error, DateError::OutsideYears { .. });
    let (first, last) = (date("2026-01-02"), date("2027-12-31"));
    assert!(outside(calendar.previous_business_day(first).unwrap_err()));
    assert!(outside(calendar.next_business_day(last).unwrap_err()));
    assert!(outside(
        calendar.next_business_day(date("2025-12-31")).unwrap_err()
    ));
    assert!(outside(calendar.add_business_days(first, u16::MAX).unwrap_err()));
    assert!(outside(
        calendar.add_business_days(date("2028-01-03"), 0).unwrap_err()
    ));
    assert!(outside(calendar.day(date("2028-01-03")).unwrap_err()));
    for days in [0, u16::MAX] {
        assert!(outside(
            calendar.next_business_day(Date::from_days(days)).unwrap_err()
        ));
        assert!(outside(
            calendar.previous_business_day(Date::from_days(days)).unwrap_err()
        ));
    }
}

#[test]
fn a_day_is_its_local_times_in_utc_and_an_early_close_has_its_own() {
    let day = |text| plain().day(date(text)).unwrap();
    assert_eq!(
        day("2026-12-23"),
        BusinessDay {
            date: date("2026-12-23"),
            open: utc("2026-12-23", 6, 0),
            customer_cut_off: utc("2026-12-23", 16, 0),
            interbank_cut_off: utc("2026-12-23", 17, 0),
            close: utc("2026-12-23", 17, 30),
            early: false,
        }
    );
    assert_eq!(
        day("2026-12-24"),
        BusinessDay {
            date: date("2026-12-24"),
            open: utc("2026-12-24", 6, 0),
            customer_cut_off: utc("2026-12-24", 10, 0),
            interbank_cut_off: utc("2026-12-24", 11, 0),
            close: utc("2026-12-24", 11, 30),
            early: true,
        }
    );
    assert_eq!(
        plain().day(date("2026-12-26")).unwrap_err().to_string(),
        "EUR is closed on 2026-12-26 in calendar \"Plain\": saturday is weekend"
    );
}

#[test]
fn cut_offs_move_in_utc_when_the_clocks_change() {
    let new_york = plain_but(&[("Europe/Berlin", "America/New_York")]);
    for (day, hour) in [
        ("2026-03-06", 23),
        ("2026-03-09", 22),
        ("2026-10-30", 22),
        ("2026-11-02", 23),
    ] {
        let instants = new_york.day(date(day)).unwrap();
        assert_eq!(instants.interbank_cut_off, utc(day, hour, 0), "{day}");
    }
    for (day, hour) in [
        ("2026-03-27", 17),
        ("2026-03-30", 16),
        ("2026-10-23", 16),
        ("2026-10-26", 17),
    ] {
        assert_eq!(
            plain().day(date(day)).unwrap().interbank_cut_off,
            utc(day, hour, 0),
            "{day}"
        );
    }
}

/// A day on which the clocks change, and the UTC hour at which they do.
type Change = (&'static str, u64);

/// A zone, when it puts its clocks forward from two to three, and when it puts them back.
const CHANGES: [(&str, Change, Change); 2] = [
    // Back from three to two in Berlin, from two to one in New York.
    ("Europe/Berlin", ("2026-03-29", 1), ("2026-10-25", 1)),
    ("America/New_York", ("2026-03-08", 7), ("2026-11-01", 6)),
];

#[test]
fn a_time_that_is_skipped_is_the_instant_of_the_jump() {
    for (zone, (day, jump), _) in CHANGES {
        let open = |time: &str| {
            let all_week = ("[\"saturday\", \"sunday\"]", "[]");
            let calendar = plain_but(&[
                ("Europe/Berlin", zone),
                all_week,
                ("\"07:00\"", &format!("{time:?}")),
            ]);
            calendar.day(date(day)).unwrap().open
        };
        assert_eq!(open("01:59"), utc(day, jump, 0) - 60, "{zone}");
        for skipped in ["02:00", "02:30", "02:59", "03:00"] {
            assert_eq!(open(skipped), utc(day, jump, 0), "{zone} {skipped}");
        }
        assert_eq!(open("03:01"), utc(day, jump, 1), "{zone}");
    }
}

#[test]
fn of_a_time_that_is_shown_twice_the_first_counts() {
    for (zone, _, (day, back)) in CHANGES {
        let close = |time: &str| {
            let calendar = plain_but(&[
                ("Europe/Berlin", zone),
                ("[\"saturday\", \"sunday\"]", "[]"),
                ("\"07:00\"", "\"00:30\""),
                ("\"17:00\"", "\"00:45\""),
                ("\"18:00\"", "\"00:50\""),
                ("\"18:30\"", "\"23:00\""),
                ("\"11:00\"", "\"00:45\""),
                ("\"12:00\"", "\"00:50\""),
                ("\"12:30\"", &format!("{time:?}")),
                ("2026-12-24", day),
            ]);
            calendar.day(date(day)).unwrap().close
        };
        let first = if zone == "Europe/Berlin" { 2 } else { 1 };
        let at = |hour, minute| close(&format!("{hour:02}:{minute:02}"));
        assert_eq!(at(first - 1, 59), utc(day, back - 1, 0) - 60, "{zone}");
        assert_eq!(at(first, 0), utc(day, back - 1, 0), "{zone}");
        assert_eq!(at(first, 59), utc(day, back, 0) - 60, "{zone}");
        assert_eq!(
            at(first + 1, 0),
            utc(day, back + 1, 0),
            "{zone}: after the second"
        );
    }
}

#[test]
fn a_day_whose_time_before_the_cut_off_is_skipped_whole_is_an_error() {
    let calendar = plain_but(&[
        ("[\"saturday\", \"sunday\"]", "[]"),
        ("\"07:00\"", "\"02:10\""),
        ("\"17:00\"", "\"02:50\""),
    ]);
    assert_eq!(
        calendar.day(date("2026-03-29")).unwrap_err().to_string(),
        "calendar \"Plain\" leaves no time between open and customer cut-off on 2026-03-29: the clocks change then"
    );
    assert!(calendar.day(date("2026-03-30")).is_ok());
}

#[test]
fn a_day_may_open_on_the_evening_before_also_of_the_year_before() {
    let calendar = plain_but(&[
        ("\"07:00\"", "\"21:00\"\nopen_day_before = true"),
        ("2026-01-01", "2026-01-05"),
    ]);
    assert_eq!(
        calendar.day(date("2026-01-01")).unwrap().open,
        utc("2025-12-31", 20, 0)
    );
    assert_eq!(
        calendar.day(date("2026-03-30")).unwrap().open,
        utc("2026-03-29", 19, 0),
        "the clocks went forward that morning"
    );
}
