//! A TOML text, and how to name a place in it: the client's own reader.
pub use causeway_transport::profile::{Problem, Problems, Source};
