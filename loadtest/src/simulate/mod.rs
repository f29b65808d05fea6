//! `simulate`: the engine under a seeded scheduler, with faulty twins of disk, clock and network.
//!
//! Everything happens in one thread and one order, drawn from a seed: a bank signs, a message arrives, a stage of the
//! node takes a turn, the power goes in the middle of a write. A step is one such event. After each the auditor is
//! shown what was published, and holds every answer, page and receipt to it.
mod cast;
mod choices;
mod client;
mod command;
mod credit;
mod dates;
mod days;
mod defaults;
mod episode;
mod machine;
mod members;
mod network;
mod node;
mod orders;
mod plans;
mod quotes;
mod rot;
mod run;
mod server;
mod shrink;
mod statements;
mod trades;
mod traffic;
mod trouble;
mod verdict;
mod windows;

pub use choices::Script;
pub use command::{Args, run};
pub use episode::Tally;
pub use run::{Failed, replay, simulate};
pub use shrink::shrink;
