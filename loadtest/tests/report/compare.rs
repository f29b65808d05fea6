//! Two reports beside one another, by the command itself.
use std::path::{Path, PathBuf};
use std::process::Command;

use causeway_loadtest::report::form::Report;
use causeway_loadtest::report::json;
use serde_json::Value;

use crate::fixture;

/// What the command said: its exit code, its answer, its complaint.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn compare(directory: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"))
        .arg("compare")
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Said {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn write(directory: &Path, name: &str, report: &Report) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, json(report).expect("a document")).expect("a file");
    path
}

/// Two runs of one scenario; the second as `change` makes it.
fn pair(change: impl Fn(&mut Report)) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let mut report = fixture::steady(false);
    report.figures.payments_per_second = 800_000.0;
    report.figures.latency_ms.p99 = 20.0;
    write(directory.path(), "a.json", &report);
    change(&mut report);
    write(directory.path(), "b.json", &report);
    directory
}

#[test]
fn runs_that_were_measured_alike_are_compared_figure_by_figure() {
    let dir = pair(|b| {
        b.figures.payments_per_second = 880_000.0;
        b.figures.latency_ms.p99 = 25.0;
        b.began = "2026-11-30T17:00:00.000Z".into();
        b.conditions.disk.directory = "/tmp/.tmpother".into();
        b.conditions.load_before = Some(0.2);
    });
    let said = compare(dir.path(), &["a.json", "b.json"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("\nmeasured alike\n"), "{}", said.out);
    let line = |name: &str| {
        let line = said.out.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("{name}: {}", said.out))
            .split_whitespace()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        line("payments_per_second"),
        ["payments_per_second", "800,000", "880,000", "1.100", "better"]
    );
    assert_eq!(line("p99_ms"), ["p99_ms", "20.0", "25.0", "1.250", "worse"]);
    assert_eq!(line("cost_ns"), ["cost_ns", "(total)", "1,750", "1,750", "1.000"]);
}

#[test]
fn what_was_not_alike_stands_before_the_figures() {
    let dir = pair(|b| {
        b.plan.load.batch = 2_048;
        b.conditions.kernel = "Linux 6.12.0".into();
        b.conditions.disk.large = b.conditions.disk.large.map(|mut probe| {
            probe.p50_ms = 3.9;
            probe
        });
        b.conditions.load_before = Some(1.5);
        b.switched_off = vec!["feeds".into()];
        b.plan.checks.feeds = false;
    });
    let said = compare(dir.path(), &["a.json", "b.json"]);
    let expected = "not measured alike:\n  switched off: nothing → feeds\n  checks.feeds: true → false\n  \
                    load.batch: 8190 → 2048\n  kernel: Linux 6.1.0-28-amd64 → Linux 6.12.0\n  \
                    disk, 1 MiB: 2.44 ms → 3.90 ms\n  load before the run: 0.12 → 1.50\n";
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(said.out.find(expected) < said.out.find("payments_per_second"));
    assert_eq!(said.code, Some(0));
}

