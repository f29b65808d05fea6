//! The log's own past for the ledger: records of earlier entries, read where the journal holds them.
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use causeway_ledger::{Original, Past};

use crate::error::EngineError;
use crate::journal::{Location, Reader};
use crate::publish::archive::Archive;

/// Entries whose place is kept at hand: more than can be under way between apply and publish.
const RECENT: usize = 8_192;

/// Where an entry is in the journal.
pub(crate) trait Places {
    fn location(&self, entry: u64) -> Result<Location, EngineError>;
}

impl Places for Arc<Archive> {
    fn location(&self, entry: u64) -> Result<Location, EngineError> {
        Archive::location(self, entry)
    }
}

/// Places of all entries from the first on.
impl Places for Vec<Location> {
    fn location(&self, entry: u64) -> Result<Location, EngineError> {
        let place = entry.checked_sub(1).and_then(|at| self.get(at as usize));
        place
            .copied()
            .ok_or_else(|| EngineError::Directory(format!("log entry {entry} has no place")))
    }
}

/// The past as the journal holds it.
pub(crate) struct LogPast<P> {
    journal: Reader,
    pub places: P,
    /// Entries that may not have been published yet.
    recent: VecDeque<(u64, Location)>,
    /// Why something could not be read: the entry that asked must not stand.
    failure: RefCell<Option<EngineError>>,
}

impl<P: Places> LogPast<P> {
    pub const fn new(journal: Reader, places: P) -> Self {
        Self {
            journal,
            places,
            recent: VecDeque::new(),
            failure: RefCell::new(None),
        }
    }

    /// Notes where an entry is that is about to be applied.
    pub fn note(&mut self, entry: u64, at: Location) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((entry, at));
    }

    /// Fails if a read failed since the last call.
    pub fn check(&self) -> Result<(), EngineError> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }

    fn read(&self, entry: u64, ordinal: u16) -> Result<Option<Original>, EngineError> {
        // Entries rise without gaps: the place is found by halving.
        let at = match self.recent.binary_search_by_key(&entry, |(entry, _)| *entry) {
            Ok(found) => self.recent[found].1,
            Err(_) => self.places.location(entry)?,
        };
        let found = self.journal.record(at, entry, ordinal)?;
        Ok(found.map(|(record, extensions)| Original { record, extensions }))
    }
}

impl<P: Places> Past for LogPast<P> {
    fn original(&self, entry: u64, ordinal: u16) -> Option<Original> {
        match self.read(entry, ordinal) {
            Ok(found) => found,
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}
