//! Why a command ends without doing what was asked, and the exit code that says so.
use causeway_transport::profile::{Problem, Problems, ProfileError};
use std::fmt;
use std::path::Path;

/// A command's failure. Each kind has its own exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A check did not hold, or something was refused: 1.
    Refused(String),
    /// Wrong usage or wrong configuration: 2.
    Config(String),
    /// The file system, the network or the node failed: 3.
    Io(String),
}

impl Failure {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Config(_) => 2,
            Self::Io(_) => 3,
        }
    }

    /// The same failure with more said of it.
    pub fn and(self, more: &str) -> Self {
        let said = |text: String| format!("{text}; {more}");
        match self {
            Self::Refused(text) => Self::Refused(said(text)),
            Self::Config(text) => Self::Config(said(text)),
            Self::Io(text) => Self::Io(said(text)),
        }
    }

    /// An I/O failure at a path.
    pub fn at(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Self::Io(format!("{}: {doing}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::Config(text) | Self::Io(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Failure {}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Refused(text) => Self::Refused(text),
            ProfileError::Config(text) => Self::Config(text),
            ProfileError::Io(text) => Self::Io(text),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        ProfileError::from(problems).into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        ProfileError::from(problem).into()
    }
}
