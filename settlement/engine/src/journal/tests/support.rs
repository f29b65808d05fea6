//! What the tests share: a log that chains its own entries, and hands on files.
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use causeway_message::LedgerId;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, payload_digest};
use tempfile::TempDir;
use zerocopy::FromZeros;

use crate::journal::{
    Direct, JournalConfig, JournalError, Location, Recovered, SEGMENT_BYTES_MIN, Scan, ScannedEntry, Tail,
    Writer,
};
use crate::system::Dir;

pub const LEDGER: LedgerId = LedgerId([7; 32]);

/// Smallest segments, buffered: quick on any filesystem.
pub fn small(dir: &Path) -> JournalConfig {
    let config = JournalConfig::new(dir).with_segment_bytes(SEGMENT_BYTES_MIN);
    JournalConfig {
        direct: Direct::Never,
        ..config
    }
}

/// Payload of an entry: differs in every byte from its neighbours'.
pub fn payload(index: u64, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (index as usize * 31 + i * 7 + 1) as u8)
        .collect()
}

/// The entry after `tail`.
pub fn entry(tail: &Tail, payload: &[u8], kind: EntryKind) -> EntryHeader {
    let mut header = EntryHeader::new_zeroed();
    header.index = (tail.index + 1).into();
    header.term = 1.into();
    header.time = (tail.time.0 + 5).into();
    header.len = (payload.len() as u32).into();
    header.kind = (kind as u16).into();
    header.version = ENTRY_VERSION.into();
    header.crc32c = crc32c::crc32c(payload).into();
    header.payload_digest = payload_digest(payload);
    header.prev_hash = tail.hash;
    header
}

/// A writer with everything that was ever appended.
pub struct Log {
    pub config: JournalConfig,
    pub writer: Option<Writer>,
    pub written: Vec<ScannedEntry>,
}

impl Log {
    pub fn new(config: JournalConfig) -> Self {
        let (writer, recovered) = Writer::open(config.clone(), LEDGER).unwrap();
        assert_eq!(recovered.tail, Tail::empty(LEDGER));
        Self {
            config,
            writer: Some(writer),
            written: Vec::new(),
        }
    }

    pub fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().unwrap()
    }

    /// Appends one group with payloads of these lengths.
    pub fn group(&mut self, lens: &[usize]) -> Result<Vec<Location>, JournalError> {
        let mut tail = *self.writer().tail();
        let made: Vec<_> = lens
            .iter()
            .map(|len| {
                let payload = payload(tail.index + 1, *len);
                let kind = if tail.index.is_multiple_of(2) {
                    EntryKind::Tick
                } else {
                    EntryKind::Batch
                };
                let header = entry(&tail, &payload, kind);
                tail.follow(&header).unwrap();
                (header, payload)
            })
            .collect();
        let entries: Vec<_> = made
            .iter()
            .map(|(header, payload)| (header, payload.as_slice()))
            .collect();
        let mut locations = Vec::new();
        self.writer().append(&entries, &mut locations)?;
        assert_eq!(*self.writer().tail(), tail);
        self.written
            .extend(made.into_iter().zip(&locations).map(|((h, p), at)| (h, p, *at)));
        Ok(locations)
    }

    /// Closes the writer.
    pub fn close(&mut self) {
        self.writer = None;
    }

    /// Closes and opens the writer.
    pub fn reopen(&mut self) -> Result<Recovered, JournalError> {
        self.close();
        let (writer, recovered) = Writer::open(self.config.clone(), LEDGER)?;
        self.writer = Some(writer);
        Ok(recovered)
    }

    pub fn segment(&self, number: u32) -> PathBuf {
        self.config.dir.join(format!("{number:08}.seg"))
    }

    /// The tail after the first `count` entries.
    pub fn tail_after(&self, count: usize) -> Tail {
        let mut tail = Tail::empty(LEDGER);
        self.written[..count]
            .iter()
            .for_each(|(header, ..)| tail.follow(header).unwrap());
        tail
    }
}

/// A new directory with a log in the smallest segments.
pub fn small_log() -> (TempDir, Log) {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::new(small(dir.path()));
    (dir, log)
}

/// Everything a scan gives.
pub fn scan_all(dir: impl Into<Dir>) -> Result<Vec<ScannedEntry>, JournalError> {
    rest(&mut Scan::from_start(dir, LEDGER)?)
}

/// Everything a scan still gives.
pub fn rest(scan: &mut Scan) -> Result<Vec<ScannedEntry>, JournalError> {
    let mut all = Vec::new();
    while let Some(entry) = scan.next()? {
        all.push(entry);
    }
    Ok(all)
}

/// A file open for spoiling.
pub fn spoil(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// Bytes of a file.
pub fn bytes_at(file: &File, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, offset).unwrap();
    bytes
}

/// Sizes of all files in a directory by name.
pub fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
