//! Starting: from the newest snapshot that holds, or from the first entry.
//!
//! Whatever is derived is derived again and must come out the same: the tree heads in the journal are checked
//! against the tree that the replay grows.
use std::sync::Arc;

use causeway_ledger::{Ledger, Outcome, Remembered};
use causeway_message::Status;
use causeway_message::codec::Reader as Fields;
use causeway_message::entry::{EntryHeader, EntryKind};
use causeway_message::genesis::Genesis;
use causeway_message::verify::VerifiedBatch;

use crate::ahead;
use crate::applier::apply;
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::item::{Applied, Committed, Payload};
use crate::journal::{JournalConfig, Location, Reader, Scan, Writer};
use crate::past::LogPast;
use crate::publish::archive::{Archive, Mark};
use crate::publish::record::EffectsRecord;
use crate::publish::scrub::Scrub;
use crate::publish::{Publisher, reset};
use crate::snapshot::{self, Snapshot};
use crate::system::Dir;
use crate::witness::Witness;

/// A node's state, ready to go on.
pub(crate) struct Recovered {
    pub ledger: Ledger,
    pub archive: Arc<Archive>,
    pub mark: Mark,
    pub writer: Writer,
    /// First entry that is not in the ledger yet, where the replay begins.
    pub replay_from: Option<(Location, crate::journal::Tail)>,
    pub snapshot_index: u64,
}

fn seed(config: &EngineConfig) -> Result<u64, EngineError> {
    let random = config.dir.system().random();
    random.map_err(|e| EngineError::file(config.dir.path(), e))
}

pub(crate) fn batch_of(header: &EntryHeader, payload: Vec<u8>) -> Result<Payload, EngineError> {
    let index = header.index.get();
    let form = |e| EngineError::format(format!("log entry {index}"), e);
    match header.kind().map_err(form)? {
        EntryKind::Batch | EntryKind::Control => {
            let batch = VerifiedBatch::from_journal(payload, &header.payload_digest).map_err(form)?;
            Ok(Payload::Batch(Arc::new(batch)))
        }
        EntryKind::Genesis | EntryKind::Tick | EntryKind::Roots | EntryKind::Rules | EntryKind::Plan => {
            Ok(Payload::Bytes(payload))
        }
    }
}

/// Opens the journal and restores what a snapshot holds.
pub(crate) fn open(config: &EngineConfig, genesis: &Genesis) -> Result<Recovered, EngineError> {
    let id = genesis.ledger_id();
    let snapshots = snapshot::usable(&config.snapshot_dir())?;
    // Before anything is cut or derived again: later there would be nothing left to see.
    let witness = Witness::look(config, genesis, &snapshots);
    // The journal first: it refuses another ledger's directory before anything is removed from it.
    let (writer, found) = Writer::open(journal_config(config), id)?;
    report(&writer, &found);
    witness.check(config, writer.tail().index)?;
    for snapshot in snapshots {
        match restore(config, genesis, &snapshot) {
            Ok((ledger, archive)) => {
                let replay_from = Some((snapshot.location, snapshot.tail));
                let (mark, snapshot_index) = (snapshot.mark, snapshot.tail.index);
                return Ok(Recovered {
                    ledger,
                    archive,
                    mark,
                    writer,
                    replay_from,
                    snapshot_index,
                });
            }
            // A journal that is damaged stops the node; a snapshot that does not fit is only passed over.
            Err(error @ EngineError::Journal(_)) => return Err(error),
            Err(error) => {
                tracing::warn!(index = snapshot.mark.index, %error, "snapshot passed over");
            }
        }
    }
    reset(&config.derived_dir())?;
    let reader = Reader::open(config.journal_dir(), id)?;
    let mark = Mark::default();
    let archive = Arc::new(Archive::open(&config.derived_dir(), reader, &mark)?);
    let ledger = Ledger::new(genesis, seed(config)?)
        .map_err(|(status, what)| EngineError::Genesis(format!("{what}: {}", status.meaning())))?;
    Ok(Recovered {
        ledger,
        archive,
        mark,
        writer,
        replay_from: None,
        snapshot_index: 0,
    })
}

fn journal_config(config: &EngineConfig) -> JournalConfig {
    let mut journal = JournalConfig::new(config.journal_dir()).with_segment_bytes(config.segment_bytes);
    journal.direct = config.direct;
    journal.places = config.places.clone();
    journal
}

fn report(writer: &Writer, found: &crate::journal::Recovered) {
    if !writer.is_direct() {
        tracing::warn!(
            "the filesystem takes no O_DIRECT: the journal is written through the page cache and synced"
        );
    }
    if let Some(cut) = &found.cut {
        tracing::warn!(?cut, "an unsealed torn tail was cut from the journal");
    }
}

