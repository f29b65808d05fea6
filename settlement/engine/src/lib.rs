//! What runs the ledger: intake, sequencer, journal, apply, proofs, snapshots, recovery.
//!
//! Three threads in a line, joined by bounded rings: the log thread sequences and makes durable, the apply thread
//! owns the ledger, the publish thread proves and answers. Nothing leaves before it is on disk.
#![forbid(unsafe_code)]

pub mod clock;
pub mod config;
pub mod consensus;
pub mod documents;
pub mod engine;
pub mod error;
pub mod governance;
pub mod hub;
pub mod intake;
pub mod journal;
pub mod limits;
pub mod netting;
pub mod place;
pub mod publish;
pub mod query;
pub mod recover;
pub mod snapshot;
pub mod spares;
pub mod stages;
pub mod system;
pub mod verify;

mod ahead;
mod applier;
#[cfg(test)]
mod fuzz;
mod item;
mod past;
mod remember;
mod sequencer;
mod watch;
mod witness;

pub use causeway_ledger::{Bound, Sight};
pub use config::EngineConfig;
pub use engine::{Engine, Health};
pub use error::EngineError;
pub use intake::{Reply, ReplyTo, Submission};
