//! What moved on one account in one business day: the groups of its holder, read backwards.
use causeway_ledger::{AccountNow, Remembered};
use causeway_message::action::Action;
use causeway_message::control::{Control, ControlView};
use causeway_message::event::{EventKind, each};
use causeway_message::posting::{self, Account};
use causeway_message::statement::Statement;
use causeway_message::time::Timestamp;
use causeway_message::wire::{InstructionKey, StatementLine, StatementLines, StatementQuery};
use causeway_message::{InstructionId, ParticipantId};

use super::archive::{Archive, source_of};
use super::groups::{BatchSource, Source, events_of};
use super::history::{cost, damaged, group_of, wait};
use super::record::EffectsRecord;
use crate::error::EngineError;
use crate::limits::{HISTORY_BYTES, HISTORY_ENTRIES};

/// Collects the lines of a statement or of the running day; `None` if there is no statement of that date.
///
/// `now` says where the account stands, `published` up to which entry the files of the archive are written, and
/// `remembered` in which entry a proposal stands.
///
/// # Errors
/// If the archive cannot be read, or nothing is published any more.
pub fn search(
    archive: &Archive,
    query: &StatementQuery,
    now: &AccountNow,
    published: impl Fn() -> u64,
    remembered: impl Fn(InstructionKey) -> Result<Option<Remembered>, EngineError>,
) -> Result<Option<StatementLines>, EngineError> {
    wait(&published, now.index)?;
    let mut walk = Walk {
        archive,
        query,
        remembered,
        entries: 0,
        bytes: 0,
    };
    let Some(mut found) = walk.bounds(now)? else {
        return Ok(None);
    };
    // Before the date that was asked for was reached there are no lines.
    if query.date == 0 || found.date == query.date {
        walk.back(&mut found)?;
    }
    Ok(Some(found))
}

/// One question's way through the log.
struct Walk<'a, R> {
    archive: &'a Archive,
    query: &'a StatementQuery,
    remembered: R,
    entries: usize,
    bytes: usize,
}

