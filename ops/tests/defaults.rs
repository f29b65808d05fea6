//! The default of a member on the command line: declared, reported, lifted, confirmed, and a crash in between.
mod common;

use common::town::{A, AGENT, B, C, OPERATOR, Town};
use common::{causeway, code, stderr, word};
use serde_json::Value;
use std::thread;
use std::time::{Duration, Instant};

/// What the operator's first person proposes and is not taken: exit code and status.
fn refused(town: &Town, words: &[&str]) -> (i32, String) {
    let (code, status, _) = town.not_proposed(words);
    (code, status)
}

/// The report that somebody asks for.
fn report(town: &Town, who: &str, more: &[&str]) -> std::process::Output {
    let config = town.config(who);
    let mut all = vec!["control", "default-report", "--config", word(&config), C];
    all.extend(more);
    causeway(&all)
}

fn report_json(town: &Town, who: &str, more: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.extend(more);
    let output = report(town, who, &all);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn declare(town: &Town) {
    town.control(
        OPERATOR,
        &["declare-default", "--participant", C, "--reference", "CASE-7"],
    );
}

#[test]
fn a_default_is_declared_reported_lifted_and_confirmed_for_good() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    town.fund(C, "5.00");
    let out = town.pay(C, A, "50.00", &[]);
    out.must_be("queued");
    declare(&town);
    assert_eq!(
        refused(
            &town,
            &["declare-default", "--participant", C, "--reference", "CASE-8"]
        ),
        (1, "default_unknown".to_owned())
    );
    town.refused(C, &Town::payment(A, "1.00", &[]), "debtor_suspended");
    town.pay(A, C, "2.00", &[]).must_be("pending");

    let told = report_json(&town, OPERATOR, &[]);
    assert_eq!(told["default"], "declared");
    assert_eq!(told["affected"], serde_json::json!([A]));
    assert_eq!(told["accounts"][0]["balance"], "5.00");
    let line = &told["counterparties"][0];
    assert_eq!(
        line["queued_out"],
        serde_json::json!({ "count": 1, "amount": "50.00" })
    );
    assert_eq!(
        line["queued_in"],
        serde_json::json!({ "count": 1, "amount": "2.00" })
    );
    let told = report_json(&town, AGENT, &["--currency", "EUR"]);
    assert_eq!(told["affected"], serde_json::json!([A]));
    let words = String::from_utf8_lossy(&report(&town, OPERATOR, &[]).stdout).into_owned();
    assert!(words.contains("nothing has ended yet"), "{words}");
    assert_eq!(code(&report(&town, AGENT, &[])), 1, "an agent names its currency");
    assert_eq!(code(&report(&town, A, &[])), 1, "a bank is told nothing");

    town.control(OPERATOR, &["decide-default", "--participant", C, "--lift"]);
    assert_eq!(town.balances([A, C]), ["98.00", "7.00"]);
    assert_eq!(
        refused(&town, &["decide-default", "--participant", C, "--confirm"]),
        (1, "default_unknown".to_owned())
    );
    declare(&town);
    let last = town.pay(A, C, "3.00", &[]);
    town.control(OPERATOR, &["decide-default", "--participant", C, "--confirm"]);
    town.cut_power();
    town.await_status(A, &last.id, "defaulted");
    town.refused(A, &Town::payment(C, "1.00", &[]), "creditor_suspended");
    town.refused(C, &Town::payment(A, "1.00", &[]), "debtor_suspended");
    assert_eq!(
        refused(&town, &["decide-default", "--participant", C, "--lift"]),
        (1, "default_unknown".to_owned())
    );
    assert_eq!(town.balances([A, C]), ["98.00", "7.00"]);
    let told = report_json(&town, OPERATOR, &[]);
    assert_eq!(told["default"], "confirmed");
    assert_eq!(told["affected"], serde_json::json!([]));
    let until = Instant::now() + Duration::from_secs(60);
    let series = "causeway_settlement_defaulted_participants ";
    while town.node().metric(series, "") != 1.0 {
        assert!(Instant::now() < until, "one member is in default");
        thread::sleep(Duration::from_millis(50));
    }
    town.pay(A, B, "1.00", &[]).must_be("settled");
}
