//! Why the engine does not start, or stopped.
use std::path::{Path, PathBuf};

use causeway_message::FormatError;
use thiserror::Error;

use crate::journal::JournalError;

/// An error of the engine. Any of them stops the node: nothing is answered that is not durable.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The journal.
    #[error("journal: {0}")]
    Journal(#[from] JournalError),
    /// A file of the data directory.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Bytes that were read back do not have their form.
    #[error("{place}: {source}")]
    Format {
        /// Where.
        place: String,
        /// What is wrong.
        source: FormatError,
    },
    /// The genesis breaks a rule.
    #[error("genesis: {0}")]
    Genesis(String),
    /// The data directory is another ledger's, or another process has it.
    #[error("{0}")]
    Directory(String),
    /// A replay gives other effects than those journalled.
    #[error(
        "log entry {index}: the replay gives another tree head over {size} leaves than the journal holds"
    )]
    Diverged {
        /// Entry that holds the tree head.
        index: u64,
        /// Leaves it covers.
        size: u64,
    },
    /// A thread of the engine ended.
    #[error("the {0} thread stopped")]
    Stopped(&'static str),
}

impl EngineError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn format(place: impl Into<String>, source: FormatError) -> Self {
        Self::Format {
            place: place.into(),
            source,
        }
    }
}
