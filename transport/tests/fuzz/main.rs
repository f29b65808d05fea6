//! Fuzz targets of what the transport reads: frames off a stream, and beside messages the bank's profile, key files,
//! certificates. What is wrong is named with its place, and no secret is ever repeated.
#[path = "../../../fx/tests/fuzz/support.rs"]
mod support;

mod certificates;
mod files;
mod frames;

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 256 << 20);
