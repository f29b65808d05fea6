//! Threads of a node run on the processors that its configuration names.
#![cfg(target_os = "linux")]
mod common;

use common::node::{Ledger, Node};
use common::{causeway_with, code, stderr, stdout, word};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

/// What stands in a status of the system: the processors that a thread may run on.
fn allowed(status: &str) -> Option<String> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    Some(line.trim().to_owned())
}

/// What this process may run on, all and two of them; twice the same if there is but one.
fn processors() -> (String, [String; 2]) {
    let all = allowed(&std::fs::read_to_string("/proc/thread-self/status").expect("of this thread"));
    let all = all.expect("a list");
    let numbers: Vec<_> = all.split([',', '-']).map(str::to_owned).collect();
    let (first, last) = (numbers.first(), numbers.last());
    let two = [first, last].map(|number| number.expect("a processor").clone());
    (all, two)
}

/// What the threads of a node may run on, by their names, as far as the system keeps these.
fn threads(node: &Node) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let tasks = std::fs::read_dir(format!("/proc/{}/task", node.ready["pid"])).expect("it runs");
    for task in tasks {
        let task = task.expect("a thread").path();
        // A thread that ends meanwhile is not there.
        let read = |name| std::fs::read_to_string(task.join(name));
        let (Ok(name), Ok(status)) = (read("comm"), read("status")) else {
            continue;
        };
        let allowed = allowed(&status).expect("a list");
        found.entry(name.trim().to_owned()).or_default().insert(allowed);
    }
    found
}

/// Waits until these threads are there and run where they should.
fn wait_for(node: &Node, mut ask: impl FnMut(), expected: &[(&str, &str)]) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        ask();
        let found = threads(node);
        let is = |name: &str, place: &str| found.get(name) == Some(&BTreeSet::from([place.to_owned()]));
        if expected.iter().all(|(name, place)| is(name, place)) {
            return;
        }
        assert!(Instant::now() < until, "{found:?}, not {expected:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn each_named_thread_has_its_processor_and_no_other_inherits_it() {
    let (all, [one, two]) = processors();
    let turns = if one == two {
        one.clone()
    } else {
        format!("{one},{two}")
    };
    let ledger = Ledger::new();
    let environment = [
        ("CAUSEWAY_THREADS_TRANSPORT", "2"),
        ("CAUSEWAY_THREADS_LOG_PROCESSORS", &*one),
        ("CAUSEWAY_THREADS_PUBLISH_PROCESSORS", &*two),
        ("CAUSEWAY_THREADS_TRANSPORT_PROCESSORS", &*turns),
    ];
    let node = Node::start(&ledger.node_config(), &environment);
    let ask = || assert_eq!(ledger.balance("ALFADEFF", "EUR"), "0.00");
    let expected = [
        ("causeway", &*all),
        ("causeway-log", &*one),
        ("causeway-apply", &*all),
        ("causeway-publis", &*two),
        ("causeway-snapsh", &*all),
        ("causeway-quic-0", &*one),
        ("causeway-quic-1", &*two),
        // It answers, and a thread that serves a connection has started it.
        ("tokio-rt-worker", &*all),
    ];
    wait_for(&node, ask, &expected);
    assert!(node.terminate().success());
}

#[test]
fn all_the_rest_goes_where_the_others_are_sent() {
    let (all, [one, _]) = processors();
    let ledger = Ledger::new();
    let text = std::fs::read_to_string(ledger.node_config()).expect("it is there");
    let line = "# other_processors = \"\"\n";
    assert!(text.contains(line), "init names the key");
    let text = text.replace(line, &format!("other_processors = \"{one}\"\n"));
    std::fs::write(ledger.node_config(), text).expect("written");
    let node = Node::start(&ledger.node_config(), &[]);
    let expected = [
        ("causeway", &*one),
        ("causeway-log", &*all),
        ("causeway-apply", &*all),
        ("causeway-publis", &*all),
        ("causeway-snapsh", &*one),
        ("causeway-docume", &*one),
        ("causeway-nettin", &*one),
        ("causeway-certif", &*one),
        ("causeway-quic-0", &*all),
        ("tokio-rt-worker", &*one),
    ];
    let ask = || assert_eq!(ledger.balance("ALFADEFF", "EUR"), "0.00");
    wait_for(&node, ask, &expected);
    assert!(node.terminate().success());
}

#[test]
fn a_processor_that_is_not_there_stops_the_start_and_no_check_without_the_machine() {
    let ledger = Ledger::new();
    let config = ledger.node_config();
    let environment = [("CAUSEWAY_THREADS_APPLY_PROCESSORS", "1023")];
    let output = causeway_with(&["config", "check", word(&config)], &environment);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let output = causeway_with(&["node", "--config", word(&config)], &environment);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    let rule = "threads.apply_processors: processor 1023: this machine does not have it";
    assert!(stderr(&output).contains(rule), "{}", stderr(&output));
}
