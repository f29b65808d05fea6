//! A bit of a snapshot, or of what is derived of the journal, that has changed: the node starts, says what it passes
//! over, and is in all it shows the one that was not damaged.
use std::path::Path;

use causeway_engine::snapshot;

use super::small::Small;
use super::{SHOWN, STARTED, bit};
use crate::support::{Listener, Memory};

/// Bytes of a place, and of a node of the tree.
const PLACE: u64 = 16;
const NODE: u64 = 32;

/// Whether a report names the entry.
fn names(heard: &[String], entry: u64) -> bool {
    let name = format!("log entry {entry}");
    heard.iter().any(|words| {
        let behind = words.split(&name).skip(1);
        behind
            .into_iter()
            .any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Flips each byte of a file in turn. `entry` gives the entry that a byte belongs to.
fn every_byte(small: &Small, path: &Path, entry: impl Fn(u64) -> u64) {
    let (listener, _guard) = Listener::listen();
    let newest = small.snapshots().last().expect("a snapshot").1;
    for at in 0..small.disk.bytes(path).len() as u64 {
        let mut disk = small.disk.clone();
        disk.flip(path, at, bit(at));
        let (memory, node) = small.start(&disk);
        let node = node.unwrap_or_else(|error| panic!("{} byte {at}: {error}", path.display()));
        let (heard, entry) = (listener.heard(), entry(at));
        if entry <= newest {
            assert!(
                names(&heard, entry),
                "{} byte {at} is of log entry {entry}: {heard:?}",
                path.display()
            );
        } else {
            // What no snapshot relies on is derived again at every start.
            assert_eq!(heard, Vec::<String>::new(), "{} byte {at}", path.display());
        }
        small.holds(&memory, node, at % SHOWN == 0);
    }
}

#[test]
fn a_bit_changed_at_any_byte_of_the_places_is_reported_and_changes_nothing() {
    let small = Small::new();
    every_byte(&small, Path::new("/node/derived/places"), |at| at / PLACE + 1);
}

#[test]
fn a_bit_changed_at_any_byte_of_the_effects_is_reported_and_changes_nothing() {
    let small = Small::new();
    let places = small.disk.bytes(Path::new("/node/derived/places"));
    let starts: Vec<u64> = places
        .as_chunks::<{ PLACE as usize }>()
        .0
        .iter()
        .map(|place| u64::from_le_bytes(*place.last_chunk().expect("eight bytes")))
        .collect();
    let entry = |at| starts.iter().filter(|start| **start <= at).count() as u64;
    every_byte(&small, Path::new("/node/derived/effects"), entry);
}

#[test]
fn a_bit_changed_at_any_byte_of_the_tree_is_reported_and_changes_nothing() {
    let small = Small::new();
    let levels = small.disk.files(Path::new("/node/derived/tree"));
    assert!(levels.len() >= 4, "{levels:?}");
    for (level, (path, _)) in levels.iter().enumerate() {
        // A node is complete with the last leaf below it.
        every_byte(&small, path, |at| (at / NODE + 1) << level);
    }
}

#[test]
fn a_bit_changed_at_any_byte_of_a_snapshot_is_reported_and_changes_nothing() {
    let small = Small::new();
    let (listener, _guard) = Listener::listen();
    let snapshots = small.snapshots();
    assert_eq!(snapshots.len(), 2);
    for (place, (path, _)) in snapshots.iter().enumerate() {
        let other = snapshots[1 - place].1;
        for at in 0..small.disk.bytes(path).len() as u64 {
            let mut disk = small.disk.clone();
            disk.flip(path, at, bit(at));
            let memory = Memory::new(disk.clone(), small.now);
            let usable = snapshot::usable(&small.world.on(&memory).snapshot_dir()).expect("a directory");
            let usable: Vec<u64> = usable.iter().map(|snapshot| snapshot.tail.index).collect();
            assert_eq!(usable, [other], "{} byte {at}", path.display());
            let heard = listener.heard();
            assert!(heard.concat().contains(&*path.to_string_lossy()), "{heard:?}");
            if at % STARTED == 0 {
                let (memory, node) = small.start(&disk);
                small.holds(&memory, node.expect("the node starts"), at % SHOWN == 0);
                assert_eq!(listener.heard(), heard, "the snapshot and nothing else");
            }
        }
    }
}
