//! The store of documents: beside the log, durable before the answer, and erasable.
//!
//! Personal data never enters the log. A document is kept under its salted digest in append-only files; erasing
//! overwrites salt and text, so that not even the digest can be tied to anything any more.
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_message::digest::Digest;
use causeway_message::document::{Document, SALT_BYTES};
use causeway_message::limits::DOCUMENT_BYTES_MAX;
use causeway_message::mutated;
use crossbeam::channel::{Receiver, Sender, bounded};

use crate::error::EngineError;
use crate::limits::DOCUMENT_RING;
use crate::system::{Dir, File, Open};

const MAGIC: &[u8; 4] = b"CWDC";
/// magic ‖ length ‖ erased ‖ zero ‖ CRC-32C of what follows ‖ digest ‖ salt.
const HEAD: usize = 4 + 4 + 1 + 3 + 4 + 32 + SALT_BYTES;
const ERASED_AT: u64 = 8;
/// Bytes at the end whose documents are checked when the store is opened: more than one write can hold.
const CHECKED_BYTES: u64 = 256 * 1_048_576;
/// Bytes searched at once for a document behind damage.
const SEARCH_BYTES: usize = 1_048_576;

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

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job")
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

/// The thread's end of the store.
#[derive(Debug)]
pub struct DocumentWriter {
    store: Arc<DocumentStore>,
    jobs: Receiver<Job>,
    end: u64,
}

fn lock(index: &Mutex<HashMap<Digest, u64>>) -> MutexGuard<'_, HashMap<Digest, u64>> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}

fn head(digest: &Digest, document: &Document) -> [u8; HEAD] {
    let mut out = [0; HEAD];
    out[..4].copy_from_slice(MAGIC);
    out[4..8].copy_from_slice(&(document.text.len() as u32).to_le_bytes());
    out[16..48].copy_from_slice(digest);
    out[48..].copy_from_slice(&document.salt);
    let crc = crc32c::crc32c_append(crc32c::crc32c(&out[16..]), &document.text);
    out[12..16].copy_from_slice(&crc.to_le_bytes());
    out
}

impl DocumentStore {
    /// Opens the store; a torn end is cut.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open(dir: impl Into<Dir>) -> Result<(Arc<Self>, DocumentWriter), EngineError> {
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
        let (jobs, queue) = bounded(DOCUMENT_RING);
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
        salt.copy_from_slice(&head[48..]);
        let document = Document { salt, text };
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
        self.file.write_all_at(&[1], at + ERASED_AT).map_err(io)?;
        self.file
            .write_all_at(&vec![0; SALT_BYTES + size], at + 48)
            .map_err(io)?;
        self.file.sync().map_err(io)?;
        Ok(true)
    }
}

/// What the head of a document says.
struct Head {
    digest: Digest,
    erased: bool,
    size: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Head and text have their checksum, or were erased.
    Whole,
    /// It is checked when it is read.
    Unchecked,
    Damaged,
}

fn read_head(file: &File, at: u64, len: u64, check: bool) -> std::io::Result<Option<Head>> {
    if at + HEAD as u64 > len {
        return Ok(None);
    }
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, at)?;
    let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    if head[..4] != *MAGIC || size > DOCUMENT_BYTES_MAX as u64 || at + HEAD as u64 + size > len {
        return Ok(None);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(&head[16..48]);
    let erased = head[8] != 0;
    let mut state = State::Unchecked;
    if check {
        let mut text = vec![0; size as usize];
        file.read_exact_at(&mut text, at + HEAD as u64)?;
        let crc = crc32c::crc32c_append(crc32c::crc32c(&head[16..]), &text);
        let gone = erased && head[48..].iter().chain(&text).all(|byte| *byte == 0);
        let whole = gone || crc.to_le_bytes() == head[12..16];
        state = if whole { State::Whole } else { State::Damaged };
    }
    Ok(Some(Head {
        digest,
        erased,
        size,
        state,
    }))
}

/// Where the next whole document begins, if there is one.
fn next_head(file: &File, from: u64, len: u64) -> std::io::Result<Option<u64>> {
    let mut window = vec![0; SEARCH_BYTES];
    let mut at = from;
    while at + HEAD as u64 <= len {
        let take = (len - at).min(SEARCH_BYTES as u64) as usize;
        file.read_exact_at(&mut window[..take], at)?;
        let found = window[..take]
            .windows(MAGIC.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == MAGIC);
        for (offset, _) in found {
            let place = at + offset as u64;
            if read_head(file, place, len, true)?.is_some_and(|head| head.state == State::Whole) {
                return Ok(Some(place));
            }
        }
        // Windows overlap by a magic, so that none is missed between two.
        at += (take - (MAGIC.len() - 1).min(take - 1)) as u64;
    }
    Ok(None)
}

