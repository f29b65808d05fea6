//! What one participant proposed, approved and withdrew, and what became of it: its groups, read backwards.
use causeway_message::control::ControlView;
use causeway_message::entry::EntryKind;
use causeway_message::wire::{
    GovernanceLines, GovernanceQuery, GovernanceReached, GovernanceRecord, Governed,
};
use causeway_message::{KeyId, LedgerId};

use super::archive::Archive;
use super::history::{Asked, cost, damaged, group_of, wait};
use super::record::EffectsRecord;
use crate::error::EngineError;
use crate::governance::{Signer, reached, records};
use crate::limits::{HISTORY_BYTES, HISTORY_ENTRIES};

/// Searches the control batches of the participant that is asked about, and what it was told of its proposals.
///
/// `ledger` is the one that proposals are made for, `published` says up to which entry the files of the archive are
/// written, and `person` who holds a key of the participant.
///
/// # Errors
/// If the archive cannot be read, or nothing is published any more.
pub fn search(
    archive: &Archive,
    ledger: LedgerId,
    query: &GovernanceQuery,
    published: impl Fn() -> u64,
    person: impl Fn(KeyId) -> Option<u32>,
) -> Result<GovernanceLines, EngineError> {
    let seen = published();
    let newest = archive.feeds().newest(query.participant.0);
    wait(&published, newest)?;
    let asked = Asked {
        participant: query.participant,
        before: query.before,
    };
    let mut walk = Walk {
        archive,
        ledger,
        asked,
        person,
        entries: 0,
        bytes: 0,
        actions: 0,
        found: GovernanceLines {
            index: seen.max(newest),
            next: 0,
            participant: query.participant,
            records: Vec::new(),
            reached: Vec::new(),
        },
    };
    walk.back(asked.start(archive, newest))?;
    Ok(walk.found)
}

/// Records and statuses of one entry.
type Told = (Vec<GovernanceRecord>, Vec<GovernanceReached>);

/// One question's way through the log.
struct Walk<'a, P> {
    archive: &'a Archive,
    ledger: LedgerId,
    asked: Asked,
    person: P,
    entries: usize,
    bytes: usize,
    /// Bytes of the actions that were found.
    actions: usize,
    found: GovernanceLines,
}

impl<P: Fn(KeyId) -> Option<u32>> Walk<'_, P> {
    /// Reads group after group, from the newest to the oldest, until the beginning or a bound is reached.
    fn back(&mut self, mut entry: u64) -> Result<(), EngineError> {
        let mut begun = false;
        while entry != 0 {
            // Each question goes on by one entry at least.
            if begun && (self.entries >= HISTORY_ENTRIES || self.bytes >= HISTORY_BYTES) {
                self.found.next = entry + 1;
                return Ok(());
            }
            let kept = self.archive.effects(entry)?;
            self.entries += 1;
            self.bytes += cost(&kept, 0);
            let previous = group_of(&kept, self.asked.participant)?.previous;
            if self.asked.inside(entry) {
                begun = true;
                let told = self.entry(&kept)?;
                if !self.take(told) {
                    if self.found.records.is_empty() && self.found.reached.is_empty() {
                        return Err(damaged(entry, "it tells more than one message holds"));
                    }
                    self.found.next = entry + 1;
                    return Ok(());
                }
            }
            entry = previous;
        }
        Ok(())
    }

    /// Adds what an entry told; false if there is no room for it.
    fn take(&mut self, (records, reached): Told) -> bool {
        let mut action = Vec::new();
        for record in &records {
            if let Governed::Proposes(proposed) = &record.what {
                proposed.write(&mut action);
            }
        }
        let found = &mut self.found;
        let fits = found.records.len() + records.len() <= GovernanceLines::RECORDS_MAX
            && found.reached.len() + reached.len() <= GovernanceLines::REACHED_MAX
            && self.actions + action.len() <= GovernanceLines::ACTION_BYTES_MAX;
        if fits {
            self.actions += action.len();
            found.records.extend(records);
            found.reached.extend(reached);
        }
        fits
    }

    fn entry(&mut self, kept: &EffectsRecord) -> Result<Told, EngineError> {
        let (entry, time) = (kept.leaf.index, kept.leaf.time);
        let participant = self.asked.participant;
        let reached = reached(&kept.outcome, entry, time)
            .filter(|(proposer, _)| *proposer == participant)
            .map(|(_, reached)| reached)
            .collect();
        if kept.leaf.kind != EntryKind::Control as u16 {
            return Ok((Vec::new(), reached));
        }
        let (_, payload) = self.archive.entry(entry)?;
        self.bytes += payload.len();
        let view = ControlView::parse(&payload)
            .map_err(|error| EngineError::format(format!("log entry {entry}"), error))?;
        // The batch of another may be what told the participant something.
        if view.block.participant.get() != participant.0 {
            return Ok((Vec::new(), reached));
        }
        let key = KeyId(view.block.key.get());
        let by = Signer {
            participant,
            key,
            person: (self.person)(key),
        };
        let answers = &kept.outcome.answers;
        let records = records(self.ledger, (entry, time), by, &view.records, answers);
        Ok((records.collect(), reached))
    }
}
