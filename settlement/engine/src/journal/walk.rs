//! The walk through a journal, record by record, that recovery and scans share.
use causeway_message::LedgerId;

use super::blocks::{is_zero, padded};
use super::chain::{Tail, check_payload};
use super::config::BLOCK_BYTES;
use super::directory::list;
use super::error::{Damage, JournalError};
use super::group::{Entry, entry_at};
use super::layout::{
    FORMAT_VERSION, KIND_GROUP, KIND_SEAL, Location, RECORD_HEADER_BYTES, RecordHeader, RecordId,
};
use super::segment::OpenSegment;
use super::verdict::{End, Verdict};
use super::window::Window;
use crate::system::{Dir, File, Open};

/// A walk and where it stands.
pub(super) struct Walk {
    pub dir: Dir,
    pub ledger: LedgerId,
    /// Highest segment number in the directory when the walk began.
    pub highest: u32,
    /// Segment it stands in; `None` before the first.
    pub open: Option<Box<OpenSegment>>,
    /// The same file past the page cache, if the walk is to read so: a journal is read once, and filling the cache with
    /// it costs more than the disk does.
    pub direct: Option<File>,
    /// Whether the walk is to read so.
    pub past_cache: bool,
    /// Where the next record should begin.
    pub pos: u64,
    /// The last record passed.
    pub last: RecordId,
    /// Whether nothing yet seals that record.
    pub unsealed: bool,
    /// The last entry passed.
    pub tail: Tail,
    /// Where that entry stands, if the walk has seen it.
    pub tail_at: Option<Location>,
    /// Offset of the entry in the first group from which the walk vouches for entries.
    pub resume: Option<u64>,
    pub window: Window,
}

/// What the walk came upon.
pub(super) enum Step {
    /// A group that verifies; it is in the window.
    Group(Span),
    /// A seal.
    Seal,
    /// Nothing more that was ever durable for certain.
    End(End),
}

/// A group in the window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub segment: u32,
    /// Where it begins in the file.
    pub offset: u64,
    pub bytes: usize,
    /// Where in it the first entry to give begins.
    pub at: usize,
    /// Where its last entry ends.
    pub end: usize,
}

