//! Which instructions belong together, and which queued obligations settle with the liquidity at hand.
//!
//! Pure: no clock, no thread, no I/O, and no knowledge of how the ledger stores what it asks about.
#![forbid(unsafe_code)]

pub mod cascade;
pub mod limits;
pub mod matching;

pub use cascade::{Book, Cascade, Step};
pub use matching::{Leg, Matcher, Terms};
