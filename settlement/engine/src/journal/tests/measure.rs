//! Measurements, run by hand on a quiet machine:
//! `cargo test --release -- --ignored --nocapture journal::tests::measure`.
use std::fs;
use std::time::{Duration, Instant};

use causeway_message::entry::EntryKind;

use super::support::{LEDGER, entry, payload};
use crate::journal::{JournalConfig, Scan, Writer};

fn percentile(sorted: &[Duration], of: usize) -> Duration {
    sorted[(sorted.len() - 1) * of / 100]
}

#[test]
#[ignore = "a measurement"]
fn append_and_scan() {
    let dir = tempfile::tempdir_in(std::env::var("JOURNAL_DIR").unwrap_or("/tmp".into())).unwrap();
    let config = JournalConfig::new(dir.path().join("journal"));
    let (mut writer, _) = Writer::open(config.clone(), LEDGER).unwrap();
    let mut locations = Vec::new();
    let mut total = 0u64;
    for (name, len, rounds) in [
        ("4 KiB", 3_800, 4_000),
        ("64 KiB", 65_000, 2_000),
        ("1 MiB", 1_048_000, 1_000),
    ] {
        let body = payload(1, len);
        let mut times = Vec::with_capacity(rounds);
        let all = Instant::now();
        for _ in 0..rounds {
            let header = entry(writer.tail(), &body, EntryKind::Batch);
            let begun = Instant::now();
            writer.append(&[(&header, &body)], &mut locations).unwrap();
            times.push(begun.elapsed());
            total += len as u64;
        }
        let took = all.elapsed();
        times.sort();
        println!(
            "append {name}, direct {}: p50 {:?}, p99 {:?}, max {:?}, {:.0} MB/s",
            writer.is_direct(),
            percentile(&times, 50),
            percentile(&times, 99),
            times[rounds - 1],
            (rounds * len) as f64 / took.as_secs_f64() / 1e6
        );
    }
    writer.seal().unwrap();
    drop(writer);
    for round in 0..3 {
        let begun = Instant::now();
        let mut scan = Scan::from_start(&config.dir, LEDGER).unwrap();
        let mut entries = 0;
        while let Some((_, body, _)) = scan.next().unwrap() {
            entries += usize::from(!body.is_empty());
        }
        let took = begun.elapsed().as_secs_f64();
        println!(
            "scan {round}: {entries} entries, {:.2} GB/s",
            total as f64 / took / 1e9
        );
    }
    let begun = Instant::now();
    drop(Writer::open(config.clone(), LEDGER).unwrap());
    println!(
        "open: {:.2} GB/s, {:?}",
        total as f64 / begun.elapsed().as_secs_f64() / 1e9,
        begun.elapsed()
    );
    println!("{} files", fs::read_dir(&config.dir).unwrap().count());
}
