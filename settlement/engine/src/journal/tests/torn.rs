//! A write that a crash has torn is cut; everything before it stays.
use std::os::unix::fs::FileExt;

use super::support::{LEDGER, Log, bytes_at, rest, scan_all, small_log, spoil};
use crate::journal::{Scan, TailCut};

const BLOCK: u64 = 4_096;
/// Entries that are whole before the group that the tests tear.
const WHOLE: usize = 2;

/// A log whose last group takes three blocks at offset 8192.
fn log_with_tail() -> (tempfile::TempDir, Log, Vec<u8>) {
    let (dir, mut log) = small_log();
    log.group(&[100, 30]).unwrap();
    log.group(&[3_000, 1, 5_000, 3_500]).unwrap();
    log.close();
    let tail = bytes_at(&spoil(&log.segment(1)), 2 * BLOCK, 3 * BLOCK as usize);
    assert!(tail[2 * BLOCK as usize..].iter().any(|b| *b != 0));
    (dir, log, tail)
}

/// Puts `left` where the last group was, opens, and expects a cut or a clean end.
fn expect_cut(log: &mut Log, left: &[u8], name: &str) {
    log.close();
    let file = spoil(&log.segment(1));
    file.write_all_at(left, 2 * BLOCK).unwrap();
    let end = left
        .chunks(BLOCK as usize)
        .rposition(|block| block.iter().any(|b| *b != 0))
        .map(|i| i + 1);
    let cut = end.map(|blocks| TailCut {
        segment: 1,
        offset: 2 * BLOCK,
        bytes: blocks as u64 * BLOCK,
        after_index: WHOLE as u64,
    });
    let mut scan = Scan::from_start(&log.config.dir, LEDGER).unwrap();
    assert_eq!(rest(&mut scan).unwrap(), log.written[..WHOLE], "{name}");
    assert_eq!(scan.torn(), cut, "{name}");
    let recovered = log.reopen().unwrap();
    assert_eq!(
        (recovered.tail, recovered.cut),
        (log.tail_after(WHOLE), cut),
        "{name}"
    );
    assert!(
        bytes_at(&file, 2 * BLOCK, left.len()).iter().all(|b| *b == 0),
        "{name}"
    );
    assert_eq!(log.reopen().unwrap().cut, None, "{name}");
}

#[test]
fn a_group_torn_at_any_sector_is_cut() {
    let (_dir, mut log, tail) = log_with_tail();
    for sector in 0..tail.len() / 512 {
        let mut left = tail.clone();
        left[sector * 512..].fill(0);
        // Where only padding is missing, the group is whole.
        if left != tail {
            expect_cut(&mut log, &left, &format!("front up to sector {sector}"));
        }
        let mut left = tail.clone();
        left[..(sector + 1) * 512].fill(0);
        expect_cut(&mut log, &left, &format!("back from sector {sector}"));
        let mut left = tail.clone();
        left[sector * 512..(sector + 1) * 512].fill(0);
        if left != tail {
            expect_cut(&mut log, &left, &format!("all but sector {sector}"));
        }
    }
}

#[test]
fn after_a_cut_the_journal_goes_on() {
    let (dir, mut log, tail) = log_with_tail();
    expect_cut(
        &mut log,
        &tail[..BLOCK as usize].repeat(3),
        "first block only, repeated",
    );
    log.written.truncate(WHOLE);
    log.group(&[9_000]).unwrap();
    log.group(&[9]).unwrap();
    assert_eq!(log.reopen().unwrap().tail.index, 4);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn a_changed_byte_in_the_unsealed_group_is_never_taken_for_data() {
    let (dir, mut log, tail) = log_with_tail();
    let file = spoil(&log.segment(1));
    for at in 0..tail.len() {
        file.write_all_at(&[tail[at] ^ 0x10], 2 * BLOCK + at as u64)
            .unwrap();
        let mut scan = Scan::from_start(dir.path(), LEDGER).unwrap();
        assert_eq!(rest(&mut scan).unwrap(), log.written[..WHOLE], "byte {at}");
        assert_eq!(
            scan.torn().map(|cut| cut.after_index),
            Some(WHOLE as u64),
            "byte {at}"
        );
        file.write_all_at(&tail[at..=at], 2 * BLOCK + at as u64).unwrap();
    }
    assert_eq!(log.reopen().unwrap().tail.index, 6);
}

#[test]
fn a_torn_seal_costs_nothing_but_the_seal() {
    let (_dir, mut log, _) = log_with_tail();
    log.reopen().unwrap();
    assert!(log.writer().seal().unwrap());
    log.close();
    let file = spoil(&log.segment(1));
    file.write_all_at(&[1], 5 * BLOCK + 30).unwrap();
    let recovered = log.reopen().unwrap();
    let cut = TailCut {
        segment: 1,
        offset: 5 * BLOCK,
        bytes: BLOCK,
        after_index: 6,
    };
    assert_eq!(
        (recovered.tail.index, recovered.cut, recovered.sealed),
        (6, Some(cut), false)
    );
}

#[test]
fn a_torn_header_of_the_newest_segment_is_cut() {
    let (dir, mut log) = small_log();
    log.group(&[600_000]).unwrap();
    log.group(&[600_000]).unwrap();
    log.close();
    // Perhaps it was still being made when the writer was closed.
    std::fs::write(log.segment(3), vec![0; 1 << 20]).unwrap();
    let next = spoil(&log.segment(3));
    next.write_all_at(b"CWAYSEG\0 and no more", 0).unwrap();
    let recovered = log.reopen().unwrap();
    let cut = TailCut {
        segment: 3,
        offset: 0,
        bytes: BLOCK,
        after_index: 2,
    };
    assert_eq!(
        (recovered.tail.index, recovered.cut, recovered.segments),
        (2, Some(cut), 2)
    );
    log.group(&[600_000]).unwrap();
    assert_eq!(log.written.last().unwrap().2.segment, 3);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn a_payload_that_imitates_a_group_is_not_taken_for_one() {
    // Whoever chooses a payload knows neither the salt nor, in time, the checksum before.
    let (dir, mut log) = small_log();
    log.group(&[10]).unwrap();
    log.group(&[10]).unwrap();
    let copied = bytes_at(&spoil(&log.segment(1)), 2 * BLOCK, BLOCK as usize);
    log.group(&[20_000]).unwrap();
    log.close();
    let file = spoil(&log.segment(1));
    file.write_all_at(&copied, 5 * BLOCK).unwrap();
    assert_eq!(log.reopen().unwrap().tail.index, 2);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written[..2]);
}
