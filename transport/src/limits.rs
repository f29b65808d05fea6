//! Bounds of the transport.
use std::time::Duration;

/// Application protocol (ALPN).
pub const ALPN: &[u8] = b"causeway/1";
/// Bytes a peer may send on one stream before it is read: flow control is the back pressure.
pub const STREAM_WINDOW: u32 = 16 * 1_048_576;
/// Bytes a peer may send on one connection before they are read.
pub const CONNECTION_WINDOW: u32 = 64 * 1_048_576;
/// Streams a client may have open at once.
pub const STREAMS_MAX: u32 = 256;
/// Bytes asked for as socket buffers.
pub const SOCKET_BUFFER: usize = 4 * 1_048_576;
/// A connection without a sign of life ends after this time.
pub const IDLE: Duration = Duration::from_secs(20);
/// How often a quiet connection shows a sign of life.
pub const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Connections beyond which new ones must prove their address first (QUIC Retry).
pub const RETRY_ABOVE: usize = 256;
/// Wait before a batch is offered again to a full ring.
pub const RING_RETRY: Duration = Duration::from_micros(500);
/// Batches that a client lets run before it gathers small submits.
pub const COALESCE_ABOVE: usize = 4;
/// Longest wait between two attempts to reconnect.
pub const RECONNECT_MAX: Duration = Duration::from_secs(2);
/// Longest time that a client gives a handshake. A node that was killed and came back in the middle of one knows
/// nothing of it, and the client would wait out the idle time.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(6);
/// Seconds that a batch may take from signing to acceptance, unless the client says otherwise.
pub const ACCEPTANCE_SECONDS: u32 = 3_600;
/// Bytes of documents that may wait for their batch on one stream.
pub const DOCUMENTS_PENDING_MAX: usize = 64 * 1_048_576;
/// What a refused new session is told to wait, in milliseconds.
pub const BUSY_RETRY_MS: u32 = 1_000;
