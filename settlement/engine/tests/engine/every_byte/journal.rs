//! A bit of the journal that has changed: at every byte the journal alone is read, at some a node is started on it, and
//! at fewer the log is verified.
use causeway_engine::journal::{Damage, JournalError, Scan, Writer};
use causeway_engine::{EngineError, verify};

use super::small::{Segment, Small};
use super::{SHOWN, STARTED, bit};
use crate::support::{Disk, Listener, Memory, journal};

fn damage(error: JournalError) -> Damage {
    match error {
        JournalError::Damaged(damage) => *damage,
        other => panic!("expected damage, found {other}"),
    }
}

fn engine_damage(error: EngineError) -> Damage {
    match error {
        EngineError::Journal(error) => damage(error),
        other => panic!("expected damage, found {other}"),
    }
}

fn scanned(small: &Small, memory: &Memory) -> Result<u64, JournalError> {
    let dir = small.world.on(memory).journal_dir();
    let mut scan = Scan::from_start(dir, small.world.genesis.ledger_id())?;
    while scan.next()?.is_some() {}
    Ok(scan.tail().index)
}

/// A node must refuse, and a verifier too, and say the same.
fn refused_by_all(small: &Small, disk: &Disk, named: &Damage, verified: bool) {
    let (memory, node) = small.start(disk);
    assert_eq!(engine_damage(node.err().expect("damage")), *named);
    let config = small.world.on(&memory);
    if verified {
        let found = verify::log(&config, &small.world.genesis, |_| {});
        assert_eq!(engine_damage(found.expect_err("damage")), *named);
    }
    let opened = Writer::open(journal(&config), small.world.genesis.ledger_id());
    assert_eq!(damage(opened.expect_err("damage")), *named);
    assert!(
        memory.disk() == *disk,
        "a start that is refused changes nothing: {named}"
    );
}

fn every_byte(small: &Small, segment: &Segment, sealed: u64) {
    for at in 0..sealed {
        let mut disk = small.disk.clone();
        disk.flip(&segment.path, at, bit(at));
        let memory = Memory::new(disk.clone(), small.now);
        let named = damage(scanned(small, &memory).expect_err("damage"));
        let found = (named.segment, named.index);
        assert_eq!(
            found,
            (segment.number, segment.names[at as usize]),
            "byte {at}: {named}"
        );
        assert!(named.to_string().contains(&format!("entry {}:", named.index)));
        if at % STARTED == 0 {
            refused_by_all(small, &disk, &named, at % SHOWN == 0);
        }
    }
}

#[test]
fn a_bit_changed_at_any_byte_of_a_full_segment_is_refused_and_its_entry_named() {
    let small = Small::new();
    let [segment, _] = small.segments();
    every_byte(&small, &segment, segment.bytes.len() as u64);
}

#[test]
fn a_bit_changed_at_any_byte_before_the_last_seal_is_refused_and_its_entry_named() {
    let small = Small::new();
    let [_, segment] = small.segments();
    every_byte(&small, &segment, segment.last);
}

#[test]
fn a_bit_changed_in_the_last_seal_costs_the_seal_and_is_reported() {
    let small = Small::new();
    let [_, segment] = small.segments();
    let (listener, _guard) = Listener::listen();
    for at in segment.last..segment.bytes.len() as u64 {
        let mut disk = small.disk.clone();
        disk.flip(&segment.path, at, bit(at));
        let memory = Memory::new(disk.clone(), small.now);
        let (_, found) = Writer::open(journal(&small.world.on(&memory)), small.world.genesis.ledger_id())
            .expect("nothing that was sealed is damaged");
        assert_eq!((found.tail.index, found.sealed), (small.last(), false));
        let cut = found.cut.expect("a cut");
        assert_eq!(
            (cut.segment, cut.offset, cut.after_index),
            (2, segment.last, small.last())
        );
        listener.heard();
        if at % STARTED == 0 {
            let (memory, node) = small.start(&disk);
            let heard = listener.heard().concat();
            assert!(heard.contains("torn tail"), "{heard}");
            small.holds(&memory, node.expect("the node starts"), at % SHOWN == 0);
        }
    }
}

#[test]
fn a_segment_cut_anywhere_is_refused() {
    let small = Small::new();
    for segment in small.segments() {
        for size in (0..segment.bytes.len() as u64).step_by(512) {
            let mut disk = small.disk.clone();
            disk.set_size(&segment.path, size);
            let memory = Memory::new(disk.clone(), small.now);
            let named = damage(scanned(&small, &memory).expect_err("damage"));
            assert_eq!(
                (named.segment, named.index),
                (segment.number, segment.names[0]),
                "{size}: {named}"
            );
            refused_by_all(&small, &disk, &named, true);
        }
    }
}
