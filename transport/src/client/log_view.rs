//! What a client has seen of the log: the newest checkpoint, held against every other it is shown.
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_message::checkpoint::{Checkpoint, LogKey, origin};

use super::{ClientConfig, Notes};
use crate::error::ClientError;

#[derive(Debug, Clone)]
struct Seen {
    note: String,
    checkpoint: Checkpoint,
}

#[derive(Debug, Default)]
struct State {
    /// Verified last: most messages carry the same one as the message before.
    last: Option<Seen>,
    /// The largest seen, not yet shown to have grown out of `base`.
    newest: Option<Seen>,
    /// The largest that is known to be consistent with everything before it.
    base: Option<Seen>,
    /// How the log was found to be rewritten. Nothing of it is believed from then on.
    forked: Option<String>,
}

/// The client's memory of the log.
#[derive(Debug)]
pub struct LogView {
    key: LogKey,
    origin: String,
    path: Option<PathBuf>,
    notes: Arc<Notes>,
    state: Mutex<State>,
}

impl LogView {
    /// Reads the checkpoint kept by an earlier run.
    ///
    /// # Errors
    /// If the file holds no checkpoint of the pinned log.
    pub fn open(config: &ClientConfig) -> Result<Self, ClientError> {
        let view = Self {
            key: config.log_key.clone(),
            origin: origin(config.ledger),
            path: config.checkpoint.clone(),
            notes: config.notes.clone(),
            state: Mutex::default(),
        };
        let Some(path) = &view.path else { return Ok(view) };
        match fs::read_to_string(path) {
            Ok(note) => {
                let checkpoint = Checkpoint::verify(&note, &view.origin, &view.key)
                    .map_err(|e| ClientError::File(format!("{}: {e}", path.display())))?;
                view.state().base = Some(Seen { note, checkpoint });
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(ClientError::File(format!("{}: {e}", path.display()))),
        }
        Ok(view)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Verifies a checkpoint's signature and holds it against the newest seen.
    ///
    /// # Errors
    /// If it is not the pinned log's, or shows another tree of a size seen before.
    pub fn observe(&self, note: &str) -> Result<Checkpoint, ClientError> {
        {
            let state = self.state();
            if let Some(how) = &state.forked {
                return Err(ClientError::Forked(how.clone()));
            }
            if let Some(last) = state.last.as_ref().filter(|last| last.note == note) {
                return Ok(last.checkpoint.clone());
            }
        }
        let checkpoint = self.notes.verify(note, &self.origin, &self.key)?;
        let mut state = self.state();
        let other = |known: &Option<Seen>| {
            let known = known.as_ref().map(|known| &known.checkpoint);
            known.is_some_and(|known| known.size == checkpoint.size && known.root != checkpoint.root)
        };
        if other(&state.newest) || other(&state.base) {
            drop(state);
            return Err(self.forked(format!("two trees of {} leaves are signed", checkpoint.size)));
        }
        let seen = Seen {
            note: note.to_owned(),
            checkpoint: checkpoint.clone(),
        };
        if state
            .newest
            .as_ref()
            .is_none_or(|newest| newest.checkpoint.size < checkpoint.size)
        {
            state.newest = Some(seen.clone());
        }
        state.last = Some(seen);
        Ok(checkpoint)
    }

    /// Notes that the log was rewritten: for good.
    pub(super) fn forked(&self, how: String) -> ClientError {
        ClientError::Forked(self.state().forked.get_or_insert(how).clone())
    }

    /// The largest checkpoint known to be consistent with all before it.
    pub fn base(&self) -> Option<Checkpoint> {
        self.state().base.as_ref().map(|seen| seen.checkpoint.clone())
    }

    /// The largest checkpoint seen.
    pub fn newest(&self) -> Option<Checkpoint> {
        let state = self.state();
        state
            .newest
            .as_ref()
            .or(state.base.as_ref())
            .map(|seen| seen.checkpoint.clone())
    }

    /// Notes that a checkpoint grew out of the base.
    pub(super) fn rebase(&self, note: &str, checkpoint: Checkpoint) {
        self.state().base = Some(Seen {
            note: note.to_owned(),
            checkpoint,
        });
    }

    /// Keeps the base for the next run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self) -> Result<(), ClientError> {
        let (Some(path), Some(base)) = (&self.path, self.state().base.clone()) else {
            return Ok(());
        };
        let temporary = path.with_extension("writing");
        let save = || -> std::io::Result<()> {
            let mut file = fs::File::create(&temporary)?;
            file.write_all(base.note.as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, path)
        };
        save().map_err(|e| ClientError::File(format!("{}: {e}", path.display())))
    }
}
