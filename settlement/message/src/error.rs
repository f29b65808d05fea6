//! What is wrong with bytes that came from outside.
use thiserror::Error;

/// Bytes that do not have the form they claim. Names the field and the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The bytes end before the field does.
    #[error("{field}: the bytes end {missing} byte(s) short")]
    Truncated {
        /// Field that was being read.
        field: &'static str,
        /// Bytes that are missing.
        missing: usize,
    },
    /// More bytes than the structure has.
    #[error("{field}: {extra} byte(s) follow the end")]
    Trailing {
        /// Structure that was read.
        field: &'static str,
        /// Bytes left over.
        extra: usize,
    },
    /// A length or count above its limit.
    #[error("{field}: {value} is over the limit of {limit}")]
    OverLimit {
        /// Field that carries the number.
        field: &'static str,
        /// What it says.
        value: u64,
        /// What it may say.
        limit: u64,
    },
    /// A value that the format does not allow.
    #[error("{field}: {rule}")]
    Rule {
        /// Field that breaks the rule.
        field: &'static str,
        /// The rule.
        rule: &'static str,
    },
}

impl FormatError {
    /// A broken rule of one field.
    pub const fn rule(field: &'static str, rule: &'static str) -> Self {
        Self::Rule { field, rule }
    }
}
