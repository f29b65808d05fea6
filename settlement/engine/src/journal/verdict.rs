//! Where no record verifies: the journal's end, a torn tail, or damage.
//!
//! The rule is one: if anything was written after this place, the place was durable before, and what is wrong
//! with it is damage. Only if nothing was, it may be a write that a crash has torn.
use std::path::Path;

use causeway_message::digest::Digest;
use causeway_message::mutated;

use super::beyond::{Beyond, look};
use super::config::{BLOCK_BYTES, GROUP_BYTES_DEFAULT};
use super::directory::segment_path;
use super::error::{Damage, JournalError};
use super::layout::{FIRST_RECORD, Place, RecordHeader};
use super::locate::locate;
use super::segment::{OpenSegment, Peek, peek};
use super::walk::Walk;
use crate::system::File;

/// How the journal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct End {
    /// Bytes from the walk's position up to here in its segment are the rest of a torn write.
    pub torn_to: Option<u64>,
    /// The header of this segment is the rest of a torn write; nothing else is in that segment.
    pub torn_header: Option<u32>,
}

/// What a place without a record means.
pub(super) enum Verdict {
    /// The segment ends here as it should; the walk stands in the next one.
    NextSegment,
    /// The journal ends here.
    End(End),
    /// Something was written after this place.
    Damaged(Damage),
}

impl Walk {
    /// Judges the walk's position; `fault` is what is wrong with it unless it holds zeros.
    pub(super) fn verdict(&mut self, fault: Option<&'static str>) -> Result<Verdict, JournalError> {
        let number = self.open.as_ref().map_or(0, |open| open.number);
        let next = number.saturating_add(1);
        match peek(&self.dir, next, self.ledger)? {
            Peek::InUse(open) => self.enter(open, fault),
            Peek::Absent if self.highest > next => {
                Ok(self.damaged_segment(next, "the segment file is missing, and later ones are there"))
            }
            Peek::Absent => self.end(fault),
            Peek::Unused { path, file, size } => {
                if holds_data(&path, &file, 0, size)? {
                    return Ok(self.damaged_segment(next, "the segment holds data but no header"));
                }
                match self.used_after(next)? {
                    Some(damaged) => Ok(damaged),
                    None => self.end(fault),
                }
            }
            Peek::Broken {
                path,
                file,
                size,
                rule,
                torn,
            } => {
                if !torn || holds_data(&path, &file, FIRST_RECORD, size)? {
                    return Ok(self.damaged_segment(next, rule));
                }
                if let Some(damaged) = self.used_after(next)? {
                    return Ok(damaged);
                }
                // The next segment is begun only when all of this one is durable.
                match self.end(fault)? {
                    Verdict::End(End { torn_to: None, .. }) => Ok(Verdict::End(End {
                        torn_to: None,
                        torn_header: Some(next),
                    })),
                    Verdict::End(_) => Ok(Verdict::Damaged(
                        self.damage(fault.unwrap_or("a group is missing")),
                    )),
                    other => Ok(other),
                }
            }
        }
    }

    /// Goes on to the next segment if this one has ended as its header says.
    fn enter(
        &mut self,
        next: Box<OpenSegment>,
        fault: Option<&'static str>,
    ) -> Result<Verdict, JournalError> {
        let sealed = next.header.sealed();
        if fault.is_some() || sealed != self.last {
            let rule = fault.unwrap_or("a group is missing: the next segment follows a later one");
            // What follows at once tells most.
            if let Some((offset, record)) = self.beyond()?.record {
                return self.located_before(rule, offset, &record).map(Verdict::Damaged);
            }
            let direct = self.last.number.checked_add(1) == Some(sealed.number);
            let hash = direct.then_some(next.header.prev_hash);
            return self.located(rule, None, hash).map(Verdict::Damaged);
        }
        if !next.header.follows(&self.tail) {
            return Ok(self.damaged_segment(next.number, "the segment does not follow the last entry"));
        }
        (self.pos, self.unsealed) = (FIRST_RECORD, false);
        self.stand_in(next);
        Ok(Verdict::NextSegment)
    }

