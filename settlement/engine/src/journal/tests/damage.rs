//! What was sealed and no longer verifies refuses the start, and is named.
use std::fs;
use std::os::unix::fs::FileExt;

use proptest::prelude::*;

use super::support::{LEDGER, Log, bytes_at, scan_all, small, small_log, spoil};
use crate::journal::{Damage, JournalError, Writer, entry_bytes};

const BLOCK: u64 = 4_096;

fn damage(result: Result<impl Sized, JournalError>) -> Damage {
    match result.map(|_| ()) {
        Err(JournalError::Damaged(damage)) => {
            assert!(damage.path.is_absolute());
            *damage
        }
        other => panic!("expected damage, found {other:?}"),
    }
}

/// What follows the damaged group and thereby seals it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sealed {
    Group,
    Seal,
    Segment,
}

const LENS: [usize; 3] = [500, 3, 251];

fn sealed_log(by: Sealed) -> (tempfile::TempDir, Log) {
    let (dir, mut log) = small_log();
    log.group(&[20, 20]).unwrap();
    log.group(&LENS).unwrap();
    match by {
        Sealed::Group => drop(log.group(&[20]).unwrap()),
        Sealed::Seal => assert!(log.writer().seal().unwrap()),
        Sealed::Segment => drop(log.group(&[1_040_000]).unwrap()),
    }
    log.close();
    (dir, log)
}

