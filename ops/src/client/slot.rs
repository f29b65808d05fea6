//! What a bank's client keeps between runs, beside its `bank.toml`: a session, and the newest checkpoint it saw.
//!
//! A ledger remembers a bounded number of sessions of a participant, so a run takes the first session that no
//! other run is using, and makes a new one only if all are taken.
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use causeway_message::SessionId;
use causeway_message::keys::random_bytes;

use crate::{Failure, layout};

/// Runs of one bank at the same time.
const SLOTS_MAX: usize = 64;
/// Longest content of a slot's file that is read: a number in hexadecimal.
const SLOT_BYTES_MAX: u64 = 64;

/// A place of one run; free again when dropped, and when the process dies.
#[derive(Debug)]
pub struct Slot {
    session: SessionId,
    checkpoint: PathBuf,
    _locked: File,
}

/// Where the client of this `bank.toml` keeps what it knows.
pub fn directory(config: &Path) -> PathBuf {
    super::beside(config).join(layout::CLIENT_STATE)
}

impl Slot {
    /// Takes the first free place.
    ///
    /// # Errors
    /// If the directory cannot be used, or every place is taken.
    pub fn take(dir: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(dir).map_err(|error| Failure::at(dir, "cannot be created", &error))?;
        for n in 1..=SLOTS_MAX {
            let path = dir.join(format!("session-{n}"));
            let failed = |error| Failure::at(&path, "cannot be used", &error);
            let mut options = OpenOptions::new();
            options
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600);
            let file = options.open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let session = session(&file).map_err(failed)?;
            return Ok(Self {
                session,
                checkpoint: dir.join(format!("checkpoint-{n}")),
                _locked: file,
            });
        }
        Err(Failure::Refused(format!(
            "{}: {SLOTS_MAX} runs of this bank are under way already",
            dir.display()
        )))
    }

    /// The session.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The file of the newest checkpoint that a run in this place saw.
    pub fn checkpoint(&self) -> PathBuf {
        self.checkpoint.clone()
    }
}

/// The session that a file names; one that names none, as after a crash, gets a new one.
fn session(mut file: &File) -> std::io::Result<SessionId> {
    let mut text = String::new();
    file.take(SLOT_BYTES_MAX).read_to_string(&mut text)?;
    let known = text.strip_suffix('\n').filter(|digits| digits.len() == 16);
    if let Some(id) = known.and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
        return Ok(SessionId(id));
    }
    let id = u64::from_le_bytes(random_bytes().map_err(std::io::Error::other)?);
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(format!("{id:016x}\n").as_bytes())?;
    file.sync_all()?;
    Ok(SessionId(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_used_again_and_two_runs_at_once_use_two() {
        let dir = tempfile::TempDir::new().expect("a temporary directory");
        let first = Slot::take(dir.path()).expect("a free place");
        let second = Slot::take(dir.path()).expect("another");
        assert_ne!(first.session(), second.session());
        assert_ne!(first.checkpoint(), second.checkpoint());
        let known = first.session();
        drop(first);
        assert_eq!(Slot::take(dir.path()).expect("free again").session(), known);
    }

    #[test]
    fn a_torn_file_gets_a_new_session() {
        let dir = tempfile::TempDir::new().expect("a temporary directory");
        fs::write(dir.path().join("session-1"), "00ff").expect("written");
        let slot = Slot::take(dir.path()).expect("a free place");
        let text = fs::read_to_string(dir.path().join("session-1")).expect("there");
        assert_eq!(text, format!("{:016x}\n", slot.session().0));
    }
}
