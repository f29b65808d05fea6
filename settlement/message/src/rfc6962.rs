//! Merkle tree of RFC 6962 section 2: roots, inclusion and consistency, verified as in RFC 9162 section 2.1.
use crate::Digest;
use crate::digest::{self, ZERO, hash};

/// Hash of a leaf's data.
pub fn leaf_hash(data: &[u8]) -> Digest {
    crate::digest::tagged(&[0], &[data])
}

/// Hashes of digests as leaves' data, in place.
pub fn leaf_hashes_in_place(data: &mut [Digest]) {
    let tagged = |digest: &Digest| {
        let mut bytes = [0; 33];
        bytes[1..].copy_from_slice(digest);
        bytes
    };
    let (pairs, last) = data.as_chunks_mut::<2>();
    for pair in pairs {
        *pair = digest::pair(&tagged(&pair[0]), &tagged(&pair[1]));
    }
    if let [last] = last {
        *last = leaf_hash(last);
    }
}

/// Hash of an inner node.
#[inline]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    hash(&node(left, right))
}

#[inline]
fn node(left: &Digest, right: &Digest) -> [u8; 65] {
    let mut bytes = [0u8; 65];
    bytes[0] = 1;
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    bytes
}

/// Tree head over leaf hashes. No leaves give SHA-256 of nothing.
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => hash(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
            node_hash(&root(left), &root(right))
        }
    }
}

/// Largest power of two below `n`; `n` is at least two.
pub const fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// Inclusion path of one leaf, leaf to root.
pub fn inclusion(leaves: &[Digest], index: usize) -> Vec<Digest> {
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    path
}

