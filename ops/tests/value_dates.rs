//! A payment for a business day ahead, with nothing but the `causeway` command: it is taken before the day, waits across a
//! kill, and settles when the day opens by itself.
mod common;

use common::town::{A, B, OPERATOR, Town, text};

/// Enters a day of the euro, or other instants for one that stands there.
fn enter(town: &Town, date: &str, open: &str, close: &str) {
    town.control(
        OPERATOR,
        &[
            "schedule-days",
            "--currency",
            "EUR",
            "--date",
            date,
            "--open",
            open,
            "--customer-cut-off",
            close,
            "--close",
            close,
        ],
    );
}

#[test]
fn a_payment_for_a_day_ahead_settles_when_it_opens_across_a_kill() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    enter(&town, "2098-01-06", "+2h", "+3h");
    enter(&town, "2098-01-08", "+4h", "+5h");

    // There is no day of the date between.
    town.refused(
        A,
        &Town::payment(B, "1.00", &["--value-date", "2098-01-07"]),
        "value_date_closed",
    );
    let dated = |amount, date| {
        let sent = town.pay(A, B, amount, &["--value-date", date]);
        sent.must_be("warehoused").id
    };
    let (first, later) = (dated("60.00", "2098-01-06"), dated("7.00", "2098-01-08"));
    let why = town.ask(A, &["explain", &later]);
    assert_eq!(text(&why, "reason"), "value_date");
    let opens = "waits for its value date: EUR opens for it at ";
    assert!(text(&why, "text").starts_with(opens), "{why}");
    assert_eq!(town.balances([A, B]), ["100.00", "0.00"]);

    // Its day opens sooner than it was entered, and nobody is there.
    enter(&town, "2098-01-06", "+3s", "+2h");
    town.cut_power();
    town.await_status(A, &first, "settled");
    assert_eq!(town.balances([A, B]), ["40.00", "60.00"]);
    town.refused(
        A,
        &Town::payment(B, "1.00", &["--value-date", "2098-01-05"]),
        "value_date_closed",
    );
    town.pay(A, B, "1.00", &["--value-date", "2098-01-06"])
        .must_be("settled");
    assert_eq!(text(&town.account(A), "business_date"), "2098-01-06");

    // The other day is taken away.
    town.control(
        OPERATOR,
        &["schedule-days", "--currency", "EUR", "--take-away", "2098-01-08"],
    );
    town.await_status(A, &later, "value_date_closed");
    assert_eq!(town.queue(A), Vec::<String>::new());
    assert_eq!(town.balances([A, B]), ["39.00", "61.00"]);
}
