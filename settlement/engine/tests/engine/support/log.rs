//! The log on disk: reading, copying, spoiling and forging it.
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use causeway_engine::EngineConfig;
use causeway_engine::journal::{JournalConfig, Location, Scan, Tail, Writer};
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, Rules, payload_digest};
use causeway_message::genesis::Genesis;
use causeway_message::plan::Plan;
use causeway_message::verify::VerifiedBatch;

/// How a node keeps its journal.
pub fn journal(config: &EngineConfig) -> JournalConfig {
    JournalConfig::new(config.journal_dir()).with_segment_bytes(config.segment_bytes)
}

/// Reads a log from front to back.
pub fn each_entry(
    config: &EngineConfig,
    genesis: &Genesis,
    mut each: impl FnMut(&EntryHeader, &[u8], Location),
) {
    let mut scan = Scan::from_start(config.journal_dir(), genesis.ledger_id()).expect("a journal");
    while let Some((header, payload, at)) = scan.next().expect("an undamaged journal") {
        each(&header, &payload, at);
    }
}

/// Digest of the state after an entry, by a ledger that never stopped.
pub fn state_at(config: &EngineConfig, genesis: &Genesis, index: u64) -> Digest {
    let mut ledger = Ledger::new(genesis, 3).expect("the genesis holds");
    let mut outcome = Outcome::default();
    let mut found = None;
    each_entry(config, genesis, |header, payload, _| {
        let batch = || {
            VerifiedBatch::from_journal(payload.to_vec(), &header.payload_digest).expect("a batch as signed")
        };
        let (at, time) = (header.index.get(), header.time());
        let (signed, plan);
        let input = match header.kind().expect("a kind") {
            EntryKind::Genesis => Input::Genesis,
            EntryKind::Batch | EntryKind::Control => {
                signed = batch();
                Input::Batch(&signed)
            }
            EntryKind::Tick => Input::Tick,
            EntryKind::Roots => Input::Roots,
            EntryKind::Rules => Input::Rules(Rules::read(payload).expect("a version").0),
            EntryKind::Plan => {
                plan = Plan::read(payload).expect("a plan");
                Input::Plan(&plan)
            }
        };
        ledger.apply(at, time, input, &NoPast, &mut outcome);
        if at == index {
            found = Some(ledger.state_digest());
        }
    });
    found.expect("the log holds the entry")
}

/// Copies a directory.
pub fn copy_dir(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    let (from, to) = (from.as_ref(), to.as_ref());
    fs::create_dir_all(to).expect("a directory");
    for found in fs::read_dir(from).expect("a directory") {
        let found = found.expect("a file");
        let target = to.join(found.file_name());
        if found.file_type().expect("a type").is_dir() {
            copy_dir(found.path(), &target);
        } else {
            fs::copy(found.path(), target).expect("copied");
        }
    }
}

/// Changes one byte of a file; a second time changes it back.
pub fn flip(path: &Path, offset: u64) {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .expect("the file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("the byte");
    file.write_all_at(&[byte[0] ^ 0x40], offset).expect("flipped");
}

/// Header of the entry after `tail`.
pub fn chained(tail: &Tail, kind: EntryKind, payload: &[u8], digest: Digest, time: u64) -> EntryHeader {
    EntryHeader {
        index: (tail.index + 1).into(),
        term: 1.into(),
        time: time.into(),
        leader: 1.into(),
        len: (payload.len() as u32).into(),
        kind: (kind as u16).into(),
        version: ENTRY_VERSION.into(),
        crc32c: crc32c::crc32c(payload).into(),
        payload_digest: digest,
        prev_hash: tail.hash,
    }
}

/// Writes a copy of a log that `change` may alter entry by entry, chained anew so that it hangs together.
pub fn rewrite(
    from: &EngineConfig,
    to: &EngineConfig,
    genesis: &Genesis,
    mut change: impl FnMut(&mut EntryHeader, &mut Vec<u8>),
) {
    let (mut writer, _) = Writer::open(journal(to), genesis.ledger_id()).expect("a journal");
    each_entry(from, genesis, |header, payload, _| {
        let (mut header, mut payload) = (*header, payload.to_vec());
        change(&mut header, &mut payload);
        let kind = header.kind().expect("a kind");
        let digest = match kind {
            EntryKind::Batch | EntryKind::Control => header.payload_digest,
            _ => payload_digest(&payload),
        };
        let header = chained(writer.tail(), kind, &payload, digest, header.time.get());
        writer
            .append(&[(&header, &payload)], &mut Vec::new())
            .expect("appended");
    });
    writer.seal().expect("sealed");
}
