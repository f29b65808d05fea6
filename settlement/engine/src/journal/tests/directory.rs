//! Files in the directory: ours, foreign, and those that only look like ours.
use std::fs;

use causeway_message::LedgerId;

use super::support::{LEDGER, names, scan_all, small, small_log};
use crate::journal::{JournalConfig, JournalError, Location, Reader, Writer};

#[test]
fn clearly_foreign_files_are_passed_over() {
    let (dir, mut log) = small_log();
    log.group(&[5]).unwrap();
    fs::write(dir.path().join("README"), "hello").unwrap();
    fs::create_dir(dir.path().join("lost+found")).unwrap();
    assert_eq!(log.reopen().unwrap().tail.index, 1);
}

#[test]
fn a_file_that_resembles_a_segment_is_named() {
    let (dir, log) = small_log();
    drop(log);
    for name in [
        "1.seg",
        "00000000.seg",
        "00000001 (copy).seg",
        "+0000001.seg",
        "000000001.seg",
        ".seg",
    ] {
        let path = dir.path().join(name);
        fs::write(&path, "").unwrap();
        let error = Writer::open(small(dir.path()), LEDGER).map(|_| ()).unwrap_err();
        assert!(
            matches!(error, JournalError::Foreign { .. }) && error.to_string().contains(name),
            "{error}"
        );
        fs::remove_file(&path).unwrap();
    }
    let path = dir.path().join("00000009.seg");
    fs::create_dir(&path).unwrap();
    assert!(matches!(scan_all(dir.path()), Err(JournalError::Foreign { .. })));
}

#[test]
fn garbage_under_a_segments_name_is_refused() {
    let (dir, mut log) = small_log();
    log.group(&[5]).unwrap();
    log.close();
    for garbage in [vec![], vec![9; 10], vec![9; 100_000]] {
        fs::write(log.segment(2), &garbage).unwrap();
        let error = Writer::open(small(dir.path()), LEDGER).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("00000002.seg"), "{error}");
    }
}

#[test]
fn leftovers_of_a_stopped_writer_are_removed() {
    let (dir, mut log) = small_log();
    log.close();
    let kept = names(dir.path());
    fs::write(dir.path().join("00000007.seg.tmp"), [0; 100]).unwrap();
    log.reopen().unwrap();
    log.close();
    assert!(!names(dir.path()).contains(&"00000007.seg.tmp".to_owned()));
    assert!(kept.iter().all(|name| names(dir.path()).contains(name)));
}

#[test]
fn a_prepared_segment_of_another_size_is_made_anew() {
    let (dir, mut log) = small_log();
    log.group(&[700_000]).unwrap();
    log.close();
    let config = JournalConfig {
        segment_bytes: 2 << 20,
        ..small(dir.path())
    };
    log.config = config;
    log.reopen().unwrap();
    log.group(&[700_000]).unwrap();
    log.group(&[1_000_000]).unwrap();
    assert_eq!(fs::metadata(log.segment(1)).unwrap().len(), 1 << 20);
    assert_eq!(fs::metadata(log.segment(2)).unwrap().len(), 2 << 20);
    assert_eq!(log.reopen().unwrap().tail.index, 3);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn another_ledgers_journal_is_refused() {
    let (dir, mut log) = small_log();
    let at = log.group(&[5]).unwrap()[0];
    log.close();
    let other = LedgerId([8; 32]);
    let error = Writer::open(small(dir.path()), other).map(|_| ()).unwrap_err();
    assert!(matches!(error, JournalError::OtherLedger { .. }), "{error}");
    assert!(matches!(
        Reader::open(dir.path(), other).unwrap().read(at),
        Err(JournalError::OtherLedger { .. })
    ));
}

#[test]
fn a_location_without_an_entry_is_an_error() {
    let (dir, mut log) = small_log();
    log.group(&[5_000, 5]).unwrap();
    let reader = Reader::open(dir.path(), LEDGER).unwrap();
    for offset in (0..1 << 20).step_by(1_021).chain([u32::MAX, (1 << 20) - 104]) {
        let found = reader.read(Location { segment: 1, offset });
        assert!(matches!(found, Err(JournalError::NoEntry { .. })), "{offset}");
    }
    let missing = reader.read(Location {
        segment: 9,
        offset: 4_192,
    });
    assert!(matches!(missing, Err(JournalError::Missing { .. })));
    assert!(reader.read(log.written[1].2).is_ok());
}
