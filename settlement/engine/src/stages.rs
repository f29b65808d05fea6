//! The stages of the engine: each on a thread of its own, or taken turn by turn by whoever holds them.
use std::sync::Arc;
use std::thread::JoinHandle;

use causeway_ledger::Ledger;

use crate::applier::Applier;
use crate::consensus::Solo;
use crate::documents::DocumentWriter;
use crate::engine::Shared;
use crate::error::EngineError;
use crate::netting::Solver;
use crate::place::{Places, ThreadKind};
use crate::publish::Publisher;
use crate::sequencer::Sequencer;
use crate::snapshot::SnapshotWriter;

/// A stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Sequences, and makes durable.
    Log,
    /// Owns the ledger.
    Apply,
    /// Proves, keeps and answers.
    Publish,
    /// Writes snapshots.
    Snapshot,
    /// Stores documents.
    Documents,
}

impl Stage {
    /// All of them, in the order of the flow.
    pub const ALL: [Self; 5] = [
        Self::Log,
        Self::Apply,
        Self::Publish,
        Self::Snapshot,
        Self::Documents,
    ];
}

/// All stages of one engine.
pub struct Stages {
    pub(crate) sequencer: Sequencer<Solo>,
    pub(crate) applier: Applier,
    pub(crate) publisher: Publisher,
    pub(crate) snapshots: SnapshotWriter,
    pub(crate) documents: DocumentWriter,
    pub(crate) solver: Option<Solver>,
}

impl std::fmt::Debug for Stages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stages").finish_non_exhaustive()
    }
}

impl Stages {
    /// Takes one turn of a stage without waiting; false if there was nothing to do, or no room for what comes of it.
    /// The log's turn without work is what it does when idle.
    ///
    /// # Errors
    /// Why the stage fails. The engine must not be used any further.
    pub fn turn(&mut self, stage: Stage) -> Result<bool, EngineError> {
        match stage {
            Stage::Log if self.sequencer.next.is_full() => Ok(false),
            Stage::Log => {
                let first = self.sequencer.outlet.take();
                let worked = first.is_some();
                self.sequencer.turn(first).map(|()| worked)
            }
            Stage::Apply if self.applier.next.is_full() => Ok(false),
            Stage::Apply => match self.applier.groups.try_recv() {
                Ok(group) => self.applier.turn(group).map(|()| true),
                Err(_) => Ok(false),
            },
            Stage::Publish => match self.publisher.applied.try_recv() {
                Ok(group) => self.publisher.turn(group).map(|()| true),
                Err(_) => Ok(false),
            },
            Stage::Snapshot => self.snapshots.turn_now(),
            Stage::Documents => self.documents.turn_now(),
        }
    }

    /// The ledger as applied.
    pub const fn ledger(&self) -> &Ledger {
        &self.applier.ledger
    }

    /// Gives each stage a thread.
    pub(crate) fn spawn(
        self,
        shared: &Arc<Shared>,
        places: &Places,
    ) -> Result<Vec<JoinHandle<()>>, EngineError> {
        use ThreadKind::{Apply, Log, Other, Publish};

        let Self {
            sequencer,
            applier,
            publisher,
            snapshots,
            documents,
            solver,
        } = self;
        let stopping = shared.clone();
        let ended = move || stopping.stopping();
        let place = |kind| (places.clone(), kind);
        let mut threads = vec![
            spawn("log", shared, place(Log), move || sequencer.run())?,
            spawn("apply", shared, place(Apply), move || applier.run())?,
            spawn("publish", shared, place(Publish), move || publisher.run())?,
            spawn("snapshot", shared, place(Other), move || snapshots.run())?,
            spawn("documents", shared, place(Other), move || documents.run(ended))?,
        ];
        if let Some(solver) = solver {
            threads.push(spawn("netting", shared, place(Other), move || solver.run())?);
        }
        Ok(threads)
    }
}

/// Runs a stage on its own thread. A stage that fails stops the whole engine.
fn spawn(
    name: &'static str,
    shared: &Arc<Shared>,
    (places, kind): (Places, ThreadKind),
    stage: impl FnOnce() -> Result<(), EngineError> + Send + 'static,
) -> Result<JoinHandle<()>, EngineError> {
    let shared = shared.clone();
    std::thread::Builder::new()
        .name(format!("causeway-{name}"))
        .spawn(move || {
            places.enter(&*shared.system, kind, 0);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(stage));
            match outcome {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(stage = name, %error, "the engine stops");
                    shared.fail(format!("{name}: {error}"));
                }
                Err(_) => {
                    tracing::error!(stage = name, "an invariant broke; the engine stops");
                    shared.fail(format!("{name}: an invariant broke"));
                }
            }
        })
        .map_err(|_| EngineError::Stopped(name))
}
