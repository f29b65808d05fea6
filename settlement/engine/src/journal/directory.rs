//! The journal's directory: names of its files, and the lock that keeps it to one writer.
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::config::SEGMENT_NUMBER_MAX;
use super::error::JournalError;

const SEGMENT_SUFFIX: &str = ".seg";
const TEMPORARY_SUFFIX: &str = ".seg.tmp";

/// What stands in the directory.
pub(super) struct Listing {
    /// Numbers of the segments, ascending.
    pub segments: Vec<u32>,
    /// Left behind by a writer that was stopped.
    pub temporary: Vec<PathBuf>,
}

impl Listing {
    /// The highest segment number; 0 if there is none.
    pub(super) fn highest(&self) -> u32 {
        self.segments.last().copied().unwrap_or(0)
    }
}

/// Path of a segment file.
pub(super) fn segment_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:08}{SEGMENT_SUFFIX}"))
}

/// Path of a segment file that is being filled with zeros.
pub(super) fn temporary_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:08}{TEMPORARY_SUFFIX}"))
}

/// Path of the file that tries direct writes out.
pub(super) fn probe_path(dir: &Path) -> PathBuf {
    dir.join(format!("probe{TEMPORARY_SUFFIX}"))
}

fn number_of(stem: &str) -> Option<u32> {
    let digits = stem.len() == 8 && stem.bytes().all(|b| b.is_ascii_digit());
    let number = stem.parse().ok().filter(|_| digits)?;
    (1..=SEGMENT_NUMBER_MAX).contains(&number).then_some(number)
}

/// Lists the directory. Clearly foreign files are passed over; what only resembles a segment is an error.
pub(super) fn list(dir: &Path) -> Result<Listing, JournalError> {
    let failed = |source| JournalError::io(dir, "list the directory", source);
    let mut listing = Listing {
        segments: Vec::new(),
        temporary: Vec::new(),
    };
    for found in fs::read_dir(dir).map_err(failed)? {
        let found = found.map_err(failed)?;
        let (path, name) = (found.path(), found.file_name());
        let name = name.to_string_lossy();
        if name.ends_with(TEMPORARY_SUFFIX) {
            listing.temporary.push(path);
        } else if let Some(stem) = name.strip_suffix(SEGMENT_SUFFIX) {
            let Some(number) = number_of(stem) else {
                return Err(JournalError::Foreign {
                    path,
                    rule: "a segment is named by eight digits, from 00000001",
                });
            };
            if !found.file_type().map_err(failed)?.is_file() {
                return Err(JournalError::Foreign {
                    path,
                    rule: "a segment is a regular file",
                });
            }
            listing.segments.push(number);
        } else {
            tracing::warn!(path = %path.display(), "a file that is not the journal's lies in its directory");
        }
    }
    listing.segments.sort_unstable();
    Ok(listing)
}

/// Makes names in the directory durable.
pub(super) fn sync(dir: &Path) -> Result<(), JournalError> {
    File::open(dir)
        .and_then(|file| file.sync_all())
        .map_err(|source| JournalError::io(dir, "sync the directory", source))
}

/// Keeps the directory to one writer as long as it lives.
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

impl Lock {
    /// Takes the lock, making the directory if need be.
    pub(super) fn take(dir: &Path) -> Result<Self, JournalError> {
        if !dir.is_dir() {
            fs::create_dir_all(dir).map_err(|source| JournalError::io(dir, "make the directory", source))?;
            if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
                sync(parent)?;
            }
        }
        let file = File::open(dir).map_err(|source| JournalError::io(dir, "open the directory", source))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::Locked { path: dir.to_owned() }),
            Err(errno) => Err(JournalError::io(
                dir,
                "lock the directory",
                io::Error::from(errno),
            )),
        }
    }
}