#[test]
fn a_figure_that_is_worse_than_allowed_fails() {
    let dir = pair(|b| b.figures.payments_per_second = 700_000.0);
    let said = compare(dir.path(), &["a.json", "b.json", "--worse", "12"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.err,
        "causeway-loadtest: payments_per_second is 12.5 % worse, more than 12 %\n"
    );
    assert!(
        said.out.contains("payments_per_second"),
        "the comparison is told all the same"
    );
    assert_eq!(
        compare(dir.path(), &["a.json", "b.json", "--worse", "13"]).code,
        Some(0)
    );
    assert_eq!(compare(dir.path(), &["a.json", "b.json"]).code, Some(0));
    let other = compare(
        dir.path(),
        &["a.json", "b.json", "--worse", "5", "--metric", "p50_ms"],
    );
    assert_eq!(other.code, Some(0), "only the named figure is judged");
    assert_eq!(
        compare(dir.path(), &["b.json", "a.json", "--worse", "0"]).code,
        Some(0),
        "better is not worse"
    );
}

#[test]
fn more_latency_is_worse_and_so_is_a_run_that_does_not_count() {
    let dir = pair(|b| b.figures.latency_ms.p99 = 23.0);
    let said = compare(dir.path(), &["a.json", "b.json", "--worse", "10"]);
    assert_eq!(
        said.err,
        "causeway-loadtest: p99_ms is 15.0 % worse, more than 10 %\n"
    );
    let dir = pair(|b| {
        b.partial = Some("the node ended".into());
        b.figures.reconciled = false;
    });
    let said = compare(dir.path(), &["a.json", "b.json", "--worse", "10"]);
    assert_eq!(
        said.err,
        "causeway-loadtest: the second run is partial; the second run did not reconcile\n"
    );
    assert!(
        said.out
            .contains("   PARTIAL: the node ended\n   not reconciled\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_figure_that_only_the_first_run_has_is_worse() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut ramp = fixture::ramp();
    write(dir.path(), "a.json", &ramp);
    if let Some(curve) = &mut ramp.ramp {
        curve.highest = None;
    }
    ramp.figures.payments_per_second = f64::NAN;
    write(dir.path(), "b.json", &ramp);
    let said = compare(dir.path(), &["a.json", "b.json", "--worse", "10"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(1),
            "causeway-loadtest: the second run has no payments_per_second; the second run has no highest_rate\n"
        )
    );
    let said = compare(
        dir.path(),
        &["b.json", "a.json", "--worse", "10", "--metric", "restart_seconds"],
    );
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(2), "causeway-loadtest: b.json: has no `restart_seconds`\n")
    );
}

#[test]
fn the_same_is_told_in_json() {
    let dir = pair(|b| {
        b.figures.payments_per_second = 400_000.0;
        b.plan.load.depth = 2;
    });
    let said = compare(dir.path(), &["a.json", "b.json", "--worse", "10", "--json"]);
    assert_eq!(said.code, Some(1));
    let value: Value = serde_json::from_str(&said.out).expect("a document");
    assert_eq!(value["differs"][0]["key"], "load.depth");
    let first = &value["metrics"][0];
    assert_eq!(
        (&first["name"], &first["ratio"]),
        (&Value::from("payments_per_second"), &Value::from(0.5))
    );
    assert_eq!(value["worse"].as_array().map(Vec::len), Some(1));
    assert_eq!(value["a"]["scenario"], "steady");
}

#[test]
fn what_is_no_report_of_this_form_is_refused() {
    let dir = pair(|_| {});
    let refused = |text: &str| {
        std::fs::write(dir.path().join("x.json"), text).expect("a file");
        let said = compare(dir.path(), &["a.json", "x.json"]);
        assert_eq!(said.code, Some(2), "{text}");
        said.err
    };
    assert_eq!(
        refused("{\"form\": 2}"),
        "causeway-loadtest: x.json: form: 2; this program compares form 1\n"
    );
    assert_eq!(
        refused("{\"form\": \"1\"}"),
        "causeway-loadtest: x.json: form: is no number\n"
    );
    assert_eq!(
        refused("{\"settled\": 5}"),
        "causeway-loadtest: x.json: is no report of a run: it has no `form`\n"
    );
    assert!(
        refused("{\"form\": 1, \"settled\": -5}").starts_with("causeway-loadtest: x.json: invalid value")
    );
    assert!(refused("{").starts_with("causeway-loadtest: x.json: EOF while parsing"));
    let gone = compare(dir.path(), &["a.json", "gone.json"]);
    assert_eq!(
        (
            gone.code,
            gone.err.starts_with("causeway-loadtest: gone.json: No such file")
        ),
        (Some(3), true)
    );
}

#[test]
fn wrong_usage_is_refused_with_what_is_known() {
    let dir = pair(|_| {});
    let said = compare(
        dir.path(),
        &["a.json", "b.json", "--worse=1", "--metric", "speed"],
    );
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .contains("`speed` is none of payments_per_second, highest_rate, p50_ms"),
        "{}",
        said.err
    );
    for bad in ["-1", "nan", "1001", "x"] {
        let said = compare(dir.path(), &["a.json", "b.json", &format!("--worse={bad}")]);
        assert_eq!(said.code, Some(2), "{bad}: {}", said.err);
    }
}

#[test]
fn a_foreign_report_cannot_steer_the_terminal() {
    let dir = pair(|b| {
        b.scenario = "\u{1b}[2Jsteady".into();
        b.conditions.kernel = "a\u{7}\nb".into();
    });
    let said = compare(dir.path(), &["a.json", "b.json"]);
    assert!(
        !said.out.contains('\u{1b}') && !said.out.contains('\u{7}'),
        "{}",
        said.out
    );
    assert!(
        said.out
            .contains("kernel: Linux 6.1.0-28-amd64 → a\u{fffd}\u{fffd}b"),
        "{}",
        said.out
    );
}
