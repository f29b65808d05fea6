//! A small world: an operator, a settlement agent with two persons, four banks and three currencies; a node on a
//! directory of its own; and what its answers, feeds and log say, always checked against the pinned key.

mod feed;
mod listener;
mod log;
mod memory;
mod picture;
mod scenario;
mod told;
mod turns;
mod world;

pub use feed::{LiveReader, Seen, cold};
pub use listener::Listener;
pub use log::{chained, copy_dir, each_entry, flip, journal, rewrite, state_at};
pub use memory::{Disk, Memory};
pub use picture::Picture;
pub use scenario::{Sent, mixed};
pub use told::{Told, eventually, refused, rest, send, stopped};
pub use turns::Turned;
pub use world::{A, AGENT, B, C, D, EUR, KWD, OPERATOR, USD, World, signing_key};
