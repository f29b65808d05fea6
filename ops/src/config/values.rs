//! Values of a node's configuration; those with bounds and keys are the banks' as well.
use serde::Deserialize;

pub use causeway_transport::profile::values::{Within, public_key};

/// Whether the journal bypasses the page cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Direct {
    /// Where the file system offers it.
    #[default]
    Auto,
    /// Never: buffered writes and fdatasync.
    Never,
    /// Always; the node refuses to start where it is not offered.
    Require,
}

/// How much the node logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only errors.
    Error,
    /// And warnings.
    Warn,
    /// And what an operator wants to know.
    #[default]
    Info,
    /// And what a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// The word in the file, which is also the filter's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
