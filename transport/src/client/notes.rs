//! Checkpoints whose signatures were verified, for clients of one process that are shown the same ones.
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use causeway_message::checkpoint::{Checkpoint, CheckpointError, LogKey};

/// Most notes kept: clients that lag further behind verify for themselves.
const NOTES_MAX: usize = 16;

/// A note of which a key's signature was verified.
#[derive(Debug)]
struct Verified {
    key: LogKey,
    origin: String,
    note: String,
    checkpoint: Checkpoint,
}

/// Verified notes, byte for byte, newest last. Shared between the clients of one process by
/// [`ClientConfig::notes`](super::ClientConfig::notes): the signature of a note is verified once. Everything else about a
/// checkpoint (that it does not contradict what was seen before) each client still judges for itself.
#[derive(Debug, Default)]
pub struct Notes {
    verified: Mutex<VecDeque<Verified>>,
}

impl Notes {
    /// What a note says, after its signature was verified, here or by another client under the same key and origin. A
    /// note that fails is not kept.
    ///
    /// # Errors
    /// If the note is not a checkpoint of this log, signed by this key.
    pub fn verify(&self, note: &str, origin: &str, key: &LogKey) -> Result<Checkpoint, CheckpointError> {
        let known = |verified: &VecDeque<Verified>| {
            let same = |v: &&Verified| v.note == note && v.origin == origin && v.key == *key;
            verified.iter().rev().find(same).map(|v| v.checkpoint.clone())
        };
        // Whoever comes while a note is verified waits for it instead of verifying it as well.
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(checkpoint) = known(&verified) {
            return Ok(checkpoint);
        }
        let checkpoint = Checkpoint::verify(note, origin, key)?;
        if verified.len() == NOTES_MAX {
            verified.pop_front();
        }
        verified.push_back(Verified {
            key: key.clone(),
            origin: origin.to_owned(),
            note: note.to_owned(),
            checkpoint: checkpoint.clone(),
        });
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::keys::SigningKey;

    fn log(seed: u8) -> (SigningKey, LogKey) {
        let key = SigningKey::from_seed([seed; 32]).expect("a key");
        let public = LogKey::new("log", key.public()).expect("a log key");
        (key, public)
    }

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint {
            origin: "causeway/here".into(),
            size,
            root: [size as u8; 32],
        }
    }

    #[test]
    fn a_note_counts_under_its_own_key_and_origin_and_byte_for_byte() {
        let notes = Notes::default();
        let (signs, key) = log(1);
        let (_, other) = log(2);
        let note = checkpoint(7).sign("log", &signs);
        for _ in 0..2 {
            assert_eq!(notes.verify(&note, "causeway/here", &key), Ok(checkpoint(7)));
        }
        assert!(notes.verify(&note, "causeway/here", &other).is_err());
        assert!(notes.verify(&note, "causeway/there", &key).is_err());
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(
                notes.verify(&changed, "causeway/here", &key).is_err(),
                "{changed}"
            );
        }
        assert_eq!(notes.verify(&note, "causeway/here", &key), Ok(checkpoint(7)));
    }

    #[test]
    fn memory_is_bounded_and_what_was_forgotten_is_verified_again() {
        let notes = Notes::default();
        let (signs, key) = log(1);
        for size in (1..100).chain(1..3) {
            let note = checkpoint(size).sign("log", &signs);
            assert_eq!(notes.verify(&note, "causeway/here", &key), Ok(checkpoint(size)));
            assert!(notes.verified.lock().expect("a lock").len() <= NOTES_MAX);
        }
    }
}
