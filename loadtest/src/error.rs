//! Why a run failed.
use causeway_message::refusal::Refusal;
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
    /// The connection is gone, or the node is busy: the same may succeed later.
    #[error("{0}")]
    Lost(String),
}

impl Failure {
    /// The same, for another who has to hear of it.
    pub fn again(&self) -> Self {
        match self {
            Self::Check(text) => Self::Check(text.clone()),
            Self::Usage(text) => Self::Usage(text.clone()),
            Self::Io(text) => Self::Io(text.clone()),
            Self::Lost(text) => Self::Lost(text.clone()),
        }
    }

    /// The same, said of somebody.
    pub fn of(self, who: &str) -> Self {
        match self {
            Self::Check(text) => Self::Check(format!("{who}: {text}")),
            Self::Usage(text) => Self::Usage(format!("{who}: {text}")),
            Self::Io(text) => Self::Io(format!("{who}: {text}")),
            Self::Lost(text) => Self::Lost(format!("{who}: {text}")),
        }
    }

    /// Exit code of the process.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Check(_) => 1,
            Self::Usage(_) => 2,
            Self::Io(_) | Self::Lost(_) => 3,
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
            Error::Refused(refusal) => refusal.into(),
            lost if lost.is_connection() => Self::Lost(lost.to_string()),
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let text = format!("refused: {refusal}");
        if refusal.code.may_retry() {
            Self::Lost(text)
        } else {
            Self::Io(text)
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use causeway_message::refusal::RefusalCode;
    use causeway_transport::ClientError;

    use super::*;

    #[test]
    fn only_what_may_succeed_later_is_lost() {
        let refused = |code| Failure::from(ClientError::Refused(Refusal::new(code, "receipt")));
        assert!(matches!(refused(RefusalCode::Busy), Failure::Lost(_)));
        assert!(matches!(refused(RefusalCode::NotFound), Failure::Io(_)));
        let gone = Failure::from(ClientError::Connection("reset".into()));
        assert!(matches!(gone, Failure::Lost(_)) && gone.code() == 3);
        assert!(matches!(Failure::from(ClientError::Closed), Failure::Io(_)));
        assert_eq!(Failure::from(ClientError::Unproven("root")).code(), 1);
    }
}
