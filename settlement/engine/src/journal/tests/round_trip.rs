//! What is written is read back: across groups, segments and restarts.
use std::os::unix::fs::FileExt;
use std::path::Path;

use causeway_message::entry::{EntryHeader, EntryKind};
use proptest::prelude::*;

use super::support::{LEDGER, Log, entry, payload, scan_all, small, small_log, spoil};
use crate::journal::{Direct, JournalConfig, JournalError, Reader, Writer, entry_bytes, group_bytes};

#[test]
fn a_new_journal_is_empty() {
    let (dir, mut log) = small_log();
    assert_eq!(scan_all(dir.path()).unwrap(), []);
    let recovered = log.reopen().unwrap();
    assert_eq!(
        (recovered.tail.index, recovered.cut, recovered.segments),
        (0, None, 1)
    );
    assert!(recovered.sealed && recovered.tail_at.is_none());
}

#[test]
fn an_entry_reads_back_right_after_its_append() {
    let (dir, mut log) = small_log();
    let reader = Reader::open(dir.path(), LEDGER).unwrap();
    for round in 0..50 {
        let locations = log.group(&[round * 40, 0, 5_000]).unwrap();
        for (at, (header, payload, _)) in locations.iter().zip(&log.written[round * 3..]) {
            assert_eq!(reader.clone().read(*at).unwrap(), (*header, payload.clone()));
        }
    }
}

#[test]
fn direct_and_buffered_writes_read_back_alike() {
    for direct in [Direct::Auto, Direct::Never] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::new(JournalConfig {
            direct,
            ..small(dir.path())
        });
        let reader = Reader::open(dir.path(), LEDGER).unwrap();
        for _ in 0..6 {
            for at in log.group(&[300_000, 17]).unwrap() {
                reader.read(at).unwrap();
            }
        }
        assert!(direct == Direct::Auto || !log.writer().is_direct());
        log.close();
        assert_eq!(scan_all(dir.path()).unwrap(), log.written);
    }
}

