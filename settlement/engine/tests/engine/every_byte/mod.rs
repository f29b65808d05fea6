//! Damage at every byte of a small node's disk: what is sealed is refused and named, what is derived is derived again
//! and reported, a torn tail is cut, and a document is right or gone.
//!
//! The node runs on a machine in memory, so that a start costs next to nothing; what it wrote is what it would write
//! anywhere.
use std::collections::BTreeMap;

use causeway_message::entry::EntryKind;

use crate::support::{Memory, each_entry};

mod derived;
mod documents;
mod journal;
mod small;
mod torn;

/// A whole node is started at every so many bytes where the part alone is tried at each.
const STARTED: u64 = 7;
/// All that a node shows is compared, and the log verified, at every so many bytes.
const SHOWN: u64 = 49;

/// The bit that is changed at a place.
const fn bit(at: u64) -> u8 {
    (at % 8) as u8
}

#[test]
fn the_small_log_holds_some_of_everything() {
    let small = small::Small::new();
    let memory = Memory::new(small.disk.clone(), small.now);
    let mut kinds = BTreeMap::new();
    each_entry(&small.world.on(&memory), &small.world.genesis, |header, _, _| {
        *kinds.entry(header.kind.get()).or_insert(0u64) += 1;
    });
    use EntryKind::{Batch, Control, Genesis, Roots, Tick};
    for kind in [Genesis, Batch, Control, Tick, Roots] {
        assert!(kinds.contains_key(&(kind as u16)), "{kind:?}: {kinds:?}");
    }
    assert_eq!(kinds.values().sum::<u64>(), small.last());
    assert!(small.last() >= 20, "{kinds:?}");
    let snapshots = small.snapshots();
    assert!(snapshots.len() == 2 && snapshots.iter().all(|(_, index)| *index < small.last()));
}
