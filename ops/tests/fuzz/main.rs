//! Fuzz targets of what the command reads: the TOML of node and genesis, the environment, certificates and keys,
//! proposals, receipts. What is wrong is named; nothing makes the command stop without a word.
#[path = "../../../fx/tests/fuzz/support.rs"]
mod support;

mod config;
mod files;

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 512 << 20);
