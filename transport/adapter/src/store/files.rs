//! Files that are there whole or not at all.
use crate::failure::Failure;
use causeway_message::ids::hex;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a file durably beside its place and then moves it there. The directory is not synced.
///
/// # Errors
/// When the file system fails.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    // Two commands may write the same receipt at once: neither may find the other's half.
    let mark = hex(&super::random::<4>()?);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{mark}.writing"));
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&temporary);
        Failure::at(path, "cannot be written", &error)
    })
}

/// As [`write_whole`], beside other work: many files waited for at once share the disk's trips.
///
/// # Errors
/// When the file system fails.
pub async fn write_beside(path: PathBuf, bytes: Vec<u8>) -> Result<(), Failure> {
    tokio::task::spawn_blocking(move || write_whole(&path, &bytes))
        .await
        .map_err(|error| Failure::Io(error.to_string()))?
}

/// Makes what was created inside a directory durable.
///
/// # Errors
/// When the file system fails.
pub fn sync_dir(path: &Path) -> Result<(), Failure> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| Failure::at(path, "cannot be made durable", &error))
}

/// The number in a file; none if there is no file.
pub(super) fn read_number(path: &Path) -> Result<Option<u64>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Failure::Io(format!("{}: does not hold a number", path.display()))),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::at(path, "cannot be read", &error)),
    }
}
