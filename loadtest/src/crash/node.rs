//! The node of a run, over all its lives.
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::child::{Child, LOOK};
use super::place::{Place, succeed};
use crate::error::Failure;

/// Kills fall across snapshots and segments: a snapshot after so many entries, and the smallest segments.
const SNAPSHOT_ENTRIES: &str = "60";
const SEGMENT_MIB: &str = "8";
/// Longest time that a start may take on a machine that others use, too.
pub const START_PATIENCE: Duration = Duration::from_secs(60);

/// A running node.
#[derive(Debug)]
pub struct Node {
    /// The process.
    pub child: Child,
    /// Its private address, once it has said that it listens.
    private: Arc<OnceLock<String>>,
    started: Instant,
}

impl Node {
    /// Starts it, with more in its environment; does not wait.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(place: &Place, more: &[(&str, &str)]) -> Result<Self, Failure> {
        let mut command = place.programs.causeway();
        command
            .args(["node", "--json", "--config"])
            .arg(place.node_config())
            .env("CAUSEWAY_NODE_DATA_DIR", place.data())
            .env("CAUSEWAY_SNAPSHOT_EVERY_ENTRIES", SNAPSHOT_ENTRIES)
            .env("CAUSEWAY_JOURNAL_SEGMENT_MIB", SEGMENT_MIB)
            .env("CAUSEWAY_THREADS_TRANSPORT", "1")
            .env("CAUSEWAY_LOG_LEVEL", "warn")
            .envs(more.iter().copied());
        let private = Arc::new(OnceLock::new());
        let heard = private.clone();
        let child = Child::start("node", &mut command, &place.log("node"), move |line| {
            let said: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            // It says so once.
            let _ = heard.set(said["metrics"].as_str().unwrap_or_default().to_owned());
        })?;
        Ok(Self {
            child,
            private,
            started: Instant::now(),
        })
    }

    /// Whether it has said that it listens.
    pub fn listens(&self) -> bool {
        self.private.get().is_some()
    }

    /// Lets netting look now; whether it entered anything in the log.
    ///
    /// # Errors
    /// If the node does not answer.
    pub fn nets(&self, place: &Place) -> Result<bool, Failure> {
        let mut ask = place.programs.causeway();
        ask.args(["admin", "netting", "--run", "--json", "--node"])
            .arg(self.private.get().map_or("", String::as_str));
        let look: serde_json::Value = serde_json::from_slice(&succeed(&mut ask)?)
            .map_err(|error| Failure::Check(format!("admin netting: {error}")))?;
        Ok(look["plans"] != 0)
    }

    /// Waits until it listens; how long its start took.
    ///
    /// # Errors
    /// If it ends instead, or takes too long.
    pub fn ready(&mut self) -> Result<Duration, Failure> {
        while !self.listens() {
            self.child.still_runs()?;
            if self.started.elapsed() > START_PATIENCE {
                let text = format!("the node does not listen within {START_PATIENCE:?}");
                return Err(Failure::Check(text));
            }
            std::thread::sleep(LOOK);
        }
        Ok(self.started.elapsed())
    }
}

/// What of the node's files tells that a snapshot or a segment was begun.
#[derive(Debug)]
pub struct Marks {
    snapshots: PathBuf,
    journal: PathBuf,
    /// The newest snapshot seen.
    pub snapshot: u64,
    /// The segment in use that was seen last.
    pub segment: u32,
    /// Snapshots seen.
    pub snapshots_seen: u64,
}

impl Marks {
    /// Of a data directory.
    pub fn new(data: &Path) -> Self {
        Self {
            snapshots: data.join("snapshots"),
            journal: data.join("journal"),
            snapshot: 0,
            segment: 0,
            snapshots_seen: 0,
        }
    }

    /// Looks again: whether there is a newer snapshot, and whether there is a newer segment.
    pub fn look(&mut self) -> (bool, bool) {
        let newest = fs::read_dir(&self.snapshots).ok().and_then(|files| {
            let number = |name: &str| name.strip_suffix(".snap")?.parse::<u64>().ok();
            files
                .flatten()
                .filter_map(|file| number(&file.file_name().to_string_lossy()))
                .max()
        });
        let snapshot = newest.is_some_and(|newest| newest > self.snapshot);
        if snapshot {
            self.snapshot = newest.unwrap_or_default();
            self.snapshots_seen += 1;
        }
        let mut segment = false;
        while self.in_use(self.segment + 1) {
            self.segment += 1;
            segment = true;
        }
        (snapshot, segment)
    }

    /// A segment made ahead is all zeros until it is begun.
    fn in_use(&self, number: u32) -> bool {
        let mut head = [0; 16];
        File::open(self.journal.join(format!("{number:08}.seg")))
            .and_then(|mut file| file.read_exact(&mut head))
            .is_ok()
            && head != [0; 16]
    }
}
