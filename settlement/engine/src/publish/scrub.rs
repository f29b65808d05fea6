//! Whether the files that a snapshot relies on are still what was written: each is held to the journal at a start, so
//! that a bit that has changed costs the time to derive them again, and nothing else.
use causeway_message::digest::Digest;
use causeway_message::leaf::Leaf;
use causeway_message::rfc6962::Frontier;

use super::archive::Archive;
use super::record::EffectsRecord;
use crate::error::EngineError;
use crate::journal::Location;

/// Nodes of a level read at once.
const NODES_AT_ONCE: u64 = 2_048;

/// Goes over the entries of an archive in order.
#[derive(Debug)]
pub(crate) struct Scrub<'a> {
    archive: &'a Archive,
    frontier: Frontier,
    /// Of each level, the nodes read last and the position of the first.
    windows: Vec<(u64, Vec<Digest>)>,
}

impl<'a> Scrub<'a> {
    /// From the first entry.
    pub fn new(archive: &'a Archive) -> Self {
        Self {
            archive,
            frontier: Frontier::default(),
            windows: Vec::new(),
        }
    }

    /// What is kept of the next entry, its place held to where the journal has it, and the tree to its leaf.
    ///
    /// # Errors
    /// What differs, naming the entry.
    pub fn entry(&mut self, entry: u64, location: Location) -> Result<EffectsRecord, EngineError> {
        let (placed, kept) = self.archive.placed(entry)?;
        if placed != location {
            return Err(changed(entry, "its place"));
        }
        self.leaf(&kept.leaf)?;
        Ok(kept)
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<(), EngineError> {
        let Self {
            archive,
            frontier,
            windows,
        } = self;
        let mut outcome = Ok(());
        frontier.push(leaf.hash(), |level, position, node| {
            if outcome.is_ok() {
                outcome = node_at(archive, windows, level, position).and_then(|found| {
                    let holds = found.as_ref() == Some(node);
                    holds
                        .then_some(())
                        .ok_or_else(|| changed(leaf.index, "a node of the tree above it"))
                });
            }
        });
        outcome
    }

    /// Holds the tree's right edge to all entries.
    ///
    /// # Errors
    /// If it is another.
    pub fn end(&self) -> Result<(), EngineError> {
        if self.archive.tree().root() == self.frontier.root() {
            return Ok(());
        }
        Err(EngineError::Directory(
            "the tree does not grow out of the log's leaves".into(),
        ))
    }
}

fn changed(entry: u64, what: &str) -> EngineError {
    EngineError::Directory(format!("log entry {entry}: {what} has changed on disk"))
}

/// The node in a level's file.
fn node_at(
    archive: &Archive,
    windows: &mut Vec<(u64, Vec<Digest>)>,
    level: u32,
    position: u64,
) -> Result<Option<Digest>, EngineError> {
    let at = level as usize;
    if windows.len() <= at {
        windows.resize_with(at + 1, Default::default);
    }
    let (start, nodes) = &mut windows[at];
    if position < *start || position >= *start + nodes.len() as u64 {
        *nodes = archive.tree().written(level, position, NODES_AT_ONCE)?;
        *start = position;
    }
    Ok(nodes.get((position - *start) as usize).copied())
}
