//! Segment files: opened for writing, made of zeros, or looked at.
use std::io;
use std::path::PathBuf;

use causeway_message::{LedgerId, mutated};
use zerocopy::{FromZeros, IntoBytes};

use super::blocks::{Block, is_zero, zeros};
use super::config::{BLOCK_BYTES, Direct};
use super::directory::{probe_path, segment_path};
use super::error::JournalError;
use super::layout::{FORMAT_VERSION, Place, SegmentHeader};
use crate::system::{Dir, File, Open};

/// A segment file open for writing.
pub(super) struct SegmentFile {
    pub path: PathBuf,
    file: File,
    direct: bool,
}

impl SegmentFile {
    /// Opens an existing file.
    pub(super) fn open(dir: &Dir, path: PathBuf, direct: bool) -> Result<Self, JournalError> {
        // Buffered writes are synced one by one: that also covers a filesystem that knows no `O_DSYNC`.
        let how = Open {
            write: true,
            direct,
            durable: direct && !mutated!(SkipSync),
            ..Open::READ
        };
        match dir.system().open(&path, how) {
            Ok(file) => Ok(Self { path, file, direct }),
            Err(source) => Err(JournalError::io(&path, "open the segment for writing", source)),
        }
    }

    /// Makes a file of which nothing is durable before [`Self::sync`].
    pub(super) fn create(dir: &Dir, path: PathBuf, direct: bool) -> Result<Self, JournalError> {
        match dir.system().open(&path, Open { direct, ..Open::ANEW }) {
            Ok(file) => Ok(Self { path, file, direct }),
            Err(source) => Err(JournalError::io(&path, "make the segment", source)),
        }
    }

    /// The file itself.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// One positioned write of aligned bytes, durable on return.
    pub(super) fn write(&self, bytes: &[u8], offset: u64) -> Result<(), JournalError> {
        let written = self.file.write_all_at(bytes, offset);
        let durable = if self.direct || mutated!(SkipSync) {
            written
        } else {
            written.and_then(|()| self.file.sync())
        };
        durable.map_err(|source| JournalError::io(&self.path, "write the segment", source))
    }

    /// One positioned write, durable after [`Self::sync`].
    pub(super) fn fill(&self, bytes: &[u8], offset: u64) -> Result<(), JournalError> {
        let written = self.file.write_all_at(bytes, offset);
        written.map_err(|source| JournalError::io(&self.path, "fill the segment", source))
    }

    /// Overwrites a range with zeros, durable on return.
    pub(super) fn zero(&self, from: u64, to: u64) -> Result<(), JournalError> {
        let mut at = from;
        while at < to {
            let len = usize::try_from(to - at).unwrap_or(usize::MAX).min(zeros().len());
            self.fill(&zeros()[..len], at)?;
            at += len as u64;
        }
        self.sync()
    }

    /// Makes everything in the file durable.
    pub(super) fn sync(&self) -> Result<(), JournalError> {
        self.file
            .sync()
            .map_err(|source| JournalError::io(&self.path, "sync the segment", source))
    }
}

/// Finds out by a write whether the filesystem takes `O_DIRECT`, and says so once if it does not.
pub(super) fn probe(dir: &Dir, wish: Direct) -> Result<bool, JournalError> {
    if wish == Direct::Never {
        return Ok(false);
    }
    let path = probe_path(dir);
    let how = Open {
        direct: true,
        durable: true,
        ..Open::ANEW
    };
    let tried = dir
        .system()
        .open(&path, how)
        .and_then(|file| file.write_all_at(&zeros()[..BLOCK_BYTES], 0));
    // The name may exist although the open failed.
    let _ = dir.system().remove(&path);
    match tried {
        Ok(()) => Ok(true),
        Err(source) if source.kind() == io::ErrorKind::InvalidInput && wish == Direct::Auto => {
            tracing::warn!(dir = %dir.display(), "the filesystem refuses O_DIRECT: writes are buffered and synced");
            Ok(false)
        }
        Err(source) => Err(JournalError::io(&path, "write past the page cache", source)),
    }
}

/// A segment file in use, open for reading.
#[derive(Debug)]
pub(super) struct OpenSegment {
    pub number: u32,
    pub path: PathBuf,
    pub file: File,
    pub header: SegmentHeader,
    pub size: u64,
}

impl OpenSegment {
    /// Where a record at `offset` would stand.
    pub(super) fn place(&self, offset: u64) -> Place {
        Place {
            segment: self.number,
            offset,
            salt: self.header.salt.get(),
            size: self.size,
        }
    }
}

/// What a segment's number leads to.
pub(super) enum Peek {
    /// No such file.
    Absent,
    /// Made ahead, its header still zeros.
    Unused { path: PathBuf, file: File, size: u64 },
    /// In use.
    InUse(Box<OpenSegment>),
    /// Neither. `torn` if a crash while its header was being written can explain it.
    Broken {
        path: PathBuf,
        file: File,
        size: u64,
        rule: &'static str,
        torn: bool,
    },
}

/// Looks at a segment file.
pub(super) fn peek(dir: &Dir, number: u32, ledger: LedgerId) -> Result<Peek, JournalError> {
    let path = segment_path(dir, number);
    let file = match dir.system().open(&path, Open::READ) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Peek::Absent),
        Err(source) => return Err(JournalError::io(&path, "open the segment", source)),
    };
    let failed = |source| JournalError::io(&path, "read the segment's header", source);
    let broken = |path, file, size, rule| {
        Ok(Peek::Broken {
            path,
            file,
            size,
            rule,
            torn: false,
        })
    };
    let size = file.size().map_err(failed)?;
    let mut block = Block::new_zeroed();
    if size < BLOCK_BYTES as u64 {
        return broken(path, file, size, "the file is shorter than a segment header");
    }
    file.read_exact_at(block.as_mut_bytes(), 0).map_err(failed)?;
    if is_zero(&block.0) {
        return Ok(Peek::Unused { path, file, size });
    }
    let Some(header) = SegmentHeader::read(&block) else {
        return Ok(Peek::Broken {
            path,
            file,
            size,
            rule: "the segment header does not verify",
            torn: true,
        });
    };
    if header.version.get() != FORMAT_VERSION {
        return Err(JournalError::Version {
            path,
            offset: 0,
            found: header.version.get(),
        });
    }
    if header.ledger != ledger.0 {
        return Err(JournalError::OtherLedger {
            path,
            found: LedgerId(header.ledger),
            expected: ledger,
        });
    }
    if header.segment.get() != number {
        return broken(path, file, size, "the header is that of another segment");
    }
    if header.segment_bytes.get() != size || size % BLOCK_BYTES as u64 != 0 {
        return broken(
            path,
            file,
            size,
            "the file does not have the size its header says",
        );
    }
    file.read_soon(0, None);
    Ok(Peek::InUse(Box::new(OpenSegment {
        number,
        path,
        file,
        header,
        size,
    })))
}
