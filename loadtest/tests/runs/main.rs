//! Scenarios as they are shipped, small and short, by the program itself: each must reconcile, or say why it does not.
mod ends;
mod lies;
mod waits;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the program on small worlds; its report goes beside.
fn causeway(words: &[&str], reports: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"));
    command.args(words).arg("--report").arg(reports);
    command.output().expect("the program starts")
}

/// Two banks for a second, everything checked.
fn small<'a>(scenario: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![
        "run",
        scenario,
        "--json",
        "--banks",
        "2",
        "--participants",
        "4",
        "--accounts",
        "40",
    ];
    words.extend(["--seconds", "1", "--set", "warm_up=0", "--batch", "200"]);
    words.extend(more);
    words
}

/// Runs a scenario that must reconcile; what it printed.
fn reconciles(scenario: &str, more: &[&str]) -> Value {
    let reports = tempfile::tempdir().expect("a directory");
    let out = causeway(&small(scenario, more), reports.path());
    let (said, complained) = (
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr),
    );
    assert!(out.status.success(), "{scenario}: {complained}");
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(report["reconciled"], true, "{scenario}");
    assert_eq!(report["audit"]["agrees"], true, "{scenario}");
    assert!(report["partial"].is_null(), "{scenario}");
    assert!(
        report["settled"].as_u64() > Some(0),
        "{scenario}: nothing settled"
    );
    let files = std::fs::read_dir(reports.path()).expect("reports").count();
    assert_eq!(files, 2, "JSON and a page");
    report
}

fn otherwise(report: &Value, status: &str) -> u64 {
    report["answered_otherwise"][status].as_u64().unwrap_or(0)
}

#[test]
fn full_batches_are_audited_entry_by_entry() {
    let report = reconciles("steady", &["--receipts", "100"]);
    assert_eq!(report["audit"]["kind"], "full");
    assert_eq!(report["audit"]["balances"], 40);
    assert!(report["feed_events_verified"].as_u64() > Some(0));
    assert!(report["receipts_verified"].as_u64() > Some(0));
    assert_eq!(report["series"].as_array().map(Vec::len), Some(1));
    assert!(report["cost_ns"]["node, apply"].is_number());
}

#[test]
fn the_streaming_auditor_agrees_too() {
    let report = reconciles("steady", &["--set", "checks.auditor=books"]);
    assert_eq!(
        (&report["audit"]["kind"], &report["audit"]["balances"]),
        (&"books".into(), &40.into())
    );
}

#[test]
fn one_payment_a_request_reconciles() {
    let report = reconciles("single", &["--batch", "1"]);
    assert_eq!(report["batch_size"], 1);
}

#[test]
fn the_engine_alone_and_the_ledger_alone_reconcile() {
    let report = reconciles("steady", &["--set", "driver=engine"]);
    assert!(report["feed_events_verified"].as_u64() > Some(0));
    assert!(report["series"][0]["queued"].is_number(), "{}", report["series"]);
    for stage in ["log", "apply"] {
        let stages = report["stages"].as_array().expect("stages");
        let stage = stages.iter().find(|of| of["name"] == stage).expect(stage);
        assert!(
            stage["processor_ns"].is_number() && stage["p99_ms"].is_number(),
            "{stage}"
        );
    }
    reconciles("steady", &["--set", "driver=core"]);
    let report = reconciles("mix", &["--set", "driver=core"]);
    assert!(otherwise(&report, "queued") > 0);
}

#[test]
fn what_is_sent_again_settles_once() {
    for driver in ["driver=quic", "driver=engine"] {
        // Shares that a short run is sure to draw.
        let more = [
            "--set",
            "mix.replays=0.2",
            "--set",
            "mix.repeated=0.2",
            "--set",
            driver,
        ];
        let report = reconciles("duplicates", &more);
        for status in ["known before", "answered from the log", "id_reused"] {
            assert!(otherwise(&report, status) > 0, "{driver}, {status}: {report}");
        }
    }
}

#[test]
fn documents_a_hot_bank_and_a_slow_reader_reconcile() {
    reconciles("documents", &[]);
    reconciles("hot-bank", &[]);
    reconciles("slow-reader", &["--set", "slow.banks=[2]"]);
}

