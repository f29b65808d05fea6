//! What became of everything under a reference: the groups of a participant, read backwards.
use std::time::Duration;

use causeway_ledger::Deferred;
use causeway_message::answer::{ANSWER_BYTES, Answer};
use causeway_message::event::Role;
use causeway_message::limits::RECORD_BYTES;
use causeway_message::record::{Instruction, Kind};
use causeway_message::wire::{HistoryLine, HistoryLines, HistoryQuery};
use causeway_message::{FormatError, ParticipantId, Status};

use super::archive::{Archive, source_of};
use super::groups::BatchSource;
use super::record::{EffectsRecord, GroupRecord};
use crate::error::EngineError;
use crate::limits::{HISTORY_BYTES, HISTORY_ENTRIES, HISTORY_WAIT_MS};

/// Searches the batches and events of the participant that is asked about.
///
/// `published` says up to which entry the files of the archive are written.
///
/// # Errors
/// If the archive cannot be read, or nothing is published any more.
pub fn search(
    archive: &Archive,
    query: &HistoryQuery,
    published: impl Fn() -> u64,
) -> Result<HistoryLines, EngineError> {
    let seen = published();
    let newest = archive.feeds().newest(query.participant.0);
    wait(&published, newest)?;
    let asked = Asked {
        participant: query.participant,
        before: query.before,
    };
    let mut found = HistoryLines {
        index: seen.max(newest),
        next: 0,
        left_out: 0,
        lines: Vec::new(),
    };
    let mut walk = Walk {
        archive,
        query,
        asked,
        entries: 0,
        bytes: 0,
    };
    walk.back(asked.start(archive, newest), &mut found)?;
    Ok(found)
}

/// Waits for an entry that was counted a moment ago and may not be in the files yet.
pub(super) fn wait(published: &impl Fn() -> u64, entry: u64) -> Result<(), EngineError> {
    let mut looks = 0;
    while published() < entry {
        if looks == HISTORY_WAIT_MS {
            return Err(EngineError::Stopped("publish"));
        }
        looks += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Groups of a participant as a question asks for them: those of entries before one, or all (zero).
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub participant: ParticipantId,
    pub before: u64,
}

impl Asked {
    pub const fn inside(&self, entry: u64) -> bool {
        self.before == 0 || entry < self.before
    }

    /// Entry of a group of the participant, with none between it and `before`; or close behind.
    pub fn start(&self, archive: &Archive, newest: u64) -> u64 {
        if self.inside(newest) {
            return newest;
        }
        let feeds = archive.feeds();
        feeds.not_before(self.participant.0, self.before).min(newest)
    }
}

/// The group of a participant in an entry, which leads back to one before it.
///
/// # Errors
/// If the files are damaged.
pub(super) fn group_of(
    kept: &EffectsRecord,
    participant: ParticipantId,
) -> Result<&GroupRecord, EngineError> {
    let entry = kept.leaf.index;
    let (_, group) = kept
        .group(participant)
        .ok_or_else(|| damaged(entry, "the entry does not concern the participant"))?;
    if group.previous >= entry {
        return Err(damaged(entry, "the group before is not before it"));
    }
    Ok(group)
}

pub(super) fn damaged(entry: u64, rule: &'static str) -> EngineError {
    EngineError::format(format!("log entry {entry}"), FormatError::rule("group", rule))
}

/// What it costs to read an entry, in bytes.
pub(super) fn cost(kept: &EffectsRecord, payload: usize) -> usize {
    payload
        + kept.outcome.answers.len() * ANSWER_BYTES
        + kept.outcome.deferred.len() * RECORD_BYTES
        + kept.groups.len() * size_of::<GroupRecord>()
}

/// One question's way through the log.
struct Walk<'a> {
    archive: &'a Archive,
    query: &'a HistoryQuery,
    asked: Asked,
    entries: usize,
    bytes: usize,
}

impl Walk<'_> {
    /// Reads group after group, from the newest to the oldest, until the beginning or a bound is reached.
    fn back(&mut self, mut entry: u64, found: &mut HistoryLines) -> Result<(), EngineError> {
        while entry != 0 {
            if self.entries >= HISTORY_ENTRIES || self.bytes >= HISTORY_BYTES {
                found.next = entry + 1;
                return Ok(());
            }
            let kept = self.archive.effects(entry)?;
            let previous = group_of(&kept, self.asked.participant)?.previous;
            if self.asked.inside(entry) {
                let lines = self.entry(&kept)?;
                let room = HistoryLines::LINES_MAX - found.lines.len();
                if lines.len() > room && !found.lines.is_empty() {
                    found.next = entry + 1;
                    return Ok(());
                }
                found.left_out = lines.len().saturating_sub(room) as u32;
                found.lines.extend(lines.into_iter().take(room));
            }
            entry = previous;
        }
        Ok(())
    }

    /// What one entry told the participant of the reference.
    fn entry(&mut self, kept: &EffectsRecord) -> Result<Vec<HistoryLine>, EngineError> {
        let index = kept.leaf.index;
        let (header, payload) = self.archive.entry(index)?;
        self.entries += 1;
        self.bytes += cost(kept, payload.len());
        let mut lines = Vec::new();
        if let Some(batch) = source_of(&header, &payload).batch {
            let answers = batch.records.iter().zip(&kept.outcome.answers);
            lines.extend(
                answers
                    .enumerate()
                    .filter(|(_, (record, _))| self.query.means(record))
                    .filter_map(|(at, (record, answer))| self.own(index, &batch, at as u16, record, answer)),
            );
        }
        for deferred in &kept.outcome.deferred {
            if self.query.means(&deferred.record) {
                lines.extend(self.deferred(index, deferred));
            }
        }
        Ok(lines)
    }

    /// A record in its own entry: its submitter has the answer, its creditor the credit.
    fn own(
        &self,
        entry: u64,
        batch: &BatchSource<'_>,
        ordinal: u16,
        record: &Instruction,
        answer: &Answer,
    ) -> Option<HistoryLine> {
        let status = answer.status().filter(|_| answer.is_first())?;
        let settled = status == Status::Settled;
        let who = self.query.participant;
        // Of trades and exchanges all are told by what the ledger says of them.
        let apart = [Kind::Pvp, Kind::FxPayment].map(|kind| kind as u8);
        let apart = apart.contains(&record.kind);
        let role = if batch.submitter == who {
            Role::Submitter
        } else if settled && record.creditor.get() == who.0 && !apart {
            Role::Creditor
        } else {
            return None;
        };
        Some(HistoryLine {
            record: *record,
            entry,
            cause: entry,
            amount: if settled { record.amount.get() } else { 0 },
            submitter: batch.submitter,
            ordinal,
            status,
            role,
        })
    }

    /// A status that was reached later: to everybody who was told of it, in the role in which it was.
    fn deferred(&self, cause: u64, deferred: &Deferred) -> impl Iterator<Item = HistoryLine> {
        let (who, told) = (self.query.participant, deferred.told);
        let creditor = ParticipantId(deferred.record.creditor.get());
        let roles = [
            (told.submitter && deferred.submitter == who, Role::Debtor),
            (told.creditor && creditor == who, Role::Creditor),
            (told.approver == Some(who), Role::Approver),
        ];
        roles
            .into_iter()
            .filter(|(is_told, _)| *is_told)
            .map(move |(_, role)| HistoryLine {
                record: deferred.record,
                entry: deferred.entry,
                cause,
                amount: deferred.amount,
                submitter: deferred.submitter,
                ordinal: deferred.ordinal,
                status: deferred.status,
                role,
            })
    }
}
