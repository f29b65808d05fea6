//! Whether a node's memory stays flat.
use serde::{Deserialize, Serialize};

use crate::report::number;

/// What was judged, and how. Of each payment the ledger remembers the id, so that only what grows beside that counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Flat, or not; none if it could not be judged.
    pub flat: Option<bool>,
    /// Why it could not.
    pub why: Option<String>,
    /// Seconds of the window that were judged: those behind the first quarter, in which a node is still warming up.
    pub seconds: u64,
    /// Records answered in them.
    pub records: u64,
    /// Business days that turned, or were cut off or closed, in the window.
    pub days: u64,
    /// Slope of the resident memory, least squares: MiB a million records.
    #[serde(with = "number")]
    pub slope_mib: f64,
    /// Bytes of an id, of which none are counted against it.
    pub id_bytes: u64,
    /// The slope without them.
    #[serde(with = "number")]
    pub net_mib: f64,
    /// The most that is flat, of the slope without them: a longer run is held to less.
    #[serde(with = "number")]
    pub most_mib: f64,
}
