//! The thread that writes: what waits shares one sync.
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use causeway_message::mutated;
use crossbeam::channel::Receiver;

use super::layout::{filler, head};
use super::{DocumentStore, Job, lock};
use crate::error::EngineError;
use crate::journal::Blocks;
use crate::limits::{DOCUMENT_PIECE_BYTES, DOCUMENT_RING, DOCUMENT_TURN_BYTES};
use crate::spares::Spares;
use crate::system::File;

/// The thread's end of the store.
#[derive(Debug)]
pub struct DocumentWriter {
    pub(super) store: Arc<DocumentStore>,
    pub(super) jobs: Receiver<Job>,
    pub(super) end: End,
    /// For the frames that documents came in.
    pub(super) spares: Arc<Spares>,
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
        let mut bytes = first.bytes();
        let mut group = vec![first];
        while bytes < DOCUMENT_TURN_BYTES && group.len() < DOCUMENT_RING {
            let Ok(job) = self.jobs.try_recv() else { break };
            bytes += job.bytes();
            group.push(job);
        }
        let outcome = self.write(&group);
        let message = outcome.as_ref().err().map(ToString::to_string);
        for job in group {
            (job.stored)(message.clone().map_or(Ok(()), Err));
            for buffer in job
                .documents
                .into_iter()
                .filter_map(|(_, document)| document.text.into_buffer())
            {
                self.spares.give_documents(buffer);
            }
        }
        outcome
    }

    pub(super) fn write(&mut self, group: &[Job]) -> Result<(), EngineError> {
        let io = |e| EngineError::file(&self.store.path, e);
        let (mut placed, mut listed) = (Vec::new(), HashSet::new());
        for (digest, document) in group.iter().flat_map(|job| &job.documents) {
            // One copy at most: erasing overwrites only the one that is listed.
            if self.store.holds(digest) || !listed.insert(*digest) {
                continue;
            }
            if placed.is_empty() {
                self.end.begin().map_err(io)?;
            }
            placed.push((*digest, self.end.place()));
            self.end.put(&head(digest, document)).map_err(io)?;
            self.end.put(&document.text).map_err(io)?;
        }
        if placed.is_empty() {
            return Ok(());
        }
        self.end.finish().map_err(io)?;
        if !mutated!(LoseDocument) {
            self.store.file.sync().map_err(io)?;
        }
        lock(&self.store.index).extend(placed);
        Ok(())
    }
}

/// The end of the file, written in pieces through one buffer: memory that was just written is still at hand, and
/// fresh memory costs more than to copy into it.
#[derive(Debug)]
pub(super) struct End {
    cached: File,
    /// The same file past the page cache, where the filesystem takes it: then it ends with a block between two turns.
    direct: Option<File>,
    buffer: Blocks,
    /// Bytes of the buffer that are to be written.
    filled: usize,
    /// Where they go.
    at: u64,
}

impl End {
    pub(super) fn new(cached: File, direct: Option<File>, at: u64) -> Self {
        Self {
            cached,
            direct,
            buffer: Blocks::default(),
            filled: 0,
            at,
        }
    }

    /// Where the next byte goes.
    fn place(&self) -> u64 {
        self.at + self.filled as u64
    }

    /// Goes on behind an end that was cut, or written through the page cache.
    fn begin(&mut self) -> io::Result<()> {
        let filler = filler(self.at);
        if self.direct.is_some() && !filler.is_empty() {
            self.cached.write_all_at(&filler, self.at)?;
            self.at += filler.len() as u64;
        }
        Ok(())
    }

    fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let take = bytes.len().min(DOCUMENT_PIECE_BYTES - self.filled);
            let (now, later) = bytes.split_at(take);
            self.buffer.first_mut(self.filled + take)[self.filled..].copy_from_slice(now);
            self.filled += take;
            bytes = later;
            if self.filled == DOCUMENT_PIECE_BYTES {
                self.write()?;
            }
        }
        Ok(())
    }

    /// Writes what is left.
    fn finish(&mut self) -> io::Result<()> {
        if self.direct.is_some() {
            self.put(&filler(self.place()))?;
        }
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        let bytes = &self.buffer.bytes()[..self.filled];
        if bytes.is_empty() {
            return Ok(());
        }
        let file = self.direct.as_ref().unwrap_or(&self.cached);
        match file.write_all_at(bytes, self.at) {
            Err(error) if self.direct.is_some() && error.kind() == io::ErrorKind::InvalidInput => {
                refused();
                self.direct = None;
                self.cached.write_all_at(bytes, self.at)?;
            }
            written => written?,
        }
        self.at += self.filled as u64;
        self.filled = 0;
        Ok(())
    }
}

/// Says that documents go through the page cache although they need not.
pub(super) fn refused() {
    tracing::warn!("the filesystem of the documents refuses O_DIRECT: their writes are buffered");
}
