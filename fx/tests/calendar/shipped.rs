//! The calendars that come with the source agree with the rules of their operators, worked out here a second time.
use crate::{currency, date, utc};
use causeway_fx::calendar::{Calendar, Date, SHIPPED_SPOT_DAYS, SpotDays, Weekday, shipped};
use std::collections::BTreeSet;

/// Easter Sunday, after the computus of Gauss as Knuth words it (The Art of Computer Programming, 1.3.2).
fn easter(year: u16) -> Date {
    let year = i32::from(year);
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let skipped = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - skipped - 10;
    let mut epact = (11 * golden + 20 + moon - skipped).rem_euclid(30);
    if epact == 24 || (epact == 25 && golden > 11) {
        epact += 1;
    }
    let mut full = 44 - epact;
    if full < 21 {
        full += 30;
    }
    let march = full + 7 - (sunday + full) % 7;
    shift(day(year as u16, 3, 1), march - 1)
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::from_civil(year, month, day).unwrap()
}

fn shift(date: Date, days: i32) -> Date {
    Date::from_days(u16::try_from(i32::from(date.days()) + days).unwrap())
}

/// The first such day of the week on or after a date.
fn on_or_after(from: Date, weekday: Weekday) -> Date {
    (0..7)
        .map(|days| shift(from, days))
        .find(|date| date.weekday() == weekday)
        .unwrap()
}

fn of(code: &str) -> Calendar {
    shipped().unwrap().of(currency(code)).unwrap().clone()
}

fn check(code: &str, expected: impl Fn(u16) -> Vec<Date>) {
    let calendar = of(code);
    let (first, last) = calendar.years();
    assert_eq!(first, 2026);
    let expected: BTreeSet<Date> = (first..=last).flat_map(expected).collect();
    let found: BTreeSet<Date> = calendar.holidays().map(|(date, _)| date).collect();
    let text = |dates: Vec<&Date>| dates.iter().map(ToString::to_string).collect::<Vec<_>>();
    let missing = text(expected.difference(&found).collect());
    let strange = text(found.difference(&expected).collect());
    assert!(
        missing.is_empty() && strange.is_empty(),
        "{code}: without {missing:?}, but {strange:?}"
    );
}

#[test]
fn easter_is_where_the_almanac_has_it() {
    for known in [
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2038-04-25",
    ] {
        assert_eq!(easter(date(known).year()), date(known));
    }
}

#[test]
fn the_euro_has_its_six_closing_days() {
    check("EUR", |year| {
        let easter = easter(year);
        let fixed = [(1, 1), (5, 1), (12, 25), (12, 26)].map(|(month, of)| day(year, month, of));
        [&fixed[..], &[shift(easter, -2), shift(easter, 1)]].concat()
    });
}

#[test]
fn the_dollar_keeps_sundays_on_monday_and_saturdays_not_at_all() {
    check("USD", |year| {
        let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].map(|(month, of)| day(year, month, of));
        let kept = fixed.into_iter().filter_map(|date| match date.weekday() {
            Weekday::Saturday => None,
            Weekday::Sunday => date.next(),
            _ => Some(date),
        });
        let mondays = [(1, 15), (2, 15), (5, 25), (9, 1), (10, 8)];
        let mondays = mondays.map(|(month, from)| on_or_after(day(year, month, from), Weekday::Monday));
        let thanksgiving = on_or_after(day(year, 11, 22), Weekday::Thursday);
        kept.chain(mondays).chain([thanksgiving]).collect()
    });
    let calendar = of("USD");
    for (open, closed) in [
        ("2026-07-03", "2026-11-26"),
        ("2027-12-24", "2027-07-05"),
        ("2027-12-31", "2028-07-04"),
    ] {
        assert_eq!(calendar.is_business_day(date(open)), Ok(true), "{open}");
        assert_eq!(calendar.is_business_day(date(closed)), Ok(false), "{closed}");
    }
}

