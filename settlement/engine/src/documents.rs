//! The store of documents: beside the log, durable before the answer, and erasable.
//!
//! Personal data never enters the log. A document is kept under its salted digest in append-only files; erasing
//! overwrites salt and text, so that not even the digest can be tied to anything any more.
mod layout;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_message::digest::Digest;
use causeway_message::document::{Document, SALT_BYTES};
use causeway_message::limits::DOCUMENT_BYTES_MAX;
use crossbeam::channel::{Sender, bounded};

use crate::error::EngineError;
use crate::limits::{DOCUMENT_RING, DOCUMENT_TURN_BYTES};
use crate::spares::Spares;
use crate::system::{Dir, File, Open};
use layout::{ERASED_AT, HEAD, SALT_AT, State, next_head, read_head};
pub use writer::DocumentWriter;
use writer::{End, refused};

/// Bytes at the end whose documents are checked when the store is opened: more than one sync makes durable.
const CHECKED_BYTES: u64 = 256 * 1_048_576;

// The last job of a turn may be as large as all before it.
const _: () = assert!(3 * DOCUMENT_TURN_BYTES as u64 <= CHECKED_BYTES);

/// Called when the documents are durable, or with the reason why they are not.
pub type Stored = Box<dyn FnOnce(Result<(), String>) + Send>;

struct Job {
    documents: Vec<(Digest, Document)>,
    stored: Stored,
}

/// The store.
#[derive(Debug)]
pub struct DocumentStore {
    path: PathBuf,
    file: File,
    /// Digest → where its head is. Erased ones are not listed.
    index: Mutex<HashMap<Digest, u64>>,
    jobs: Sender<Job>,
}

impl Job {
    fn bytes(&self) -> usize {
        self.documents
            .iter()
            .map(|(_, document)| HEAD + document.text.len())
            .sum()
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job")
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

/// The file past the page cache, if its filesystem takes that.
fn past_cache(dir: &Dir, path: &Path) -> io::Result<Option<File>> {
    let how = Open {
        write: true,
        direct: true,
        ..Open::READ
    };
    match dir.system().open(path, how) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            refused();
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn lock(index: &Mutex<HashMap<Digest, u64>>) -> MutexGuard<'_, HashMap<Digest, u64>> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DocumentStore {
    /// Opens the store; a torn end is cut. Writes pass the page cache by where the filesystem takes it.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open(dir: impl Into<Dir>) -> Result<(Arc<Self>, DocumentWriter), EngineError> {
        Self::open_with(dir, true, Arc::default())
    }

    /// The same: `direct` lets writes pass the page cache by, `spares` takes the buffers of what was stored.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open_with(
        dir: impl Into<Dir>,
        direct: bool,
        spares: Arc<Spares>,
    ) -> Result<(Arc<Self>, DocumentWriter), EngineError> {
        let dir = dir.into();
        dir.make().map_err(|e| EngineError::file(dir.path(), e))?;
        let path = dir.join("documents.dat");
        let io = |e| EngineError::file(&path, e);
        let file = dir.system().open(&path, Open::KEEP).map_err(io)?;
        // What is synced into a file is lost with its name.
        dir.sync().map_err(io)?;
        let mut index = HashMap::new();
        let len = file.size().map_err(io)?;
        let (mut at, mut end) = (0, 0);
        // The document in front, if its length was believed.
        let mut believed = None;
        while at < len {
            // Only what was written last can be torn; what lies far behind was synced.
            let found = read_head(&file, at, len, at + CHECKED_BYTES >= len).map_err(io)?;
            if let Some(head) = &found
                && head.state != State::Damaged
            {
                if !head.erased {
                    index.insert(head.digest, at);
                }
                believed = (head.state == State::Unchecked).then_some(at);
                at += HEAD as u64 + head.size;
                end = at;
                continue;
            }
            // A torn write, or damage, which may be that of a length: what is whole behind it is still a document.
            let from = believed.take().unwrap_or(at);
            match (next_head(&file, from + 1, len).map_err(io)?, found) {
                (Some(next), _) => {
                    let bytes = next.saturating_sub(from);
                    tracing::error!(path = %path.display(), at = from, bytes, "bytes that are no document are passed over");
                    at = next;
                }
                (None, Some(head)) => {
                    tracing::error!(path = %path.display(), at, "a document is damaged and left out");
                    at += HEAD as u64 + head.size;
                    end = at;
                }
                (None, None) => break,
            }
        }
        if end < len {
            tracing::warn!(path = %path.display(), bytes = len - end, "a torn document at the end was cut");
            file.set_size(end).map_err(io)?;
        }
        // A process that was killed before its sync leaves documents that can be read and are not durable: a batch that
        // is sent again would be answered for them.
        file.sync().map_err(io)?;
        let direct = if direct {
            past_cache(&dir, &path).map_err(io)?
        } else {
            None
        };
        let (jobs, queue) = bounded(DOCUMENT_RING);
        let end = End::new(file.clone(), direct, end);
        let store = Arc::new(Self {
            path,
            file,
            index: Mutex::new(index),
            jobs,
        });
        Ok((
            store.clone(),
            DocumentWriter {
                store,
                jobs: queue,
                end,
                spares,
            },
        ))
    }

    /// Stores documents; `stored` is called from another thread. False if the store stopped.
    pub fn store(&self, documents: Vec<(Digest, Document)>, stored: Stored) -> bool {
        self.jobs.send(Job { documents, stored }).is_ok()
    }

    /// True if a document with this digest is stored.
    pub fn holds(&self, digest: &Digest) -> bool {
        lock(&self.index).contains_key(digest)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// If the file cannot be read or the document is damaged.
    pub fn read(&self, digest: &Digest) -> Result<Option<Document>, EngineError> {
        let Some(at) = lock(&self.index).get(digest).copied() else {
            return Ok(None);
        };
        let io = |e| EngineError::file(&self.path, e);
        let mut head = [0; HEAD];
        self.file.read_exact_at(&mut head, at).map_err(io)?;
        let len = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let mut text = vec![0; len.min(DOCUMENT_BYTES_MAX)];
        self.file.read_exact_at(&mut text, at + HEAD as u64).map_err(io)?;
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&head[SALT_AT..]);
        let document = Document {
            salt,
            text: text.into(),
        };
        if document.digest() != *digest {
            return Err(io(std::io::Error::other(
                "a document does not have its digest any more",
            )));
        }
        Ok(Some(document))
    }

    /// Erases a document for good; false if it is not stored.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn erase(&self, digest: &Digest) -> Result<bool, EngineError> {
        let Some(at) = lock(&self.index).remove(digest) else {
            return Ok(false);
        };
        let io = |e| EngineError::file(&self.path, e);
        let mut len = [0; 4];
        self.file.read_exact_at(&mut len, at + 4).map_err(io)?;
        let size = u32::from_le_bytes(len) as usize;
        self.file.write_all_at(&[1], at + ERASED_AT as u64).map_err(io)?;
        self.file
            .write_all_at(&vec![0; SALT_BYTES + size], at + SALT_AT as u64)
            .map_err(io)?;
        self.file.sync().map_err(io)?;
        Ok(true)
    }
}
