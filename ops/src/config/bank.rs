//! `bank.toml`: its reader is the client's own.
pub use causeway_transport::profile::{BankKey, BankProfile as BankConfig, PastValueDate};
