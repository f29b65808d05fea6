//! What a client may meet.
use causeway_message::FormatError;
use causeway_message::checkpoint::CheckpointError;
use causeway_message::receipt::ReceiptError;
use causeway_message::refusal::Refusal;
use thiserror::Error;

/// An error of the transport.
#[derive(Debug, Clone, Error)]
pub enum ClientError {
    /// Certificates or keys cannot be used.
    #[error("tls: {0}")]
    Tls(String),
    /// The connection could not be made or was lost.
    #[error("connection: {0}")]
    Connection(String),
    /// The node refused.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// What the node sent does not have its form.
    #[error("the node sent an ill-formed message: {0}")]
    Format(#[from] FormatError),
    /// The checkpoint is not the pinned log's.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointError),
    /// A receipt does not hold.
    #[error("{0}")]
    Receipt(#[from] ReceiptError),
    /// What the node sent is not proven by its own checkpoint.
    #[error("not proven: {0}")]
    Unproven(&'static str),
    /// The node shows a log that did not grow out of the one seen before.
    #[error("the log was rewritten: {0}")]
    Forked(String),
    /// The session ended.
    #[error("the session is closed")]
    Closed,
    /// A file of the client.
    #[error("{0}")]
    File(String),
}

impl From<Refusal> for ClientError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl ClientError {
    /// True if the connection is gone and the same may succeed on another.
    pub const fn is_connection(&self) -> bool {
        matches!(self, Self::Connection(_))
    }
}

macro_rules! connection_errors {
    ($($ty:ty),*) => {
        $(impl From<$ty> for ClientError {
            fn from(error: $ty) -> Self {
                Self::Connection(error.to_string())
            }
        })*
    };
}

connection_errors!(
    quinn::ConnectionError,
    quinn::ConnectError,
    quinn::WriteError,
    quinn::ReadError,
    quinn::ClosedStream,
    std::io::Error
);
