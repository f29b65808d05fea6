//! The journal's directory: names of its files, and the lock that keeps it to one writer.
use std::io;
use std::path::PathBuf;

use super::config::SEGMENT_NUMBER_MAX;
use super::error::JournalError;
use crate::system::{self, Dir, Name};

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
pub(super) fn segment_path(dir: &Dir, number: u32) -> PathBuf {
    dir.join(format!("{number:08}{SEGMENT_SUFFIX}"))
}

/// Path of a segment file that is being filled with zeros.
pub(super) fn temporary_path(dir: &Dir, number: u32) -> PathBuf {
    dir.join(format!("{number:08}{TEMPORARY_SUFFIX}"))
}

/// Path of the file that tries direct writes out.
pub(super) fn probe_path(dir: &Dir) -> PathBuf {
    dir.join(format!("probe{TEMPORARY_SUFFIX}"))
}

fn number_of(stem: &str) -> Option<u32> {
    let digits = stem.len() == 8 && stem.bytes().all(|b| b.is_ascii_digit());
    let number = stem.parse().ok().filter(|_| digits)?;
    (1..=SEGMENT_NUMBER_MAX).contains(&number).then_some(number)
}

/// Lists the directory. Clearly foreign files are passed over; what only resembles a segment is an error.
pub(super) fn list(dir: &Dir) -> Result<Listing, JournalError> {
    let failed = |source| JournalError::io(dir.path(), "list the directory", source);
    let mut listing = Listing {
        segments: Vec::new(),
        temporary: Vec::new(),
    };
    for Name { name, is_file } in dir.system().list(dir.path()).map_err(failed)? {
        let path = dir.join(&name);
        if name.ends_with(TEMPORARY_SUFFIX) {
            listing.temporary.push(path);
        } else if let Some(stem) = name.strip_suffix(SEGMENT_SUFFIX) {
            let Some(number) = number_of(stem) else {
                return Err(JournalError::Foreign {
                    path,
                    rule: "a segment is named by eight digits, from 00000001",
                });
            };
            if !is_file {
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
pub(super) fn sync(dir: &Dir) -> Result<(), JournalError> {
    dir.sync()
        .map_err(|source| JournalError::io(dir.path(), "sync the directory", source))
}

/// Keeps the directory to one writer as long as it lives.
pub(super) struct Lock(#[expect(dead_code, reason = "dropping it gives the lock back")] system::Lock);

impl Lock {
    /// Takes the lock, making the directory if need be.
    pub(super) fn take(dir: &Dir) -> Result<Self, JournalError> {
        dir.make()
            .map_err(|source| JournalError::io(dir.path(), "make the directory", source))?;
        match dir.system().lock(dir.path()) {
            Ok(lock) => Ok(Self(lock)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(JournalError::Locked {
                path: dir.path().to_owned(),
            }),
            Err(error) => Err(JournalError::io(dir.path(), "lock the directory", error)),
        }
    }
}
