//! Why a profile cannot be used.
use std::path::Path;

use thiserror::Error;

use super::{Problem, Problems};

/// A failure of reading or using a profile. Each kind is another exit code of the programs that read one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    /// A file breaks a bound.
    #[error("{0}")]
    Refused(String),
    /// The configuration is wrong.
    #[error("{0}")]
    Config(String),
    /// The file system failed.
    #[error("{0}")]
    Io(String),
}

impl ProfileError {
    /// An I/O failure at a path.
    pub fn at(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::Io(format!("{}: {doing}: {error}", path.display()))
    }
}

impl From<Problems> for ProfileError {
    fn from(problems: Problems) -> Self {
        Self::Config(problems.to_string())
    }
}

impl From<Problem> for ProfileError {
    fn from(problem: Problem) -> Self {
        Self::Config(problem.to_string())
    }
}
