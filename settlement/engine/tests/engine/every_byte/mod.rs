//! Damage at every byte of a small node's disk: what is sealed is refused and named, what is derived is derived again
//! and reported, a torn tail is cut, and a document is right or gone.
//!
//! The node runs on a machine in memory, so that a start costs next to nothing; what it wrote is what it would write
//! anywhere.
mod derived;
mod documents;
mod journal;
mod small;
mod torn;

/// A whole node is started at every so many bytes where the part alone is tried at each.
const STARTED: u64 = 7;
/// All that a node shows is compared, and the log verified, at every so many bytes.
const SHOWN: u64 = 49;

/// The bit that is changed at a place.
const fn bit(at: u64) -> u8 {
    (at % 8) as u8
}
