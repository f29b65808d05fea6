//! The wide tree: SHA-256, up to sixteen children a node, so that one leaf can be shown without its neighbours
//! while hashing a full batch costs little more than its leaves.
//!
//! Level 0 holds the leaves. Each level is cut into runs of sixteen from the left; the last may be shorter.
//! A node is `H(tag ‖ level ‖ children)`. There is always at least one node, and the tree ends at one.
use crate::digest::{Digest, ZERO, hash, hash_all};
use crate::limits::WIDE_ARITY;
use crate::tags;

const LEVELS_MAX: usize = 8;

fn put_node(out: &mut Vec<u8>, level: u8, children: &[Digest]) {
    out.extend_from_slice(tags::NODE);
    out.push(level);
    out.extend_from_slice(children.as_flattened());
}

fn node(level: u8, children: &[Digest]) -> Digest {
    let mut bytes = Vec::with_capacity(tags::NODE.len() + 1 + WIDE_ARITY * 32);
    put_node(&mut bytes, level, children);
    hash(&bytes)
}

/// Root over leaves; reduces `leaves` in place. No leaves give [`ZERO`].
pub fn root_in_place(leaves: &mut Vec<Digest>) -> Digest {
    let mut trees = [leaves.len()];
    roots_in_place(leaves, &mut trees);
    leaves.first().copied().unwrap_or(ZERO)
}

/// Roots over the leaves of many trees, which stand one behind the other; `trees` says how many leaves each has, and one
/// at least. Leaves their roots in `leaves`.
pub fn roots_in_place(leaves: &mut Vec<Digest>, trees: &mut [usize]) {
    let mut level = 0;
    // Where one node is left of all, the trees are done; before, one leaf alone becomes a node as well.
    while level == 0 || leaves.len() > trees.len() {
        let is_done = |nodes: usize| nodes == 1 && level > 0;
        let mut rest = leaves.as_slice();
        let runs: Vec<&[Digest]> = trees
            .iter()
            .filter_map(|nodes| rest.split_off(..*nodes))
            .collect();
        let grow = runs.iter().filter(|run| !is_done(run.len()));
        let children = grow.flat_map(|run| run.chunks(WIDE_ARITY));
        let mut nodes = hash_all(children, |out, children| put_node(out, level, children)).into_iter();
        let mut next = Vec::with_capacity(nodes.len() + trees.len());
        for (tree, run) in trees.iter_mut().zip(runs) {
            if is_done(run.len()) {
                next.extend_from_slice(run);
            } else {
                *tree = run.len().div_ceil(WIDE_ARITY);
                next.extend(nodes.by_ref().take(*tree));
            }
        }
        *leaves = next;
        level += 1;
    }
}

/// Root over leaves.
pub fn root(leaves: &[Digest]) -> Digest {
    root_in_place(&mut leaves.to_vec())
}

/// A whole tree, for paths that are wanted later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WideTree {
    levels: Vec<Vec<Digest>>,
}

impl WideTree {
    /// Builds the tree over leaves.
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(last) = levels
            .last()
            .filter(|last| last.len() > 1 || levels.len() == 1 && !last.is_empty())
        {
            let height = (levels.len() - 1) as u8;
            let next = hash_all(last.chunks(WIDE_ARITY), |out, children| {
                put_node(out, height, children);
            });
            levels.push(next);
        }
        Self { levels }
    }

    /// The leaves.
    pub fn leaves(&self) -> &[Digest] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The root; [`ZERO`] if there are no leaves.
    pub fn root(&self) -> Digest {
        self.levels
            .last()
            .and_then(|top| top.first())
            .copied()
            .unwrap_or(ZERO)
    }

    /// Path of one leaf, if there is such a leaf.
    pub fn path(&self, index: u32) -> Option<WidePath> {
        let count = u32::try_from(self.leaves().len()).ok()?;
        if index >= count {
            return None;
        }
        let mut siblings = Vec::new();
        let mut at = index as usize;
        // The top level holds the root alone: it has no siblings to show.
        for level in self.levels.iter().take(self.levels.len() - 1) {
            let start = at - at % WIDE_ARITY;
            let end = (start + WIDE_ARITY).min(level.len());
            siblings.extend((start..end).filter(|i| *i != at).map(|i| level[i]));
            at /= WIDE_ARITY;
        }
        Some(WidePath {
            index,
            count,
            siblings,
        })
    }
}

/// A tree without its leaves: a sixteenth of it, from which whoever has a leaf's neighbours cuts its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crown {
    count: u32,
    /// Levels from the parents of the leaves up, one behind the other.
    nodes: Vec<Digest>,
}

impl Crown {
    /// Takes the crown of a tree; what was held is overwritten, its room is used again.
    pub fn take(&mut self, tree: &WideTree) {
        self.count = tree.leaves().len() as u32;
        self.nodes.clear();
        for level in tree.levels.iter().skip(1) {
            self.nodes.extend_from_slice(level);
        }
    }