impl<R: Fn(InstructionKey) -> Result<Option<Remembered>, EngineError>> Walk<'_, R> {
    const fn account(&self) -> &Account {
        &self.query.account
    }

    /// What the lines lie between.
    fn bounds(&mut self, now: &AccountNow) -> Result<Option<StatementLines>, EngineError> {
        let newest = match now.told {
            0 => None,
            told => Some(
                self.told(told)?
                    .ok_or_else(|| damaged(told, "there is no statement of the account"))?,
            ),
        };
        let mut found = StatementLines {
            index: now.index,
            next: (0, 0),
            opening: newest.map_or(0, |(newest, _)| newest.closing),
            closing: now.balance,
            from: newest.map_or(0, |(newest, _)| newest.to),
            to: now.index,
            from_time: Timestamp(0),
            to_time: Timestamp(0),
            told: now.told,
            event: newest.map_or(0, |(_, event)| event),
            date: now.date,
            lines: Vec::new(),
        };
        if self.query.date != 0 {
            let from = match self.query.told {
                0 => newest.map(|newest| (now.told, newest)),
                // What a client says may be nothing.
                told if told > now.told => None,
                told => self.told(told)?.map(|found| (told, found)),
            };
            let Some((statement, told, event)) = self.of_date(from)? else {
                return Ok(None);
            };
            (found.opening, found.closing) = (statement.opening, statement.closing);
            (found.from, found.to, found.date) = (statement.from, statement.to, statement.date);
            (found.told, found.event) = (told, event);
        }
        let time = |entry| match entry {
            0 => Ok(Timestamp(0)),
            entry => self.archive.entry(entry).map(|(header, _)| header.time()),
        };
        (found.from_time, found.to_time) = (time(found.from)?, time(found.to)?);
        Ok(Some(found))
    }

    /// The statement of the date that is asked for, or the one at which a question has read enough: the entry that told
    /// it, and the number of its event.
    fn of_date(
        &mut self,
        from: Option<(u64, (Statement, u64))>,
    ) -> Result<Option<(Statement, u64, u64)>, EngineError> {
        let Some((mut told, (mut statement, mut event))) = from else {
            return Ok(None);
        };
        loop {
            if statement.date < self.query.date {
                return Ok(None);
            }
            if statement.date == self.query.date || self.bytes >= HISTORY_BYTES {
                return Ok(Some((statement, told, event)));
            }
            if statement.before == 0 {
                return Ok(None);
            }
            if statement.before >= told {
                return Err(damaged(told, "the statement before is not before it"));
            }
            told = statement.before;
            let before = self.told(told)?;
            (statement, event) =
                before.ok_or_else(|| damaged(told, "there is no statement of the account"))?;
        }
    }

    /// The statement that an entry told of the account, and the number of its event; `None` if it told none.
    fn told(&mut self, entry: u64) -> Result<Option<(Statement, u64)>, EngineError> {
        let kept = self.archive.effects(entry)?;
        let (header, payload) = self.archive.entry(entry)?;
        self.bytes += cost(&kept, payload.len());
        let Some((first, events)) = self.events(&kept, &source_of(&header, &payload)) else {
            return Ok(None);
        };
        let told = each(&events).zip(first..).find_map(|(event, number)| {
            let statement = event.statement_of(self.account())?;
            Some((statement, number))
        });
        Ok(told)
    }

    /// Number of the first event of the holder's group, and the events; `None` if the entry has no group of it.
    fn events(&self, kept: &EffectsRecord, source: &Source<'_>) -> Option<(u64, Vec<u8>)> {
        let participant = self.account().participant;
        let (_, group) = kept.group(participant)?;
        Some((group.head.first, events_of(source, &kept.outcome, participant)))
    }

    /// Entry of a group of the holder behind all lines that are wanted, or close behind.
    fn start(&self, to: u64) -> u64 {
        let participant = self.account().participant.0;
        let feeds = self.archive.feeds();
        match self.query.before.0 {
            0 => feeds.not_before(participant, to.saturating_add(1)),
            event => feeds.anchor(participant, event).unwrap_or(0),
        }
    }

    fn is_wanted(&self, place: (u64, u32)) -> bool {
        self.query.before == (0, 0) || place < self.query.before
    }

    /// Reads group after group, from the newest to the oldest, until the first or a bound is reached.
    fn back(&mut self, found: &mut StatementLines) -> Result<(), EngineError> {
        let mut entry = self.start(found.to);
        let mut begins = 0;
        while entry > found.from {
            if begins != 0 && (self.entries >= HISTORY_ENTRIES || self.bytes >= HISTORY_BYTES) {
                found.next = (begins, 0);
                return Ok(());
            }
            let kept = self.archive.effects(entry)?;
            self.entries += 1;
            self.bytes += cost(&kept, 0);
            let group = group_of(&kept, self.account().participant)?;
            let previous = group.previous;
            if entry <= found.to && self.is_wanted((group.head.first, 0)) {
                begins = group.head.first;
                let mut lines = self.entry(&kept)?;
                lines.retain(|line| self.is_wanted(line.place()));
                lines.sort_unstable_by_key(|line| std::cmp::Reverse(line.place()));
                let room = StatementLines::LINES_MAX - found.lines.len();
                let more = lines.len() > room;
                found.lines.extend(lines.into_iter().take(room));
                if more {
                    found.next = found.lines.last().map_or((0, 0), StatementLine::place);
                    return Ok(());
                }
            }
            entry = previous;
        }
        Ok(())
    }

    /// What one entry moved on the account.
    fn entry(&mut self, kept: &EffectsRecord) -> Result<Vec<StatementLine>, EngineError> {
        let entry = kept.leaf.index;
        let (header, payload) = self.archive.entry(entry)?;
        self.bytes += payload.len();
        let source = source_of(&header, &payload);
        let (first, events) = self
            .events(kept, &source)
            .ok_or_else(|| damaged(entry, "the entry does not concern the participant"))?;
        let mut lines = Vec::new();
        let mut add = |event, posting| {
            lines.push(StatementLine {
                entry,
                time: kept.leaf.time,
                event,
                posting,
            });
        };
        for (event, number) in each(&events).zip(first..) {
            if event.kind() == Some(EventKind::OwnBatch) {
                let batch = source.batch.iter();
                batch
                    .flat_map(|batch| own(self.account(), entry, batch, kept))
                    .for_each(|posting| add(number, posting));
                continue;
            }
            let set_aside = |agent, id| self.set_aside(agent, id);
            if let Some(posting) = posting::of_event(self.account(), &event, set_aside)? {
                add(number, posting);
            }
        }
        Ok(lines)
    }

    /// Whose money a proposal set aside, and in which currency.
    fn set_aside(
        &self,
        agent: ParticipantId,
        id: InstructionId,
    ) -> Result<Option<(ParticipantId, u16)>, EngineError> {
        let key = InstructionKey { submitter: agent, id };
        let Some(known) = (self.remembered)(key)? else {
            return Ok(None);
        };
        let (_, payload) = self.archive.entry(known.entry)?;
        let view = ControlView::parse(&payload)
            .map_err(|e| EngineError::format(format!("log entry {}", known.entry), e))?;
        let record = view
            .records
            .into_iter()
            .find(|record| record.instruction_id == id);
        Ok(match record.and_then(|record| record.control) {
            Some(Control::Propose(Action::Defund {
                participant,
                currency,
                ..
            })) => Some((participant, currency)),
            _ => None,
        })
    }
}

/// What the holder paid by its own batch in the batch's own entry.
fn own<'a>(
    account: &'a Account,
    entry: u64,
    batch: &'a BatchSource<'_>,
    kept: &'a EffectsRecord,
) -> impl Iterator<Item = posting::Posting> + 'a {
    let answers = batch.records.iter().zip(&kept.outcome.answers).zip(0_u16..);
    answers.filter_map(move |((record, answer), ordinal)| {
        posting::of_record(account, record, answer, (entry, ordinal))
    })
}