fn every_changed_byte_is_named(by: Sealed) {
    let (dir, log) = sealed_log(by);
    let file = spoil(&log.segment(1));
    let start = 2 * BLOCK;
    let group = bytes_at(&file, start, BLOCK as usize);
    for (at, byte) in group.iter().enumerate() {
        file.write_all_at(&[byte ^ 0x04], start + at as u64).unwrap();
        let named = damage(scan_all(dir.path()));
        // Group header and padding belong to no entry: the group's first is named.
        let (mut offset, mut index) = (start, 3);
        let mut begin = 96;
        for (i, len) in LENS.iter().enumerate() {
            if (begin..begin + 104 + len).contains(&at) {
                (offset, index) = (start + begin as u64, 3 + i as u64);
            }
            begin += entry_bytes(*len);
        }
        let found = (named.segment, named.group, named.offset, named.index);
        assert_eq!(found, (1, 2, offset, index), "{by:?}, byte {at}: {named}");
        if at % 256 == 0 {
            assert_eq!(damage(Writer::open(small(dir.path()), LEDGER)), named);
        }
        file.write_all_at(&[*byte], start + at as u64).unwrap();
    }
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn a_changed_byte_in_a_group_sealed_by_a_group_is_named() {
    every_changed_byte_is_named(Sealed::Group);
}

#[test]
fn a_changed_byte_in_a_group_sealed_by_a_seal_is_named() {
    every_changed_byte_is_named(Sealed::Seal);
}

#[test]
fn a_changed_byte_in_a_group_sealed_by_a_segment_is_named() {
    every_changed_byte_is_named(Sealed::Segment);
}

#[test]
fn a_changed_byte_in_a_segment_header_in_use_is_refused() {
    let (dir, log) = sealed_log(Sealed::Segment);
    for number in [1, 2] {
        let file = spoil(&log.segment(number));
        for at in (0..BLOCK).step_by(3) {
            let byte = bytes_at(&file, at, 1)[0];
            file.write_all_at(&[byte ^ 0x80], at).unwrap();
            let named = damage(scan_all(dir.path()));
            assert_eq!((named.segment, named.offset), (number, 0), "byte {at}: {named}");
            file.write_all_at(&[byte], at).unwrap();
        }
        let header = bytes_at(&file, 0, BLOCK as usize);
        file.write_all_at(&[0; BLOCK as usize], 0).unwrap();
        assert_eq!(damage(scan_all(dir.path())).segment, number);
        file.write_all_at(&header, 0).unwrap();
    }
}

#[test]
fn a_sealed_group_that_is_zeros_is_refused() {
    for by in [Sealed::Group, Sealed::Seal, Sealed::Segment] {
        let (dir, log) = sealed_log(by);
        let file = spoil(&log.segment(1));
        file.write_all_at(&[0; BLOCK as usize], 2 * BLOCK).unwrap();
        let named = damage(Writer::open(small(dir.path()), LEDGER));
        assert_eq!(
            (named.segment, named.group, named.index),
            (1, 2, 3),
            "{by:?}: {named}"
        );
    }
}

#[test]
fn a_missing_segment_is_named() {
    let (dir, mut log) = small_log();
    for _ in 0..4 {
        log.group(&[1_000_000]).unwrap();
    }
    log.close();
    for (number, index) in [(2, 2), (1, 1)] {
        fs::remove_file(log.segment(number)).unwrap();
        let named = damage(Writer::open(small(dir.path()), LEDGER));
        assert_eq!((named.segment, named.index), (number, index), "{named}");
        assert!(named.rule.contains("missing"));
    }
}

#[test]
fn segments_in_the_wrong_order_are_refused() {
    let (dir, mut log) = small_log();
    for _ in 0..4 {
        log.group(&[1_000_000]).unwrap();
    }
    log.close();
    fs::rename(log.segment(2), dir.path().join("x")).unwrap();
    fs::rename(log.segment(3), log.segment(2)).unwrap();
    fs::rename(dir.path().join("x"), log.segment(3)).unwrap();
    let named = damage(scan_all(dir.path()));
    assert_eq!((named.segment, named.index), (2, 2), "{named}");
}

#[test]
fn a_segment_cut_short_is_refused() {
    let (dir, log) = sealed_log(Sealed::Segment);
    for (number, len) in [(2, 900_000), (2, 100), (1, 8_192)] {
        spoil(&log.segment(number)).set_len(len).unwrap();
        assert_eq!(damage(scan_all(dir.path())).segment, number);
    }
}

#[test]
fn a_whole_group_that_breaks_a_rule_is_refused_even_unsealed() {
    let (dir, mut log) = small_log();
    log.group(&[20]).unwrap();
    log.group(&[20]).unwrap();
    log.close();
    let file = spoil(&log.segment(1));
    let mut group = bytes_at(&file, 2 * BLOCK, BLOCK as usize);
    // Another link, and a checksum to match: no crash does that.
    group[96 + 72] ^= 1;
    let crc = crc32c::crc32c_append(crc32c::crc32c(&group[..8]), &group[12..]);
    group[8..12].copy_from_slice(&crc.to_le_bytes());
    file.write_all_at(&group, 2 * BLOCK).unwrap();
    let named = damage(Writer::open(small(dir.path()), LEDGER));
    assert_eq!(
        (named.group, named.index, named.offset),
        (2, 2, 2 * BLOCK + 96),
        "{named}"
    );
}

#[test]
fn data_behind_a_segment_that_seems_unused_is_damage_and_no_empty_journal() {
    let (dir, mut log) = small_log();
    for _ in 0..3 {
        log.group(&[900_000]).unwrap();
    }
    log.close();
    // The first is all zeros, and of the second its header: as if both had only been made ahead.
    spoil(&log.segment(1)).write_all_at(&vec![0; 1 << 20], 0).unwrap();
    spoil(&log.segment(2))
        .write_all_at(&[0; BLOCK as usize], 0)
        .unwrap();
    fs::remove_file(log.segment(3)).unwrap();
    assert_eq!(damage(scan_all(dir.path())).segment, 1);
    assert_eq!(damage(Writer::open(small(dir.path()), LEDGER)).segment, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_overwritten_what_is_read_is_what_was_written(
        spoiled in prop::collection::vec((1u32..3, 0u64..40_000, prop::collection::vec(any::<u8>(), 1..900)), 1..4)
    ) {
        let (dir, mut log) = small_log();
        for lens in [&[9, 900][..], &[4_000], &[8_000, 1, 1], &[1_000_000], &[500, 60_000], &[9_000], &[77]] {
            log.group(lens).unwrap();
        }
        log.writer().seal().unwrap();
        log.close();
        for (number, offset, bytes) in spoiled {
            spoil(&log.segment(number)).write_all_at(&bytes, offset).unwrap();
        }
        // Read in full, cut, or refused; never anything else, and the writer agrees with the scan.
        let scanned = scan_all(dir.path());
        let opened = Writer::open(small(dir.path()), LEDGER);
        match (scanned, opened) {
            (Ok(read), Ok((_, recovered))) => {
                prop_assert_eq!(&read[..], &log.written[..read.len()]);
                prop_assert_eq!(recovered.tail, log.tail_after(read.len()));
            }
            (Err(scanned), Err(opened)) => prop_assert_eq!(scanned.to_string(), opened.to_string()),
            (scanned, opened) => prop_assert!(false, "{:?}, {:?}", scanned.map(|r| r.len()), opened.map(|o| o.1)),
        }
    }
}
