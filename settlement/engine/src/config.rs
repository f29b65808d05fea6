//! What the engine is told at its start.
use crate::journal::Direct;
use crate::netting::{Evidences, NettingConfig};
use crate::place::Places;
use crate::system::Dir;

/// Settings of the engine.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Data directory; the engine owns everything in it.
    pub dir: Dir,
    /// Bytes of a journal segment.
    pub segment_bytes: u64,
    /// Whether the journal is written past the page cache.
    pub direct: Direct,
    /// Entries between two snapshots, fewer if they are large ([`SNAPSHOT_BYTES`](crate::limits::SNAPSHOT_BYTES)); zero
    /// for no snapshots.
    pub snapshot_entries: u64,
    /// Name under which this node signs checkpoints.
    pub node_name: String,
    /// Number of this node.
    pub node: u32,
    /// Version of the rules to bring into force, where the ledger is under an earlier one.
    pub rules: Option<u16>,
    /// The clock is right though business days turned, or would have, since the last entry: a node that was down for
    /// longer waits for somebody to say so, since days that a wrong clock turns stay turned.
    pub accept_clock: bool,
    /// When netting looks for settlement, and how.
    pub netting: NettingConfig,
    /// Where evidence of what netting proposed goes, if anybody wants it.
    pub evidence: Option<Evidences>,
    /// Where the threads run.
    pub places: Places,
}

impl EngineConfig {
    /// Defaults for a data directory.
    pub fn new(dir: impl Into<Dir>, node_name: impl Into<String>) -> Self {
        Self {
            dir: dir.into(),
            segment_bytes: 128 * 1_048_576,
            direct: Direct::Auto,
            snapshot_entries: 100_000,
            node_name: node_name.into(),
            node: 1,
            rules: None,
            accept_clock: false,
            netting: NettingConfig::off(),
            evidence: None,
            places: Places::default(),
        }
    }

    /// Where the journal's segments are.
    pub fn journal_dir(&self) -> Dir {
        self.dir.sub("journal")
    }

    /// Where what can be derived from the journal is: effects, tree, places.
    pub fn derived_dir(&self) -> Dir {
        self.dir.sub("derived")
    }

    /// Where snapshots are.
    pub fn snapshot_dir(&self) -> Dir {
        self.dir.sub("snapshots")
    }

    /// Where documents are.
    pub fn documents_dir(&self) -> Dir {
        self.dir.sub("documents")
    }
}
