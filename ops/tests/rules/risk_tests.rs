//! Parties under risk tests: what a trade waits for is named, and it settles once the test is passed.
use std::time::Duration;

use super::pvp::{open, side};
use crate::common::town::{A, B, OPERATOR, Town, text};
use crate::common::{causeway, code, stderr, word};

/// After this a deadline ten seconds ahead of a command is over; two persons sign well within it,
/// however busy the machine is.
const PAST_DEADLINE: Duration = Duration::from_millis(10_500);

/// Sets what a currency is worth in euros.
fn value(town: &Town, currency: &str, rate: &str, haircut: &str) {
    let words = [
        "set-valuation",
        "--currency",
        currency,
        "--unit",
        "EUR",
        "--rate",
        rate,
        "--haircut-per-million",
        haircut,
    ];
    town.control(OPERATOR, &words);
}

/// Puts the first bank under the tests.
fn test(town: &Town, aggregate: &str) {
    let words = [
        "set-tests",
        "--participant",
        A,
        "--unit",
        "EUR",
        "--aggregate",
        aggregate,
    ];
    town.control(OPERATOR, &words);
}

fn short_limit(town: &Town, limit: &str) {
    let words = [
        "set-short-limit",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--limit",
        limit,
    ];
    town.control(OPERATOR, &words);
}

#[test]
fn a_trade_waits_for_each_test_in_turn_and_settles_after_funding() {
    let mut town = open();
    value(&town, "EUR", "1", "0");
    value(&town, "USD", "0.90", "100000");
    test(&town, "50.00");
    town.fund(A, "10.00");
    town.fund_in("FED-FEDWIRE", "USD", B, "110.00");
    let date = "2026-12-01";
    let id = town
        .send(A, &side(B, "EUR:100.00", "USD:110.00", date, &[]))
        .must_be("unmatched")
        .id;
    let other = town
        .send(B, &side(A, "USD:110.00", "EUR:100.00", date, &[]))
        .must_be("matched")
        .id;
    let why = |town: &Town| town.why(A, &id);

    // 110 dollars are worth 89.10 euros after the haircut, 90 would be owed.
    assert_eq!(why(&town).0, "net_positive_value");
    assert_eq!(town.why(B, &other).0, "counterparty");
    let said = town.say(A, &["explain", &id]);
    assert!(said.contains("would be worth less than zero"), "{said}");
    town.cut_power();
    town.fund(A, "1.00");
    assert_eq!(why(&town), ("short_position".into(), "89.00".into()));
    let said = town.say(A, &["explain", &id]);
    assert!(
        said.contains("would be 89.00 EUR shorter than its limit allows"),
        "{said}"
    );
    short_limit(&town, "60.00");
    assert_eq!(why(&town), ("short_position".into(), "29.00".into()));
    short_limit(&town, "100.00");
    assert_eq!(why(&town).0, "aggregate_short_position");

    let words = [
        "set-pay-in",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--deadline",
        "+10s",
    ];
    town.control(OPERATOR, &words);
    std::thread::sleep(PAST_DEADLINE);
    test(&town, "100.00");
    assert_eq!(why(&town), ("pay_in".into(), "89.00".into()));
    let said = town.say(A, &["explain", &id]);
    assert!(
        said.contains("pay-in deadline was missed: 89.00 EUR more are needed"),
        "{said}"
    );
    town.fund(A, "88.99");
    assert_eq!(why(&town), ("pay_in".into(), "0.01".into()));
    town.fund(A, "0.01");
    assert_eq!(
        (town.status(A, &id), town.status(B, &other)),
        ("settled".into(), "settled".into())
    );
    assert_eq!(town.balances([A, B]), ["0.00", "100.00"]);

    // The participant was told what was set for it, in words.
    let told = town.feed(A);
    let told = told.kind("control");
    for sentence in [
        "put ALFADEFF under the risk tests",
        "let ALFADEFF be short by at most 60.00 EUR",
        "ask of ALFADEFF to be short by at most 0.00 EUR at 20",
    ] {
        assert!(
            told.iter().any(|text| text.contains(sentence)),
            "{sentence}: {told:?}"
        );
    }
}