/// The root that an inclusion path leads to; `None` if the path does not fit the tree's size.
pub fn root_from_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut fnode, mut snode) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if snode == 0 {
            return None;
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = node_hash(sibling, &hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    (snode == 0).then_some(hash)
}

/// True if the tree of `size` leaves with `root` grew out of that of `old_size` leaves with `old_root`.
pub fn consistent(old_size: u64, old_root: &Digest, size: u64, root: &Digest, path: &[Digest]) -> bool {
    if old_size > size {
        return false;
    }
    if old_size == size {
        return path.is_empty() && old_root == root;
    }
    if old_size == 0 {
        return path.is_empty();
    }
    let mut rest = path.iter();
    let (mut fnode, mut snode) = (old_size - 1, size - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let first = if old_size.is_power_of_two() {
        Some(old_root)
    } else {
        rest.next()
    };
    let Some(first) = first else { return false };
    let (mut fhash, mut shash) = (*first, *first);
    for sibling in rest {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            fhash = node_hash(sibling, &fhash);
            shash = node_hash(sibling, &shash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            shash = node_hash(&shash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && fhash == *old_root && shash == *root
}

/// Consistency path between the tree over `leaves[..old]` and that over all, by recursion (RFC 6962 2.1.2).
pub fn consistency(leaves: &[Digest], old: usize) -> Vec<Digest> {
    fn sub(leaves: &[Digest], old: usize, whole: bool, path: &mut Vec<Digest>) {
        if old == leaves.len() {
            if !whole {
                path.push(root(leaves));
            }
            return;
        }
        let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
        if old <= left.len() {
            sub(left, old, whole, path);
            path.push(root(right));
        } else {
            sub(right, old - left.len(), false, path);
            path.push(root(left));
        }
    }
    let mut path = Vec::new();
    if old > 0 && old < leaves.len() {
        sub(leaves, old, true, &mut path);
    }
    path
}

/// All levels of a small tree, for many paths at once.
#[derive(Debug, Clone)]
pub struct Levels {
    levels: Vec<Vec<Digest>>,
}

impl Levels {
    /// Builds the levels over leaf hashes. An odd last node is carried up as it is, which is the same tree as the
    /// recursive definition.
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(last) = levels.last().filter(|last| last.len() > 1) {
            let mut next = Vec::with_capacity(last.len().div_ceil(2));
            let (fours, rest) = last.as_chunks::<4>();
            for [a, b, c, d] in fours {
                next.extend(digest::pair(&node(a, b), &node(c, d)));
            }
            next.extend(rest.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(left, right),
                odd => odd[0],
            }));
            levels.push(next);
        }
        Self { levels }
    }

    /// The tree head; [`NO_ROOT`] if there are no leaves.
    pub fn root(&self) -> Digest {
        self.levels
            .last()
            .and_then(|top| top.first())
            .copied()
            .unwrap_or(NO_ROOT)
    }

    /// Inclusion path of one leaf.
    pub fn path(&self, index: usize) -> Vec<Digest> {
        let mut at = index;
        let mut path = Vec::with_capacity(self.levels.len());
        for level in &self.levels {
            path.extend(level.get(at ^ 1));
            at >>= 1;
        }
        path
    }
}

/// The right edge of a growing tree: roots of its complete subtrees, largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The peaks, largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// From a stored size and its peaks; `None` if their number does not fit the size.
    pub fn restore(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Adds a leaf; `completed` is told each node that is complete now, from the leaf up.
    pub fn push(&mut self, leaf: Digest, mut completed: impl FnMut(u32, u64, &Digest)) {
        let mut hash = leaf;
        let mut position = self.size;
        let mut level = 0;
        completed(level, position, &hash);
        while position & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            position >>= 1;
            level += 1;
            completed(level, position, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The tree head.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return hash(&[]);
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// A tree head that proves nothing: before the first leaf.
pub const NO_ROOT: Digest = ZERO;

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(n: usize) -> Vec<Digest> {
        (0..n).map(|i| leaf_hash(&(i as u32).to_le_bytes())).collect()
    }

    #[test]
    fn the_frontier_has_the_root_of_the_recursive_definition() {
        let all = leaves(70);
        let mut frontier = Frontier::default();
        for (i, leaf) in all.iter().enumerate() {
            assert_eq!(frontier.root(), root(&all[..i]));
            frontier.push(*leaf, |_, _, _| {});
            let again = Frontier::restore(frontier.size(), frontier.peaks().to_vec());
            assert_eq!(again.as_ref(), Some(&frontier));
        }
    }

    #[test]
    fn inclusion_is_proven_for_every_leaf_and_for_no_other_place() {
        let all = leaves(33);
        for n in 1..=all.len() {
            let head = root(&all[..n]);
            for i in 0..n {
                let path = inclusion(&all[..n], i);
                let levels = Levels::new(all[..n].to_vec());
                assert_eq!((levels.root(), levels.path(i)), (head, path.clone()));
                assert_eq!(root_from_inclusion(all[i], i as u64, n as u64, &path), Some(head));
                for j in (0..n).filter(|j| *j != i) {
                    assert_ne!(root_from_inclusion(all[i], j as u64, n as u64, &path), Some(head));
                }
            }
        }
    }

    #[test]
    fn consistency_is_proven_between_all_sizes_and_no_forgery_passes() {
        let all = leaves(33);
        for n in 1..=all.len() {
            for m in 0..=n {
                let path = consistency(&all[..n], m);
                let (old, new) = (root(&all[..m]), root(&all[..n]));
                assert!(consistent(m as u64, &old, n as u64, &new, &path), "{m} to {n}");
                if m > 0 {
                    let mut other = old;
                    other[0] ^= 1;
                    assert!(!consistent(m as u64, &other, n as u64, &new, &path));
                    let mut other = new;
                    other[0] ^= 1;
                    assert!(!consistent(m as u64, &old, n as u64, &other, &path));
                }
                for i in 0..path.len() {
                    let mut forged = path.clone();
                    forged[i][5] ^= 1;
                    assert!(!consistent(m as u64, &old, n as u64, &new, &forged));
                }
            }
        }
    }
}
