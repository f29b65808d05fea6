//! Overrides: held to the rules of a file, and named where they break one.
use causeway_loadtest::plan::{Loop, Plan, Setting};

fn set(name: &str, sets: &[&str]) -> Result<Plan, String> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Plan::shipped(name, &sets).map_err(|error| error.to_string())
}

fn told(name: &str, text: &str) -> String {
    set(name, &[text]).expect_err("refused")
}

#[test]
fn numbers_words_tables_and_items_of_lists_are_set() {
    let plan = set(
        "burst",
        &[
            "load.batch = 2048",
            "load.loop=open",
            "mix.queued=0.25",
            "phase.2.factor=4",
            "node.journal_segment_mib=8",
            "node.log_level=debug",
            "hot={ share = 0.5 }",
            "about=said anew",
        ],
    );
    let plan = plan.expect("a plan");
    assert_eq!(
        (plan.load.batch, plan.load.kind, plan.mix.queued),
        (2_048, Loop::Open, 0.25)
    );
    assert_eq!((plan.phases[0].factor, plan.phases[1].factor), (0.3, 4.0));
    assert_eq!(plan.node["journal_segment_mib"], Setting::Number(8));
    assert_eq!(plan.node["log_level"], Setting::Text("debug".to_owned()));
    assert_eq!(plan.hot.map(|hot| (hot.bank, hot.share)), Some((1, 0.5)));
    assert_eq!(plan.about, "said anew");
}

#[test]
fn what_is_given_up_when_the_load_falls_is_set() {
    let shed = |name, text| set(name, &[text]).map(|plan| plan.load.shed);
    assert_eq!(shed("overload", "seed=1"), Ok(true));
    assert_eq!(shed("overload", "load.shed=false"), Ok(false));
    assert_eq!(shed("burst", "load.shed=true"), Ok(true));
    assert_eq!(
        told("steady", "load.shed=true"),
        "--set load.shed=true: load.shed: is only for the loop \"open\""
    );
}

#[test]
fn the_last_override_of_a_key_counts() {
    let plan = set("steady", &["load.batch=1", "load.batch=2"]).expect("a plan");
    assert_eq!(plan.load.batch, 2);
}

#[test]
fn one_of_two_that_exclude_one_another_takes_the_place_of_the_other() {
    let plan = set("latency", &["load.rate=700000"]).expect("a plan");
    assert_eq!((plan.load.rate, plan.load.of_best), (Some(700_000), None));
    let plan = set("gridlock", &["world.cap=5"]).expect("a plan");
    assert_eq!((plan.cap(), plan.world.cap_share), ("5", None));
}

#[test]
fn a_value_that_breaks_a_rule_is_named_as_it_was_given() {
    assert_eq!(
        told("steady", "mix.duplicates=1.2"),
        "--set mix.duplicates=1.2: mix.duplicates: 1.2 is more than 1"
    );
    assert_eq!(
        told("burst", "phase.2.factor=11"),
        "--set phase.2.factor=11: phase.2.factor: 11 is more than 10"
    );
    assert!(
        told("steady", "load.batch=many")
            .starts_with("--set load.batch=many: load.batch: invalid type: string")
    );
    // What breaks the rule may be what the file says beside it.
    assert_eq!(
        told("burst", "load.loop=closed"),
        "scenarios/burst.toml:9: load.rate: is only for the loop \"open\""
    );
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let error = told("steady", "mix.duplicats=0.1");
    assert!(
        error.starts_with(
            "--set mix.duplicats=0.1: mix.duplicats: unknown field `duplicats`, expected one of"
        ),
        "{error}"
    );
    let error = told("steady", "wold.banks=1");
    assert!(
        error.starts_with("--set wold.banks=1: wold.banks: unknown field `wold`"),
        "{error}"
    );
}

#[test]
fn what_is_no_override_is_refused() {
    assert_eq!(told("steady", "seconds"), "--set seconds: is not `key=value`");
    assert_eq!(told("steady", "=5"), "--set =5: is no key");
    assert_eq!(told("steady", "a..b=5"), "--set a..b=5: a..b: is no key");
    assert_eq!(
        told("steady", "a.b.c.d.e=5"),
        "--set a.b.c.d.e=5: a.b.c.d.e: is no key"
    );
    assert_eq!(
        told("steady", "seconds.x=5"),
        "--set seconds.x=5: seconds.x: `seconds` is no table"
    );
    let items = "there are 2 of `phase`, counted from 1: `phase.1.KEY`";
    for key in ["phase.0.factor", "phase.3.factor", "phase.x.factor", "phase.1"] {
        assert_eq!(
            told("burst", &format!("{key}=5")),
            format!("--set {key}=5: {key}: {items}")
        );
    }
}