#[test]
fn open_loops_count_from_intended_times() {
    let report = reconciles("burst", &["--set", "load.rate=20000"]);
    assert!(report["offered"].as_u64() > Some(0));
    assert_eq!(
        (&report["unanswered"], &report["loop_kind"]),
        (&0.into(), &"open".into())
    );
}

#[test]
fn a_node_that_was_killed_and_came_back_shows_in_the_latency() {
    let outage = [
        "--seconds",
        "5",
        "--set",
        "outage.at=1",
        "--set",
        "outage.seconds=2",
    ];
    let report = reconciles("outage", &[&outage[..], &["--set", "load.rate=5000"]].concat());
    let worst = report["latency_ms"]["max"].as_f64().expect("a number");
    assert!(worst > 1_900.0, "two seconds without a node: {worst} ms at most");
    let marks = report["marks"].as_array().expect("marks");
    assert_eq!(marks.iter().filter(|mark| mark["kind"] == "outage").count(), 2);
}

#[test]
#[ignore = "half a minute: .ci/run has the scenario"]
fn a_ramp_finds_a_rate() {
    let ramp = [
        "--set",
        "ramp.from=2000",
        "--set",
        "ramp.step=4",
        "--set",
        "ramp.seconds=1",
    ];
    // So lax an objective that only throughput decides.
    let lax = ["--set", "ramp.objective={quantile=0.5, ms=400}"];
    let report = reconciles("ramp", &[&ramp[..], &lax[..]].concat());
    assert!(
        report["ramp"]["highest"].as_u64() >= Some(2_000),
        "{}",
        report["ramp"]
    );
}

#[test]
fn nobody_at_the_address_is_said_at_once() {
    let there = tempfile::tempdir().expect("a directory");
    // Profiles of a ledger that nobody runs.
    let world = causeway_world(there.path());
    let profiles = world.to_str().expect("a name");
    let words = ["--node", "127.0.0.1:9", "--profiles", profiles];
    let out = causeway(&small("steady", &words), there.path());
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{complained}");
    assert!(complained.contains("127.0.0.1:9 does not answer"), "{complained}");
    let report: Value = serde_json::from_slice(&out.stdout).expect("a partial report");
    assert!(
        report["partial"]
            .as_str()
            .is_some_and(|why| why.contains("does not answer"))
    );
}

/// A data directory of the small world.
fn causeway_world(there: &Path) -> std::path::PathBuf {
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"));
        let out = command
            .args(words)
            .current_dir(there)
            .output()
            .expect("the program starts");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    let sets = [
        "--set",
        "world.banks=2",
        "--set",
        "world.participants=4",
        "--set",
        "world.accounts=40",
    ];
    run(&[&["world", "steady", "--out", "."], &sets[..]].concat());
    run(&[
        "as-causeway",
        "init",
        "--dir",
        "node",
        "--genesis",
        "genesis.toml",
    ]);
    there.join("node")
}

#[test]
fn a_scenario_that_breaks_a_rule_is_wrong_usage() {
    let reports = tempfile::tempdir().expect("a directory");
    let out = causeway(&small("steady", &["--set", "mix.duplicates=2"]), reports.path());
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{complained}");
    assert!(complained.contains("mix.duplicates"), "{complained}");
    assert_eq!(std::fs::read_dir(reports.path()).expect("reports").count(), 0);
}

#[test]
fn an_option_without_effect_is_wrong_usage() {
    let there = tempfile::tempdir().expect("a directory");
    let refused = |words: &[&str], option: &str| {
        let out = causeway(words, there.path());
        let complained = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{words:?}: {complained}");
        assert!(
            complained.contains(&format!("{option}: has no effect on ")),
            "{complained}"
        );
    };
    let core = ["--set", "driver=core"];
    refused(
        &small("steady", &[&core[..], &["--restart"]].concat()),
        "--restart",
    );
    refused(&small("steady", &[&core[..], &["--dir", "x"]].concat()), "--dir");
    refused(&small("flood", &[]), "--report");
}

#[test]
fn a_report_that_has_no_place_is_said_before_the_run() {
    let there = tempfile::tempdir().expect("a directory");
    let file = there.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let began = std::time::Instant::now();
    let out = causeway(&small("steady", &["--seconds", "600"]), &file);
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{complained}");
    assert!(complained.contains(&file.display().to_string()), "{complained}");
    assert!(began.elapsed().as_secs() < 300, "nothing was run");
}
