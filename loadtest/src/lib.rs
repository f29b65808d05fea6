//! `causeway-loadtest`: drives a node as many banks would, and says what it measured. A library only so that its own
//! tests can reach its parts: nothing else imports it.
#![forbid(unsafe_code)]

pub mod audit;
pub mod cli;
pub mod plan;
pub mod report;
pub mod simulate;

mod bench;
mod books;
mod causeway;
mod crash;
mod drive;
mod error;
mod meter;
mod run;
mod workload;
mod world;
mod year;

use causeway_scenario::random;
