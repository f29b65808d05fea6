//! The log's tree on disk: one file per level, complete nodes only, the newest also in memory.
use std::collections::VecDeque;
use std::path::PathBuf;

use causeway_message::digest::{Digest, hash};
use causeway_message::rfc6962::{Frontier, node_hash, split};

use super::archive::open;
use crate::error::EngineError;
use crate::limits::TREE_TAIL;
use crate::system::{Dir, File};

#[derive(Debug)]
struct Level {
    path: PathBuf,
    file: File,
    /// Nodes in the file.
    written: u64,
    /// Newest nodes; the first has position `start`.
    tail: VecDeque<Digest>,
    start: u64,
}

/// The tree.
#[derive(Debug)]
pub struct Tree {
    dir: Dir,
    frontier: Frontier,
    levels: Vec<Level>,
}

pub(super) fn level_name(level: u32) -> String {
    format!("level-{level:02}")
}

impl Tree {
    /// Opens the tree as it was at `frontier`; what lies beyond is cut.
    ///
    /// # Errors
    /// If a file is missing or shorter than the frontier says.
    pub fn open(dir: &Dir, frontier: Frontier) -> Result<Self, EngineError> {
        dir.make().map_err(|e| EngineError::file(dir.path(), e))?;
        let mut tree = Self {
            dir: dir.clone(),
            frontier: Frontier::default(),
            levels: Vec::new(),
        };
        let size = frontier.size();
        let mut level = 0;
        loop {
            let nodes = size.checked_shr(level).unwrap_or(0);
            if nodes == 0 && dir.system().len(&dir.join(level_name(level))).is_err() {
                break;
            }
            tree.add_level(nodes)?;
            level += 1;
        }
        tree.frontier = frontier;
        Ok(tree)
    }

    fn add_level(&mut self, nodes: u64) -> Result<(), EngineError> {
        let (path, file) = open(
            &self.dir,
            &level_name(self.levels.len() as u32),
            nodes.saturating_mul(32),
        )?;
        self.levels.push(Level {
            path,
            file,
            written: nodes,
            tail: VecDeque::new(),
            start: nodes,
        });
        Ok(())
    }

    /// Where its files are.
    pub const fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The right edge, for a snapshot.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The tree head.
    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// Adds a leaf.
    ///
    /// # Errors
    /// If a level's file cannot be made.
    pub fn push(&mut self, leaf: Digest) -> Result<(), EngineError> {
        let height = (self.frontier.size() + 1).trailing_zeros() as usize;
        while self.levels.len() <= height {
            self.add_level(0)?;
        }
        let levels = &mut self.levels;
        self.frontier.push(leaf, |level, _, node| {
            if let Some(level) = levels.get_mut(level as usize) {
                level.tail.push_back(*node);
            }
        });
        Ok(())
    }

    /// Writes what is not in the files yet. Not made durable: it can be derived again.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn flush(&mut self) -> Result<(), EngineError> {
        for level in &mut self.levels {
            let end = level.start + level.tail.len() as u64;
            if level.written < end {
                let skip = (level.written - level.start) as usize;
                let bytes: Vec<u8> = level.tail.iter().skip(skip).flatten().copied().collect();
                level
                    .file
                    .write_all_at(&bytes, level.written * 32)
                    .map_err(|e| EngineError::file(&level.path, e))?;
                level.written = end;
            }
            let excess = level.tail.len().saturating_sub(TREE_TAIL);
            level.tail.drain(..excess);
            level.start += excess as u64;
        }
        Ok(())
    }

    /// The files, to be synced.
    pub fn files(&self) -> Vec<(PathBuf, File)> {
        let clone = |level: &Level| (level.path.clone(), level.file.clone());
        self.levels.iter().map(clone).collect()
    }

    fn node(&self, level: u32, position: u64) -> Result<Digest, EngineError> {
        let missing = || {
            EngineError::file(
                &self.dir.join(level_name(level)),
                std::io::Error::other("a node is missing"),
            )
        };
        let level = self.levels.get(level as usize).ok_or_else(missing)?;
        if position >= level.start {
            return level
                .tail
                .get((position - level.start) as usize)
                .copied()
                .ok_or_else(missing);
        }
        let mut node = [0; 32];
        level
            .file
            .read_exact_at(&mut node, position * 32)
            .map_err(|e| EngineError::file(&level.path, e))?;
        Ok(node)
    }

    /// Root over leaves `start..end`; `start` is a multiple of the largest power of two not above the length.
    fn range(&self, start: u64, end: u64) -> Result<Digest, EngineError> {
        let len = end - start;
        if len == 0 {
            return Ok(hash(&[]));
        }
        if len.is_power_of_two() {
            let level = len.trailing_zeros();
            return self.node(level, start >> level);
        }
        let middle = start + split(len);
        Ok(node_hash(&self.range(start, middle)?, &self.range(middle, end)?))
    }

    /// Tree head over the first `size` leaves.
    ///
    /// # Errors
    /// If there are fewer, or a node cannot be read.
    pub fn root_at(&self, size: u64) -> Result<Digest, EngineError> {
        self.range(0, size)
    }

    /// Inclusion path of a leaf in the tree of `size` leaves.
    ///
    /// # Errors
    /// If a node cannot be read.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, EngineError> {
        let mut path = Vec::new();
        let (mut start, mut end) = (0, size);
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// Consistency path from the tree of `old` leaves to that of `size` (RFC 6962 section 2.1.2).
    ///
    /// # Errors
    /// If a node cannot be read.
    pub fn consistency(&self, old: u64, size: u64) -> Result<Vec<Digest>, EngineError> {
        let mut path = Vec::new();
        if old == 0 || old >= size {
            return Ok(path);
        }
        let (mut start, mut end, mut whole) = (0, size, true);
        while old != end {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
                whole = false;
            }
        }
        if !whole {
            path.push(self.range(start, end)?);
        }
        path.reverse();
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::rfc6962;

    #[test]
    fn paths_from_disk_are_those_of_the_definition() {
        let dir = tempfile::tempdir().expect("a directory");
        let leaves: Vec<Digest> = (0..600u32).map(|i| hash(&i.to_le_bytes())).collect();
        let mut tree = Tree::open(&dir.path().into(), Frontier::default()).expect("a tree");
        for (i, leaf) in leaves.iter().enumerate() {
            tree.push(*leaf).expect("pushed");
            if i % 7 == 0 {
                tree.flush().expect("flushed");
            }
        }
        tree.flush().expect("flushed");
        let again = Tree::open(&dir.path().into(), tree.frontier().clone()).expect("a tree");
        for size in [1usize, 2, 3, 64, 65, 300, 599, 600] {
            assert_eq!(
                again.root_at(size as u64).expect("a root"),
                rfc6962::root(&leaves[..size])
            );
            for at in [0, size / 3, size - 1] {
                let path = again.inclusion(at as u64, size as u64).expect("a path");
                assert_eq!(path, rfc6962::inclusion(&leaves[..size], at));
                let path = again.consistency(at as u64, size as u64).expect("a path");
                assert_eq!(path, rfc6962::consistency(&leaves[..size], at), "{at} to {size}");
            }
        }
    }
}
