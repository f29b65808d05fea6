//! Why a run failed.
use thiserror::Error;

/// An error of the harness.
#[derive(Debug, Error)]
pub enum Failure {
    /// The run's result does not hold.
    #[error("{0}")]
    Check(String),
    /// Wrong usage or configuration.
    #[error("{0}")]
    Usage(String),
    /// The node, the network or a file.
    #[error("{0}")]
    Io(String),
}

impl Failure {
    /// The same, for another who has to hear of it.
    pub fn again(&self) -> Self {
        match self {
            Self::Check(text) => Self::Check(text.clone()),
            Self::Usage(text) => Self::Usage(text.clone()),
            Self::Io(text) => Self::Io(text.clone()),
        }
    }

    /// Exit code of the process.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Check(_) => 1,
            Self::Usage(_) => 2,
            Self::Io(_) => 3,
        }
    }
}

impl From<causeway_transport::ClientError> for Failure {
    fn from(error: causeway_transport::ClientError) -> Self {
        use causeway_transport::ClientError as Error;
        match error {
            // Not a connection that is gone: the node shows what does not hold.
            Error::Unproven(_) | Error::Forked(_) | Error::Receipt(_) | Error::Checkpoint(_) => {
                Self::Check(error.to_string())
            }
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}
