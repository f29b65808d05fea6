//! Netting beside the ledger: a mirror of its queues, a search for what settles together, and plans for the log.
//!
//! Nothing here can hurt the ledger: of a plan it settles what its own rules allow, and payments wait for no search.
mod config;
mod draw;
mod evidence;
mod mirror;
mod solver;
mod split;
mod status;
pub(crate) mod tell;

pub use config::{NettingConfig, NettingMode, Triggers};
pub use evidence::{Evidence, Evidences, evidence};
pub use status::{Look, Netting, Seen, Tally, Trigger};

pub(crate) use evidence::{AppliedPlan, applied};
pub(crate) use status::Totals;

pub(crate) use mirror::Moves;
pub(crate) use solver::Solver;
