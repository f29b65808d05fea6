//! `[threads]` of `node.toml`: how many, and the processors they run on.
use causeway_engine::place::{Placement, Processors, ThreadKind};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::values::Within;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Threads {
    transport: Within<1, 256>,
    log_processors: List,
    apply_processors: List,
    publish_processors: List,
    transport_processors: List,
    other_processors: List,
}

#[derive(Debug, Default)]
struct List(Processors);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // A text, as the environment has it too.
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self {
            transport: Within::new(2),
            log_processors: List::default(),
            apply_processors: List::default(),
            publish_processors: List::default(),
            transport_processors: List::default(),
            other_processors: List::default(),
        }
    }
}

impl Threads {
    /// Threads that serve connections.
    pub(super) const fn transport(&self) -> usize {
        self.transport.get() as usize
    }

    /// What each kind runs on.
    pub(super) fn placement(self) -> Placement {
        Placement {
            log: self.log_processors.0,
            apply: self.apply_processors.0,
            publish: self.publish_processors.0,
            transport: self.transport_processors.0,
            other: self.other_processors.0,
        }
    }
}

/// The key that names the processors of a kind of thread.
pub fn processors_key(kind: ThreadKind) -> String {
    format!("threads.{}_processors", kind.name())
}