#[test]
fn a_filesystem_in_memory_will_do() {
    let Ok(dir) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    let mut log = Log::new(JournalConfig {
        direct: Direct::Auto,
        ..small(dir.path())
    });
    log.group(&[10, 20_000]).unwrap();
    let recovered = log.reopen().unwrap();
    assert_eq!(recovered.tail.index, 2);
    log.group(&[10]).unwrap();
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn a_full_segment_is_followed_by_the_next() {
    let (dir, mut log) = small_log();
    for _ in 0..20 {
        log.group(&[200_000, 100_000]).unwrap();
    }
    let segments = log.written.last().unwrap().2.segment;
    assert_eq!(segments, 7);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
    let recovered = log.reopen().unwrap();
    assert_eq!(
        (recovered.tail.index, recovered.segments, recovered.groups),
        (40, 7, 20)
    );
    assert_eq!(recovered.tail_at, log.written.last().map(|entry| entry.2));
    log.group(&[1]).unwrap();
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn a_group_may_fill_a_segment_to_the_last_byte() {
    let (dir, mut log) = small_log();
    let room = log.writer().group_bytes_max() as usize;
    let len = room - 96 - 104;
    assert_eq!(group_bytes(entry_bytes(len)), room);
    for _ in 0..3 {
        log.group(&[len]).unwrap();
        // No room for a seal: the next segment's header is one.
        assert!(log.writer().seal().unwrap());
        assert!(!log.writer().seal().unwrap());
    }
    assert!(log.reopen().unwrap().sealed);
    log.group(&[1]).unwrap();
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
    assert!(matches!(
        log.group(&[len + 1]),
        Err(JournalError::TooLarge { .. })
    ));
    log.group(&[1]).unwrap();
}

#[test]
fn a_seal_is_written_once() {
    let (_dir, mut log) = small_log();
    assert!(!log.writer().seal().unwrap());
    log.group(&[1]).unwrap();
    let before = log.writer().bytes_written();
    assert!(!log.reopen().unwrap().sealed);
    assert!(log.writer().seal().unwrap());
    assert!(!log.writer().seal().unwrap());
    assert_eq!((before, log.writer().bytes_written()), (8192, 4096));
    assert!(log.reopen().unwrap().sealed);
    log.group(&[1]).unwrap();
    assert_eq!(scan_all(&log.config.dir).unwrap(), log.written);
}

#[test]
fn an_entry_that_does_not_follow_is_refused_and_nothing_is_written() {
    let (dir, mut log) = small_log();
    log.group(&[10]).unwrap();
    let tail = *log.writer().tail();
    let body = payload(2, 10);
    let good = entry(&tail, &body, EntryKind::Batch);
    let mut locations = Vec::new();
    for spoil in 0..6 {
        let mut bad = good;
        match spoil {
            0 => bad.index = 3.into(),
            1 => bad.time = tail.time.0.into(),
            2 => bad.prev_hash[0] ^= 1,
            3 => bad.len = 9.into(),
            4 => bad.kind = 99.into(),
            _ => bad.version = 2.into(),
        }
        let refused = log.writer().append(&[(&bad, &body)], &mut locations);
        assert!(
            matches!(refused, Err(JournalError::NotNext { .. })),
            "{spoil}: {refused:?}"
        );
    }
    log.writer().append(&[(&good, &body)], &mut locations).unwrap();
    assert_eq!(scan_all(dir.path()).unwrap().len(), 2);
}

#[test]
fn a_failed_writer_gives_the_same_error_ever_after() {
    let (dir, mut log) = small_log();
    log.group(&[500_000]).unwrap();
    // The second segment is under way; the third cannot be made.
    std::fs::create_dir(dir.path().join("00000003.seg.tmp")).unwrap();
    log.group(&[600_000]).unwrap();
    let first = log.group(&[600_000]).unwrap_err().to_string();
    assert!(first.contains("00000003.seg.tmp"), "{first}");
    assert_eq!(log.group(&[1]).unwrap_err().to_string(), first);
    assert_eq!(log.writer().seal().unwrap_err().to_string(), first);
    assert_eq!(scan_all(dir.path()).unwrap(), log.written);
}

#[test]
fn there_is_one_writer_at_a_time() {
    let (dir, mut log) = small_log();
    let second = Writer::open(small(dir.path()), LEDGER);
    assert!(matches!(second, Err(JournalError::Locked { .. })));
    log.reopen().unwrap();
}

#[test]
fn configured_numbers_are_checked() {
    let bad = |segment_bytes, group_bytes| {
        let config = JournalConfig {
            segment_bytes,
            group_bytes,
            ..JournalConfig::new(Path::new("/nonexistent"))
        };
        matches!(Writer::open(config, LEDGER), Err(JournalError::Config { .. }))
    };
    assert!(bad(4_096, 4_096) && bad(1 << 40, 4_096) && bad((1 << 20) + 1, 4_096));
    assert!(bad(1 << 20, 0) && bad(1 << 20, 1 << 20) && bad(1 << 20, 5_000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_groups_read_back(
        groups in prop::collection::vec((prop::collection::vec(0usize..60_000, 1..9), 0u8..8), 1..24)
    ) {
        let (dir, mut log) = small_log();
        for (lens, then) in groups {
            log.group(&lens).unwrap();
            match then {
                0 => prop_assert!(log.writer().seal().unwrap()),
                1 => {
                    let recovered = log.reopen().unwrap();
                    prop_assert_eq!(recovered.cut, None);
                    prop_assert_eq!(recovered.entries as usize, log.written.len());
                }
                _ => {}
            }
        }
        prop_assert_eq!(&scan_all(dir.path()).unwrap(), &log.written);
        let reader = Reader::open(dir.path(), LEDGER).unwrap();
        for (header, payload, at) in &log.written {
            prop_assert_eq!(reader.read(*at).unwrap(), (*header, payload.clone()));
        }
    }
}

#[test]
fn who_opens_a_journal_is_shown_every_entry_in_order_and_nothing_of_a_torn_tail() {
    let (dir, mut log) = small_log();
    for round in 0..40 {
        log.group(&[round * 40, 0, 90_000]).unwrap();
    }
    assert!(dir.path().join("00000003.seg").exists(), "several segments");
    log.close();
    let mut seen = Vec::new();
    let mut see = |header: &EntryHeader, payload: &[u8], at| seen.push((*header, payload.to_vec(), at));
    let (writer, recovered) = Writer::open_seen(small(dir.path()), LEDGER, &mut see).unwrap();
    assert_eq!(recovered.entries, 120);
    drop(writer);
    assert_eq!(seen, log.written);
    let last = log.written.last().unwrap().2;
    let path = log.segment(last.segment);
    spoil(&path)
        .write_all_at(&[0xff; 8], u64::from(last.offset) + 500)
        .unwrap();
    let mut seen = Vec::new();
    let mut see = |header: &EntryHeader, payload: &[u8], at| seen.push((*header, payload.to_vec(), at));
    let (_, recovered) = Writer::open_seen(small(dir.path()), LEDGER, &mut see).unwrap();
    assert!(recovered.cut.is_some());
    assert_eq!(seen, log.written[..117]);
}