/// What stands at the walk's position.
enum Found {
    Whole(RecordHeader),
    /// Zeros, or no room for a record.
    Nothing,
    Fault(&'static str),
}

/// A broken rule at an offset of a record, concerning an entry.
type EntryFault = (usize, u64, &'static str);

impl Walk {
    /// From the first segment.
    pub(super) fn start(dir: &Dir, ledger: LedgerId) -> Result<Self, JournalError> {
        Ok(Self {
            dir: dir.clone(),
            ledger,
            highest: list(dir)?.highest(),
            open: None,
            direct: None,
            past_cache: false,
            pos: 0,
            last: RecordId::default(),
            unsealed: false,
            tail: Tail::empty(ledger),
            tail_at: None,
            resume: None,
            window: Window::default(),
        })
    }

    /// Takes one step. After the end it may be called again: more may have been written.
    pub(super) fn step(&mut self) -> Result<Step, JournalError> {
        let mut looks = 0u8;
        loop {
            let fault = match self.found()? {
                Found::Whole(header) => return self.pass(&header),
                Found::Nothing => None,
                Found::Fault(rule) => Some(rule),
            };
            looks = looks.saturating_add(1);
            // A writer beside this walk may have written the record after the window was loaded, or finished it
            // before the proof of damage was found. So a fresh look comes before either conclusion.
            if looks > 1 {
                match self.verdict(fault)? {
                    Verdict::NextSegment => looks = 0,
                    Verdict::End(end) => return Ok(Step::End(end)),
                    Verdict::Damaged(damage) if looks > 2 => {
                        return Err(JournalError::Damaged(Box::new(damage)));
                    }
                    Verdict::Damaged(_) => {}
                }
            }
            self.window.forget();
        }
    }

    /// The next entry of a group in the window, and where it stands; moves the span behind it.
    pub(super) fn entry(&self, span: &mut Span) -> Result<(Entry<'_>, Location), JournalError> {
        let record = self.window.bytes(span.offset, span.bytes);
        // The group was verified; an entry that is gone now would be a mistake of this module.
        let entry = entry_at(record, span.at).map_err(|rule| self.damaged(rule))?;
        // Inside a segment, and therefore inside a u32.
        let location = Location {
            segment: span.segment,
            offset: u32::try_from(span.offset + span.at as u64).unwrap_or(u32::MAX),
        };
        span.at = entry.next;
        Ok((entry, location))
    }

    /// Goes over to a segment.
    pub(super) fn stand_in(&mut self, open: Box<OpenSegment>) {
        let how = Open {
            direct: true,
            ..Open::READ
        };
        // Not every filesystem can: there the cache has to do.
        let direct = self
            .past_cache
            .then(|| self.dir.system().open(&open.path, how).ok());
        (self.direct, self.open) = (direct.flatten(), Some(open));
        self.window.forget();
        self.window.past_cache = self.direct.is_some();
    }

    fn found(&mut self) -> Result<Found, JournalError> {
        let Some(open) = &self.open else {
            return Ok(Found::Nothing);
        };
        let file = self.direct.as_ref().unwrap_or(&open.file);
        let failed = |source| JournalError::io(&open.path, "read a group", source);
        if self.pos + BLOCK_BYTES as u64 > open.size {
            return Ok(Found::Nothing);
        }
        self.window
            .load(file, open.size, self.pos, BLOCK_BYTES)
            .map_err(failed)?;
        let block = self.window.bytes(self.pos, BLOCK_BYTES);
        let header = match RecordHeader::read(block, open.place(self.pos)) {
            Ok(header) => header,
            Err(_) if is_zero(block) => return Ok(Found::Nothing),
            Err(rule) => return Ok(Found::Fault(rule)),
        };
        let len = header.bytes.get() as usize;
        self.window.load(file, open.size, self.pos, len).map_err(failed)?;
        // A larger load reads the header's block again.
        let record = self.window.bytes(self.pos, len);
        if header.verifies(record) {
            Ok(Found::Whole(header))
        } else {
            Ok(Found::Fault("the checksum is wrong"))
        }
    }

    /// Passes a whole record. Whole means that nothing is torn: a rule broken in it is never cut away.
    fn pass(&mut self, header: &RecordHeader) -> Result<Step, JournalError> {
        let Some(open) = &self.open else {
            return Ok(Step::End(End::default()));
        };
        let (segment, version) = (open.number, header.version.get());
        if version != FORMAT_VERSION {
            return Err(JournalError::Version {
                path: open.path.clone(),
                offset: self.pos,
                found: version,
            });
        }
        if self.last.number.checked_add(1) != Some(header.number.get()) || header.sealed() != self.last {
            return Err(self.damaged("the group does not carry the identity of the one before"));
        }
        let bytes = header.bytes.get() as usize;
        let passed = match header.kind.get() {
            KIND_GROUP => self.verify_entries(header, segment),
            KIND_SEAL if header.count.get() == 0 && bytes == padded(RECORD_HEADER_BYTES) => {
                Ok((self.tail, self.tail_at, Span::default()))
            }
            KIND_SEAL => return Err(self.damaged("a seal holds nothing")),
            _ => return Err(self.damaged("the group is of no known kind")),
        };
        match passed {
            Ok((tail, tail_at, span)) => {
                (self.tail, self.tail_at, self.resume) = (tail, tail_at, None);
                (self.last, self.pos) = (header.id(), self.pos + bytes as u64);
                self.unsealed = header.kind.get() == KIND_GROUP;
                Ok(if self.unsealed {
                    Step::Group(span)
                } else {
                    Step::Seal
                })
            }
            Err((at, index, rule)) => {
                let Damage {
                    path,
                    segment,
                    offset,
                    group,
                    ..
                } = self.damage(rule);
                let offset = offset + at as u64;
                Err(JournalError::Damaged(Box::new(Damage {
                    path,
                    segment,
                    offset,
                    group,
                    index,
                    rule,
                })))
            }
        }
    }

    fn verify_entries(
        &self,
        header: &RecordHeader,
        segment: u32,
    ) -> Result<(Tail, Option<Location>, Span), EntryFault> {
        let bytes = header.bytes.get() as usize;
        let record = self.window.bytes(self.pos, bytes);
        let (mut tail, mut tail_at, mut first) = (self.tail, self.tail_at, None);
        let mut at = RECORD_HEADER_BYTES;
        let follows =
            header.prev_hash == tail.hash && tail.index.checked_add(1) == Some(header.first_index.get());
        if self.resume.is_none() && !follows {
            return Err((
                0,
                tail.index.saturating_add(1),
                "the group does not follow the last entry",
            ));
        }
        for _ in 0..header.count.get() {
            let fault = |rule| (at, tail.index.saturating_add(1), rule);
            let entry = entry_at(record, at).map_err(fault)?;
            let here = self.pos + at as u64;
            // Up to the trusted entry nothing is vouched for; `after` has checked that entry itself.
            let before = self
                .resume
                .is_some_and(|r| here < r || entry.header.index.get() == tail.index);
            if !before {
                check_payload(entry.header, entry.payload).map_err(fault)?;
                let mut next = tail;
                next.follow(entry.header).map_err(fault)?;
                tail = next;
                // Inside a segment, and therefore inside a u32.
                tail_at = u32::try_from(here)
                    .ok()
                    .map(|offset| Location { segment, offset });
                first.get_or_insert(at);
            }
            at = entry.next;
        }
        if header.count.get() == 0 || padded(at) != bytes {
            return Err((
                0,
                self.tail.index.saturating_add(1),
                "the group's length is not that of its entries",
            ));
        }
        let span = Span {
            segment,
            offset: self.pos,
            bytes,
            at: first.unwrap_or(at),
            end: at,
        };
        Ok((tail, tail_at, span))
    }
}
