//! A node keeps the memory that it frees, unless its environment says otherwise.
#![cfg(target_os = "linux")]
mod common;

use common::node::{Ledger, Node};

/// What the environment of a running node says of its allocator.
fn options(node: &Node) -> Vec<String> {
    let environment = std::fs::read(format!("/proc/{}/environ", node.ready["pid"])).expect("it runs");
    let words = environment.split(|byte| *byte == 0);
    let mut options: Vec<String> = words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .filter(|word| word.starts_with("MIMALLOC_"))
        .collect();
    options.sort();
    options
}

#[test]
fn freed_memory_is_kept_unless_the_environment_says_otherwise() {
    let ledger = Ledger::new();
    let node = Node::start(&ledger.node_config(), &[]);
    assert_eq!(
        options(&node),
        ["MIMALLOC_ALLOW_THP=0", "MIMALLOC_PURGE_DELAY=-1"]
    );
    assert_eq!(node.terminate().code(), Some(0));
    let node = Node::start(&ledger.node_config(), &[("MIMALLOC_PURGE_DELAY", "500")]);
    assert_eq!(options(&node), ["MIMALLOC_PURGE_DELAY=500"]);
    assert_eq!(node.terminate().code(), Some(0));
}
