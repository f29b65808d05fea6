//! Queues and days of payments as banks would send them, drawn from a seed: the same seed gives the same everywhere.
//!
//! Amounts are drawn in US dollars and told in minor units of each currency. No clock, no thread, no file.
#![forbid(unsafe_code)]

mod currencies;
mod draw;
mod queue;
pub mod random;

pub use currencies::{AMOUNT_MAX, MICRO_DOLLARS, TRADED, Traded};
pub use draw::Weights;
pub use queue::{Drawn, Setup, Source};
