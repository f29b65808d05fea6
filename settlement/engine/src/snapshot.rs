//! Snapshots: the ledger's state and the ends of the derived files after one entry, written beside the node's work.
use std::path::PathBuf;
use std::sync::Arc;

use causeway_message::codec::{Put, Reader, within};
use causeway_message::rfc6962::Frontier;
use causeway_message::time::Timestamp;
use causeway_message::{Digest, FormatError, digest};
use crossbeam::channel::Receiver;

use crate::error::EngineError;
use crate::journal::{Location, Tail};
use crate::limits::LOG_ENTRIES_MAX;
use crate::publish::archive::{Archive, Mark};
use crate::publish::feeds::Feeds;
use crate::system::{Dir, File, Open};

const MAGIC: &[u8; 16] = b"causeway/snap/1\0";
/// Snapshots kept: the newest, and the one before in case it is damaged.
const KEPT: usize = 2;

/// A snapshot on its way to disk.
#[derive(Debug)]
pub struct SnapshotJob {
    /// The ledger's state.
    pub ledger: Vec<u8>,
    /// Where the derived files end.
    pub mark: Mark,
    /// The derived files, to be synced first.
    pub files: Vec<(PathBuf, File)>,
}

/// A snapshot read back.
#[derive(Debug)]
pub struct Snapshot {
    /// The ledger's state.
    pub ledger: Vec<u8>,
    /// Where the derived files end.
    pub mark: Mark,
    /// The last entry it covers.
    pub tail: Tail,
    /// Where that entry is in the journal.
    pub location: Location,
}

pub(crate) fn encode(
    ledger: &[u8],
    mark: &Mark,
    (hash, time): (Digest, Timestamp),
    location: Location,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(ledger.len() + 65_536);
    out.put(MAGIC).put_u64(mark.index).put(&hash).put_u64(time.0);
    out.put_u32(location.segment)
        .put_u32(location.offset)
        .put_u64(mark.effects);
    out.put_u64(mark.frontier.size())
        .put_u32(mark.frontier.peaks().len() as u32);
    mark.frontier.peaks().iter().for_each(|peak| {
        out.put(peak);
    });
    mark.feeds.write(&mut out);
    out.put_var(ledger);
    let digest = digest::hash(&out);
    out.put(&digest);
    out
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Snapshot, FormatError> {
    let (body, found) = bytes
        .split_last_chunk::<32>()
        .map(|(body, digest)| (body, *digest))
        .ok_or(FormatError::rule("snapshot", "is too short"))?;
    if digest::hash(body) != found {
        return Err(FormatError::rule("snapshot", "is damaged: its digest differs"));
    }
    let mut r = Reader::new(body);
    if r.array::<16>("snapshot.magic")? != *MAGIC {
        return Err(FormatError::rule("snapshot.magic", "is not that of a snapshot"));
    }
    let index = r.u64("snapshot.index")?;
    let hash: Digest = r.array("snapshot.hash")?;
    let time = Timestamp(r.u64("snapshot.time")?);
    let location = Location {
        segment: r.u32("snapshot.segment")?,
        offset: r.u32("snapshot.offset")?,
    };
    let effects = r.u64("snapshot.effects")?;
    let size = r.u64("snapshot.size")?;
    if index > LOG_ENTRIES_MAX || size > LOG_ENTRIES_MAX {
        return Err(FormatError::rule("snapshot.index", "no log has so many entries"));
    }
    let count = r.u32("snapshot.peaks")?;
    within(count as usize, u64::BITS as usize, "snapshot.peaks")?;
    let peaks = (0..count)
        .map(|_| r.array("snapshot.peak"))
        .collect::<Result<Vec<_>, _>>()?;
    let frontier =
        Frontier::restore(size, peaks).ok_or(FormatError::rule("snapshot.peaks", "do not fit the size"))?;
    let feeds = Feeds::read(&mut r)?;
    let ledger = r.var(u32::MAX as usize, "snapshot.ledger")?.to_vec();
    r.end("snapshot")?;
    let mark = Mark {
        index,
        effects,
        frontier,
        feeds,
    };
    Ok(Snapshot {
        ledger,
        mark,
        tail: Tail { index, hash, time },
        location,
    })
}

/// Writes snapshots, one at a time.
#[derive(Debug)]
pub(crate) struct SnapshotWriter {
    pub dir: Dir,
    pub archive: Arc<Archive>,
    pub jobs: Receiver<SnapshotJob>,
}

impl SnapshotWriter {
    /// Writes until the publish thread is gone.
    ///
    /// # Errors
    /// If a file cannot be written: the node stops rather than go on without.
    pub fn run(self) -> Result<(), EngineError> {
        while let Ok(job) = self.jobs.recv() {
            write(&self.dir, &self.archive, &job)?;
        }
        Ok(())
    }

    /// Writes the snapshot that waits, if one does; true if it did.
    pub fn turn_now(&self) -> Result<bool, EngineError> {
        match self.jobs.try_recv() {
            Ok(job) => write(&self.dir, &self.archive, &job).map(|()| true),
            Err(_) => Ok(false),
        }
    }
}

/// Writes one snapshot and removes those that are one too many.
fn write(dir: &Dir, archive: &Archive, job: &SnapshotJob) -> Result<(), EngineError> {
    for (path, file) in &job.files {
        file.sync().map_err(|e| EngineError::file(path, e))?;
    }
    let location = archive.location(job.mark.index)?;
    let (header, _) = archive.entry(job.mark.index)?;
    let last = (header.hash(), header.time());
    let bytes = encode(&job.ledger, &job.mark, last, location);
    dir.make().map_err(|e| EngineError::file(dir.path(), e))?;
    let path = dir.join(format!("{:016}.snap", job.mark.index));
    let temporary = dir.join("writing.tmp");
    let save = || -> std::io::Result<()> {
        let file = dir.system().open(&temporary, Open::ANEW)?;
        file.write_all_at(&bytes, 0)?;
        file.sync()?;
        dir.system().rename(&temporary, &path)?;
        dir.sync()
    };
    save().map_err(|e| EngineError::file(&path, e))?;
    for old in list(dir)?.into_iter().rev().skip(KEPT) {
        dir.system()
            .remove(&old)
            .map_err(|e| EngineError::file(&old, e))?;
    }
    metrics::gauge!("causeway_log_snapshot_index").set(job.mark.index as f64);
    tracing::info!(
        index = job.mark.index,
        bytes = job.ledger.len(),
        "snapshot written"
    );
    Ok(())
}

/// Snapshot files, oldest first.
fn list(dir: &Dir) -> Result<Vec<PathBuf>, EngineError> {
    let names = match dir.system().list(dir.path()) {
        Ok(names) => names,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(EngineError::file(dir.path(), e)),
    };
    let mut files: Vec<PathBuf> = names
        .into_iter()
        .filter(|found| found.is_file && found.name.ends_with(".snap"))
        .map(|found| dir.join(found.name))
        .collect();
    files.sort();
    Ok(files)
}

/// Snapshots that can be read, newest first; a damaged one is reported and passed over.
///
/// # Errors
/// If the directory cannot be read.
pub fn usable(dir: &Dir) -> Result<Vec<Snapshot>, EngineError> {
    let mut usable = Vec::new();
    for path in list(dir)?.into_iter().rev() {
        let read = dir.read(&path).map_err(|e| e.to_string());
        match read.and_then(|bytes| decode(&bytes).map_err(|e| e.to_string())) {
            Ok(snapshot) => usable.push(snapshot),
            Err(error) => tracing::warn!(path = %path.display(), %error, "snapshot passed over"),
        }
    }
    Ok(usable)
}
