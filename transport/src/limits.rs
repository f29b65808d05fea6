//! Bounds of the transport.
use std::time::Duration;

use causeway_message::limits::{BATCH_BYTES_MAX, FRAME_BYTES_MAX, SESSION_WINDOW};

/// Application protocol (ALPN).
pub const ALPN: &[u8] = b"causeway/1";
/// Least bytes of a frame that is read into a spare buffer, where there is one.
pub const LARGE_FRAME_BYTES: usize = 64 * 1_024;
/// Bytes a peer may send on one stream before it is read: flow control is the back pressure.
pub const STREAM_WINDOW: u32 = 16 * 1_048_576;
/// Bytes a peer may send on one connection before they are read.
pub const CONNECTION_WINDOW: u32 = 64 * 1_048_576;
/// Streams a client may have open at once.
pub const STREAMS_MAX: u32 = 256;
/// Bytes asked for as socket buffers.
pub const SOCKET_BUFFER: usize = 4 * 1_048_576;
/// Bytes that a server's socket takes in where its process may pass the system's bound (Linux, `CAP_NET_ADMIN`): many
/// banks send at once while the thread that reads verifies a batch.
pub const RECEIVE_BUFFER: usize = 32 * 1_048_576;
/// A connection without a sign of life ends after this time.
pub const IDLE: Duration = Duration::from_secs(20);
/// How often a quiet connection shows a sign of life.
pub const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Connections beyond which new ones must prove their address first (QUIC Retry).
pub const RETRY_ABOVE: usize = 256;
/// Handshakes under way beyond which new ones must prove their address first: whoever forges addresses holds no
/// more places than this.
pub const RETRY_ABOVE_HANDSHAKES: usize = 32;
/// Handshakes under way at once. A good one takes milliseconds: whoever fills these is no bank.
pub const HANDSHAKES_MAX: usize = 512;
/// Handshakes under way from one address (IPv6: one /64), so that one host cannot hold all places.
pub const HANDSHAKES_PER_ADDRESS: usize = 64;
/// A handshake takes no longer, however slowly its bytes come.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// What a failed handshake keeps its place for: QUIC remembers it so long, three times the probe timeout of a path
/// that was not measured (RFC 9000 section 10.2), and each takes some 50 KiB.
pub const HANDSHAKE_DRAIN: Duration = Duration::from_secs(3);
/// Initial packets held for handshakes that were not looked at yet.
pub const INCOMING_MAX: usize = 1_024;
/// Bytes of early packets held for one such handshake, and a hundred times that for all.
pub const INCOMING_BYTES: u64 = 64 * 1_024;
/// Connections of one participant: its adapter, its people at the command line, and those of programs that were killed,
/// which count until they are idle.
pub const CONNECTIONS_PER_PARTICIPANT: usize = 32;
/// What a client that leaves waits for its last word to go out: a connection that only falls silent keeps its place.
pub const GOODBYE: Duration = Duration::from_millis(20);
/// Sessions that one participant may have open at once, on all its connections.
pub const SESSIONS_PER_PARTICIPANT: usize = 256;
/// Feeds that one participant may have open at once: each may hold pages of a reader that is slow.
pub const FEEDS_PER_PARTICIPANT: usize = 16;
/// Questions and pages of the log that are read for one participant at once: each takes a thread for a moment.
pub const QUESTIONS_PER_PARTICIPANT: usize = 8;
/// Threads of one endpoint that read answers and pages.
pub const READERS_MAX: usize = 64;
/// Bytes of one participant's messages that the server holds, from their first byte until their answers are sent:
/// one session's full window fits, and a reader that never reads cannot have more.
pub const PARTICIPANT_BYTES: usize = 128 * 1_048_576;
/// Bytes of the message that a stream begins with: sessions, feeds and questions are small.
pub const FIRST_MESSAGE_BYTES_MAX: usize = 8 * 1_024;
/// A stream says what it is within this time.
pub const FIRST_MESSAGE_TIME: Duration = Duration::from_secs(10);
/// A message that began is there within this time: the largest needs 1.7 Mbit/s.
pub const MESSAGE_TIME: Duration = Duration::from_secs(30);
/// An answer to a question, or a refusal, is taken off the stream within this time.
pub const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Questions that a client asks for one history: a node passes hundreds of entries with most of them.
pub const HISTORY_QUESTIONS: usize = 16_384;
/// Lines of one statement that a client holds: 100 bytes each.
pub const STATEMENT_LINES_MAX: usize = 16_000_000;
/// Lines that a client takes of one exposure: counterparties in a currency each.
pub const EXPOSURE_LINES_MAX: usize = 1_000_000;
/// Records and statuses of one participant's governance log that a client holds.
pub const GOVERNANCE_LINES_MAX: usize = 1_000_000;
/// Wait before a batch is offered again to a full ring.
pub const RING_RETRY: Duration = Duration::from_micros(500);
/// Longest such wait: the ring behind is full, so nobody waits for this batch but its bank's other ones.
pub const RING_RETRY_MAX: Duration = Duration::from_millis(8);
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

const _: () = {
    assert!(PARTICIPANT_BYTES >= SESSION_WINDOW * BATCH_BYTES_MAX);
    // A batch waits for memory while its documents hold some.
    assert!(PARTICIPANT_BYTES >= DOCUMENTS_PENDING_MAX + FRAME_BYTES_MAX);
    // One participant leaves most places to the others.
    assert!(RETRY_ABOVE_HANDSHAKES < HANDSHAKES_PER_ADDRESS && HANDSHAKES_PER_ADDRESS < HANDSHAKES_MAX / 2);
};
