//! What an operator sees of the rules in the node's metrics, of whole currencies and never of one participant.
use std::time::{Duration, Instant};

use super::{fx, pvp};
use crate::common::town::{A, B, C, D, OPERATOR, SCREENER, Town};

/// Longer than anything here takes, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until each series shows its value; a series is a name, and what stands in its line.
#[track_caller]
fn shows(town: &Town, series: &[(&str, &str, f64)]) {
    let until = Instant::now() + PATIENCE;
    let metric = |name: &str, with: &str| town.node().metric(name, with);
    let differs = |(name, with, value): &&(&str, &str, f64)| metric(name, with) != *value;
    while let Some((name, with, value)) = series.iter().find(differs) {
        let now = metric(name, with);
        assert!(
            Instant::now() < until,
            "{name} with {with} is {now} and never became {value}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn gauges_show_what_the_rules_keep_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "100.00");
    let fee = [
        "set-fee",
        "--currency",
        "EUR",
        "--kind",
        "payment",
        "--collector",
        D,
        "--flat",
        "0.25",
    ];
    town.control(OPERATOR, &fee);
    let limit = |amount| {
        let words = [
            "limits",
            "set",
            "--currency",
            "EUR",
            "--to",
            B,
            "--amount",
            amount,
        ];
        town.send(A, &words).must_be("executed");
    };
    limit("50.00");
    let settled = town.pay(A, B, "40.00", &[]).must_be("settled").id;
    limit("30.00");
    town.pay(A, B, "7.00", &[]).must_be("queued");
    town.pay(C, B, "8.00", &["--priority", "urgent"])
        .must_be("queued");
    let held = town
        .pay(C, B, "9.00", &["--priority", "urgent"])
        .must_be("queued")
        .id;
    let words = [
        "hold-payment",
        "--participant",
        C,
        "--payment",
        &held,
        "--reference",
        "FILE-1",
    ];
    town.control(SCREENER, &words);
    let words = ["hold-participant", "--participant", D, "--reference", "FILE-2"];
    town.control(SCREENER, &words);
    town.pay(C, A, "1.00", &["--from-time", "+1h"])
        .must_be("warehoused");
    town.ask(
        C,
        &["chain", "--currency", "EUR", "BETAFRPP=1.00", "ALFADEFF=2.00"],
    );
    let words = ["--approver", C, "--expires", "+1h", "--priority", "high"];
    town.pay(A, B, "5.00", &words).must_be("set_aside");
    town.send(A, &["cancel", &settled])
        .must_be("cancellation_pending");

    let series = [
        (
            "causeway_queue_payments{",
            r#"class="normal",currency="EUR""#,
            3.0,
        ),
        (
            "causeway_queue_payments{",
            r#"class="urgent",currency="EUR""#,
            1.0,
        ),
        ("causeway_queue_payments{", r#"currency="USD""#, 0.0),
        (
            "causeway_queue_value_minor_units{",
            r#"class="normal",currency="EUR""#,
            1_000.0,
        ),
        (
            "causeway_queue_value_minor_units{",
            r#"class="urgent",currency="EUR""#,
            800.0,
        ),
        ("causeway_queue_chains ", "", 1.0),
        ("causeway_queue_held ", "", 1.0),
        ("causeway_queue_warehoused ", "", 1.0),
        ("causeway_settlement_held_participants ", "", 1.0),
        ("causeway_settlement_conditional_payments ", "", 1.0),
        (
            "causeway_settlement_set_aside_minor_units{",
            r#"currency="EUR""#,
            500.0,
        ),
        ("causeway_settlement_open_questions ", "", 1.0),
        ("causeway_settlement_fees_minor_units{", r#"currency="EUR""#, 25.0),
        (
            "causeway_settlement_limits{",
            r#"currency="EUR",limit="bilateral""#,
            1.0,
        ),
        (
            "causeway_settlement_limits_below_use{",
            r#"currency="EUR",limit="bilateral""#,
            1.0,
        ),
    ];
    shows(&town, &series);
    town.cut_power();
    shows(&town, &series);
    // No label names a participant.
    for name in [A, B, C, D] {
        assert_eq!(town.node().metric("causeway_", name), 0.0, "{name}");
    }
    town.fund(C, "20.00");
    shows(
        &town,
        &[
            ("causeway_queue_payments{", r#"currency="EUR""#, 1.0),
            ("causeway_queue_chains ", "", 0.0),
        ],
    );
}

#[test]
fn gauges_show_quotes_locks_and_how_far_exchanges_lie_from_the_reference() {
    let mut town = fx::open();
    let (_, _) = fx::quote(&town, "1.0850/1.0870", &[]);
    let send = |town: &Town, words: &[&str], status: &str| {
        town.send(A, words).must_be(status);
    };
    let fx = |pay, least| ["fx", "--to", B, "--pay", pay, "--at-least", least];
    send(&town, &fx("EUR:100.00", "USD:108.00"), "settled");
    send(&town, &fx("EUR:100.00", "USD:108.51"), "awaiting_quote");
    let lock = ["lock", "--pay", "EUR:100.00", "--into", "USD", "--expires", "+4m"];
    send(&town, &lock, "set_aside");
    // 108.50 where 109.00 is the reference: 4,587 millionths.
    let spread = "causeway_settlement_spread_millionths";
    let pair = r#"from="EUR",to="USD""#;
    shows(
        &town,
        &[
            ("causeway_settlement_exchanges_total ", "", 1.0),
            (&format!("{spread}_sum{{"), pair, 4_587.0),
            (&format!("{spread}_count{{"), pair, 1.0),
        ],
    );
    let series = [
        ("causeway_settlement_quotes ", "", 1.0),
        ("causeway_settlement_quote_locks ", "", 1.0),
        ("causeway_queue_awaiting_quote ", "", 1.0),
    ];
    shows(&town, &series);
    town.cut_power();
    shows(&town, &series);
}

#[test]
fn gauges_show_trades_and_each_settled_side_is_counted_once() {
    let mut town = pvp::open();
    town.fund_in("FED-FEDWIRE", "USD", A, "2.00");
    town.fund(B, "1.00");
    let send = |town: &Town, name: &str, to: &str, pay: &str, get: &str, status: &str| {
        town.send(name, &pvp::side(to, pay, get, "2026-12-01", &[]))
            .must_be(status);
    };
    send(&town, A, B, "USD:2.00", "EUR:1.00", "unmatched");
    send(&town, B, A, "EUR:1.00", "USD:2.00", "settled");
    let total = "causeway_settlement_instructions_total{";
    let counted = [
        (total, r#"outcome="settled""#, 2.0),
        (total, r#"outcome="unmatched""#, 1.0),
        (total, r#"outcome="alleged""#, 1.0),
        (total, r#"outcome="matched""#, 0.0),
        ("causeway_queue_released_total ", "", 1.0),
    ];
    shows(&town, &counted);
    send(&town, A, B, "USD:3.00", "EUR:1.00", "unmatched");
    send(&town, B, A, "EUR:1.00", "USD:3.00", "matched");
    send(&town, A, C, "USD:4.00", "EUR:1.00", "unmatched");
    let counted = [
        (total, r#"outcome="unmatched""#, 3.0),
        (total, r#"outcome="alleged""#, 3.0),
        // Both sides: by the answer of one, by the event of the other.
        (total, r#"outcome="matched""#, 2.0),
        ("causeway_queue_released_total ", "", 1.0),
    ];
    shows(&town, &counted);
    let series = [
        ("causeway_queue_unmatched ", "", 1.0),
        ("causeway_queue_matched_trades ", "", 1.0),
    ];
    shows(&town, &series);
    std::thread::sleep(Duration::from_millis(1_100));
    // The age rises with the log's clock.
    town.fund(D, "1.00");
    let until = Instant::now() + PATIENCE;
    while town.node().metric("causeway_queue_unmatched_age_seconds ", "") < 1.0 {
        assert!(Instant::now() < until, "the age never rose");
        std::thread::sleep(Duration::from_millis(100));
    }
    town.cut_power();
    shows(&town, &series);
}
