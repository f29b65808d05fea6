//! Fuzz targets of what the engine reads back from disk, on files in memory: snapshots, effects, places, the tree,
//! documents. The journal's stands with its other tests.
pub mod memory;
#[path = "../../../../fx/tests/fuzz/support.rs"]
pub mod support;

mod derived;
mod documents;
mod snapshot;

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 2_048 << 20);
