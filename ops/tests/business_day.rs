//! An operator's day, with nothing but the `causeway` command: calendars of two time zones are entered, a day opens by
//! itself, cuts customers off, is extended, and closes, and the agent finds the wrong line of a statement. The steps are those of README.md.
mod common;

use std::time::Instant;

use common::town::{A, AGENT, B, OPERATOR, PATIENCE, PAUSE, Town, text};
use common::{causeway, code, stderr, stdout, word};
use serde_json::Value;

/// Where a currency's days stand, as a bank sees them.
fn days(town: &Town, currency: &str) -> Vec<Value> {
    let told = town.ask(A, &["days", "--currency", currency]);
    told["days"].as_array().expect("a list").clone()
}

/// Waits until the present day of a currency is so.
#[track_caller]
fn await_state(town: &Town, currency: &str, state: &str) {
    let until = Instant::now() + PATIENCE;
    loop {
        let now = days(town, currency);
        if text(&now[0], "state") == state && now[0]["closing"] == false {
            return;
        }
        assert!(Instant::now() < until, "{now:?} is never {state}");
        std::thread::sleep(PAUSE);
    }
}

fn operator(town: &Town, words: &[&str]) {
    town.control(OPERATOR, words);
}

/// What a proposal of the operator is refused with.
fn refused(town: &Town, words: &[&str]) -> (i32, String) {
    let config = town.config(OPERATOR);
    let mut all = vec!["control", "propose", "--config", word(&config), "--person", "1"];
    all.extend(words);
    let output = causeway(&all);
    (code(&output), stdout(&output) + &stderr(&output))
}

#[test]
fn calendars_of_two_zones_become_instants_without_weekends_and_holidays() {
    let town = Town::under(4);
    let span = |currency| {
        [
            "schedule-days",
            "--currency",
            currency,
            "--from",
            "2027-03-10",
            "--to",
            "2027-04-01",
        ]
    };
    operator(&town, &span("EUR"));
    operator(&town, &span("USD"));
    let cut_offs = |currency: &str| -> Vec<(String, String)> {
        let ahead = days(&town, currency).split_off(1);
        assert!(ahead.iter().all(|day| day["state"] == "ahead"), "{ahead:?}");
        let told = |day: &Value| {
            (
                text(day, "date").to_owned(),
                text(day, "interbank_cut_off").to_owned(),
            )
        };
        ahead.iter().map(told).collect()
    };
    let at = |all: &[(String, String)], date: &str| {
        let found = all.iter().find(|day| day.0 == date);
        found.map(|day| day.1.clone())
    };
    // New York goes to daylight-saving time on 2027-03-14, Europe two weeks later.
    let (euros, dollars) = (cut_offs("EUR"), cut_offs("USD"));
    assert_eq!(
        at(&dollars, "2027-03-12").as_deref(),
        Some("2027-03-13T00:00:00.000Z")
    );
    assert_eq!(
        at(&dollars, "2027-03-15").as_deref(),
        Some("2027-03-15T23:00:00.000Z")
    );
    assert_eq!(
        at(&euros, "2027-03-15").as_deref(),
        Some("2027-03-15T17:00:00.000Z")
    );
    assert_eq!(
        at(&euros, "2027-03-30").as_deref(),
        Some("2027-03-30T16:00:00.000Z")
    );
    // Good Friday and Easter Monday in the one, weekends in both.
    assert_eq!(at(&euros, "2027-03-26"), None);
    assert_eq!(at(&euros, "2027-03-29"), None);
    assert!(at(&dollars, "2027-03-26").is_some());
    assert_eq!(
        (at(&euros, "2027-03-13"), at(&dollars, "2027-03-14")),
        (None, None)
    );

    // A holiday by proclamation, and once only.
    let taken = ["schedule-days", "--currency", "USD", "--take-away", "2027-03-17"];
    operator(&town, &taken);
    assert_eq!(at(&cut_offs("USD"), "2027-03-17"), None);
    let (exit, said) = refused(&town, &taken);
    assert!(exit == 1 && said.contains("day_invalid"), "{said}");
}

