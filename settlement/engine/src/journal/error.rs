//! What can go wrong with the journal, with the place where it did.
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use causeway_message::LedgerId;
use thiserror::Error;

/// A place in the journal that does not verify although something written later shows that it once was whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The segment file.
    pub path: PathBuf,
    /// Its number.
    pub segment: u32,
    /// Where in the file the damaged entry begins, or its group where no entry can be told.
    pub offset: u64,
    /// Number of the group.
    pub group: u64,
    /// Index of the damaged entry; of the first in the group where none can be told.
    pub index: u64,
    /// The rule that is broken.
    pub rule: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            segment,
            offset,
            group,
            index,
            rule,
        } = self;
        write!(
            f,
            "{}: segment {segment}, offset {offset}, group {group}, entry {index}: {rule}",
            path.display()
        )
    }
}

/// Why the journal refuses. Cloning is cheap: a failed writer gives the same answer ever after.
#[derive(Debug, Clone, Error)]
pub enum JournalError {
    /// The system refused a file operation.
    #[error("{}: cannot {doing}: {source}", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: Arc<io::Error>,
    },
    /// A configured number breaks a rule.
    #[error("journal.{field} = {value}: {rule}")]
    Config {
        /// The field.
        field: &'static str,
        /// What it says.
        value: u64,
        /// The rule.
        rule: &'static str,
    },
    /// A file in the directory that cannot be told from a segment.
    #[error("{}: {rule}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The rule.
        rule: &'static str,
    },
    /// Another process (or writer) has the journal open for writing.
    #[error("{}: the journal is already open for writing", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The segment belongs to another ledger.
    #[error("{}: belongs to ledger {found}, not {expected}", path.display())]
    OtherLedger {
        /// The segment file.
        path: PathBuf,
        /// Ledger named in it.
        found: LedgerId,
        /// Ledger asked for.
        expected: LedgerId,
    },
    /// Whole, but written by a version this build does not read.
    #[error("{}: offset {offset} has format version {found}; this build reads version 1", path.display())]
    Version {
        /// The segment file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// The version.
        found: u16,
    },
    /// A sealed part of the journal does not verify.
    #[error("damaged journal: {0}")]
    Damaged(Box<Damage>),
    /// A segment file is not there.
    #[error("{}: the segment file is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The caller's entry does not follow the last one. Nothing was written.
    #[error("entry {index} cannot be appended: {rule}")]
    NotNext {
        /// Its index.
        index: u64,
        /// The rule.
        rule: &'static str,
    },
    /// The caller's group is larger than a group may be. Nothing was written.
    #[error("a group of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// Bytes it takes.
        bytes: u64,
        /// Bytes it may take.
        limit: u64,
    },
    /// The caller's location holds no whole entry.
    #[error("{}: no entry at offset {offset}: {rule}", path.display())]
    NoEntry {
        /// The segment file.
        path: PathBuf,
        /// Where in the file.
        offset: u32,
        /// The rule.
        rule: &'static str,
    },
}

impl JournalError {
    /// An error of the system.
    pub(super) fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            doing,
            source: Arc::new(source),
        }
    }
}
