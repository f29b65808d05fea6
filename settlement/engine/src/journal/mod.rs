//! The journal: the log entries on disk, append-only, chained by the hashes of their headers.
//!
//! A directory of segment files, each made of zeros ahead of its use, holds **groups** of entries. A group is
//! one aligned, checksummed run of bytes, written in one durable write, and carries the identity of the group
//! before: a group is **sealed** once something that was written after it says so. What follows the last seal may
//! be torn by a crash and is cut at the next start; anything else that does not verify refuses the start and is
//! named.
//!
//! ```text
//! 00000001.seg │ segment header │ group │ group │ seal │ group │ zeros …        (every part a multiple of 4096)
//!                                 └─ group header ‖ entry ‖ entry ‖ … ‖ zeros   (every entry a multiple of 8)
//! ```
//!
//! [`Writer`] appends from one thread, [`Reader`] fetches single entries beside it, [`Scan`] gives them all in
//! order. None of them interprets a payload.

mod beyond;
mod blocks;
mod chain;
mod config;
mod directory;
mod error;
mod group;
mod layout;
mod locate;
mod reader;
mod recover;
mod resume;
mod scan;
mod segment;
mod verdict;
mod walk;
mod window;
mod writer;
mod zero_ahead;

#[cfg(test)]
mod tests;

pub(crate) use blocks::Blocks;
pub use chain::Tail;
pub(crate) use config::BLOCK_BYTES;
pub use config::{
    Direct, GROUP_BYTES_DEFAULT, JournalConfig, READER_FILES_MAX, SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX,
    SEGMENT_BYTES_MIN,
};
pub use error::{Damage, JournalError};
pub use group::{entry_bytes, group_bytes};
pub use layout::Location;
pub use reader::Reader;
pub use recover::{Recovered, See, TailCut};
pub use scan::{Scan, ScannedEntry};
pub use writer::Writer;
