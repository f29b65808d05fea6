//! The words that banks and the node share: records, batches, answers, effects, log entries, proofs.
//!
//! Everything here is bytes and rules about bytes: nothing opens a socket, reads a clock or keeps state.
//! `transport/PROTOCOL.md` says the same for writers of clients in other languages, and the vectors in
//! `settlement/message/vectors` hold both to it.
#![forbid(unsafe_code)]

pub mod action;
pub mod answer;
pub mod batch;
pub mod charges;
pub mod checkpoint;
pub mod codec;
pub mod control;
pub mod digest;
pub mod document;
pub mod effects;
pub mod entry;
pub mod error;
pub mod event;
pub mod exchange;
pub mod extension;
pub mod frame;
pub mod genesis;
pub mod ids;
pub mod keys;
pub mod leaf;
pub mod limits;
pub mod mutation;
pub mod plan;
pub mod posting;
pub mod reason;
pub mod receipt;
pub mod record;
pub mod refusal;
pub mod rfc6962;
pub mod statement;
pub mod status;
pub mod tags;
pub mod time;
pub mod verify;
pub mod wide;
pub mod wire;

mod numbered;

pub use digest::Digest;
pub use error::FormatError;
pub use ids::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Uetr};
pub use status::Status;
