//! The engine: its threads, and the handle through which it is used.
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::{ArcSwap, ArcSwapOption};
use causeway_ledger::Registry;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, payload_digest};
use causeway_message::genesis::Genesis;
use causeway_message::keys::SigningKey;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::plan::Plan;
use causeway_message::time::Timestamp;
use causeway_message::{LedgerId, ParticipantId, SessionId, mutated};
use crossbeam::channel::{Sender, bounded};
use dashmap::DashMap;

use crate::applier::Applier;
use crate::config::EngineConfig;
use crate::consensus::Solo;
use crate::documents::DocumentStore;
use crate::error::EngineError;
use crate::hub::Hub;
use crate::intake::{Intake, Submission, intake};
use crate::journal::Writer;
use crate::limits::{MIRROR_RING, PLAN_RING, SEGMENT_BYTES_MIN, SNAPSHOT_BYTES, STAGE_RING};
use crate::netting::{self, Look, Netting, NettingMode, Solver};
use crate::past::LogPast;
use crate::place::{Places, ThreadKind};
use crate::publish::archive::Archive;
use crate::publish::{Publisher, Signer, TreeHead};
use crate::query::{Asker, asking};
use crate::recover::{self, Restored};
use crate::sequencer::{LastNumbers, Sequencer};
use crate::snapshot::SnapshotWriter;
use crate::stages::Stages;
use crate::system::{Lock, System};

/// What the threads of the engine tell each other beside the rings.
#[derive(Debug)]
pub struct Shared {
    /// The machine.
    pub(crate) system: Arc<dyn System>,
    durable: AtomicU64,
    applied: AtomicU64,
    published: AtomicU64,
    /// Nanoseconds since 2000 at which an entry is due; zero if none.
    pub(crate) next_due: AtomicU64,
    stopping: AtomicBool,
    clock_jumped: AtomicBool,
    failure: Mutex<Option<String>>,
    head: ArcSwapOption<TreeHead>,
    /// Who takes part, as applied.
    pub(crate) registry: ArcSwap<Registry>,
    /// What moved in the queues was lost on its way to the mirror.
    pub(crate) moves_lost: AtomicBool,
}

impl Shared {
    fn new(system: Arc<dyn System>, registry: Registry) -> Self {
        Self {
            system,
            durable: AtomicU64::new(0),
            applied: AtomicU64::new(0),
            published: AtomicU64::new(0),
            next_due: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            clock_jumped: AtomicBool::new(false),
            failure: Mutex::new(None),
            head: ArcSwapOption::empty(),
            registry: ArcSwap::from_pointee(registry),
            moves_lost: AtomicBool::new(false),
        }
    }

    pub(crate) fn set_durable(&self, index: u64) {
        self.durable.store(index, Ordering::Release);
    }

    pub(crate) fn set_applied(&self, index: u64, due: Option<Timestamp>) {
        let durable = self.durable.load(Ordering::Acquire);
        assert!(index <= durable, "only durable entries are applied");
        self.next_due
            .store(due.map_or(0, |due| due.0.max(1)), Ordering::Release);
        self.applied.store(index, Ordering::Release);
        metrics::gauge!("causeway_settlement_durable_lag_entries").set((durable - index) as f64);
    }

    pub(crate) fn set_waiting(&self, waiting: u32) {
        metrics::gauge!("causeway_queue_waiting").set(f64::from(waiting));
    }

    pub(crate) fn set_published(&self, head: TreeHead) {
        let index = head.index;
        self.head.store(Some(Arc::new(head)));
        self.published.store(index, Ordering::Release);
    }

    pub(crate) fn clock_jumped(&self) -> bool {
        self.clock_jumped.load(Ordering::Acquire)
    }

    pub(crate) fn set_clock_jumped(&self, jumped: bool) {
        self.clock_jumped.store(jumped, Ordering::Release);
    }

    pub(crate) fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    pub(crate) fn published(&self) -> u64 {
        self.published.load(Ordering::Acquire)
    }

    pub(crate) fn tree_head(&self) -> Option<Arc<TreeHead>> {
        self.head.load_full()
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(crate) fn fail(&self, error: String) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
        self.stopping.store(true, Ordering::Release);
    }

    fn failure(&self) -> Option<String> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// How the engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Last entry that is durable.
    pub durable: u64,
    /// Last entry applied.
    pub applied: u64,
    /// Last entry proven and answered.
    pub published: u64,
    /// True while the clock is too far ahead for anything to enter the log.
    pub clock_jumped: bool,
    /// Why the engine stopped, if it did.
    pub failure: Option<String>,
}

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    ledger: LedgerId,
    intake: Intake,
    asker: Asker,
    hub: Arc<Hub>,
    archive: Arc<Archive>,
    documents: Arc<DocumentStore>,
    shared: Arc<Shared>,
    last_numbers: LastNumbers,
    netting: Netting,
    plans: Sender<Vec<u8>>,
    restored: Restored,
    places: Places,
    threads: Mutex<Vec<JoinHandle<()>>>,
    _lock: Lock,
}

