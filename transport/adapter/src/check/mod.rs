//! `check`: what the adapter reads in files, and what it refuses.

mod json;
mod table;

use crate::iso::{self, AnyMessage, Finding};
use std::io::{self, Write};
use std::path::PathBuf;

/// A file and what is in it.
#[derive(Debug)]
pub struct Checked {
    /// The file.
    pub file: PathBuf,
    /// Its messages, or everything found wrong.
    pub outcome: Result<Vec<AnyMessage>, Vec<Finding>>,
}

impl Checked {
    /// Reads one file.
    pub fn file(file: PathBuf, bytes_max: usize) -> Checked {
        let outcome = iso::parse_any_file(&file, bytes_max);
        Checked { file, outcome }
    }
}

/// Whether any file was refused.
pub fn any_refused(checked: &[Checked]) -> bool {
    checked.iter().any(|one| one.outcome.is_err())
}

/// Writes the mapping as one JSON document.
///
/// # Errors
/// When `out` fails.
pub fn write_json(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &json::Document::new(checked))?;
    out.write_all(b"\n")
}

/// Writes the mapping for people.
///
/// # Errors
/// When `out` fails.
pub fn write_table(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    table::write(out, checked)
}
