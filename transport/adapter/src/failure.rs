//! Why a command ends without doing what was asked, and the exit code that says so.
use causeway_transport::ClientError;
use causeway_transport::profile::ProfileError;
use std::path::Path;
use thiserror::Error;

/// A command's failure. Each kind has its own exit code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// Something was refused, or a check did not hold: 1.
    #[error("{0}")]
    Refused(String),
    /// Wrong usage or wrong configuration: 2.
    #[error("{0}")]
    Config(String),
    /// The file system, the network or the node failed: 3.
    #[error("{0}")]
    Io(String),
}

impl Failure {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Failure::Refused(_) => 1,
            Failure::Config(_) => 2,
            Failure::Io(_) => 3,
        }
    }

    /// An I/O failure at a path.
    pub fn at(path: &Path, doing: &str, error: &std::io::Error) -> Failure {
        Failure::Io(format!("{}: {doing}: {error}", path.display()))
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Failure {
        match error {
            ProfileError::Refused(text) | ProfileError::Config(text) => Failure::Config(text),
            ProfileError::Io(text) => Failure::Io(text),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        let text = error.to_string();
        match error {
            ClientError::Tls(_) => Failure::Config(text),
            _ => Failure::Io(text),
        }
    }
}
