//! Files that are written once and never over another, and bounded reads.
use causeway_transport::profile::files;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::Failure;

pub use causeway_transport::profile::files::TEXT_BYTES_MAX;

/// Largest binary file that is read whole: a genesis or a receipt.
pub const BINARY_BYTES_MAX: u64 = 256 * 1_048_576;

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Secret,
    /// As the umask says.
    Public,
}

/// Writes a new file durably. One that exists is left as it is, and that is an error.
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), Failure> {
    let mode = match access {
        Access::Secret => 0o600,
        Access::Public => 0o644,
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                Failure::Refused(format!(
                    "{}: exists already and is never overwritten",
                    path.display()
                ))
            } else {
                Failure::at(path, "cannot be created", &error)
            }
        })?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            // Half a file would stand in the way of the next attempt.
            let _ = fs::remove_file(path);
            Failure::at(path, "cannot be written", &error)
        })
}

/// Makes what was created inside a directory durable.
pub fn sync_dir(path: &Path) -> Result<(), Failure> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| Failure::at(path, "cannot be made durable", &error))
}

/// Reads a file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    Ok(files::read(path, limit)?)
}

/// Reads a file of text.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    Ok(files::read_text(path)?)
}

/// True if the directory does not exist or holds nothing.
pub fn is_free(dir: &Path) -> Result<bool, Failure> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(Failure::at(dir, "cannot be read", &error)),
    }
}
