//! Runs that are disturbed: what was measured until then stands in a report, and what stood still is not left out.
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::small;

/// How long a process is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts an open loop of some seconds; its node is a process below it.
fn start(seconds: &str, reports: &Path) -> Child {
    let words = [
        "--seconds",
        seconds,
        "--rate",
        "5000",
        "--set",
        "checks.auditor=none",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"));
    command.args(small("steady", &words)).arg("--report").arg(reports);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// The node of a run, once it is there.
fn node_of(run: u32) -> Pid {
    let until = Instant::now() + PATIENCE;
    loop {
        let children =
            std::fs::read_to_string(format!("/proc/{run}/task/{run}/children")).unwrap_or_default();
        let is_node = |pid: &&str| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == b"node")
        };
        let found = children
            .split_whitespace()
            .find(is_node)
            .and_then(|pid| pid.parse().ok());
        if let Some(pid) = found.and_then(Pid::from_raw) {
            return pid;
        }
        assert!(Instant::now() < until, "no node appears");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn send(pid: Pid, signal: Signal) {
    kill_process(pid, signal).expect("the process is there");
}

/// Seconds until payments surely flow.
fn flow() {
    std::thread::sleep(Duration::from_millis(2_500));
}

fn report(out: &Output) -> Value {
    serde_json::from_slice(&out.stdout).expect("a report")
}

#[test]
fn a_node_that_stands_still_for_two_seconds_shows() {
    let reports = tempfile::tempdir().expect("a directory");
    let run = start("8", reports.path());
    let node = node_of(run.id());
    flow();
    send(node, Signal::STOP);
    std::thread::sleep(Duration::from_secs(2));
    send(node, Signal::CONT);
    let out = run.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let latency = &report(&out)["latency_ms"];
    // A quarter of all batches was intended meanwhile; a loop that waits would have left them out.
    assert!(latency["p999"].as_f64() > Some(1_900.0), "{latency}");
    assert!(latency["p90"].as_f64() > Some(500.0), "{latency}");
}

#[test]
fn a_harness_that_stands_still_for_two_seconds_shows() {
    let reports = tempfile::tempdir().expect("a directory");
    let run = start("8", reports.path());
    node_of(run.id());
    flow();
    let own = Pid::from_raw(run.id() as i32).expect("a process");
    send(own, Signal::STOP);
    std::thread::sleep(Duration::from_secs(2));
    send(own, Signal::CONT);
    let out = run.wait_with_output().expect("it ends");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let report = report(&out);
    let latency = &report["latency_ms"];
    // What was meant to be sent meanwhile was sent late, and counts from when it was meant.
    assert!(latency["p999"].as_f64() > Some(1_900.0), "{latency}");
    assert!(latency["p90"].as_f64() > Some(500.0), "{latency}");
    assert!(
        report["offered"].as_u64() >= Some(39_000),
        "{}",
        report["offered"]
    );
}

#[test]
fn a_node_that_dies_ends_the_run_with_what_was_measured() {
    let reports = tempfile::tempdir().expect("a directory");
    let run = start("30", reports.path());
    let node = node_of(run.id());
    flow();
    send(node, Signal::KILL);
    let out = run.wait_with_output().expect("it ends");
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{complained}");
    assert!(
        complained.contains("the node ended with signal: 9"),
        "{complained}"
    );
    let report = report(&out);
    assert!(
        report["partial"]
            .as_str()
            .is_some_and(|why| why.contains("the node ended"))
    );
    assert!(report["settled"].as_u64() > Some(0));
    assert_eq!(report["reconciled"], false);
    assert_eq!(std::fs::read_dir(reports.path()).expect("reports").count(), 2);
}

#[test]
fn a_run_that_is_interrupted_leaves_its_report_and_no_node() {
    let reports = tempfile::tempdir().expect("a directory");
    let run = start("30", reports.path());
    let node = node_of(run.id());
    flow();
    send(Pid::from_raw(run.id() as i32).expect("a process"), Signal::INT);
    let out = run.wait_with_output().expect("it ends");
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{complained}");
    assert!(complained.contains("interrupted"), "{complained}");
    let report = report(&out);
    assert_eq!(report["partial"], "interrupted");
    assert!(report["settled"].as_u64() > Some(0));
    assert!(kill_process(node, Signal::CONT).is_err(), "the node goes on");
}

#[test]
fn a_second_signal_ends_the_node_and_its_directory_too() {
    // Asked to stop by a service manager, or by somebody at a terminal.
    [Signal::INT, Signal::TERM].into_iter().for_each(ends_by_a_second);
}

fn ends_by_a_second(signal: Signal) {
    let reports = tempfile::tempdir().expect("a directory");
    let temporary = tempfile::tempdir().expect("a directory");
    let words = [
        "--seconds",
        "30",
        "--rate",
        "5000",
        "--set",
        "checks.auditor=none",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"));
    command
        .args(small("steady", &words))
        .arg("--report")
        .arg(reports.path());
    command.env("TMPDIR", temporary.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = command.spawn().expect("the program starts");
    let node = node_of(run.id());
    flow();
    // It stands still, so that the first signal alone would have to wait for the end of its step.
    send(node, Signal::STOP);
    let own = Pid::from_raw(run.id() as i32).expect("a process");
    send(own, signal);
    std::thread::sleep(Duration::from_millis(30));
    if run.try_wait().expect("a status").is_none() {
        // It may just have ended by the first.
        let _ = kill_process(own, signal);
    }
    let out = run.wait_with_output().expect("it ends");
    assert_eq!(
        out.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(kill_process(node, Signal::CONT).is_err(), "the node goes on");
    let left = std::fs::read_dir(temporary.path()).expect("a directory").count();
    assert_eq!(left, 0, "what the run had for itself is gone");
}

/// A small file system that is gone with the test.
struct Mounted(tempfile::TempDir);

impl Mounted {
    /// None where this user may not mount.
    fn new(mib: u32) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a directory");
        let mut mount = Command::new("mount");
        let size = format!("size={mib}m");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path());
        let mounted = mount.stdout(Stdio::null()).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(dir))
    }

    /// Leaves no room.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.0.path().join("fill")).expect("a file");
        let part = [1; 65_536];
        while std::io::Write::write_all(&mut file, &part).is_ok() {}
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // What is left of it goes with the last process that uses it.
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_ends_the_run_with_what_the_node_said() {
    let Some(disk) = Mounted::new(96) else {
        println!("skipped: no file system can be mounted here");
        return;
    };
    let reports = tempfile::tempdir().expect("a directory");
    let dir = disk.0.path().join("run");
    let words = [
        "--seconds",
        "60",
        "--rate",
        "5000",
        "--set",
        "checks.auditor=none",
    ];
    let more = [
        "--set",
        "node.journal_segment_mib=8",
        "--dir",
        dir.to_str().expect("a name"),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway-loadtest"));
    command
        .args(small("steady", &[&words[..], &more[..]].concat()))
        .arg("--report")
        .arg(reports.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = command.spawn().expect("the program starts");
    node_of(run.id());
    flow();
    disk.fill();
    let out = run.wait_with_output().expect("it ends");
    let complained = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(3), "{complained}");
    for words in ["the node ended with exit code 3", "No space left on device"] {
        assert!(complained.contains(words), "{complained}");
    }
    let report = report(&out);
    let partial = report["partial"].as_str().unwrap_or_default();
    assert!(partial.contains("No space left on device"), "{partial}");
    assert!(report["settled"].as_u64() > Some(0));
    assert_eq!(report["reconciled"], false);
}
