//! Statements of accounts and reports of the running day, for people, spreadsheets and banks' systems.
//!
//! Nothing here asks anybody or reads a clock: what the node told goes in, checked to the minor unit, and text comes out.
#![forbid(unsafe_code)]

pub mod camt;
mod csv;
mod model;
mod text;
pub mod xml;

pub use camt::WriteError;
pub use csv::{cell_text, csv, text_cell};
pub use model::{Holder, Line, Statement, StatementError};
pub use text::text;
