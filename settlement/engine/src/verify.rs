//! `verify log`: everything that a log on disk claims, checked from nothing but the genesis.
use causeway_ledger::{Input, Ledger, Outcome};
use causeway_message::digest::Digest;
use causeway_message::entry::{EntryHeader, EntryKind, Roots};
use causeway_message::genesis::Genesis;
use causeway_message::rfc6962::Frontier;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{KeyId, Status};

use crate::applier::input_of;
use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::item::Payload;
use crate::journal::{Reader, Scan};
use crate::past::LogPast;
use crate::publish::feeds::Feeds;
use crate::publish::groups::{BatchSource, Scratch, Source};
use crate::publish::prove::prove;
use crate::recover::batch_of;
use crate::system::Dir;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFacts {
    /// Entries, all chained and undamaged.
    pub entries: u64,
    /// Batches whose signature was verified.
    pub signatures: u64,
    /// Instructions answered.
    pub instructions: u64,
    /// Of these, settled in the end.
    pub settled: u64,
    /// Tree heads in the log that the replay reproduced.
    pub heads: u64,
    /// Leaves of the tree.
    pub tree_size: u64,
    /// Its root.
    pub root: Digest,
    /// Digest of the ledger's state at the end.
    pub state: Digest,
    /// Bytes of an unsealed torn tail, which a node would cut.
    pub torn_bytes: u64,
}

/// Verifies a log: chain, damage, signatures, and that a replay reproduces every journalled tree head.
/// `progress` is told each entry.
///
/// # Errors
/// What does not hold, naming the entry.
pub fn log(
    config: &EngineConfig,
    genesis: &Genesis,
    mut progress: impl FnMut(u64),
) -> Result<LogFacts, EngineError> {
    walk(&config.journal_dir(), genesis, |step| {
        progress(step.header.index.get());
    })
}

/// An entry that holds so far, and what came of it.
pub(crate) struct Step<'a> {
    pub header: &'a EntryHeader,
    pub batch: Option<&'a VerifiedBatch>,
    /// The version of the rules that the entry brings into force, if that is what it does.
    pub rules: Option<u16>,
    pub outcome: &'a Outcome,
    /// The ledger after the entry.
    pub ledger: &'a Ledger,
    /// Root of the tree after the entry.
    pub root: Digest,
}

/// Verifies a log and shows each entry to `each`.
///
/// # Errors
/// What does not hold, naming the entry.
pub(crate) fn walk(
    dir: &Dir,
    genesis: &Genesis,
    mut each: impl FnMut(&Step<'_>),
) -> Result<LogFacts, EngineError> {
    // As in a node: whoever chose ids that meet in one place of the memory would make checking slow.
    let seed = dir.system().random();
    let seed = seed.map_err(|e| EngineError::file(dir.path(), e))?;
    let mut ledger = Ledger::new(genesis, seed)
        .map_err(|(status, what)| EngineError::Genesis(format!("{what}: {}", status.meaning())))?;
    let mut scan = Scan::from_start(dir, genesis.ledger_id())?;
    let mut facts = LogFacts::default();
    let (mut scratch, mut feeds, mut frontier) = (Scratch::default(), Feeds::default(), Frontier::default());
    let mut heads: Vec<Digest> = Vec::new();
    let mut outcome = Outcome::default();
    let mut past = LogPast::new(Reader::open(dir.clone(), genesis.ledger_id())?, Vec::new());
    while let Some((header, bytes, location)) = scan.next()? {
        let index = header.index.get();
        let place = || format!("log entry {index}");
        let kind = header.kind().map_err(|e| EngineError::format(place(), e))?;
        if kind == EntryKind::Genesis && bytes != genesis.to_bytes() {
            return Err(EngineError::Genesis("the first entry is another genesis".into()));
        }
        if kind == EntryKind::Roots {
            let Roots { size, root } = Roots::read(&bytes).map_err(|e| EngineError::format(place(), e))?;
            if size.checked_sub(1).and_then(|at| heads.get(at as usize)) != Some(&root) {
                return Err(EngineError::Diverged { index, size });
            }
            facts.heads += 1;
        }
        let payload = batch_of(&header, bytes)?;
        let batch = match &payload {
            Payload::Batch(batch) => Some(batch.as_ref()),
            Payload::Bytes(_) => None,
        };
        if let Some(batch) = batch {
            verify_signature(&ledger, batch, index)?;
            facts.signatures += 1;
        }
        past.places.push(location);
        let mut plan = None;
        let input = input_of(&header, &payload, &mut plan)?;
        let rules = match input {
            Input::Rules(version) => Some(version),
            _ => None,
        };
        ledger.apply(index, header.time(), input, &past, &mut outcome);
        past.check()?;
        let source = Source {
            entry: index,
            batch: batch.map(BatchSource::new),
        };
        let number = |who, count| feeds.number(who, count, index);
        let proven = prove(&mut scratch, &source, &header, &outcome, number);
        frontier.push(proven.leaf.hash(), |_, _, _| {});
        heads.push(frontier.root());
        count(&mut facts, index, &outcome);
        facts.entries = index;
        each(&Step {
            header: &header,
            batch,
            rules,
            outcome: &outcome,
            ledger: &ledger,
            root: frontier.root(),
        });
    }
    ledger.audit();
    facts.tree_size = frontier.size();
    facts.root = frontier.root();
    facts.state = ledger.state_digest();
    facts.torn_bytes = scan.torn().map_or(0, |cut| cut.bytes);
    Ok(facts)
}

fn verify_signature(ledger: &Ledger, batch: &VerifiedBatch, index: u64) -> Result<(), EngineError> {
    let block = batch.block();
    // A key that was revoked in between still signed: apply has answered such a batch with key_not_active.
    let key = ledger
        .registry()
        .get(batch.participant())
        .and_then(|p| p.keys.get(&KeyId(block.key.get())))
        .map(|k| k.grant.public);
    if key.is_some_and(|key| key.verifies(&block.signed_bytes(), &block.signature)) {
        return Ok(());
    }
    let rule = causeway_message::FormatError::rule("batch.signature", "is not that of the participant's key");
    Err(EngineError::format(format!("log entry {index}"), rule))
}

fn count(facts: &mut LogFacts, entry: u64, outcome: &Outcome) {
    let settled = outcome
        .answers
        .iter()
        .filter(|a| a.is_first() && a.status() == Some(Status::Settled))
        .count();
    let later = outcome
        .later(entry)
        .filter(|d| d.status == Status::Settled)
        .count();
    facts.instructions += outcome.answers.iter().filter(|a| a.is_first()).count() as u64;
    facts.settled += (settled + later) as u64;
}
