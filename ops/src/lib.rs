//! The `causeway` command and what it is made of: configuration, key files, a development authority, the data
//! directory, metrics and health.
//!
//! Nothing here settles anything: the engine does, and this crate starts it, watches it and checks its proofs.
#![forbid(unsafe_code)]

pub mod bridge;
pub mod certificates;
pub mod cli;
pub mod client;
pub mod cmd;
pub mod config;
pub mod demo;
pub mod failure;
pub mod files;
pub mod genesis;
mod governance;
pub mod http;
pub mod init;
pub mod keyfile;
pub mod layout;
pub mod memory;
pub mod metrics;
pub mod net;
mod netting_files;
pub mod node;
pub mod reconcile;

pub use failure::Failure;