#[test]
fn the_pound_moves_holidays_on_a_weekend_to_the_next_free_weekday() {
    check("GBP", |year| {
        let easter = easter(year);
        let mondays = [(5, 1), (5, 25), (8, 25)];
        let mut days = mondays
            .map(|(month, from)| on_or_after(day(year, month, from), Weekday::Monday))
            .to_vec();
        days.extend([shift(easter, -2), shift(easter, 1)]);
        let december = match day(year, 12, 25).weekday() {
            Weekday::Friday => [25, 28],
            Weekday::Saturday => [27, 28],
            Weekday::Sunday => [26, 27],
            _ => [25, 26],
        };
        days.extend(december.map(|of| day(year, 12, of)));
        days.push(match day(year, 1, 1).weekday() {
            Weekday::Saturday => day(year, 1, 3),
            Weekday::Sunday => day(year, 1, 2),
            _ => day(year, 1, 1),
        });
        days
    });
}

#[test]
fn the_franc_has_its_ten_bank_holidays() {
    check("CHF", |year| {
        let fixed = [(1, 1), (1, 2), (5, 1), (8, 1), (12, 25), (12, 26)];
        let fixed = fixed.map(|(month, of)| day(year, month, of));
        let moving = [-2, 1, 39, 50].map(|days| shift(easter(year), days));
        [&fixed[..], &moving].concat()
    });
}

#[test]
fn the_yen_has_the_published_days_of_two_years() {
    assert_eq!(of("JPY").years(), (2026, 2027));
    check("JPY", |year| {
        let fixed = [
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 11),
            (2, 23),
            (4, 29),
            (5, 3),
            (5, 4),
            (5, 5),
        ];
        let later = [(8, 11), (9, 23), (11, 3), (11, 23), (12, 31)];
        let mut days: Vec<Date> = fixed
            .iter()
            .chain(&later)
            .map(|(month, of)| day(year, *month, *of))
            .collect();
        let mondays = [(1, 8), (7, 15), (9, 15), (10, 8)];
        days.extend(mondays.map(|(month, from)| on_or_after(day(year, month, from), Weekday::Monday)));
        let published: &[&str] = match year {
            // The equinox, a Sunday's substitute after Golden Week, the day between two holidays.
            2026 => &["2026-03-20", "2026-05-06", "2026-09-22"],
            // The equinox is on a Sunday.
            _ => &["2027-03-21", "2027-03-22"],
        };
        days.extend(published.iter().map(|text| date(text)));
        days
    });
}

#[test]
fn every_shipped_day_opens_cuts_off_and_closes_in_order_and_overlaps_none() {
    let mut days = 0;
    for calendar in shipped().unwrap().iter() {
        let (first, last) = calendar.years();
        let mut at = Some(day(first, 1, 1));
        let mut closed = 0;
        while let Some(date) = at.filter(|date| date.year() <= last) {
            at = date.next();
            if !calendar.is_business_day(date).unwrap() {
                continue;
            }
            let day = calendar.day(date).unwrap();
            assert!(
                closed <= day.open && day.open < day.customer_cut_off,
                "{} {date}",
                calendar.name()
            );
            assert!(day.customer_cut_off <= day.interbank_cut_off && day.interbank_cut_off <= day.close);
            closed = day.close;
            days += 1;
        }
    }
    assert!((3_000..4_000).contains(&days), "{days}");
}

#[test]
fn the_shipped_times_are_those_of_their_zones() {
    let day = "2026-07-01";
    for (code, open, close) in [
        ("EUR", utc(day, 0, 30), utc(day, 16, 0)),
        ("USD", utc(day, 1, 0), utc(day, 23, 0)),
        ("GBP", utc(day, 5, 0), utc(day, 17, 0)),
        ("JPY", utc("2026-06-30", 23, 30), utc(day, 12, 0)),
        ("CHF", utc(day, 5, 0), utc(day, 16, 15)),
    ] {
        let found = of(code).day(date(day)).unwrap();
        assert_eq!((found.open, found.close), (open, close), "{code}");
    }
}

#[test]
fn the_shipped_spot_days_follow_the_market() {
    let days = SpotDays::parse(SHIPPED_SPOT_DAYS).unwrap();
    for (base, quote, expected) in [
        ("EUR", "USD", 2),
        ("USD", "CAD", 1),
        ("CAD", "USD", 1),
        ("TRY", "USD", 1),
        ("EUR", "CAD", 2),
    ] {
        assert_eq!(
            days.of(currency(base), currency(quote)),
            expected,
            "{base}/{quote}"
        );
    }
}
