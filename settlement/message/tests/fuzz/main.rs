//! Fuzz targets of the shared words: every decoder is given foreign bytes, edited samples, and edited samples whose
//! signatures and roots were made good again. None may panic or take memory that the bytes do not pay for; what is
//! read is written the same; what is signed is never accepted changed.
#[path = "../common/mod.rs"]
mod common;
#[path = "../../../../fx/tests/fuzz/support.rs"]
mod support;

mod batches;
mod messages;
mod parts;
mod proofs;
mod receipts;

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 256 << 20);
