//! A journal of any bytes: what it gives was written, and a writer opens it, cuts it, or names the damage.
use causeway_message::entry::{EntryHeader, EntryKind, payload_digest};
use zerocopy::{FromBytes, IntoBytes};

use super::support::{LEDGER, entry, payload, rest};
use crate::fuzz::memory::Memory;
use crate::fuzz::support::{self, Input, fuzz};
use crate::journal::blocks::Blocks;
use crate::journal::group::{Spot, build, build_seal, entry_at, entry_bytes, group_bytes};
use crate::journal::layout::{
    FIRST_RECORD, Place, RECORD_HEADER_BYTES, RecordHeader, RecordId, SegmentHeader,
};
use crate::journal::{
    Direct, JournalConfig, JournalError, Reader, SEGMENT_BYTES_MIN, Scan, ScannedEntry, Tail, Writer,
};
use crate::system::Dir;

/// Segments much smaller than a writer makes, so that edits meet what matters.
const SEGMENT: usize = 5 * 4_096;
const SALT: u64 = 0x5eed;

/// Segments one behind the other, with groups of entries of these payload lengths; no lengths make a seal.
fn journal(segments: &[&[&[usize]]]) -> Vec<u8> {
    let mut tail = Tail::empty(LEDGER);
    let mut sealed = RecordId::default();
    let mut out = Vec::new();
    for (number, groups) in (1..).zip(segments) {
        let header = SegmentHeader::block(LEDGER, number, SEGMENT as u64, SALT, &tail, sealed);
        let mut segment = header.0.to_vec();
        for lens in *groups {
            let spot = Spot {
                sealed,
                tail: &tail,
                place: Place {
                    segment: number,
                    offset: segment.len() as u64,
                    salt: SALT,
                    size: SEGMENT as u64,
                },
            };
            let mut blocks = Blocks::default();
            let mut after = tail;
            let made: Vec<_> = lens
                .iter()
                .map(|len| {
                    let payload = payload(after.index + 1, *len);
                    let header = entry(&after, &payload, EntryKind::Tick);
                    after.follow(&header).expect("it is the next one");
                    (header, payload)
                })
                .collect();
            let entries: Vec<_> = made
                .iter()
                .map(|(header, payload)| (header, payload.as_slice()))
                .collect();
            let bytes = group_bytes(lens.iter().map(|len| entry_bytes(*len)).sum());
            sealed = if lens.is_empty() {
                build_seal(&mut blocks, spot)
            } else {
                build(&mut blocks, spot, &entries, bytes)
            };
            segment.extend(&blocks.bytes()[..sealed.bytes as usize]);
            tail = after;
        }
        segment.resize(SEGMENT, 0);
        out.extend(segment);
    }
    out
}

/// Makes checksums, chain and identities good again, as far as the lengths lead.
fn repair(bytes: &mut [u8]) {
    let mut tail = Tail::empty(LEDGER);
    let mut sealed = RecordId::default();
    for (number, segment) in (1..).zip(bytes.chunks_mut(SEGMENT)) {
        if segment.len() < SEGMENT {
            return;
        }
        let header = SegmentHeader::block(LEDGER, number, SEGMENT as u64, SALT, &tail, sealed);
        segment[..4_096].copy_from_slice(&header.0);
        let mut at = FIRST_RECORD as usize;
        while let Some((mut header, _)) = segment
            .get(at..)
            .and_then(|rest| RecordHeader::read_from_prefix(rest).ok())
        {
            let place = Place {
                segment: number,
                offset: at as u64,
                salt: SALT,
                size: SEGMENT as u64,
            };
            let (kind, count, bytes) = (header.kind, header.count, header.bytes);
            header = RecordHeader::after(sealed, &tail, place);
            (header.kind, header.count, header.bytes) = (kind, count, bytes);
            let len = bytes.get() as usize;
            let Some(record) = segment
                .get_mut(at..at.saturating_add(len))
                .filter(|record| record.len() >= 4_096)
            else {
                break;
            };
            record[..RECORD_HEADER_BYTES].copy_from_slice(header.as_bytes());
            chain(record, &mut tail, count.get());
            sealed = RecordHeader::finish(record, header.number.get());
            at += len;
        }
    }
}

