//! What one participant or one address may have of the server, and how long things may take.
use std::time::Duration;

use crate::limits;

/// Bounds that keep one peer from taking what the others need. By default those of [`crate::limits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Handshakes under way.
    pub handshakes_max: usize,
    /// Handshakes under way from one address.
    pub handshakes_per_address: usize,
    /// Handshakes under way beyond which addresses must be proven.
    pub retry_above_handshakes: usize,
    /// Longest handshake.
    pub handshake_time: Duration,
    /// Connections of one participant.
    pub connections_per_participant: usize,
    /// Sessions of one participant.
    pub sessions_per_participant: usize,
    /// Feeds of one participant.
    pub feeds_per_participant: usize,
    /// Bytes of messages held for one participant; at least one message always fits.
    pub participant_bytes: usize,
    /// Longest wait for the message that a stream begins with.
    pub first_message_time: Duration,
    /// Longest wait for the rest of a message that began.
    pub message_time: Duration,
    /// Longest wait for a peer to take an answer to a question, or a refusal.
    pub answer_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            handshakes_max: limits::HANDSHAKES_MAX,
            handshakes_per_address: limits::HANDSHAKES_PER_ADDRESS,
            retry_above_handshakes: limits::RETRY_ABOVE_HANDSHAKES,
            handshake_time: limits::HANDSHAKE_TIME,
            connections_per_participant: limits::CONNECTIONS_PER_PARTICIPANT,
            sessions_per_participant: limits::SESSIONS_PER_PARTICIPANT,
            feeds_per_participant: limits::FEEDS_PER_PARTICIPANT,
            participant_bytes: limits::PARTICIPANT_BYTES,
            first_message_time: limits::FIRST_MESSAGE_TIME,
            message_time: limits::MESSAGE_TIME,
            answer_time: limits::ANSWER_TIME,
        }
    }
}
