//! Scans and readers beside a writer.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use super::support::{LEDGER, Log, small};
use crate::journal::{Direct, JournalConfig, Location, Reader, Scan};

#[test]
fn a_scan_beside_the_writer_never_sees_damage() {
    for direct in [Direct::Auto, Direct::Never] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::new(JournalConfig {
            direct,
            ..small(dir.path())
        });
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let scanning = scope.spawn(|| {
                let mut scan = Scan::from_start(dir.path(), LEDGER).unwrap();
                let mut seen = Vec::new();
                loop {
                    let last = done.load(Ordering::SeqCst);
                    while let Some(entry) = scan.next().unwrap() {
                        seen.push(entry);
                    }
                    if last {
                        return seen;
                    }
                }
            });
            for round in 0..300 {
                log.group(&[round * 97 % 30_000, 10]).unwrap();
                if round % 17 == 0 {
                    log.writer().seal().unwrap();
                }
            }
            done.store(true, Ordering::SeqCst);
            assert!(scanning.join().unwrap() == log.written);
        });
    }
}

#[test]
fn readers_on_other_threads_see_what_has_been_appended() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::new(JournalConfig {
        direct: Direct::Auto,
        ..small(dir.path())
    });
    let reader = Reader::open(dir.path(), LEDGER).unwrap();
    let (send, receive) = mpsc::sync_channel::<(u64, Location)>(16);
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            for (index, at) in receive {
                assert_eq!(reader.read(at).unwrap().0.index.get(), index);
            }
        });
        for round in 0..200 {
            for at in log.group(&[round * 131 % 40_000, 3]).unwrap() {
                let index = log
                    .written
                    .iter()
                    .rev()
                    .find(|entry| entry.2 == at)
                    .unwrap()
                    .0
                    .index
                    .get();
                send.send((index, at)).unwrap();
            }
        }
        drop(send);
        reading.join().unwrap();
    });
}