/// Makes the entries of a record follow the tail and each other.
fn chain(record: &mut [u8], tail: &mut Tail, count: u32) {
    let mut at = RECORD_HEADER_BYTES;
    for _ in 0..count {
        let Ok(found) = entry_at(record, at) else { return };
        let mut header: EntryHeader = *found.header;
        header.prev_hash = tail.hash;
        header.crc32c = crc32c::crc32c(found.payload).into();
        header.payload_digest = payload_digest(found.payload);
        let next = found.next;
        record[at..at + header.as_bytes().len()].copy_from_slice(header.as_bytes());
        if tail.follow(&header).is_err() {
            return;
        }
        at = next;
    }
}

fn config(dir: &Dir) -> JournalConfig {
    let config = JournalConfig::new(dir.clone()).with_segment_bytes(SEGMENT_BYTES_MIN);
    JournalConfig {
        direct: Direct::Never,
        ..config
    }
}

fn scan(dir: &Dir) -> Result<Vec<ScannedEntry>, JournalError> {
    rest(&mut Scan::from_start(dir.clone(), LEDGER)?)
}

/// The files of a journal in memory.
fn files(bytes: &[u8]) -> (std::sync::Arc<Memory>, Dir) {
    let (memory, dir) = Memory::with(&[]);
    for (number, segment) in (1..).zip(bytes.chunks(SEGMENT)) {
        memory.put(&format!("{number:08}.seg"), segment);
    }
    (memory, dir)
}

/// Each entry follows the one before, and can be fetched alone.
fn hang_together(dir: &Dir, entries: &[ScannedEntry]) {
    let reader = Reader::open(dir.clone(), LEDGER).expect("it was scanned");
    let mut tail = Tail::empty(LEDGER);
    for (header, payload, at) in entries {
        tail.follow(header).expect("entries are chained");
        assert_eq!(header.len.get() as usize, payload.len());
        assert_eq!(
            reader.read(*at).expect("it was scanned"),
            (*header, payload.clone())
        );
    }
}

/// A writer opens what was scanned, cuts no entry, and goes on behind it.
fn goes_on(dir: &Dir, entries: &[ScannedEntry]) {
    let (mut writer, found) = Writer::open(config(dir), LEDGER).expect("a journal that scans opens");
    assert_eq!(found.tail.index, entries.len() as u64);
    assert_eq!(scan(dir).expect("it was opened"), entries);
    let body = payload(found.tail.index + 1, 33);
    if found.tail.index == u64::MAX || found.tail.time.0 > u64::MAX - 5 {
        return;
    }
    let header = entry(writer.tail(), &body, EntryKind::Tick);
    writer
        .append(&[(&header, &body)], &mut Vec::new())
        .expect("memory has room");
    drop(writer);
    let again = scan(dir).expect("what was appended scans");
    assert_eq!(again.len(), entries.len() + 1);
    assert_eq!(
        again.last().map(|(header, body, _)| (*header, body.clone())),
        Some((header, body))
    );
}

#[test]
fn a_journal_gives_what_was_written_or_names_the_damage() {
    let samples = [
        journal(&[&[&[10], &[20, 0, 7], &[300]]]),
        journal(&[&[&[10], &[], &[100, 100], &[1]], &[&[9], &[3_000]]]),
        journal(&[&[&[5_000], &[], &[8]], &[]]),
        vec![0; SEGMENT],
    ];
    let written: Vec<_> = samples
        .iter()
        .map(|bytes| scan(&files(bytes).1).expect("it is whole"))
        .collect();
    assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [5, 6, 2, 0]);
    let words = [
        "CWAYGRP\u{0}",
        "CWAYSEG\u{0}",
        "\u{0}\u{10}\u{0}\u{0}",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ];
    fuzz!("journal", &samples, &words, |input: &Input| {
        let mut bytes = input.bytes.clone();
        bytes.truncate(3 * SEGMENT);
        if input.repair {
            repair(&mut bytes);
        }
        let (memory, dir) = files(&bytes);
        let before = memory.all();
        let entries = match scan(&dir) {
            Ok(entries) => entries,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert!(
                    Writer::open(config(&dir), LEDGER).is_err(),
                    "damage stops a writer, too"
                );
                assert!(
                    memory
                        .all()
                        .iter()
                        .all(|file| before.contains(file) || file.1.is_empty()),
                    "and is not touched"
                );
                return;
            }
        };
        assert!(
            input.repair || written.iter().any(|written| written.starts_with(&entries)),
            "never written"
        );
        hang_together(&dir, &entries);
        goes_on(&dir, &entries);
    });
}
