//! Starting: from the newest snapshot that holds, or from the first entry.
//!
//! Whatever is derived is derived again and must come out the same: the tree heads in the journal are checked
//! against the tree that the replay grows.
use std::sync::Arc;
use std::time::Duration;

use causeway_ledger::{Ledger, Outcome};
use causeway_message::LedgerId;
use causeway_message::entry::{EntryHeader, EntryKind};
use causeway_message::genesis::Genesis;
use causeway_message::verify::VerifiedBatch;

use crate::ahead;
use crate::applier::apply;
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::item::{Applied, Committed, Payload};
use crate::journal::{JournalConfig, Location, Reader, Scan, Writer};
use crate::limits::{GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, STAGE_RING};
use crate::past::LogPast;
use crate::publish::archive::{Archive, Mark};
use crate::publish::{Publisher, reset};
use crate::remember::{self, Filling};
use crate::snapshot;
use crate::system::Dir;
use crate::witness::Witness;

/// How a start went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Log index of the snapshot that it began with; zero if with none.
    pub snapshot: u64,
    /// Entries applied again.
    pub replayed: u64,
    /// What verifying the journal and restoring the snapshot took.
    pub opened: Duration,
    /// What applying the rest again took.
    pub applied: Duration,
}

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
    let newest = snapshots
        .first()
        .map(|newest| Filling::begin(config, genesis, seed(config)?, newest));
    // The journal first: it refuses another ledger's directory before anything is removed from it.
    let (opened, mut newest) = remember::opened(config, id, newest);
    let (writer, found) = opened?;
    report(&writer, &found);
    witness.check(config, writer.tail().index)?;
    for snapshot in snapshots {
        let again =
            || Filling::begin(config, genesis, seed(config)?, &snapshot)?.scanned(config, writer.is_direct());
        let filled = newest.take().unwrap_or_else(again);
        let opened = |ledger| archive(config, id, &snapshot.mark).map(|archive| (ledger, archive));
        match filled.and_then(opened) {
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
    let mark = Mark::default();
    let archive = archive(config, id, &mark)?;
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

pub(crate) fn journal_config(config: &EngineConfig) -> JournalConfig {
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

/// The archive as a snapshot left it; what lies beyond is cut.
fn archive(config: &EngineConfig, id: LedgerId, mark: &Mark) -> Result<Arc<Archive>, EngineError> {
    let reader = Reader::open(config.journal_dir(), id)?;
    Ok(Arc::new(Archive::open(&config.derived_dir(), reader, mark)?))
}

/// Applies and publishes what the journal holds beyond the ledger, each on a thread of its own. Nothing is answered:
/// nobody asked.
pub(crate) fn replay(
    (dir, direct): (&Dir, bool),
    from: Option<(Location, crate::journal::Tail)>,
    ledger: &mut Ledger,
    past: &mut LogPast<Arc<Archive>>,
    publisher: &mut Publisher,
) -> Result<u64, EngineError> {
    let id = ledger.id();
    let mut scan = match from {
        Some((at, tail)) => Scan::from(dir, id, at, tail)?,
        None => Scan::from_start(dir, id)?,
    }
    .past_cache(direct);
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
    let publish = |group| publisher.group(group);
    let (replayed, published) = ahead::beside(dir, STAGE_RING, publish, |give| {
        let mut replayed = 0;
        let mut give = |group| match give(group) {
            true => Ok(()),
            false => Err(EngineError::Stopped("publish")),
        };
        let (mut group, mut bytes) = (Vec::new(), 0);
        ahead::each(dir, 64, read, |entry: Committed| {
            let mut outcome = Outcome::default();
            apply(ledger, &entry, past, &mut outcome)?;
            replayed += 1;
            bytes += entry.payload.bytes().len();
            group.push(Applied::Entry(Box::new((entry, outcome))));
            if bytes >= GROUP_BYTES_MAX || group.len() >= GROUP_ENTRIES_MAX {
                bytes = 0;
                give(std::mem::take(&mut group))?;
            }
            Ok(())
        })?;
        if !group.is_empty() {
            give(group)?;
        }
        Ok(replayed)
    });
    // What stopped the publishing stopped the rest.
    published?;
    replayed
}
