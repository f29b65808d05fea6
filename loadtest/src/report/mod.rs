//! What a run tells: the form of its report, and how it is written for people and for scripts.
pub mod compare;
pub mod form;
mod html;
mod json;
mod keep;
pub mod machine;
mod number;
mod svg;
mod text;
pub mod words;

pub use html::page;
pub use json::json;
pub use keep::{DIRECTORY, Kept, keep, now, room};
pub use text::{memory_in_words, table};