#[test]
fn a_day_opens_cuts_off_is_extended_and_closes_across_kills() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    let day = |date, open, customers, close| {
        [
            "schedule-days",
            "--currency",
            "EUR",
            "--date",
            date,
            "--open",
            open,
            "--customer-cut-off",
            customers,
            "--close",
            close,
        ]
    };
    operator(&town, &day("2027-01-04", "+3s", "+4s", "+2h"));
    town.cut_power();
    await_state(&town, "EUR", "open");
    let until = Instant::now() + PATIENCE;
    while days(&town, "EUR")[0]["customers_cut_off"] == false {
        assert!(Instant::now() < until, "customers are never cut off");
        std::thread::sleep(PAUSE);
    }
    town.refused(A, &Town::payment(B, "1.00", &[]), "rejected_cut_off");
    town.pay(A, B, "1.00", &["--interbank"]).must_be("settled");

    // Customers are let in again, then the day is cut off by hand and extended.
    operator(
        &town,
        &["extend-day", "--currency", "EUR", "--customer-cut-off", "+1h"],
    );
    town.pay(A, B, "2.00", &[]).must_be("settled");
    let waits = town.pay(A, B, "500.00", &[]).must_be("queued").id;
    town.day("cut-off", "2027-01-04");
    town.refused(A, &Town::payment(B, "1.00", &["--interbank"]), "rejected_cut_off");
    town.cut_power();
    assert_eq!(town.account(A)["phase"], "cut_off");
    operator(
        &town,
        &["extend-day", "--currency", "EUR", "--interbank-cut-off", "+1h"],
    );
    town.pay(A, B, "3.00", &["--interbank", "--priority", "urgent"])
        .must_be("settled");
    let (exit, said) = refused(&town, &["extend-day", "--currency", "EUR", "--close", "+10m"]);
    assert!(exit == 1 && said.contains("day_invalid"), "{said}");

    // The next day follows, and what waited is rejected with a reason.
    operator(&town, &day("2027-01-05", "+3h", "+4h", "+5h"));
    let (exit, said) = refused(&town, &day("2027-01-06", "+4h", "+5h", "+6h"));
    assert!(
        exit == 1 && said.contains("day_invalid"),
        "it opens before the day before closes: {said}"
    );
    town.day("closed", "2027-01-04");
    town.await_status(A, &waits, "rejected_close");
    town.refused(A, &Town::payment(B, "1.00", &["--interbank"]), "rejected_cut_off");
    let told = days(&town, "EUR");
    assert_eq!(
        (text(&told[0], "date"), text(&told[0], "state")),
        ("2027-01-04", "closed")
    );
    assert_eq!(
        (text(&told[1], "date"), text(&told[1], "state")),
        ("2027-01-05", "ahead")
    );
    let (exit, said) = refused(&town, &["extend-day", "--currency", "EUR", "--close", "+10h"]);
    assert!(exit == 2 && said.contains("nothing to extend"), "{said}");
    assert_eq!(town.balances([A, B]), ["94.00", "6.00"]);

    // Each account has its statement of the day; what comes later belongs to the next one.
    let statement = await_statement(&town, A, "2027-01-04");
    let lines = statement["lines"].as_array().expect("lines");
    let moved: Vec<_> = lines
        .iter()
        .map(|line| ["side", "amount", "balance"].map(|field| text(line, field)))
        .collect();
    assert_eq!(
        moved,
        [
            ["credit", "100.00", "100.00"],
            ["debit", "1.00", "99.00"],
            ["debit", "2.00", "97.00"],
            ["debit", "3.00", "94.00"],
        ]
    );
    assert_eq!(
        (text(&statement, "opening"), text(&statement, "closing")),
        ("0.00", "94.00")
    );
    town.cut_power();
    assert_eq!(await_statement(&town, A, "2027-01-04"), statement);
    let camt = town.say(
        A,
        &[
            "statement",
            "--currency",
            "EUR",
            "--date",
            "2027-01-04",
            "--format",
            "camt053",
        ],
    );
    assert!(
        camt.contains("<Id>EUR20270104-") && camt.matches("<Ntry>").count() == 4,
        "{camt}"
    );

    // The agent holds its liability to the central bank's statement, and finds the one line that is wrong.
    town.fund(B, "7.50");
    let report = town.ask(B, &["report", "--currency", "EUR"]);
    assert_eq!(
        (text(&report, "opening"), text(&report, "closing")),
        ("6.00", "13.50")
    );
    let own = liability(&town, "2027-01-04");
    assert!(
        own.contains("<EndToEndId>RTGS-0</EndToEndId>") && !own.contains("RTGS-1"),
        "{own}"
    );
    let statement = town.ledger.file("statement.csv");
    let today = today();
    let text =
        format!("date,reference,side,amount\n{today},RTGS-0,credit,100.00\n{today},RTGS-1,credit,5.70\n");
    std::fs::write(&statement, &text).expect("written");
    let (agent, file) = (town.config(AGENT), word(&statement));
    let words = [
        "control",
        "reconcile",
        "--config",
        word(&agent),
        "--currency",
        "EUR",
        "--statement",
        file,
    ];
    let told = causeway(&words);
    assert_eq!(code(&told), 1, "{}", stderr(&told));
    let line = "line 3: the amounts differ: the statement says credit of 5.70 EUR under RTGS-1";
    assert!(stdout(&told).starts_with(line), "{}", stdout(&told));
    assert!(
        stdout(&told).contains("1 of 2 lines agree, 1 difference"),
        "{}",
        stdout(&told)
    );
    std::fs::write(&statement, text.replace("5.70", "7.50")).expect("written");
    let told = causeway(&words);
    assert_eq!(code(&told), 0, "{}{}", stdout(&told), stderr(&told));
    // By business date: the statement of the day has its own entries and balances, and not what came behind them.
    std::fs::write(&statement, &own).expect("written");
    let told = causeway(&words);
    assert_eq!(code(&told), 0, "{}{}", stdout(&told), stderr(&told));
    std::fs::write(&statement, own.replace(">100.00<", ">101.00<")).expect("written");
    let told = causeway(&words);
    assert_eq!(code(&told), 1, "{}", stderr(&told));
    for difference in [
        "the amounts differ",
        "the closing balance is not the liability after the last day",
    ] {
        assert!(stdout(&told).contains(difference), "{}", stdout(&told));
    }
}

