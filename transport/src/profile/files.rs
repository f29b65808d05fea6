//! Bounded reads.
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ProfileError;

/// Largest file of text that is read whole: configuration, keys, certificates.
pub const TEXT_BYTES_MAX: u64 = 4 * 1_048_576;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// If it cannot be read or is larger.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ProfileError> {
    let failed = |error| ProfileError::at(path, "cannot be read", &error);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ProfileError::Refused(format!(
            "{}: is larger than {limit} bytes",
            path.display()
        )));
    }
    Ok(bytes)
}

/// Reads a file of text.
///
/// # Errors
/// If it cannot be read, is larger than [`TEXT_BYTES_MAX`], or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, ProfileError> {
    String::from_utf8(read(path, TEXT_BYTES_MAX)?)
        .map_err(|_| ProfileError::Config(format!("{}: is not text in UTF-8", path.display())))
}