/// One process has the directory at a time.
fn lock_directory(config: &EngineConfig) -> Result<Lock, EngineError> {
    let dir = &config.dir;
    dir.make().map_err(|e| EngineError::file(dir.path(), e))?;
    let path = dir.join("lock");
    dir.system().lock(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => {
            EngineError::Directory(format!("{}: another process has it", dir.display()))
        }
        _ => EngineError::file(&path, error),
    })
}

fn first_entry(
    writer: &mut Writer,
    genesis: &Genesis,
    node: u32,
    system: &dyn System,
) -> Result<(), EngineError> {
    let payload = genesis.to_bytes();
    let header = EntryHeader {
        index: 1.into(),
        term: 1.into(),
        time: system.now().0.max(1).into(),
        leader: node.into(),
        len: (payload.len() as u32).into(),
        kind: (EntryKind::Genesis as u16).into(),
        version: ENTRY_VERSION.into(),
        crc32c: crc32c::crc32c(&payload).into(),
        payload_digest: payload_digest(&payload),
        prev_hash: genesis.ledger_id().0,
    };
    writer.append(&[(&header, &payload)], &mut Vec::new())?;
    writer.seal()?;
    Ok(())
}

impl Engine {
    /// Starts: restores, replays, and runs the threads. Returns when the node can take instructions.
    ///
    /// # Errors
    /// If the directory does not hold this ledger undamaged, or cannot be written.
    pub fn start(config: &EngineConfig, genesis: &Genesis, key: SigningKey) -> Result<Self, EngineError> {
        let (engine, stages) = Self::assemble(config, genesis, key)?;
        let threads = stages.spawn(&engine.shared, &engine.places)?;
        engine
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(threads);
        Ok(engine)
    }

