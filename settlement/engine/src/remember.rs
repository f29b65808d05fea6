//! The memory of instruction ids at a start from a snapshot: filled from the journal, with what became of each from the
//! effects, while the journal is verified. One thread reads and verifies, one hashes the batches, one fills.
use causeway_ledger::{Ledger, Remembered};
use causeway_message::answer::Answer;
use causeway_message::batch::BatchView;
use causeway_message::codec::Reader as Fields;
use causeway_message::entry::EntryHeader;
use causeway_message::genesis::Genesis;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{LedgerId, Status};

use crate::ahead::{Give, beside};
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::item::Payload;
use crate::journal::{JournalError, Location, Recovered, Scan, Writer};
use crate::publish::record::EffectsRecord;
use crate::publish::scrub::Scrub;
use crate::recover::{batch_of, journal_config};
use crate::snapshot::Snapshot;
use crate::spares::Spares;

/// Bytes of entries handed on at once: small ones cost no handing over each.
const CHUNK_BYTES: usize = 512 * 1_024;
/// Chunks between two threads.
const CHUNKS: usize = 8;

/// An entry as it is read.
type Read = (EntryHeader, Vec<u8>, Location);

/// The ledger of a snapshot whose memory of ids is being filled, and what was derived of the journal held to it.
pub(crate) struct Filling {
    ledger: Ledger,
    scrub: Scrub,
    until: u64,
    seen: u64,
}

impl Filling {
    /// Restores the ledger. `seed` only scatters.
    ///
    /// # Errors
    /// If the snapshot is not of this ledger, or a file that it relies on is not there.
    pub fn begin(
        config: &EngineConfig,
        genesis: &Genesis,
        seed: u64,
        snapshot: &Snapshot,
    ) -> Result<Self, EngineError> {
        let mut fields = Fields::new(&snapshot.ledger);
        let ledger = Ledger::restore(genesis, seed, &mut fields)
            .map_err(|e| EngineError::Directory(format!("snapshot: {e}")))?;
        if ledger.index() != snapshot.mark.index {
            return Err(EngineError::Directory("snapshot: ledger and mark differ".into()));
        }
        Ok(Self {
            ledger,
            scrub: Scrub::new(&config.derived_dir(), snapshot.mark.clone())?,
            until: snapshot.mark.index,
            seen: 0,
        })
    }

    /// Fills from a journal that was verified before, read past the page cache if `direct`.
    ///
    /// # Errors
    /// What does not hold.
    pub fn scanned(self, config: &EngineConfig, direct: bool) -> Result<Ledger, EngineError> {
        let mut scan = Scan::from_start(config.journal_dir(), self.ledger.id())?.past_cache(direct);
        let until = self.until;
        let (read, filled) = self.fed(config, |feed| -> Result<(), JournalError> {
            while let Some((header, payload, location)) = scan.next()? {
                if header.index.get() > until || !feed(&header, &payload, location) {
                    break;
                }
            }
            Ok(())
        });
        read?;
        filled
    }

