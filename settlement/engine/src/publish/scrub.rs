//! Whether the files that a snapshot relies on are still what was written: each is held to the journal at a start, so
//! that a bit that has changed costs the time to derive them again, and nothing else. They are only read: nothing is cut
//! before the journal has been seen to its end.
use causeway_message::digest::Digest;
use causeway_message::leaf::Leaf;
use causeway_message::rfc6962::Frontier;

use super::archive::{Mark, PLACE_BYTES, read_effects, read_place};
use super::record::EffectsRecord;
use super::tree::level_name;
use crate::ahead::pieces;
use crate::error::EngineError;
use crate::journal::Location;
use crate::system::{Dir, File, Open};

/// Bytes of a node.
const NODE: u64 = 32;

/// Goes over the entries of derived files in order.
#[derive(Debug)]
pub(crate) struct Scrub {
    dir: Dir,
    mark: Mark,
    effects: File,
    places: File,
    /// Of each level that was looked at, the nodes as far as the snapshot counts them.
    levels: Vec<File>,
    frontier: Frontier,
}

impl Scrub {
    /// From the first entry, of the files as they were at `mark`.
    ///
    /// # Errors
    /// If a file cannot be opened.
    pub fn new(dir: &Dir, mark: Mark) -> Result<Self, EngineError> {
        let file = |name: &str, end| open(dir, name, end);
        Ok(Self {
            effects: file("effects", mark.effects)?,
            places: file("places", mark.index.saturating_mul(PLACE_BYTES))?,
            dir: dir.clone(),
            mark,
            levels: Vec::new(),
            frontier: Frontier::default(),
        })
    }

    /// What is kept of the next entry, its place held to where the journal has it, and the tree to its leaf.
    ///
    /// # Errors
    /// What differs, naming the entry.
    pub fn entry(&mut self, entry: u64, location: Location) -> Result<EffectsRecord, EngineError> {
        let unread = |name: &str, error: std::io::Error| {
            let said = std::io::Error::new(error.kind(), format!("log entry {entry}: {error}"));
            EngineError::file(&self.dir.join(name), said)
        };
        let (placed, at) = read_place(&self.places, entry).map_err(|error| unread("places", error))?;
        if placed != location {
            return Err(changed(entry, "its place"));
        }
        let kept = read_effects(&self.effects, at).map_err(|error| unread("effects", error))?;
        if kept.leaf.index != entry {
            return Err(changed(entry, "its place, or what is kept there,"));
        }
        self.leaf(&kept.leaf)?;
        Ok(kept)
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<(), EngineError> {
        let Self {
            dir,
            mark,
            levels,
            frontier,
            ..
        } = self;
        let mut outcome = Ok(());
        frontier.push(leaf.hash(), |level, position, node| {
            if outcome.is_ok() {
                outcome = node_at(dir, mark, levels, level, position).and_then(|found| {
                    let holds = found == *node;
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
        if self.mark.frontier.root() == self.frontier.root() {
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

fn open(dir: &Dir, name: &str, end: u64) -> Result<File, EngineError> {
    let opened = dir.open(name, Open::READ);
    opened
        .map(|file| pieces(file, end))
        .map_err(|error| EngineError::file(&dir.join(name), error))
}

/// The node in a level's file.
fn node_at(
    dir: &Dir,
    mark: &Mark,
    levels: &mut Vec<File>,
    level: u32,
    position: u64,
) -> Result<Digest, EngineError> {
    let tree = dir.sub("tree");
    // The levels are met from the lowest up.
    while levels.len() <= level as usize {
        let next = levels.len() as u32;
        let nodes = mark.frontier.size().checked_shr(next).unwrap_or(0);
        levels.push(open(&tree, &level_name(next), nodes.saturating_mul(NODE))?);
    }
    let mut node = Digest::default();
    levels[level as usize]
        .read_exact_at(&mut node, position.saturating_mul(NODE))
        .map_err(|error| EngineError::file(&tree.join(level_name(level)), error))?;
    Ok(node)
}
