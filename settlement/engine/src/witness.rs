//! What is left beside the journal says how far the log had come.
//!
//! Snapshots and derived files are written behind the journal, never before it: if they show an entry that the
//! journal lacks, the journal was lost or an older one was put in its place. To go on from there would forget what
//! was acknowledged and sign a second history.
use std::path::Path;

use causeway_message::entry::payload_digest;
use causeway_message::genesis::Genesis;

use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::publish::archive::{PLACE_BYTES, read_effects, read_place};
use crate::publish::record::EffectsRecord;
use crate::snapshot::Snapshot;
use crate::system::{Dir, Open};

/// Places looked at from the end: the last few may be torn by a crash.
const LOOK_BACK: u64 = 4_096;

/// The last entry that something beside the journal shows.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    index: u64,
    what: String,
}

impl Witness {
    /// Looks at snapshots and derived files of this ledger; those of others witness nothing.
    pub fn look(config: &EngineConfig, genesis: &Genesis, snapshots: &[Snapshot]) -> Self {
        let mut witness = Self::default();
        let id = genesis.ledger_id();
        for snapshot in snapshots
            .iter()
            .filter(|s| s.ledger.get(2..34) == Some(&id.0[..]))
        {
            witness.note(snapshot.mark.index, config.snapshot_dir().path());
        }
        let derived = config.derived_dir();
        if let Some(index) = published(&derived, genesis) {
            witness.note(index, derived.path());
        }
        witness
    }

    fn note(&mut self, index: u64, path: &Path) {
        if index > self.index {
            *self = Self {
                index,
                what: path.display().to_string(),
            };
        }
    }

    /// Holds the journal to what was seen.
    ///
    /// # Errors
    /// If the journal ends before the entry that was seen.
    pub fn check(&self, config: &EngineConfig, journal_ends: u64) -> Result<(), EngineError> {
        if journal_ends >= self.index {
            return Ok(());
        }
        Err(EngineError::Directory(format!(
            "{}: the journal ends at entry {journal_ends}, but {} shows entry {}: the journal was lost, or an older \
             one stands in its place; put the newest one back",
            config.journal_dir().display(),
            self.what,
            self.index
        )))
    }
}

/// The last entry whose effects the derived files of this ledger hold whole.
fn published(derived: &Dir, genesis: &Genesis) -> Option<u64> {
    let places = derived.open("places", Open::READ).ok()?;
    let effects = derived.open("effects", Open::READ).ok()?;
    let entry = |index: u64| -> Option<EffectsRecord> {
        let (_, at) = read_place(&places, index).ok()?;
        let record = read_effects(&effects, at).ok()?;
        (record.leaf.index == index).then_some(record)
    };
    let first = entry(1)?;
    if first.leaf.input_digest != payload_digest(&genesis.to_bytes()) {
        return None;
    }
    let count = places.size().ok()? / PLACE_BYTES;
    (1..=count)
        .rev()
        .take(LOOK_BACK as usize)
        .find(|index| entry(*index).is_some())
}
