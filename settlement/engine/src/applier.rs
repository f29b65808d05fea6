//! The apply thread: owns the ledger. Applies what is durable, answers questions in between.
use std::sync::Arc;
use std::sync::atomic::Ordering;

use causeway_ledger::{Input, Ledger, Outcome};
use causeway_message::FormatError;
use causeway_message::entry::{EntryHeader, EntryKind, Rules};
use causeway_message::plan::Plan;
use crossbeam::channel::{Receiver, Sender, select};

use crate::engine::Shared;
use crate::error::EngineError;
use crate::item::{Applied, Committed, Item, Payload};
use crate::limits::{QUERIES_PER_GROUP, SNAPSHOT_BYTES, SNAPSHOT_SHARE};
use crate::netting::{AppliedPlan, Moves, Totals, tell};
use crate::past::{LogPast, Places};
use crate::publish::archive::Archive;
use crate::query::Asked;
use crate::watch::Watch;

pub(crate) struct Applier {
    pub ledger: Ledger,
    pub past: LogPast<Arc<Archive>>,
    pub groups: Receiver<Vec<Item>>,
    pub asked: Asked,
    pub next: Sender<Vec<Applied>>,
    /// To the mirror of the queues, if there is one.
    pub moves: Option<Sender<Moves>>,
    /// What plans came to.
    pub netting: Arc<Totals>,
    /// To the thread that proposes, if it keeps evidence.
    pub planned: Option<Sender<AppliedPlan>>,
    pub shared: Arc<Shared>,
    pub snapshot_entries: u64,
    pub last_snapshot: u64,
    /// Bytes of entries until the next snapshot.
    pub snapshot_bytes: u64,
}

/// What an entry holds for the ledger.
pub(crate) fn input_of<'a>(
    header: &EntryHeader,
    payload: &'a Payload,
    plan: &'a mut Option<Plan>,
) -> Result<Input<'a>, EngineError> {
    let form = |source| EngineError::format(format!("log entry {}", header.index.get()), source);
    Ok(match (header.kind().map_err(form)?, payload) {
        (EntryKind::Batch | EntryKind::Control, Payload::Batch(batch)) => Input::Batch(batch),
        (EntryKind::Genesis, _) => Input::Genesis,
        (EntryKind::Roots, _) => Input::Roots,
        (EntryKind::Rules, payload) => Input::Rules(Rules::read(payload.bytes()).map_err(form)?.0),
        (EntryKind::Plan, payload) => {
            let read = Plan::read(payload.bytes()).map_err(form)?;
            if read.basis >= header.index.get() {
                return Err(form(FormatError::rule(
                    "plan.basis",
                    "is not below the entry's index",
                )));
            }
            Input::Plan(plan.insert(read))
        }
        _ => Input::Tick,
    })
}

/// Applies one committed entry.
pub(crate) fn apply<P: Places>(
    ledger: &mut Ledger,
    entry: &Committed,
    past: &mut LogPast<P>,
    outcome: &mut Outcome,
) -> Result<(), EngineError> {
    let index = entry.header.index.get();
    let mut plan = None;
    let input = input_of(&entry.header, &entry.payload, &mut plan)?;
    past.note(index, entry.location);
    ledger.apply(index, entry.header.time(), input, past, outcome);
    past.check()
}

impl Applier {
    /// Runs until the log thread is gone.
    pub fn run(mut self) -> Result<(), EngineError> {
        let mut watch = Watch::default();
        loop {
            select! {
                recv(self.groups) -> group => match group {
                    Ok(group) => self.turn(group)?,
                    Err(_) => return Ok(()),
                },
                recv(self.asked.questions) -> question => if let Ok(question) = question {
                    question.answer(&self.ledger);
                },
                default(watch.patience()) => {}
            }
            for _ in 0..QUERIES_PER_GROUP {
                let Ok(question) = self.asked.questions.try_recv() else {
                    break;
                };
                question.answer(&self.ledger);
            }
            watch.turn(&self.ledger, self.shared.system.steady());
        }
    }

    /// Tells the mirror what moved. What it has no room for it reads again later: payments wait for nobody.
    fn tell_mirror(&mut self, index: u64) {
        let Some(mirror) = &self.moves else { return };
        let places = self.ledger.take_queue_moves();
        if !places.is_empty() && mirror.try_send(Moves { index, places }).is_err() {
            self.shared.moves_lost.store(true, Ordering::Release);
        }
    }

    /// Applies one group and hands it on.
    pub fn turn(&mut self, group: Vec<Item>) -> Result<(), EngineError> {
        let started = self.shared.system.steady();
        let mut applied = Vec::with_capacity(group.len() + 1);
        for item in group {
            applied.push(match item {
                Item::Entry(entry) => {
                    let mut outcome = Outcome::default();
                    let bytes = entry.payload.bytes().len() as u64;
                    self.snapshot_bytes = self.snapshot_bytes.saturating_sub(bytes);
                    apply(&mut self.ledger, &entry, &mut self.past, &mut outcome)?;
                    if let Some(planned) = &outcome.planned {
                        if let Some(planner) = &self.planned {
                            // What finds no room costs a certificate, and no payment any time.
                            let _ = planner.try_send(AppliedPlan::new(&entry.header, planned));
                        }
                        tell::planned(planned, &self.netting);
                    }
                    if outcome.registry_changed {
                        self.shared
                            .registry
                            .store(Arc::new(self.ledger.registry().clone()));
                    }
                    Applied::Entry(Box::new((entry, outcome)))
                }
                Item::Again { entry, number, reply } => Applied::Again { entry, number, reply },
            });
        }
        let index = self.ledger.index();
        self.shared.set_applied(index, self.ledger.next_due());
        self.shared.set_waiting(self.ledger.waiting());
        self.tell_mirror(index);
        metrics::histogram!("causeway_settlement_apply_seconds")
            .record((self.shared.system.steady() - started).as_secs_f64());
        let due = index >= self.last_snapshot + self.snapshot_entries || self.snapshot_bytes == 0;
        if self.snapshot_entries != 0 && due {
            self.ledger.audit();
            let mut ledger = Vec::new();
            self.ledger.write(&mut ledger);
            self.last_snapshot = index;
            self.snapshot_bytes = SNAPSHOT_BYTES.max(SNAPSHOT_SHARE * ledger.len() as u64);
            applied.push(Applied::Snapshot { index, ledger });
        }
        self.next
            .send(applied)
            .map_err(|_| EngineError::Stopped("publish"))
    }
}
