//! What a client may meet.
use std::fmt;

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
    /// One side does not take the other's certificate. Another attempt helps only once somebody has changed it.
    #[error("connection: {0}")]
    Handshake(String),
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
        matches!(self, Self::Connection(_) | Self::Handshake(_))
    }

    /// The same failure with its place named.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        match self {
            Self::Handshake(text) => Self::Handshake(format!("{place}: {text}")),
            Self::Connection(text) => Self::Connection(format!("{place}: {text}")),
            Self::Refused(refusal) => Self::Connection(format!("{place}: refused: {refusal}")),
            other => other,
        }
    }
}

/// TLS alerts stand in this range of QUIC's error codes (RFC 9001 section 4.8).
const ALERTS: std::ops::Range<u64> = 0x100..0x200;

impl From<quinn::ConnectionError> for ClientError {
    fn from(error: quinn::ConnectionError) -> Self {
        let code = match &error {
            quinn::ConnectionError::TransportError(own) => Some(u64::from(own.code)),
            quinn::ConnectionError::ConnectionClosed(peer) => Some(u64::from(peer.error_code)),
            _ => None,
        };
        if code.is_some_and(|code| ALERTS.contains(&code)) {
            Self::Handshake(error.to_string())
        } else {
            Self::Connection(error.to_string())
        }
    }
}

impl From<quinn::WriteError> for ClientError {
    fn from(error: quinn::WriteError) -> Self {
        match error {
            quinn::WriteError::ConnectionLost(lost) => lost.into(),
            other => Self::Connection(other.to_string()),
        }
    }
}

impl From<quinn::ReadError> for ClientError {
    fn from(error: quinn::ReadError) -> Self {
        match error {
            quinn::ReadError::ConnectionLost(lost) => lost.into(),
            other => Self::Connection(other.to_string()),
        }
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

connection_errors!(quinn::ConnectError, quinn::ClosedStream, std::io::Error);
