//! Results for scripts.
use serde::Serialize;

use crate::error::Failure;

/// A JSON document.
///
/// # Errors
/// If it cannot be written.
pub fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|e| Failure::Io(e.to_string()))
}
