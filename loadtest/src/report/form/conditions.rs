//! Where and with what a run was measured.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All that a figure depends on and that is not the scenario. `compare` names what differs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// Version of the package.
    pub version: String,
    /// Commit it was built from, `unknown` without git; `+` behind it if files differed from it.
    pub commit: String,
    /// The compiler.
    pub rustc: String,
    /// `release` or `debug`.
    pub profile: String,
    /// SHA-256 of the node's program; none if no program was started.
    pub node_sha256: Option<String>,
    /// Model of the processors.
    pub cpu: String,
    /// How many there are.
    pub cpus: usize,
    /// Instructions for hashing and encryption that they have: `sha_ni`, `aes`, `vaes`.
    pub cpu_flags: Vec<String>,
    /// Memory of the machine.
    pub memory_mib: u64,
    /// The kernel.
    pub kernel: String,
    /// Load of the machine before the run, over one minute.
    pub load_before: Option<f64>,
    /// Where the node's data is.
    pub disk: Disk,
    /// TLS version and suite.
    pub tls: String,
    /// Largest datagram's payload, and of which interface.
    pub mtu: String,
    /// Version of the ledger's rules.
    pub rules: u16,
    /// Netting: its mode, or `off`.
    pub netting: String,
    /// Who checks the signature of a checkpoint, and whether banks share the result.
    pub checkpoint_checks: String,
    /// Share of the events whose participant listens, 0 to 1.
    pub events_listened: Option<f64>,
    /// The node's configuration as far as the scenario sets it.
    pub node: BTreeMap<String, String>,
    /// Whatever else one should know: the machine was busy, the file system takes no direct writes.
    pub notes: Vec<String>,
}

/// The disk below the node's data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Disk {
    /// The directory.
    pub directory: String,
    /// File system.
    pub file_system: String,
    /// Device, as the kernel names it.
    pub device: String,
    /// The file system takes writes past the page cache (`O_DIRECT`).
    pub direct: bool,
    /// Durable writes of 4 KiB.
    pub small: Option<Probe>,
    /// Durable writes of 1 MiB.
    pub large: Option<Probe>,
}

/// Writes that were timed, each durable before the next.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Probe {
    /// Bytes of each.
    pub bytes: u64,
    /// How many.
    pub writes: u64,
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
}
