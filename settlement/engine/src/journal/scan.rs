//! All entries in order, each verified: for replay and for `verify`.
use causeway_message::LedgerId;
use causeway_message::entry::EntryHeader;

use super::chain::Tail;
use super::error::JournalError;
use super::layout::Location;
use super::recover::{TailCut, cut_of};
use super::walk::{Span, Step, Walk};
use crate::system::Dir;

/// Header, payload and place of an entry.
pub type ScannedEntry = (EntryHeader, Vec<u8>, Location);

/// Reads a journal from front to back without changing it. It verifies whole groups before it gives their first
/// entry. Meant for a journal that is at rest: beside a writer it gives what is durable, and each look for more
/// costs a search through the rest of the segment.
pub struct Scan {
    walk: Walk,
    span: Span,
    torn: Option<TailCut>,
}

impl Scan {
    /// From the first entry.
    pub fn from_start(dir: impl Into<Dir>, ledger: LedgerId) -> Result<Self, JournalError> {
        Walk::start(&dir.into(), ledger).map(Self::new)
    }

    /// From the entry after `tail`. At `at` stands the entry that `tail` describes, or the one after it.
    pub fn from(
        dir: impl Into<Dir>,
        ledger: LedgerId,
        at: Location,
        tail: Tail,
    ) -> Result<Self, JournalError> {
        Walk::after(&dir.into(), ledger, at, tail).map(Self::new)
    }

    /// Reads past the page cache, if so wished and the filesystem can. For a journal at rest, from the next segment on.
    #[must_use]
    pub fn past_cache(mut self, wish: bool) -> Self {
        self.walk.past_cache = wish;
        self
    }

    fn new(walk: Walk) -> Self {
        Self {
            walk,
            span: Span::default(),
            torn: None,
        }
    }

    /// The next entry; `None` at the end, after which more may come if there is a writer.
    #[expect(
        clippy::should_implement_trait,
        reason = "an error ends the scan; an iterator would go on"
    )]
    pub fn next(&mut self) -> Result<Option<ScannedEntry>, JournalError> {
        while self.span.at >= self.span.end {
            match self.walk.step()? {
                Step::Group(span) => self.span = span,
                Step::Seal => {}
                Step::End(end) => {
                    self.torn = cut_of(&self.walk, end);
                    return Ok(None);
                }
            }
        }
        let (entry, location) = self.walk.entry(&mut self.span)?;
        let (header, payload) = (*entry.header, entry.payload.to_vec());
        Ok(Some((header, payload, location)))
    }

    /// The last entry of the groups read so far.
    pub const fn tail(&self) -> &Tail {
        &self.walk.tail
    }

    /// What a writer would cut, once the scan has come to the end.
    pub const fn torn(&self) -> Option<TailCut> {
        self.torn
    }
}
