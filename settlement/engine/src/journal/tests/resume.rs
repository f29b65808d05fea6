//! Starting from a trusted entry gives what a start from the front gives.
use std::fs;
use std::os::unix::fs::FileExt;

use super::support::{LEDGER, rest, small, small_log, spoil};
use crate::journal::{JournalError, Location, Scan, Tail, Writer};

#[test]
fn a_scan_may_begin_at_any_entry() {
    let (dir, mut log) = small_log();
    for round in 0..12 {
        log.group(&[round * 100, 150_000, 7, 4_000]).unwrap();
        if round % 5 == 0 {
            log.writer().seal().unwrap();
        }
    }
    for count in 0..log.written.len() {
        let tail = log.tail_after(count);
        let mut places = vec![log.written[count].2];
        places.extend(count.checked_sub(1).map(|before| log.written[before].2));
        for at in places {
            let mut scan = Scan::from(dir.path(), LEDGER, at, tail).unwrap();
            assert_eq!(rest(&mut scan).unwrap(), log.written[count..], "after {count}");
            assert_eq!(*scan.tail(), *log.writer().tail());
        }
    }
    let (all, last) = (log.written.len(), log.written.last().unwrap().2);
    let mut scan = Scan::from(dir.path(), LEDGER, last, log.tail_after(all)).unwrap();
    assert_eq!(rest(&mut scan).unwrap(), []);
}

#[test]
fn a_writer_opened_after_a_trusted_entry_goes_on_alike() {
    let (dir, mut log) = small_log();
    for _ in 0..5 {
        log.group(&[400_000, 9, 30]).unwrap();
    }
    log.close();
    // Nothing before the trusted entry is read.
    spoil(&log.segment(1)).write_all_at(&[1; 9_000], 5_000).unwrap();
    for count in [8, 9, 14, 15] {
        let trusted = (log.written[count - 1].2, log.tail_after(count));
        let (writer, recovered) = Writer::open_after(small(dir.path()), LEDGER, Some(trusted)).unwrap();
        assert_eq!(recovered.tail, log.tail_after(15));
        assert_eq!(recovered.tail_at, Some(log.written[14].2));
        assert_eq!(
            (recovered.entries as usize, recovered.groups, recovered.cut),
            (15 - count, 5, None)
        );
        log.writer = Some(writer);
        log.close();
    }
    let trusted = (log.written[8].2, log.tail_after(9));
    let (writer, _) = Writer::open_after(small(dir.path()), LEDGER, Some(trusted)).unwrap();
    log.writer = Some(writer);
    log.group(&[77]).unwrap();
    let mut scan = Scan::from(dir.path(), LEDGER, trusted.0, trusted.1).unwrap();
    assert_eq!(rest(&mut scan).unwrap(), log.written[9..]);
}

#[test]
fn an_entry_that_is_not_the_trusted_one_is_refused() {
    let (dir, mut log) = small_log();
    for _ in 0..3 {
        log.group(&[400_000, 9]).unwrap();
    }
    let (at, tail) = (log.written[3].2, log.tail_after(4));
    let refused = |at, tail| Scan::from(dir.path(), LEDGER, at, tail).map(|_| ()).unwrap_err();
    for offset in [0, 4_096, at.offset - 8, at.offset + 8, 1 << 20, u32::MAX] {
        assert!(
            matches!(
                refused(Location { offset, ..at }, tail),
                JournalError::NoEntry { .. }
            ),
            "{offset}"
        );
    }
    let other = Tail {
        hash: [1; 32],
        ..tail
    };
    assert!(matches!(refused(at, other), JournalError::NoEntry { .. }));
    assert!(matches!(
        refused(at, log.tail_after(2)),
        JournalError::NoEntry { .. }
    ));
    assert!(matches!(
        refused(Location { segment: 9, ..at }, tail),
        JournalError::Missing { .. }
    ));
    log.close();
    let last = (log.written[5].2, log.tail_after(6));
    fs::remove_file(log.segment(1)).unwrap();
    let opened = Writer::open_after(small(dir.path()), LEDGER, Some(last)).map(|_| ());
    assert!(matches!(opened, Err(JournalError::Missing { .. })), "{opened:?}");
}
