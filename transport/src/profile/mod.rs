//! A bank's profile: the strict `bank.toml`, and what its reader is made of.
//!
//! Whatever is wrong is named with file, line, key and rule, and no message ever repeats a secret.
mod bank;
mod error;
pub mod files;
pub mod keyfile;
mod source;
pub mod values;

pub use bank::{AgentParticipant, BankKey, BankProfile, PastValueDate};
pub use error::ProfileError;
pub use source::{Problem, Problems, Source};

/// Name under which banks know the node, whatever its address.
pub const NODE_NAME: &str = "node.causeway";
/// A bank's own secret, from which instruction ids follow, beside its `bank.toml`.
pub const ADAPTER_SECRET: &str = "adapter.secret";
/// Where an adapter keeps what it must not lose, beside its `bank.toml`.
pub const ADAPTER_STORE: &str = "store";
