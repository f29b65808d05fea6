//! Which instructions belong together, and which queued obligations settle with the liquidity at hand.
//!
//! Pure: no clock, no thread, no I/O, and no knowledge of how the ledger stores what it asks about.
#![forbid(unsafe_code)]

mod bound;
pub mod cascade;
pub mod case;
pub mod certificate;
mod chosen;
pub mod day;
mod fixpoint;
mod gross;
mod improve;
pub mod limits;
pub mod matching;
mod standing;
mod tests;

pub use bound::{Bound, MULTIPLIER_BITS, bound};
pub use cascade::{Book, Cascade, Step};
pub use case::Case;
pub use certificate::{Certificate, Discipline, Fault, Mode, quality};
pub use chosen::Chosen;
pub use fixpoint::{Prefixes, Workspace, fifo, fifo_within};
pub use gross::{bilateral, gross};
pub use improve::bypass;
pub use matching::{Leg, Matcher, Terms};
pub use tests::{CashOnly, Position, Tests};
