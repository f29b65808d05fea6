//! The table, and what is made of results.
use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::cli;

#[test]
fn each_budget_names_commands_that_the_command_line_takes() {
    for budget in BUDGETS {
        for quick in [false, true] {
            let words: Vec<&str> = budget.words(quick).split_whitespace().collect();
            let taken = cli::takes(words.iter().copied().chain(["--json"]));
            assert_eq!(taken, Ok(()), "{}: {}", budget.name, budget.words(quick));
        }
    }
    assert!(cli::takes(["run", "--no-such-option"]).is_err());
}

#[test]
fn each_scenario_of_a_budget_is_shipped_and_takes_what_is_set() {
    let runs = BUDGETS.iter().flat_map(|budget| [budget.command, budget.quick]);
    for command in runs.filter(|command| command.starts_with("run ")) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let sets = words.windows(2).filter_map(|two| match two {
            ["--set", set] => Some((*set).to_owned()),
            ["--seconds", seconds] => Some(format!("seconds={seconds}")),
            _ => None,
        });
        let plan = crate::plan::Plan::shipped(words[1], &sets.collect::<Vec<_>>());
        assert!(plan.is_ok(), "{command}: {plan:?}");
    }
}

#[test]
fn names_stand_once_and_say_what_they_are() {
    let mut names = BTreeSet::new();
    for budget in BUDGETS {
        assert!(names.insert(budget.name), "{} stands twice", budget.name);
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(budget.name.bytes().all(plain), "{}", budget.name);
        assert!(!budget.what.is_empty() && !budget.unit.is_empty() && budget.target.number() > 0.0);
    }
}

#[test]
fn a_target_is_met_on_its_side_and_at_its_edge() {
    let cases = [
        (Target::AtLeast(10.0), 9.99, false),
        (Target::AtLeast(10.0), 10.0, true),
        (Target::AtLeast(10.0), 10.01, true),
        (Target::AtMost(10.0), 9.99, true),
        (Target::AtMost(10.0), 10.0, true),
        (Target::AtMost(10.0), 10.01, false),
        (Target::AtLeast(10.0), f64::NAN, false),
        (Target::AtMost(10.0), f64::NAN, false),
    ];
    for (target, figure, met) in cases {
        assert_eq!(target.met(figure), met, "{target:?} {figure}");
    }
}

fn find(name: &str) -> &'static Budget {
    let found = BUDGETS.iter().find(|budget| budget.name == name);
    found.unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn a_figure_is_found_by_its_keys_and_judged() {
    let latency = find("latency");
    let result = |p99: f64| json!({"latency_ms": {"p99": p99, "p50": 3.0}, "intended_rate": 700_000});
    let measured = latency.judge(&result(24.0)).expect("a figure");
    assert!(measured.met && measured.note.is_none());
    assert_eq!(measured.figure, Some(24.0));
    assert_eq!(
        measured.detail,
        [
            ("intended_rate".to_owned(), 700_000.0),
            ("latency_ms p50".to_owned(), 3.0)
        ]
    );
    assert!(!latency.judge(&result(26.0)).expect("a figure").met);
    let stages = find("stages");
    let measured = stages
        .judge(&json!({"cost_ns": {"node, apply": 500.0, "total": 2_500.0}}))
        .expect("a figure");
    assert!(!measured.met);
    assert_eq!(measured.detail.len(), 2, "each part of a table");
}

#[test]
fn a_figure_that_is_not_there_is_no_figure() {
    for result in [
        json!({}),
        json!({"overload": null}),
        json!({"overload": {"kept_share": null}}),
    ] {
        let error = find("overload").judge(&result).expect_err("nothing to judge");
        assert!(error.contains("`overload/kept_share`"), "{error}");
    }
    let recovery = find("overload-recovery");
    let never = recovery
        .judge(&json!({"overload": {"recovered_seconds": null}}))
        .expect("judged");
    assert!(!never.met && never.figure.is_none() && never.note.is_some());
    assert!(
        recovery.judge(&json!({"overload": null})).is_err(),
        "there was no overload"
    );
}

#[test]
fn what_grows_with_payments_is_scaled_to_ten_million_and_says_so() {
    let restart = find("restart");
    let few = restart
        .judge(&json!({"restart_seconds": 0.6, "settled_in_all": 1_000_000}))
        .expect("a figure");
    assert!(
        few.figure.is_some_and(|figure| (figure - 6.0).abs() < 1e-9) && !few.met,
        "{few:?}"
    );
    assert!(
        few.note
            .is_some_and(|note| note.starts_with("scaled from 0.60 s after 1000000"))
    );
    let all = restart
        .judge(&json!({"restart_seconds": 4.9, "settled_in_all": 9_990_000}))
        .expect("a figure");
    assert!(all.met && all.note.is_none() && all.figure == Some(4.9));
    let memory = find("memory")
        .judge(&json!({"node_resident_mib": 500, "settled_in_all": 1_000_000}))
        .expect("a figure");
    assert_eq!(memory.figure, Some(500.0), "a part of it does not grow");
    assert!(
        memory
            .note
            .is_some_and(|note| note.contains("1000000 payments only"))
    );
    assert!(
        restart.judge(&json!({"restart_seconds": 4.9})).is_err(),
        "of how many payments?"
    );
}