#[test]
fn a_short_position_at_the_deadline_is_told_and_what_breaks_a_rule_is_refused() {
    let town = open();
    value(&town, "EUR", "1", "0");
    value(&town, "USD", "0.90", "0");
    test(&town, "100.00");
    short_limit(&town, "90.00");
    town.fund(A, "10.00");
    town.fund_in("FED-FEDWIRE", "USD", B, "110.00");
    let date = "2026-12-01";
    town.send(A, &side(B, "EUR:90.00", "USD:110.00", date, &[]))
        .must_be("unmatched");
    town.send(B, &side(A, "USD:110.00", "EUR:90.00", date, &[]))
        .must_be("settled");
    assert_eq!(town.balances([A, B]), ["-80.00", "90.00"]);
    let words = [
        "set-pay-in",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--deadline",
        "+10s",
        "--allowed",
        "79.99",
    ];
    town.control(OPERATOR, &words);
    std::thread::sleep(PAST_DEADLINE);
    // Any entry after the deadline judges it.
    town.fund_in("FED-FEDWIRE", "USD", B, "1.00");
    let missed = |text: &&str| text.starts_with("pay_in_missed: ask of ALFADEFF");
    assert!(town.feed(A).kind("control").iter().any(missed));
    // Pay-outs stay within the cash held.
    let pays = Town::payment(B, "1.00", &["--settle-or-reject"]);
    town.refused(A, &pays, "insufficient_liquidity");
}

#[test]
fn values_of_risk_actions_are_checked_before_they_are_proposed() {
    let town = open();
    let config = town.config(OPERATOR);
    let valuation = |rate: &'static str, haircut: &'static str| {
        let words = ["--currency", "USD", "--unit", "EUR", "--rate", rate];
        let mut all = vec!["set-valuation"];
        all.extend(words);
        all.extend(["--haircut-per-million", haircut]);
        all
    };
    let tests = |more: &[&'static str]| {
        let mut words = vec!["set-tests", "--participant", A];
        words.extend(more);
        words
    };
    for (words, complaint) in [
        (valuation("0", "0"), "--rate: must not be zero"),
        (valuation("1e3", "0"), "--rate: must be a decimal"),
        (
            valuation("0.0000000000001", "0"),
            "--rate: has more than 12 digits",
        ),
        (valuation("1", "1000001"), "--haircut-per-million"),
        (tests(&["--unit", "EUR"]), "--aggregate"),
        (tests(&["--unit", "EUR", "--aggregate", "1.001"]), "--aggregate"),
        (tests(&["--end", "--unit", "EUR", "--aggregate", "1"]), "--end"),
        (tests(&[]), "--unit"),
        (
            vec![
                "set-short-limit",
                "--participant",
                A,
                "--currency",
                "JPY",
                "--limit",
                "1.5",
            ],
            "--limit",
        ),
        (
            vec![
                "set-pay-in",
                "--participant",
                A,
                "--currency",
                "EUR",
                "--deadline",
                "noon",
            ],
            "--deadline",
        ),
    ] {
        let mut all = vec!["control", "propose", "--config", word(&config), "--person", "1"];
        all.extend(&words);
        let output = causeway(&all);
        assert_eq!(code(&output), 2, "{words:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(complaint),
            "{words:?}: {}",
            stderr(&output)
        );
    }
    // What only the ledger knows, it refuses.
    let mut all = vec![
        "control",
        "propose",
        "--config",
        word(&config),
        "--person",
        "1",
        "--json",
    ];
    all.extend([
        "set-valuation",
        "--currency",
        "EUR",
        "--unit",
        "EUR",
        "--rate",
        "1.01",
    ]);
    let output = causeway(&all);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("valuation_invalid"),
        "{}",
        stderr(&output)
    );
    let set = [
        "set-tests",
        "--participant",
        A,
        "--unit",
        "EUR",
        "--aggregate",
        "1.00",
    ];
    town.control(OPERATOR, &set);
    town.control(OPERATOR, &["set-tests", "--participant", A, "--end"]);
    assert_eq!(
        text(
            &town.ask(A, &["limits", "--currency", "EUR"])["accounts"][0],
            "headroom"
        ),
        "0.00"
    );
}
