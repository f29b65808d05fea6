//! Why the node closes a connection: application error codes (RFC 9000 section 19.19).
use quinn::{Connection, VarInt};

/// Why the node closes a connection. Numbers are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Close {
    /// The node stops.
    Stopping = 0,
    /// The certificate does not name exactly one participant.
    Certificate = 1,
    /// The participant, or the node, has as many connections as it may.
    Connections = 2,
}

impl Close {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Stopping, Self::Certificate, Self::Connections];

    /// The code as it goes on the wire.
    pub const fn code(self) -> VarInt {
        VarInt::from_u32(self as u32)
    }

    /// Its name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Certificate => "certificate",
            Self::Connections => "connections",
        }
    }

    pub(crate) fn connection(self, connection: &Connection, why: &str) {
        connection.close(self.code(), why.as_bytes());
    }
}
