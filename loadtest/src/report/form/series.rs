//! Second by second.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One second of the window. What could not be measured in it is none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// Which, from 0.
    pub at: u64,
    /// Payments settled and answered in it.
    pub settled: u64,
    /// Records answered in it, whatever the answer.
    pub answered: u64,
    /// Payments intended in it (open loop).
    pub offered: u64,
    /// Payments given up in it before they were sent, whenever they were intended.
    pub shed: u64,
    /// Latency of the batches answered in it, in milliseconds.
    pub p50_ms: Option<f64>,
    /// The same.
    pub p99_ms: Option<f64>,
    /// The same.
    pub max_ms: Option<f64>,
    /// Payments intended, and neither answered nor shed at its end.
    pub backlog: u64,
    /// Payments that wait in the ledger's queues.
    pub queued: Option<u64>,
    /// Resident memory of the node.
    pub node_mib: Option<u64>,
    /// Resident memory of the harness.
    pub harness_mib: Option<u64>,
    /// Processors used, by part: `node, apply`, `harness`.
    pub processor: BTreeMap<String, f64>,
    /// Datagrams the kernel dropped because a socket was full, on the whole machine.
    pub udp_drops: Option<u64>,
    /// Size of the journal.
    pub journal_mib: Option<u64>,
    /// Entries a group of the journal had, on average.
    pub group_entries: Option<f64>,
}

/// What happened in the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Second of the window.
    pub at: f64,
    /// What kind of thing.
    pub kind: MarkKind,
    /// In words, short.
    pub text: String,
}

/// Kinds of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkKind {
    /// The node wrote a snapshot.
    Snapshot,
    /// The journal went on in another segment.
    Segment,
    /// A business day turned.
    Day,
    /// The node was killed, or is back.
    Outage,
    /// The offered rate changed.
    Load,
    /// Anything else.
    Note,
}