    /// Bytes that it takes.
    pub const fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Digest>()
    }

    /// Leaves that have one parent with this one, itself among them; empty if there is no such leaf.
    pub fn siblings(&self, index: u32) -> std::ops::Range<u32> {
        if index >= self.count {
            return 0..0;
        }
        let start = index - index % WIDE_ARITY as u32;
        start..start + width(index, self.count)
    }

    /// Path of one leaf; `run` are the leaves of [`Self::siblings`]. `None` if there is no such leaf, or if these are not
    /// the leaves that the tree was built over.
    pub fn path(&self, index: u32, run: &[Digest]) -> Option<WidePath> {
        let siblings = self.siblings(index);
        let parent = self.nodes.get(index as usize / WIDE_ARITY)?;
        if run.len() != siblings.len() || node(0, run) != *parent {
            return None;
        }
        let own = (index - siblings.start) as usize;
        let mut path = WidePath {
            index,
            count: self.count,
            siblings: [&run[..own], &run[own + 1..]].concat(),
        };
        let mut rest = self.nodes.as_slice();
        let mut at = index as usize / WIDE_ARITY;
        let mut count = (self.count as usize).div_ceil(WIDE_ARITY);
        // The top level holds the root alone: it has no siblings to show.
        while count > 1 {
            let level = rest.split_off(..count)?;
            let start = at - at % WIDE_ARITY;
            let end = (start + WIDE_ARITY).min(count);
            let others = (start..end).filter(|i| *i != at);
            path.siblings.extend(others.map(|i| level[i]));
            at /= WIDE_ARITY;
            count = count.div_ceil(WIDE_ARITY);
        }
        Some(path)
    }
}

/// What proves that one leaf stands at its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WidePath {
    /// Place of the leaf.
    pub index: u32,
    /// Leaves in the tree.
    pub count: u32,
    /// For each level from the leaves up, the other children of the node, left to right.
    pub siblings: Vec<Digest>,
}

/// Children of the node that holds `index`, in a level of `count`.
const fn width(index: u32, count: u32) -> u32 {
    let start = index - index % WIDE_ARITY as u32;
    let left = count - start;
    if left < WIDE_ARITY as u32 {
        left
    } else {
        WIDE_ARITY as u32
    }
}

impl WidePath {
    /// Most siblings in a path.
    pub const SIBLINGS_MAX: usize = (WIDE_ARITY - 1) * LEVELS_MAX;

    /// Cuts the path of one leaf, if there is such a leaf.
    pub fn cut(leaves: &[Digest], index: u32) -> Option<Self> {
        WideTree::new(leaves.to_vec()).path(index)
    }

    /// The root this path leads to from `leaf`. An ill-formed path leads nowhere.
    pub fn root(&self, leaf: Digest) -> Option<Digest> {
        let (mut index, mut count) = (self.index, self.count);
        if index >= count {
            return None;
        }
        let mut siblings = self.siblings.iter();
        let mut hash = leaf;
        for height in 0..LEVELS_MAX as u8 {
            let mut children = [ZERO; WIDE_ARITY];
            let width = width(index, count) as usize;
            let own = index as usize % WIDE_ARITY;
            for (i, child) in children.iter_mut().enumerate().take(width) {
                *child = if i == own { hash } else { *siblings.next()? };
            }
            hash = node(height, &children[..width]);
            index /= WIDE_ARITY as u32;
            count = count.div_ceil(WIDE_ARITY as u32);
            if count == 1 {
                return siblings.next().is_none().then_some(hash);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(n: usize) -> Vec<Digest> {
        (0..n).map(|i| hash(&(i as u64).to_le_bytes())).collect()
    }

    #[test]
    fn trees_that_are_built_together_are_those_built_alone() {
        for counts in [vec![], vec![1], vec![1, 1], vec![3, 1, 17, 16, 300, 1, 5_000, 15]] {
            let all: Vec<Vec<Digest>> = counts.iter().map(|n| leaves(*n)).collect();
            let mut together = all.concat();
            roots_in_place(&mut together, &mut counts.clone());
            let alone: Vec<Digest> = all
                .into_iter()
                .map(|leaves| WideTree::new(leaves).root())
                .collect();
            assert_eq!(together, alone);
        }
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proven_and_no_other() {
        for n in [1usize, 2, 15, 16, 17, 31, 255, 256, 257, 300, 4_097] {
            let leaves = leaves(n);
            let root = root(&leaves);
            for i in (0..n).step_by(n / 40 + 1) {
                let path = WidePath::cut(&leaves, i as u32).expect("the leaf is there");
                assert_eq!(WideTree::new(leaves.clone()).root(), root);
                assert_eq!(path.root(leaves[i]), Some(root), "{i} of {n}");
                assert_ne!(path.root(hash(b"other")), Some(root));
                for s in 0..path.siblings.len() {
                    let mut other = path.clone();
                    other.siblings[s][0] ^= 1;
                    assert_ne!(other.root(leaves[i]), Some(root));
                }
                let mut longer = path.clone();
                longer.siblings.push(ZERO);
                assert_eq!(longer.root(leaves[i]), None);
                let moved = WidePath {
                    index: i as u32 + 1,
                    ..path
                };
                assert_ne!(moved.root(leaves[i]), Some(root));
            }
        }
        assert_eq!(root(&[]), ZERO);
    }

    #[test]
    fn a_crown_cuts_the_paths_of_its_tree_and_of_no_other_leaves() {
        let mut crown = Crown::default();
        // From large to small and back: nothing stays of the one before.
        for n in [4_097usize, 1, 17, 300, 16, 256, 257, 2, 8_190] {
            let tree = WideTree::new(leaves(n));
            crown.take(&tree);
            for i in (0..n as u32).step_by(n / 40 + 1).chain([n as u32 - 1]) {
                let siblings = crown.siblings(i);
                assert!(siblings.contains(&i));
                let mut run = tree.leaves()[siblings.start as usize..siblings.end as usize].to_vec();
                assert_eq!(crown.path(i, &run), tree.path(i), "{i} of {n}");
                run[0][5] ^= 1;
                assert_eq!(crown.path(i, &run), None);
                run.pop();
                assert_eq!(crown.path(i, &run), None);
            }
            assert!(crown.siblings(n as u32).is_empty());
            assert_eq!(crown.path(n as u32, &[]), None);
        }
        crown.take(&WideTree::new(Vec::new()));
        assert_eq!(crown.path(0, &[]), None);
    }
}
