//! Netting windows: collected, paid in, settled net at once, or failed whole; and both outlive a node that is killed.
use serde_json::Value;

use crate::common::town::{A, AGENT, B, C, OPERATOR, Town, text};
use crate::common::{causeway, code, stderr, word};

/// Opens a window for euros; its id.
#[track_caller]
fn open(town: &Town, close: &str, pay_in_by: &str, ends: &str) -> String {
    let words = [
        "open-window",
        "--currency",
        "EUR",
        "--close",
        close,
        "--pay-in-by",
        pay_in_by,
        "--ends",
        ends,
    ];
    town.control(OPERATOR, &words)
}

#[track_caller]
fn owes(town: &Town, window: &str, from: &str, to: &str, amount: &str) -> String {
    let words = [
        "obligation",
        "--window",
        window,
        "--to",
        to,
        "--currency",
        "EUR",
        "--amount",
        amount,
    ];
    town.send(from, &words).must_be("collected").id
}

fn paying<'a>(window: &'a str, amount: &'a str) -> [&'a str; 7] {
    [
        "pay-in",
        "--window",
        window,
        "--currency",
        "EUR",
        "--amount",
        amount,
    ]
}

/// The first window that a participant is shown.
fn first(town: &Town, who: &str) -> Value {
    town.ask(who, &["windows", "--currency", "EUR"])["windows"][0].clone()
}

#[test]
fn a_window_settles_net_across_kills_between_close_and_settlement() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    let window = open(&town, "+20s", "+2h", "+3h");
    let one = owes(&town, &window, A, B, "70.00");
    let two = owes(&town, &window, B, C, "50.00");
    let three = owes(&town, &window, C, A, "40.00");
    assert_eq!(town.balances([A, B, C]), ["100.00", "0.00", "0.00"]);
    let own = first(&town, A);
    assert_eq!(text(&own, "window"), window);
    let position = &own["positions"][0];
    assert_eq!(text(position, "position"), "-30.00");
    assert_eq!(text(position, "missing"), "30.00");
    assert_eq!(own["positions"].as_array().map(Vec::len), Some(1));
    assert_eq!(first(&town, AGENT)["positions"].as_array().map(Vec::len), Some(3));
    town.await_reason(A, &one, "window");
    town.cut_power();
    // Once it is closed it is too late for more.
    let late = [
        "obligation",
        "--window",
        &window,
        "--to",
        B,
        "--currency",
        "EUR",
        "--amount",
        "1.00",
    ];
    let until = std::time::Instant::now() + crate::common::town::PATIENCE;
    while text(&first(&town, A), "stage") == "collecting" {
        assert!(std::time::Instant::now() < until, "the window never closes");
        std::thread::sleep(crate::common::town::PAUSE);
    }
    town.refused(A, &late, "rejected_cut_off");
    town.cut_power();
    town.refused(A, &paying(&window, "100.01"), "insufficient_liquidity");
    let paid = town.send(A, &paying(&window, "35.00")).must_be("set_aside").id;
    town.await_status(A, &one, "settled");
    for (who, id) in [(B, &two), (C, &three)] {
        assert_eq!(town.status(who, id), "settled");
    }
    assert_eq!(town.status(A, &paid), "executed");
    town.cut_power();
    assert_eq!(town.balances([A, B, C]), ["70.00", "20.00", "10.00"]);
    assert!(first(&town, OPERATOR).is_null());
    let settled = |text: &&str| text.starts_with("settled: open a netting window in EUR");
    let told = town.feed(OPERATOR);
    assert_eq!(
        told.kind("control").iter().filter(|text| settled(text)).count(),
        1
    );
    assert_eq!(town.feed(B).of(&one), ["credit settled 70.00"]);
}

#[test]
fn a_window_that_is_not_paid_in_fails_whole_and_its_obligations_queue() {
    let mut town = Town::under(4);
    town.fund(B, "20.00");
    let window = open(&town, "+15s", "+16s", "+17s");
    let large = owes(&town, &window, A, B, "70.00");
    let small = owes(&town, &window, B, A, "15.00");
    town.send(B, &paying(&window, "20.00")).must_be("set_aside");
    town.cut_power();
    town.await_status(B, &small, "settled");
    town.cut_power();
    assert_eq!(town.status(A, &large), "queued");
    assert_eq!(town.balances([A, B]), ["15.00", "5.00"]);
    let missed = |text: &&str| text.starts_with("pay_in_missed: open a netting window in EUR");
    assert_eq!(
        town.feed(A)
            .kind("control")
            .iter()
            .filter(|text| missed(text))
            .count(),
        1
    );
    town.fund(A, "55.00");
    assert_eq!(town.status(A, &large), "settled");
}

#[test]
fn a_cancelled_window_ends_what_it_collected() {
    let town = Town::under(4);
    let window = open(&town, "+1h", "+2h", "+3h");
    let one = owes(&town, &window, A, B, "70.00");
    town.control(OPERATOR, &["cancel-window", "--window", &window]);
    assert_eq!(town.status(A, &one), "cancelled");
    assert!(first(&town, OPERATOR).is_null());
}

#[test]
fn values_of_window_actions_are_checked_before_they_are_proposed() {
    let town = Town::under(4);
    let config = town.config(OPERATOR);
    let refused = |words: &[&str], complaint: &str| {
        let mut all = vec!["control", "propose", "--config", word(&config), "--person", "1"];
        all.extend(words);
        let output = causeway(&all);
        assert_ne!(code(&output), 0, "{words:?}");
        assert!(stderr(&output).contains(complaint), "{}", stderr(&output));
    };
    let with = |close: &'static str, by: &'static str| {
        [
            "open-window",
            "--currency",
            "EUR",
            "--close",
            close,
            "--pay-in-by",
            by,
        ]
    };
    refused(&with("soon", "+1h"), "--close");
    refused(&with("+2h", "+1h"), "--pay-in-by");
    refused(
        &with("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
        "window_invalid",
    );
    refused(&["cancel-window", "--window", "1"], "--window");
}
