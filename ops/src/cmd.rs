//! One module for each command: its arguments and what it does.
pub mod admin;
pub mod bank;
pub mod config;
pub mod control;
pub mod demo;
pub mod init;
pub mod keygen;
pub mod member;
pub mod net;
pub mod node;
pub mod verify;

use serde::Serialize;

use crate::Failure;

/// What a command prints, and the failure it ends with all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Printed on standard output.
    pub text: String,
    /// Printed on standard error after it; sets the exit code.
    pub failure: Option<Failure>,
}

impl Answer {
    /// An answer that is all there is to say.
    pub fn done(text: String) -> Self {
        Self { text, failure: None }
    }

    /// A JSON document.
    pub fn json(value: &impl Serialize) -> Result<Self, Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Io(error.to_string()))?;
        Ok(Self::done(text + "\n"))
    }

    /// The same, ending with a failure.
    pub fn but(mut self, failure: Option<Failure>) -> Self {
        self.failure = failure;
        self
    }
}
