//! Scenarios that are shipped, and what is refused with which words.
use super::{Loop, Plan};

#[test]
fn every_shipped_scenario_reads_and_says_what_it_shows() {
    assert!(Plan::list().len() >= 12);
    for shipped in Plan::list() {
        let plan = Plan::shipped(shipped.name, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plan.name, shipped.name);
        assert!(!plan.about.is_empty());
        let written = toml::to_string(&plan).expect("a plan is TOML");
        let again =
            Plan::parse(shipped.name, &written, &[]).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again, plan);
    }
}

#[test]
fn an_override_is_held_to_the_same_rules() {
    let set = |text: &str| Plan::shipped("steady", &[text.to_owned()]);
    assert_eq!(set("load.batch=2048").expect("a rule").load.batch, 2_048);
    let told = |text: &str| set(text).expect_err("refused").to_string();
    assert_eq!(
        told("mix.duplicates=1.2"),
        "--set mix.duplicates=1.2: mix.duplicates: 1.2 is more than 1"
    );
    assert!(
        told("mix.duplicats=0.1")
            .starts_with("--set mix.duplicats=0.1: mix.duplicats: unknown field `duplicats`")
    );
    let plan = Plan::shipped("latency", &["load.rate=700000".to_owned()]).expect("one instead of the other");
    assert_eq!(
        (plan.load.kind, plan.load.rate, plan.load.of_best),
        (Loop::Open, Some(700_000), None)
    );
}