    /// Runs `read`, which feeds entries in order until it is told that no more are wanted.
    fn fed<R>(
        mut self,
        config: &EngineConfig,
        read: impl FnOnce(&mut dyn FnMut(&EntryHeader, &[u8], Location) -> bool) -> R,
    ) -> (R, Result<Ledger, EngineError>) {
        let dir = config.journal_dir();
        let (until, spares) = (self.until, Spares::default());
        let fill = |entries: Vec<(u64, Location, Payload)>| {
            for (index, location, payload) in entries {
                self.entry(index, location, &payload)?;
                if let Payload::Batch(batch) = payload {
                    spares.give(batch);
                }
            }
            Ok(())
        };
        let ((read, hashed), filled) = beside(&dir, CHUNKS, fill, |fill: &mut Give<'_, _>| {
            let hash = |chunk: Vec<Read>| {
                let hashed = chunk.into_iter().map(|(header, payload, location)| {
                    Ok((header.index.get(), location, batch_of(&header, payload)?))
                });
                let hashed = hashed.collect::<Result<Vec<_>, EngineError>>()?;
                // If nothing more is taken, why is said by who took.
                fill(hashed).then_some(()).ok_or(EngineError::Stopped("recovery"))
            };
            beside(&dir, CHUNKS, hash, |hash| {
                let (mut chunk, mut bytes, mut wanted) = (Vec::new(), 0, true);
                let read = read(&mut |header, payload, location| {
                    wanted = wanted && header.index.get() <= until;
                    if !wanted {
                        return false;
                    }
                    let mut own = spares
                        .take(payload.len())
                        .unwrap_or_else(|| Vec::with_capacity(payload.len()));
                    own.extend_from_slice(payload);
                    chunk.push((*header, own, location));
                    bytes += payload.len() + size_of::<EntryHeader>();
                    if bytes >= CHUNK_BYTES {
                        bytes = 0;
                        wanted = hash(std::mem::take(&mut chunk));
                    }
                    wanted
                });
                if !chunk.is_empty() {
                    hash(chunk);
                }
                read
            })
        });
        (read, filled.and(hashed).and_then(|()| self.end()))
    }

    fn entry(&mut self, index: u64, location: Location, payload: &Payload) -> Result<(), EngineError> {
        self.seen = index;
        let kept = self.scrub.entry(index, location)?;
        if let Payload::Batch(batch) = payload {
            remember_batch(&mut self.ledger, &kept, batch);
        }
        remember_later(&mut self.ledger, &kept);
        Ok(())
    }

    fn end(self) -> Result<Ledger, EngineError> {
        let Self {
            ledger,
            scrub,
            until,
            seen,
        } = self;
        if seen < until {
            return Err(EngineError::Directory(format!(
                "the journal ends at entry {seen}, before the snapshot"
            )));
        }
        scrub.end()?;
        Ok(ledger)
    }
}

/// A journal that was opened, or why it was not.
type Opened = Result<(Writer, Recovered), JournalError>;

/// Opens the journal, verifying all of it; a snapshot's ledger, if there is one, is filled from what is verified.
pub(crate) fn opened(
    config: &EngineConfig,
    id: LedgerId,
    filling: Option<Result<Filling, EngineError>>,
) -> (Opened, Option<Result<Ledger, EngineError>>) {
    let journal = journal_config(config);
    match filling {
        Some(Ok(filling)) => {
            let (opened, filled) = filling.fed(config, |feed| {
                Writer::open_seen(journal, id, &mut |header, payload, location| {
                    feed(header, payload, location);
                })
            });
            (opened, Some(filled))
        }
        Some(Err(error)) => (Writer::open(journal, id), Some(Err(error))),
        None => (Writer::open(journal, id), None),
    }
}

fn remember_batch(ledger: &mut Ledger, kept: &EffectsRecord, batch: &VerifiedBatch) {
    let entry = kept.leaf.index;
    let submitter = batch.participant();
    let known = |ordinal: usize, answer: &Answer, check| {
        let status = answer.status().filter(|_| answer.is_first())?;
        // Neither an id used with other bytes nor one that did not fit is remembered.
        let remembered = !matches!(status, Status::IdReused | Status::CapacityExhausted);
        remembered.then_some(Remembered {
            check,
            status,
            entry,
            ordinal: ordinal as u16,
            cause: entry,
        })
    };
    let answers = kept.outcome.answers.iter().zip(batch.checks()).enumerate();
    let Some(BatchView { records, .. }) = batch.view() else {
        for ((ordinal, (answer, check)), id) in answers.zip(batch.instruction_ids()) {
            if let Some(known) = known(ordinal, answer, check) {
                ledger.remember(submitter, id, &known);
            }
        }
        return;
    };
    for ((ordinal, (answer, check)), record) in answers.zip(records) {
        ledger.remember_soon(submitter, records, ordinal);
        if let Some(known) = known(ordinal, answer, check) {
            ledger.remember(submitter, record.id(), &known);
            if !known.status.is_rejected() {
                ledger.remember_payment(record, kept.leaf.time);
            }
        }
    }
}

fn remember_later(ledger: &mut Ledger, kept: &EffectsRecord) {
    let entry = kept.leaf.index;
    // What only others are told is no status of the instruction: that it is alleged to a counterparty.
    let own = kept.outcome.deferred.iter().filter(|d| d.told.submitter);
    let later = own.map(|d| (d.submitter, d.record.id(), d.status));
    let notices = kept.outcome.notices.iter().filter(|n| n.ends_proposal());
    let control = notices.map(|n| (n.proposer, n.id, n.status));
    for (who, id, status) in later.chain(control) {
        ledger.remember_later(who, id, status, entry);
    }
}
