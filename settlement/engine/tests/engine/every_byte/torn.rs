//! A last group that never reached the disk in full: it is cut and reported, and nothing before it is touched.
use causeway_engine::journal::Writer;
use causeway_engine::verify;

use super::small::{Small, segment_path};
use crate::support::{A, B, C, D, Disk, EUR, Listener, Memory, USD, journal};

const BLOCK: u64 = 4_096;
const SECTOR: usize = 512;

/// A disk whose journal ends with an unsealed group over several blocks, of which nothing was derived yet; where the
/// group begins, and its bytes.
fn unsealed(small: &Small) -> (Disk, u64, Vec<u8>) {
    let start = small.disk.bytes(&segment_path(2)).len() as u64;
    let (memory, node) = small.start(&small.disk);
    let mut node = node.expect("the node starts");
    let many: Vec<_> = (0..60).map(|_| small.world.payment(A, B, EUR, 1)).collect();
    let batches = [
        small.world.batch(A, &many),
        small.world.batch(C, &[small.world.payment(C, D, USD, 1)]),
    ];
    node.ask(&batches);
    let bytes = memory.disk().bytes(&segment_path(2));
    assert_eq!(bytes.len() as u64, start, "the group fits the segment");
    let before = small.disk.bytes(&segment_path(2));
    let begin = before.iter().rposition(|byte| *byte != 0).expect("something") as u64;
    let begin = begin.next_multiple_of(BLOCK);
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something") + 1;
    let group = bytes[begin as usize..end].to_vec();
    assert!(group.len() as u64 > 2 * BLOCK);
    let mut disk = small.disk.clone();
    disk.write(&segment_path(2), begin, &group);
    (disk, begin, group)
}

/// Opens the journal, and where asked starts a node; the group is whole, gone, or cut and reported.
fn cut(small: &Small, begin: u64, disk: &Disk, listener: &Listener, start: bool) -> Option<bool> {
    let memory = Memory::new(disk.clone(), small.now);
    let config = small.world.on(&memory);
    let facts = start.then(|| verify::log(&config, &small.world.genesis, |_| {}).expect("the log holds"));
    listener.heard();
    let (_, found) = Writer::open(journal(&config), small.world.genesis.ledger_id()).expect("it opens");
    let heard = listener.heard().concat();
    assert_eq!(
        heard.contains("cut the torn tail"),
        found.cut.is_some(),
        "{heard}"
    );
    if found.tail.index > small.last() {
        assert_eq!((found.cut, found.tail.index), (None, small.last() + 2));
        return None;
    }
    assert_eq!(found.tail.index, small.last(), "nothing that was sealed is lost");
    if let Some(cut) = found.cut {
        assert_eq!(
            (cut.segment, cut.offset, cut.after_index),
            (2, begin, small.last())
        );
    }
    assert!(
        memory.disk().bytes(&segment_path(2)) == small.disk.bytes(&segment_path(2)),
        "zeros again"
    );
    if let Some(facts) = facts {
        assert_eq!(facts.entries, small.last());
        assert_eq!(facts.torn_bytes, found.cut.map_or(0, |cut| cut.bytes));
        let (memory, node) = small.start(disk);
        small.holds(&memory, node.expect("the node starts"), true);
        assert_eq!(
            listener.heard().concat().contains("torn tail was cut"),
            found.cut.is_some()
        );
    }
    Some(found.cut.is_some())
}

#[test]
fn a_tail_that_ends_at_any_byte_of_its_first_block_or_any_sector_is_cut() {
    let small = Small::new();
    let (whole, begin, group) = unsealed(&small);
    let (listener, _guard) = Listener::listen();
    assert_eq!(
        cut(&small, begin, &whole, &listener, false),
        None,
        "whole, it counts"
    );
    let sectors = (0..group.len()).step_by(SECTOR);
    for kept in (0..BLOCK as usize).chain(sectors) {
        let mut disk = whole.clone();
        disk.write(
            &segment_path(2),
            begin + kept as u64,
            &vec![0; group.len() - kept],
        );
        let is_cut = cut(
            &small,
            begin,
            &disk,
            &listener,
            kept % 97 == 0 || kept % SECTOR == 0,
        );
        // The group's header begins with its magic: nothing is left of it only if nothing is left at all.
        assert_eq!(is_cut, Some(kept > 0), "{kept} bytes");
    }
}

#[test]
fn a_tail_that_lacks_any_of_its_sectors_is_cut() {
    let small = Small::new();
    let (whole, begin, group) = unsealed(&small);
    let (listener, _guard) = Listener::listen();
    for sector in (0..group.len()).step_by(SECTOR) {
        let mut disk = whole.clone();
        let lost = SECTOR.min(group.len() - sector);
        disk.write(&segment_path(2), begin + sector as u64, &vec![0; lost]);
        assert_eq!(
            cut(&small, begin, &disk, &listener, true),
            Some(true),
            "sector at {sector}"
        );
    }
}

#[test]
fn a_bit_changed_at_any_byte_of_an_unsealed_tail_cuts_it() {
    let small = Small::new();
    let (whole, begin, group) = unsealed(&small);
    let (listener, _guard) = Listener::listen();
    for at in 0..group.len() as u64 {
        let mut disk = whole.clone();
        disk.flip(&segment_path(2), begin + at, super::bit(at));
        assert_eq!(
            cut(&small, begin, &disk, &listener, at % 487 == 0),
            Some(true),
            "byte {at}"
        );
    }
}