    /// Restores and replays, and leaves it to the caller to run the stages.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn assemble(
        config: &EngineConfig,
        genesis: &Genesis,
        key: SigningKey,
    ) -> Result<(Self, Stages), EngineError> {
        if config.segment_bytes < SEGMENT_BYTES_MIN {
            return Err(EngineError::Directory(format!(
                "segment_bytes: {} is less than {SEGMENT_BYTES_MIN}",
                config.segment_bytes
            )));
        }
        let lock = lock_directory(config)?;
        let system = config.dir.system();
        let begun = system.steady();
        let mut state = recover::open(config, genesis)?;
        if state.writer.tail().index == 0 {
            first_entry(&mut state.writer, genesis, config.node, &**config.dir.system())?;
        }
        if let Some(rules) = config.rules.filter(|rules| !(1..=RULES_VERSION).contains(rules)) {
            return Err(EngineError::Directory(format!(
                "rules: this build knows no version {rules}, only 1 to {RULES_VERSION}"
            )));
        }
        let signer = Signer::new(genesis.ledger_id(), config.node_name.clone(), key);
        let shared = Arc::new(Shared::new(
            config.dir.system().clone(),
            state.ledger.registry().clone(),
        ));
        let hub = Arc::new(Hub::default());
        let (groups, committed) = bounded(STAGE_RING);
        let (outcomes, applied) = bounded(STAGE_RING);
        let (snapshots, jobs) = bounded(1);
        let mut publisher = Publisher::new(
            applied,
            state.archive.clone(),
            hub.clone(),
            shared.clone(),
            signer,
            snapshots,
            &state.mark,
        );
        let tail = *state.writer.tail();
        shared.set_durable(tail.index);
        publisher.resume(&state.mark)?;
        let opened = system.steady();
        let mut past = LogPast::new(state.archive.journal().clone(), state.archive.clone());
        let replayed = recover::replay(
            (&config.journal_dir(), state.writer.is_direct()),
            state.replay_from,
            &mut state.ledger,
            &mut past,
            &mut publisher,
        )?;
        if state.ledger.index() != tail.index {
            return Err(EngineError::Directory(format!(
                "the replay ended at entry {}, the journal at {}",
                state.ledger.index(),
                tail.index
            )));
        }
        let restored = Restored {
            snapshot: state.snapshot_index,
            replayed,
            opened: opened.saturating_sub(begun),
            applied: system.steady().saturating_sub(opened),
        };
        tracing::info!(index = tail.index, ?restored, "ledger restored");
        shared.set_applied(tail.index, state.ledger.next_due());
        shared.registry.store(Arc::new(state.ledger.registry().clone()));
        hub.resume(&state.archive.feeds(), state.ledger.registry().len());
        let (direct, spares) = (state.writer.is_direct(), state.archive.spares().clone());
        let (documents, document_writer) = DocumentStore::open_with(config.documents_dir(), direct, spares)?;
        let (intake, outlet) = intake();
        let last_numbers: LastNumbers = Arc::new(DashMap::new());
        for (key, last) in state.ledger.sessions().all().filter(|_| !mutated!(LoseSessions)) {
            last_numbers.insert(key, last);
        }
        let mut sequencer = Sequencer::new(
            Solo::new(state.writer, (tail.index, tail.hash, tail.time)),
            outlet,
            state.ledger.sessions().clone(),
            last_numbers.clone(),
            groups,
            shared.clone(),
            config.node,
        );
        let (plans, proposed) = bounded(PLAN_RING);
        sequencer.plans = proposed;
        if !config.accept_clock {
            sequencer.doubt(state.ledger.next_day());
        }
        sequencer.rules = config.rules.filter(|rules| *rules > state.ledger.rules());
        let last = Arc::new(ArcSwap::from_pointee(Look {
            mode: config.netting.mode,
            ..Look::default()
        }));
        let (asks, asked_now) = bounded(1);
        let on = config.netting.mode != NettingMode::Off;
        let netting = Netting::new(last.clone(), on.then_some(asks));
        let (asker, asked) = asking(netting.clone());
        let (moves, moved) = bounded(MIRROR_RING);
        if on {
            state.ledger.watch_queues();
        }
        let (planned, applied_plans) = netting::applied();
        let wanted = on && config.evidence.is_some();
        let solver = on.then(|| Solver {
            config: config.netting.clone(),
            shared: shared.clone(),
            moves: moved,
            asks: asked_now,
            asker: asker.clone(),
            plans: plans.clone(),
            last,
            totals: netting.totals.clone(),
            evidence: config.evidence.clone(),
            applied: applied_plans,
        });
        let applier = Applier {
            moves: on.then_some(moves),
            netting: netting.totals.clone(),
            planned: wanted.then_some(planned),
            ledger: state.ledger,
            past,
            groups: committed,
            asked,
            next: outcomes,
            shared: shared.clone(),
            snapshot_entries: config.snapshot_entries,
            last_snapshot: tail.index,
            snapshot_bytes: SNAPSHOT_BYTES,
        };
        let stages = Stages {
            sequencer,
            applier,
            publisher,
            snapshots: SnapshotWriter {
                dir: config.snapshot_dir(),
                archive: state.archive.clone(),
                jobs,
            },
            documents: document_writer,
            solver,
        };
        let engine = Self {
            ledger: genesis.ledger_id(),
            intake,
            asker,
            hub,
            archive: state.archive,
            documents,
            shared,
            last_numbers,
            netting,
            plans,
            restored,
            places: config.places.clone(),
            threads: Mutex::default(),
            _lock: lock,
        };
        Ok((engine, stages))
    }

    /// The ledger's id.
    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Who takes part, as applied.
    pub fn registry(&self) -> Arc<Registry> {
        self.shared.registry.load_full()
    }

    /// Last number sequenced in a session.
    pub fn last_number(&self, participant: ParticipantId, session: SessionId) -> u64 {
        self.last_numbers
            .get(&(participant, session))
            .map_or(0, |last| *last)
    }

    /// Submits a verified batch; gives it back if the participant's ring is full.
    ///
    /// # Errors
    /// The submission, unchanged.
    pub fn submit(&self, submission: Submission) -> Result<(), Submission> {
        self.intake.submit(submission)
    }

    /// Asks the ledger.
    pub const fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The feeds.
    pub const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Everything published.
    pub const fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    /// The documents.
    pub const fn documents(&self) -> &Arc<DocumentStore> {
        &self.documents
    }

    /// Netting.
    pub const fn netting(&self) -> &Netting {
        &self.netting
    }

    /// Enters a plan in the log; false if too many wait.
    pub fn propose(&self, plan: &Plan) -> bool {
        let mut payload = Vec::new();
        plan.write(&mut payload);
        self.plans.try_send(payload).is_ok()
    }

    /// The newest signed tree head.
    pub fn tree_head(&self) -> Option<Arc<TreeHead>> {
        self.shared.tree_head()
    }

    /// How the start went.
    pub const fn restored(&self) -> Restored {
        self.restored
    }

    /// Moves the calling thread to where threads of its kind run, the one of this number.
    pub fn enter(&self, kind: ThreadKind, number: usize) {
        self.places.enter(&*self.shared.system, kind, number);
    }

    /// How the engine is.
    pub fn health(&self) -> Health {
        Health {
            durable: self.shared.durable.load(Ordering::Acquire),
            applied: self.shared.applied(),
            published: self.shared.published(),
            clock_jumped: self.shared.clock_jumped(),
            failure: self.shared.failure(),
        }
    }

    /// Stops: what was sequenced is finished, nothing more is taken. Returns why the engine failed, if it did.
    pub fn stop(&self) -> Option<String> {
        self.shared.stopping.store(true, Ordering::Release);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread that panicked has noted its failure.
            let _ = thread.join();
        }
        self.shared.failure()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