impl DocumentWriter {
    /// Writes until the store is dropped. Jobs that wait share one sync.
    ///
    /// # Errors
    /// If the file cannot be written: the node stops.
    pub fn run(mut self, stopping: impl Fn() -> bool) -> Result<(), EngineError> {
        let outcome = self.turns(stopping);
        // Who waits for these would wait for ever: a ring keeps what is left in it when its receiver is gone.
        for job in self.jobs.try_iter() {
            (job.stored)(Err("the store has stopped".to_owned()));
        }
        outcome
    }

    fn turns(&mut self, stopping: impl Fn() -> bool) -> Result<(), EngineError> {
        loop {
            let first = match self.jobs.recv_timeout(std::time::Duration::from_millis(100)) {
                Ok(job) => job,
                Err(_) if stopping() => return Ok(()),
                Err(_) => continue,
            };
            self.turn(first)?;
        }
    }

    /// Stores what waits, if anything does; true if it did.
    pub(crate) fn turn_now(&mut self) -> Result<bool, EngineError> {
        match self.jobs.try_recv() {
            Ok(first) => self.turn(first).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn turn(&mut self, first: Job) -> Result<(), EngineError> {
        let mut group = vec![first];
        group.extend(self.jobs.try_iter().take(DOCUMENT_RING));
        let outcome = self.write(&group);
        let message = outcome.as_ref().err().map(ToString::to_string);
        for job in group {
            (job.stored)(message.clone().map_or(Ok(()), Err));
        }
        outcome
    }

    fn write(&mut self, group: &[Job]) -> Result<(), EngineError> {
        let io = |e| EngineError::file(&self.store.path, e);
        let mut bytes = Vec::new();
        let (mut placed, mut listed) = (Vec::new(), HashSet::new());
        for (digest, document) in group.iter().flat_map(|job| &job.documents) {
            // One copy at most: erasing overwrites only the one that is listed.
            if !self.store.holds(digest) && listed.insert(*digest) {
                placed.push((*digest, self.end + bytes.len() as u64));
                bytes.extend_from_slice(&head(digest, document));
                bytes.extend_from_slice(&document.text);
            }
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.store.file.write_all_at(&bytes, self.end).map_err(io)?;
        if !mutated!(LoseDocument) {
            self.store.file.sync().map_err(io)?;
        }
        self.end += bytes.len() as u64;
        lock(&self.store.index).extend(placed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store_one(store: &DocumentStore, writer: &mut DocumentWriter, text: &[u8]) -> Digest {
        let document = Document {
            salt: [3; SALT_BYTES],
            text: text.to_vec(),
        };
        let digest = document.digest();
        assert!(store.store(
            vec![(digest, document)],
            Box::new(|stored| assert_eq!(stored, Ok(())))
        ));
        let job = writer.jobs.recv().expect("the job");
        writer.write(std::slice::from_ref(&job)).expect("written");
        (job.stored)(Ok(()));
        digest
    }

    #[test]
    fn a_document_is_found_after_a_restart_and_gone_once_erased() {
        let dir = tempfile::tempdir().expect("a directory");
        let (store, mut writer) = DocumentStore::open(dir.path()).expect("a store");
        let kept = store_one(&store, &mut writer, b"<Document>kept</Document>");
        let gone = store_one(&store, &mut writer, b"<Document>gone</Document>");
        assert!(store.erase(&gone).expect("erased"));
        drop((store, writer));
        let (store, _writer) = DocumentStore::open(dir.path()).expect("a store");
        assert!(store.read(&kept).expect("readable").is_some());
        assert_eq!(store.read(&gone).expect("readable"), None);
        let bytes = std::fs::read(dir.path().join("documents.dat")).expect("the file");
        assert!(!bytes.windows(4).any(|w| w == b"gone"));
    }

    #[test]
    fn damage_in_one_document_costs_no_other() {
        for offset in [0, 5, 20, 50, HEAD as u64 + 1] {
            let dir = tempfile::tempdir().expect("a directory");
            let (store, mut writer) = DocumentStore::open(dir.path()).expect("a store");
            let hit = store_one(&store, &mut writer, b"first");
            let kept = store_one(&store, &mut writer, b"second");
            store.file.write_all_at(b"\xff", offset).expect("damaged");
            drop((store, writer));
            let (store, _writer) = DocumentStore::open(dir.path()).expect("a store");
            assert!(!store.holds(&hit), "offset {offset}");
            assert!(store.read(&kept).expect("readable").is_some(), "offset {offset}");
        }
    }

    #[test]
    fn a_torn_document_is_cut() {
        let dir = tempfile::tempdir().expect("a directory");
        let (store, mut writer) = DocumentStore::open(dir.path()).expect("a store");
        let kept = store_one(&store, &mut writer, b"first");
        let torn = store_one(&store, &mut writer, b"second");
        let len = store.file.size().expect("a size");
        store.file.set_size(len - 2).expect("cut");
        drop((store, writer));
        let (store, _writer) = DocumentStore::open(dir.path()).expect("a store");
        assert!(store.holds(&kept));
        assert!(!store.holds(&torn));
    }
}
