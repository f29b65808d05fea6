//! Fuzz targets of the adapter: ISO 20022 text on its way to instructions and status reports, and the files of the
//! store. A message is mapped exactly or refused whole; what the store holds is read as written or refused.
#[path = "../../../../fx/tests/fuzz/support.rs"]
mod support;

mod iso;
mod store;

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 512 << 20);
