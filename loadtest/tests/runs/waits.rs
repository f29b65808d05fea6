//! Scenarios in which instructions settle behind their answers, for the auditor of long runs: its sums follow the feeds.
use serde_json::Value;

use super::{otherwise, reconciles};

/// Runs a scenario that must reconcile under the auditor of sums, to the last balance.
fn followed(scenario: &str, more: &[&str]) -> Value {
    let report = reconciles(scenario, &[more, &["--set", "checks.auditor=books"]].concat());
    let audit = &report["audit"];
    assert_eq!(audit["kind"], "books", "{scenario}: {audit}");
    assert!(audit["balances"].as_u64() > Some(0), "{scenario}: {audit}");
    assert!(audit["at_entry"].as_u64() > Some(0), "{scenario}: {audit}");
    report
}

fn later(report: &Value) -> u64 {
    report["audit"]["settled_later"].as_u64().unwrap_or(0)
}

#[test]
fn what_waits_is_released_and_booked() {
    let report = followed("mix", &[]);
    assert!(
        otherwise(&report, "queued") > 0 && later(&report) > 0,
        "{}",
        report["audit"]
    );
    let mix = report["mix"].as_array().expect("shares");
    let asked: Vec<_> = mix.iter().map(|part| (&part["name"], &part["asked"])).collect();
    assert_eq!(
        asked,
        [
            (&"duplicates".into(), &0.1.into()),
            (&"queued".into(), &0.1.into())
        ]
    );
    followed("mix", &["--set", "driver=engine"]);
}

#[test]
fn the_whole_model_follows_what_waits_too() {
    let report = reconciles("mix", &[]);
    assert_eq!(report["audit"]["kind"], "full");
    assert!(
        report["audit"]["at_entry"].as_u64() > Some(0),
        "{}",
        report["audit"]
    );
}

#[test]
fn trades_and_conversions_are_booked_in_both_currencies() {
    let report = followed("pvp-heavy", &[]);
    assert!(otherwise(&report, "unmatched") > 0 && later(&report) > 0);
    assert!(later(&followed("fx-corridor", &[])) > 0);
}

#[test]
fn what_netting_releases_is_followed() {
    let small = [
        "--set",
        "load.rate=5000",
        "--set",
        "world.currencies=4",
        "--accounts",
        "16",
    ];
    followed("gridlock", &small);
}

#[test]
fn days_that_turn_reject_and_reconcile_and_are_marked() {
    let days = [
        "--seconds",
        "4",
        "--set",
        "days.seconds=2",
        "--set",
        "load.rate=5000",
    ];
    let report = followed("quarter-end", &days);
    assert!(
        otherwise(&report, "rejected_cut_off") > 0,
        "{}",
        report["answered_otherwise"]
    );
    let marks = report["marks"].as_array().expect("marks");
    assert!(marks.iter().any(|mark| mark["kind"] == "day"), "{marks:?}");
}
