//! Spot and value dates of pairs: both currencies have to be open.
use crate::{currency, date};
use causeway_fx::calendar::shipped;

fn spot(base: &str, quote: &str, trade: &str) -> String {
    let set = shipped().unwrap();
    let [there, back] = [(base, quote), (quote, base)].map(|(base, quote)| {
        set.spot(currency(base), currency(quote), date(trade))
            .map_or_else(|error| error.to_string(), |date| date.to_string())
    });
    assert!(there == back || there.contains("knows"), "{there} {back}");
    there
}

#[test]
fn spot_is_two_days_on_which_both_currencies_are_open() {
    for (base, quote, trade, expected) in [
        ("EUR", "USD", "2026-03-02", "2026-03-04"),
        // Over a weekend.
        ("EUR", "USD", "2026-03-05", "2026-03-09"),
        // Good Friday and Easter Monday close the euro; the dollar alone does not count.
        ("EUR", "USD", "2026-04-01", "2026-04-07"),
        ("EUR", "USD", "2026-04-02", "2026-04-08"),
        // Independence Day is on a Saturday: the Friday before is open.
        ("EUR", "USD", "2026-07-01", "2026-07-03"),
        // Memorial Day and the Spring bank holiday are one Monday.
        ("GBP", "USD", "2026-05-22", "2026-05-27"),
        // Golden Week: from Thursday over Monday to Wednesday the yen is closed.
        ("USD", "JPY", "2026-05-01", "2026-05-08"),
        // 1 May is closed here and there, the weekend and three more days in Tokyo.
        ("EUR", "JPY", "2026-04-30", "2026-05-08"),
        // Christmas: the pound's Boxing Day moves to Monday.
        ("GBP", "CHF", "2026-12-24", "2026-12-30"),
        // Made on a day that is closed.
        ("EUR", "USD", "2026-01-01", "2026-01-05"),
    ] {
        assert_eq!(spot(base, quote, trade), expected, "{base}/{quote} of {trade}");
    }
}

#[test]
fn spot_is_no_guess_where_a_calendar_ends() {
    assert_eq!(
        spot("USD", "JPY", "2027-12-29"),
        "calendar \"BOJ-NET\" knows the years 2026 to 2027: 2028-01-01 is outside them"
    );
    assert_eq!(spot("USD", "EUR", "2027-12-29"), "2027-12-31");
}

#[test]
fn a_pair_may_have_days_of_its_own() {
    let texts = causeway_fx::calendar::SHIPPED;
    let with = |days: &str| {
        let set = causeway_fx::calendar::Calendars::parse(texts, days).unwrap();
        let spot = |trade| set.spot(currency("EUR"), currency("USD"), date(trade)).unwrap();
        ["2026-04-01", "2026-04-03"].map(|trade| spot(trade).to_string())
    };
    let own = "default_days = 2\n[[pairs]]\nbase = \"USD\"\nquote = \"EUR\"\ndays = ";
    assert_eq!(with(&format!("{own}1")), ["2026-04-02", "2026-04-07"]);
    assert_eq!(with(&format!("{own}0")), ["2026-04-01", "2026-04-07"]);
    assert_eq!(with("default_days = 3"), ["2026-04-08", "2026-04-09"]);
}

#[test]
fn a_value_date_needs_both_currencies_open() {
    let set = shipped().unwrap();
    let check = |base, quote, day| {
        let found = set.check_value_date(currency(base), currency(quote), date(day));
        found.map_err(|error| error.to_string())
    };
    assert_eq!(check("EUR", "USD", "2026-04-02"), Ok(()));
    assert_eq!(check("USD", "JPY", "2026-04-03"), Ok(()));
    for (base, quote, day, expected) in [
        (
            "EUR",
            "USD",
            "2026-04-03",
            "EUR is closed on 2026-04-03 in calendar \"T2\": Good Friday",
        ),
        (
            "USD",
            "EUR",
            "2026-04-03",
            "EUR is closed on 2026-04-03 in calendar \"T2\": Good Friday",
        ),
        (
            "USD",
            "GBP",
            "2026-04-04",
            "USD is closed on 2026-04-04 in calendar \"Fedwire\": saturday is weekend",
        ),
        (
            "USD",
            "JPY",
            "2028-04-03",
            "calendar \"BOJ-NET\" knows the years 2026 to 2027: 2028-04-03 is outside them",
        ),
        ("USD", "CAD", "2026-04-02", "there is no calendar for CAD"),
        ("USD", "USD", "2026-04-02", "USD is paired with itself"),
    ] {
        assert_eq!(check(base, quote, day), Err(expected.to_owned()));
    }
}
