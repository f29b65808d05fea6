//! Segments made ahead of their use, so that a write never waits for the filesystem to find room.
//!
//! A new segment is reserved, which already reads as zeros, and then filled with zeros: overwriting costs a group
//! of 4 KiB less than half of what a first write to reserved room does, a group of 1 MiB three quarters. The
//! filling takes a fifth of the disk's time and ends early if the writer comes near, so that under full load the
//! disk is the writer's: filling every byte would halve what it can write.
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::blocks::zeros;
use super::config::JournalConfig;
use super::directory::{segment_path, sync, temporary_path};
use super::error::JournalError;
use super::segment::SegmentFile;
use crate::place::{Places, ThreadKind};
use crate::system::Dir;

/// Progress of a writer that is gone.
const GONE: u64 = u64::MAX;
/// Progress of a writer that waits for the segment.
const WAITING: u64 = u64::MAX - 1;
/// After each write of zeros the filling rests so many times as long.
const REST: u32 = 4;
/// The filling ends when this part of the segment before is left to the writer.
const LEFT_PART: u64 = 8;

struct Under {
    number: u32,
    /// How far the writer is in the segment before.
    progress: Arc<AtomicU64>,
    thread: JoinHandle<Result<SegmentFile, JournalError>>,
}

impl Under {
    /// Tells the thread how far the writer is, and wakes it.
    fn tell(&self, progress: u64) {
        self.progress.store(progress, Ordering::Relaxed);
        self.thread.thread().unpark();
    }
}

/// The segment being prepared, one at a time.
pub(super) struct ZeroAhead {
    dir: Dir,
    bytes: u64,
    direct: bool,
    places: Places,
    under: Option<Under>,
}

impl ZeroAhead {
    pub(super) fn new(config: JournalConfig, direct: bool) -> Self {
        Self {
            dir: config.dir,
            bytes: config.segment_bytes,
            direct,
            places: config.places,
            under: None,
        }
    }

    /// Begins to prepare a segment in the background.
    pub(super) fn start(&mut self, number: u32) -> Result<(), JournalError> {
        if !self.dir.system().has_threads() {
            return Ok(());
        }
        let progress = Arc::new(AtomicU64::new(0));
        let (dir, bytes, direct, theirs) = (self.dir.clone(), self.bytes, self.direct, Arc::clone(&progress));
        let places = self.places.clone();
        let thread = thread::Builder::new()
            .name("journal-zeros".to_owned())
            .spawn(move || {
                places.enter(&**dir.system(), ThreadKind::Other, 0);
                prepare(&dir, number, bytes, direct, Some(&theirs))
            })
            .map_err(|source| {
                JournalError::io(self.dir.path(), "start the thread that fills segments", source)
            })?;
        self.under = Some(Under {
            number,
            progress,
            thread,
        });
        Ok(())
    }

    /// Tells how far the writer is in the segment before the one being prepared.
    pub(super) fn writer_at(&self, bytes: u64) {
        if let Some(under) = &self.under {
            under.progress.store(bytes, Ordering::Relaxed);
        }
    }

    /// The prepared segment, waited for if need be.
    pub(super) fn take(&mut self, number: u32) -> Result<SegmentFile, JournalError> {
        match self.under.take() {
            Some(under) if under.number == number => {
                under.tell(WAITING);
                under.thread.join().unwrap_or_else(|_| {
                    let source = io::Error::other("the thread that fills segments has panicked");
                    Err(JournalError::io(
                        &segment_path(&self.dir, number),
                        "prepare the segment",
                        source,
                    ))
                })
            }
            other => {
                self.under = other;
                prepare(&self.dir, number, self.bytes, self.direct, None)
            }
        }
    }
}

impl Drop for ZeroAhead {
    fn drop(&mut self) {
        if let Some(under) = self.under.take() {
            under.tell(GONE);
            // Its result no longer matters: an unfinished file is removed at the next start.
            let _ = under.thread.join();
        }
    }
}

/// Makes the segment under a temporary name, then gives it its own: a segment is there in full or not at all.
/// Without a writer's progress to look at, all of it is filled at once.
fn prepare(
    dir: &Dir,
    number: u32,
    bytes: u64,
    direct: bool,
    progress: Option<&AtomicU64>,
) -> Result<SegmentFile, JournalError> {
    let path = segment_path(dir, number);
    // Recovery has found it to be all zeros.
    if dir.system().len(&path).is_ok_and(|found| found == bytes) {
        return SegmentFile::open(dir, path, direct);
    }
    let temporary = temporary_path(dir, number);
    fill(dir, temporary.clone(), bytes, direct, progress)?;
    dir.system()
        .rename(&temporary, &path)
        .map_err(|source| JournalError::io(&path, "name the segment", source))?;
    sync(dir)?;
    SegmentFile::open(dir, path, direct)
}

fn fill(
    dir: &Dir,
    path: PathBuf,
    bytes: u64,
    direct: bool,
    progress: Option<&AtomicU64>,
) -> Result<(), JournalError> {
    let file = SegmentFile::create(dir, path, direct)?;
    // Not every filesystem can: there the zeros find the room.
    let reserved = file
        .file()
        .reserve(bytes)
        .map_err(|source| JournalError::io(&file.path, "reserve the segment", source))?;
    let mut at = 0;
    while at < bytes {
        let begun = Instant::now();
        let len = usize::try_from(bytes - at)
            .unwrap_or(usize::MAX)
            .min(zeros().len());
        file.fill(&zeros()[..len], at)?;
        at += len as u64;
        let Some(progress) = progress else { continue };
        match progress.load(Ordering::Relaxed) {
            GONE => {
                return Err(JournalError::io(
                    &file.path,
                    "fill the segment",
                    io::ErrorKind::Interrupted.into(),
                ));
            }
            writer if writer >= bytes - bytes / LEFT_PART && reserved => break,
            writer if writer >= bytes - bytes / LEFT_PART => {}
            _ => thread::park_timeout(begun.elapsed() * REST),
        }
    }
    file.sync()
}