    /// The end, unless a record beyond it says otherwise.
    fn end(&self, fault: Option<&'static str>) -> Result<Verdict, JournalError> {
        let beyond = self.beyond()?;
        let Some((offset, record)) = beyond.record.filter(|_| !mutated!(CutDamage)) else {
            return Ok(Verdict::End(End {
                torn_to: beyond.end,
                torn_header: None,
            }));
        };
        let rule = fault.unwrap_or("a group is missing: later ones are there");
        self.located_before(rule, offset, &record).map(Verdict::Damaged)
    }

    /// What lies behind the walk's position in its segment.
    fn beyond(&self) -> Result<Beyond, JournalError> {
        let Some(open) = &self.open else {
            return Ok(Beyond::default());
        };
        look(&open.file, open.place(self.pos), true)
            .map_err(|source| JournalError::io(&open.path, "read the segment", source))
    }

    /// Damage at the walk's position, with a whole record behind it.
    fn located_before(
        &self,
        rule: &'static str,
        offset: u64,
        record: &RecordHeader,
    ) -> Result<Damage, JournalError> {
        let direct = self.last.number.checked_add(2) == Some(record.number.get());
        self.located(rule, Some(offset), direct.then_some(record.prev_hash))
    }

    /// Damage if any segment from the one after `number` on was ever used.
    fn used_after(&self, number: u32) -> Result<Option<Verdict>, JournalError> {
        for later in number.saturating_add(1)..=self.highest {
            let used = match peek(&self.dir, later, self.ledger)? {
                Peek::Absent => false,
                Peek::Unused { path, file, size } => holds_data(&path, &file, 0, size)?,
                Peek::InUse(_) | Peek::Broken { .. } => true,
            };
            if used {
                return Ok(Some(self.damaged_segment(
                    number,
                    "the segment was never used, but a later one was",
                )));
            }
        }
        Ok(None)
    }

    /// Damage at the walk's position, naming the entry as far as it can be told.
    fn located(
        &self,
        rule: &'static str,
        end: Option<u64>,
        next_hash: Option<Digest>,
    ) -> Result<Damage, JournalError> {
        let mut damage = self.damage(rule);
        let Some(open) = &self.open else { return Ok(damage) };
        let end = end
            .unwrap_or(open.size)
            .min(self.pos.saturating_add(GROUP_BYTES_DEFAULT));
        let mut record = vec![0; usize::try_from(end.saturating_sub(self.pos)).unwrap_or(0)];
        open.file
            .read_exact_at(&mut record, self.pos)
            .map_err(|source| JournalError::io(&open.path, "read a group", source))?;
        if let Some((at, index)) = locate(&record, &self.tail, next_hash) {
            damage.offset = damage.offset.saturating_add(at as u64);
            damage.index = index;
        }
        Ok(damage)
    }

    /// Damage at the walk's position.
    pub(super) fn damage(&self, rule: &'static str) -> Damage {
        let segment = self.open.as_ref().map_or(1, |open| open.number);
        Damage {
            path: segment_path(&self.dir, segment),
            segment,
            offset: self.pos,
            group: self.last.number.saturating_add(1),
            index: self.tail.index.saturating_add(1),
            rule,
        }
    }

    /// The same as an error.
    pub(super) fn damaged(&self, rule: &'static str) -> JournalError {
        JournalError::Damaged(Box::new(self.damage(rule)))
    }

    fn damaged_segment(&self, segment: u32, rule: &'static str) -> Verdict {
        let path = segment_path(&self.dir, segment);
        Verdict::Damaged(Damage {
            path,
            segment,
            offset: 0,
            ..self.damage(rule)
        })
    }
}

/// Whether a segment holds anything but zeros from an offset on.
fn holds_data(path: &Path, file: &File, offset: u64, size: u64) -> Result<bool, JournalError> {
    let place = Place {
        segment: 0,
        offset,
        salt: 0,
        size,
    };
    let beyond =
        look(file, place, false).map_err(|source| JournalError::io(path, "read the segment", source))?;
    Ok(beyond.end.is_some())
}

const _: () = assert!(FIRST_RECORD == BLOCK_BYTES as u64);
