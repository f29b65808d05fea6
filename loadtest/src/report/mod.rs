//! What a run tells: the form of its report, and how it is written for people and for scripts.
pub mod form;
mod json;
mod number;

pub use json::json;
