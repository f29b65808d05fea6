//! Queues and days of payments as banks would send them, drawn from a seed: the same seed gives the same everywhere.
//!
//! Amounts are drawn in US dollars and told in minor units of each currency. No clock, no thread, no file.
#![forbid(unsafe_code)]

mod csv;
mod currencies;
mod day;
mod draw;
mod form;
pub mod limits;
mod queue;
pub mod random;
mod shipped;
#[cfg(test)]
mod tests;

pub use currencies::{AMOUNT_MAX, MICRO_DOLLARS, TRADED, Traded};
pub use day::{DrawError, DrawnDay};
pub use draw::Weights;
pub use form::{Class, Clock, FormError, Giant, Hub, Outage, Scenario, Surge};
pub use queue::{Drawn, Setup, Source};
pub use shipped::{SHIPPED, shipped};