/// The statement of a bank's account in euros, once it is told.
#[track_caller]
fn await_statement(town: &Town, name: &str, date: &str) -> Value {
    let until = Instant::now() + PATIENCE;
    let config = town.config(name);
    loop {
        let words = [
            "bank",
            "statement",
            "--config",
            word(&config),
            "--currency",
            "EUR",
            "--json",
        ];
        let output = causeway(&words);
        if code(&output) == 0 {
            let newest: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(text(&newest, "date"), date);
            return newest;
        }
        assert!(
            Instant::now() < until,
            "there is never a statement: {}",
            stderr(&output)
        );
        std::thread::sleep(PAUSE);
    }
}

/// The statement of the agent's liability as camt.053.
#[track_caller]
fn liability(town: &Town, date: &str) -> String {
    let config = town.config(AGENT);
    let output = causeway(&[
        "control",
        "statement",
        "--config",
        word(&config),
        "--currency",
        "EUR",
        "--date",
        date,
        "--format",
        "camt053",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output)
}

fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = now.expect("a clock").as_secs() / 86_400 - 10_957;
    causeway_ops::client::words::date(days as u16)
}

#[test]
fn an_idle_ledger_closes_and_opens_by_ticks() {
    let town = Town::under(4);
    town.fund(A, "1.00");
    let day = |date, open, close| {
        [
            "schedule-days",
            "--currency",
            "EUR",
            "--date",
            date,
            "--open",
            open,
            "--close",
            close,
        ]
    };
    operator(&town, &day("2027-01-04", "+3s", "+4s"));
    operator(&town, &day("2027-01-05", "+3600s", "+2h"));
    await_state(&town, "EUR", "closed");
    let told = days(&town, "EUR");
    assert_eq!(text(&told[0], "date"), "2027-01-04");
    let said = town.say(A, &["days"]);
    assert!(said.contains("EUR  2027-01-04  closed"), "{said}");
    assert!(said.contains("USD  no day yet  open"), "{said}");
    let said = town.say(A, &["days", "--currency", "EUR"]);
    assert!(said.contains("EUR  2027-01-05  ahead; opens "), "{said}");
}

#[test]
fn wrong_words_are_named() {
    let town = Town::under(4);
    let wrong = |words: &[&str], rule: &str| {
        let (exit, said) = refused(&town, words);
        assert!(exit == 2 && said.contains(rule), "{exit} {said}");
    };
    let span = ["--from", "2027-01-04", "--to", "2027-01-08"];
    let with = |more: &[&'static str]| [&["schedule-days"], more, &span[..]].concat();
    wrong(&with(&["--currency", "SEK"]), "--calendar");
    wrong(&with(&["--currency", "ABC"]), "--currency");
    wrong(&["schedule-days", "--currency", "EUR"], "--from");
    let weekend = [
        "schedule-days",
        "--currency",
        "EUR",
        "--from",
        "2027-01-02",
        "--to",
        "2027-01-03",
    ];
    wrong(&weekend, "no business day");
    let beyond = [
        "schedule-days",
        "--currency",
        "EUR",
        "--from",
        "2027-01-02",
        "--to",
        "2099-01-03",
    ];
    wrong(&beyond, "2026 to 2028");
    let text = [
        "schedule-days",
        "--currency",
        "EUR",
        "--from",
        "tomorrow",
        "--to",
        "2027-01-08",
    ];
    wrong(&text, "--from");
    let order = [
        "schedule-days",
        "--currency",
        "EUR",
        "--date",
        "2027-01-04",
        "--open",
        "+2h",
        "--close",
        "+1h",
    ];
    wrong(&order, "must come in this order");
    wrong(&["extend-day", "--currency", "EUR"], "extend-day: give");
    wrong(
        &["extend-day", "--currency", "EUR", "--close", "+1h"],
        "nothing to extend",
    );
}
