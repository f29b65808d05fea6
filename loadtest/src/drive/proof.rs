//! Answers as a client checks them: to this batch, and under a signed checkpoint.
use causeway_message::batch::BatchView;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::digest::Digest;
use causeway_message::frame::{self, Template};
use causeway_message::wire::AnswersMessage;
use causeway_transport::ClientConfig;

use super::seat::Outcome;
use crate::error::Failure;

pub fn unproven(what: impl std::fmt::Display) -> Failure {
    Failure::Check(what.to_string())
}

/// What a note says, after its signature was verified: once for all banks of this process.
///
/// # Errors
/// If it is not signed by the log key.
pub fn observe(config: &ClientConfig, note: &str) -> Result<Checkpoint, Failure> {
    config
        .notes
        .verify(note, &origin(config.ledger), &config.log_key)
        .map_err(|error| unproven(format!("checkpoint: {error}")))
}

/// The batch that answers must be to.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Its number in the session.
    pub number: u64,
    /// Its records.
    pub count: usize,
    /// Digest of what was signed, and of the signature.
    pub input: Digest,
}

impl Wanted {
    /// Of a signed batch.
    ///
    /// # Errors
    /// If it does not have its form.
    pub fn of(frame: &[u8], number: u64, count: usize) -> Result<Self, Failure> {
        let input = BatchView::parse(frame).map_err(unproven)?.block.input_digest();
        Ok(Self { number, count, input })
    }

    /// The answers of a message.
    ///
    /// # Errors
    /// If they are to another batch, or not proven.
    pub fn prove(&self, message: &[u8], config: &ClientConfig) -> Result<Outcome, Failure> {
        let reader = frame::expect(message, Template::Answers).map_err(unproven)?;
        let message = AnswersMessage::read(reader).map_err(unproven)?;
        let whole = message.number == self.number && message.answers.len() == self.count;
        if !whole || message.input_digest != self.input {
            return Err(unproven("answers to another batch under this number"));
        }
        let checkpoint = observe(config, &message.checkpoint)?;
        let leaf = message.leaf();
        if !message.proof.holds(leaf.hash(), &checkpoint) {
            return Err(unproven("the answers are not under their checkpoint"));
        }
        Ok(Outcome {
            leaf,
            answers: message.answers,
        })
    }
}
