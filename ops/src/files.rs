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

/// Refuses files of which one exists already, or two are the same.
pub fn are_new(paths: &[&Path]) -> Result<(), Failure> {
    let mut places = Vec::new();
    for path in paths {
        if path.symlink_metadata().is_ok() {
            let text = format!("{}: exists already and is never overwritten", path.display());
            return Err(Failure::Refused(text));
        }
        let dir = match path.parent() {
            Some(dir) if dir != Path::new("") => dir,
            _ => Path::new("."),
        };
        // A directory that is not there says so when the file is written.
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let place = (dir, path.file_name());
        if places.contains(&place) {
            let text = format!("{}: is to hold two things at once", path.display());
            return Err(Failure::Config(text));
        }
        places.push(place);
    }
    Ok(())
}

/// Writes new files, all or none: if one cannot be written, those before it are removed.
pub fn write_all_new(files: &[(&Path, &[u8])], access: Access) -> Result<(), Failure> {
    let paths: Vec<&Path> = files.iter().map(|(path, _)| *path).collect();
    are_new(&paths)?;
    for (at, (path, bytes)) in files.iter().enumerate() {
        if let Err(failure) = write_new(path, bytes, access) {
            for (written, _) in files.iter().take(at) {
                let _ = fs::remove_file(written);
            }
            return Err(failure);
        }
    }
    Ok(())
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