/// The ledger and the archive as a snapshot left them.
fn restore(
    config: &EngineConfig,
    genesis: &Genesis,
    snapshot: &Snapshot,
) -> Result<(Ledger, Arc<Archive>), EngineError> {
    let id = genesis.ledger_id();
    let mut fields = Fields::new(&snapshot.ledger);
    let mut ledger = Ledger::restore(genesis, seed(config)?, &mut fields)
        .map_err(|e| EngineError::Directory(format!("snapshot: {e}")))?;
    if ledger.index() != snapshot.mark.index {
        return Err(EngineError::Directory("snapshot: ledger and mark differ".into()));
    }
    let reader = Reader::open(config.journal_dir(), id)?;
    let archive = Arc::new(Archive::open(&config.derived_dir(), reader, &snapshot.mark)?);
    remember(config, &mut ledger, &archive, snapshot.mark.index)?;
    Ok((ledger, archive))
}

/// Fills the memory of instruction ids from the log up to an entry, and holds what was derived of it to the log.
///
/// Reading the journal and hashing its records takes most of the time, so that is done ahead.
fn remember(
    config: &EngineConfig,
    ledger: &mut Ledger,
    archive: &Archive,
    until: u64,
) -> Result<(), EngineError> {
    let dir = config.journal_dir();
    let mut scan = Scan::from_start(&dir, ledger.id())?;
    let read = move || {
        let next = scan.next()?.filter(|(header, ..)| header.index.get() <= until);
        let read = |(header, payload, location): (EntryHeader, _, _)| {
            Ok((header.index.get(), location, batch_of(&header, payload)?))
        };
        next.map(read).transpose()
    };
    let mut seen = 0;
    let mut scrub = Scrub::new(archive);
    ahead::each(&dir, 8, read, |(index, location, payload)| {
        seen = index;
        let kept = scrub.entry(index, location)?;
        remember_entry(ledger, &kept, &payload);
        Ok(())
    })?;
    if seen < until {
        return Err(EngineError::Directory(format!(
            "the journal ends at entry {seen}, before the snapshot"
        )));
    }
    scrub.end()
}

fn remember_entry(ledger: &mut Ledger, kept: &EffectsRecord, payload: &Payload) {
    let entry = kept.leaf.index;
    if let Payload::Batch(batch) = payload {
        let submitter = batch.participant();
        let ids = batch.instruction_ids();
        let answers = kept.outcome.answers.iter().zip(batch.checks()).zip(ids);
        let records = batch.view().map_or(&[][..], |view| view.records);
        for (ordinal, ((answer, check), id)) in answers.enumerate() {
            let (Some(status), true) = (answer.status(), answer.is_first()) else {
                continue;
            };
            // Neither an id used with other bytes nor one that did not fit is remembered.
            if matches!(status, Status::IdReused | Status::CapacityExhausted) {
                continue;
            }
            let known = Remembered {
                check,
                status,
                entry,
                ordinal: ordinal as u16,
                cause: entry,
            };
            ledger.remember(submitter, id, &known);
            if let Some(record) = records.get(ordinal).filter(|_| !status.is_rejected()) {
                ledger.remember_payment(record, kept.leaf.time);
            }
        }
    }
    // What only others are told is no status of the instruction: that it is alleged to a counterparty.
    let own = kept.outcome.deferred.iter().filter(|d| d.told.submitter);
    let later = own.map(|d| (d.submitter, d.record.id(), d.status));
    let notices = kept.outcome.notices.iter().filter(|n| n.ends_proposal());
    let control = notices.map(|n| (n.proposer, n.id, n.status));
    for (who, id, status) in later.chain(control) {
        ledger.remember_later(who, id, status, entry);
    }
}

/// Applies and publishes what the journal holds beyond the ledger. Nothing is answered: nobody asked.
pub(crate) fn replay(
    dir: &Dir,
    from: Option<(Location, crate::journal::Tail)>,
    ledger: &mut Ledger,
    past: &mut LogPast<Arc<Archive>>,
    publisher: &mut Publisher,
) -> Result<u64, EngineError> {
    let id = ledger.id();
    let mut scan = match from {
        Some((at, tail)) => Scan::from(dir, id, at, tail)?,
        None => Scan::from_start(dir, id)?,
    };
    let read = move || {
        let committed = |(header, payload, location)| {
            Ok(Committed {
                payload: batch_of(&header, payload)?,
                header,
                location,
                reply: None,
            })
        };
        scan.next()?.map(committed).transpose()
    };
    let mut replayed = 0;
    ahead::each(dir, 64, read, |entry| {
        let mut outcome = Outcome::default();
        apply(ledger, &entry, past, &mut outcome)?;
        replayed += 1;
        publisher.group(vec![Applied::Entry(Box::new((entry, outcome)))])
    })?;
    Ok(replayed)
}
