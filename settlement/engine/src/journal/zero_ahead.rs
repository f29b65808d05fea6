//! Segments filled with zeros ahead of their use, so that a write never has to wait for the filesystem to find
//! room: overwriting what is there already costs a third of appending.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustix::fs::{FallocateFlags, fallocate};

use super::blocks::zeros;
use super::directory::{segment_path, sync, temporary_path};
use super::error::JournalError;
use super::segment::SegmentFile;

/// The writer's progress that lets the zeros come as fast as they can.
const HURRY: u64 = u64::MAX;
/// The writer's progress that makes them stop: it is gone.
const STOP: u64 = u64::MAX - 1;
/// Zeros stay this far ahead of the writer without resting.
const LEAD_BYTES: u64 = 4 * 1_048_576;
/// Otherwise they rest so many times as long as each write took.
const REST: u32 = 4;

struct Under {
    number: u32,
    /// Bytes that the writer has filled of the segment before: zeros are needed as fast as that.
    progress: Arc<AtomicU64>,
    thread: JoinHandle<Result<SegmentFile, JournalError>>,
}

/// The segment being prepared, one at a time.
pub(super) struct ZeroAhead {
    dir: PathBuf,
    bytes: u64,
    direct: bool,
    under: Option<Under>,
}

impl ZeroAhead {
    pub(super) const fn new(dir: PathBuf, bytes: u64, direct: bool) -> Self {
        Self {
            dir,
            bytes,
            direct,
            under: None,
        }
    }

    /// Begins to prepare a segment in the background.
    pub(super) fn start(&mut self, number: u32) -> Result<(), JournalError> {
        let progress = Arc::new(AtomicU64::new(0));
        let (dir, bytes, direct, theirs) = (self.dir.clone(), self.bytes, self.direct, Arc::clone(&progress));
        let thread = thread::Builder::new()
            .name("journal-zeros".to_owned())
            .spawn(move || prepare(&dir, number, bytes, direct, &theirs))
            .map_err(|source| JournalError::io(&self.dir, "start the thread that fills segments", source))?;
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
                under.progress.store(HURRY, Ordering::Relaxed);
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
                prepare(&self.dir, number, self.bytes, self.direct, &AtomicU64::new(HURRY))
            }
        }
    }
}

impl Drop for ZeroAhead {
    fn drop(&mut self) {
        if let Some(under) = self.under.take() {
            under.progress.store(STOP, Ordering::Relaxed);
            // Its result no longer matters: an unfinished file is removed at the next start.
            let _ = under.thread.join();
        }
    }
}

/// Makes the segment under a temporary name, then gives it its own: a segment is there in full or not at all.
fn prepare(
    dir: &Path,
    number: u32,
    bytes: u64,
    direct: bool,
    progress: &AtomicU64,
) -> Result<SegmentFile, JournalError> {
    let path = segment_path(dir, number);
    // Recovery has found it to be all zeros.
    if fs::metadata(&path).is_ok_and(|found| found.len() == bytes) {
        return SegmentFile::open(path, direct);
    }
    let temporary = temporary_path(dir, number);
    fill(&temporary, bytes, direct, progress)?;
    fs::rename(&temporary, &path).map_err(|source| JournalError::io(&path, "name the segment", source))?;
    sync(dir)?;
    SegmentFile::open(path, direct)
}

fn fill(path: &Path, bytes: u64, direct: bool, progress: &AtomicU64) -> Result<(), JournalError> {
    let file = SegmentFile::create(path.to_owned(), direct)?;
    // One run on disk, and a full disk noticed early. Not every filesystem can; the zeros allocate then.
    match fallocate(file.file(), FallocateFlags::empty(), 0, bytes) {
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => {}
        Err(errno) => return Err(JournalError::io(path, "reserve the segment", errno.into())),
    }
    let mut at = 0;
    while at < bytes {
        let begun = Instant::now();
        let len = usize::try_from(bytes - at)
            .unwrap_or(usize::MAX)
            .min(zeros().len());
        file.fill(&zeros()[..len], at)?;
        at += len as u64;
        match progress.load(Ordering::Relaxed) {
            STOP => {
                return Err(JournalError::io(
                    path,
                    "fill the segment",
                    io::ErrorKind::Interrupted.into(),
                ));
            }
            filled if at > filled.saturating_add(LEAD_BYTES) => thread::sleep(begun.elapsed() * REST),
            _ => {}
        }
    }
    file.sync()
}
