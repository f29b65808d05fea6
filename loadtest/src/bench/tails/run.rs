//! The engine that is watched: a life to find its highest rate, a moment of the next day, and one two days later in
//! which everything happens while batches are sent at a fixed rate.
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use causeway_engine::netting::NettingConfig;
use causeway_engine::system::{Dir, System};
use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission};
use causeway_message::answer::Answer;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::frame::{self, Template};
use causeway_message::keys::SigningKey;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::AnswersMessage;
use causeway_message::{InstructionId, Status};
use indicatif::ProgressBar;

use super::super::solver::{RICH, ROUND, netting, round};
use super::super::{Bench, OPERATOR};
use super::days::Days;
use super::events::{Event, Kind, Sample};
use super::watched::Watched;
use crate::drive::signals;
use crate::error::Failure;

/// Payments in a batch.
pub const BATCH: usize = 1_024;
/// Batches of each attempt at the highest rate.
const ATTEMPT: usize = 1_000;
/// How long UETRs count as lately used.
const UETR_WINDOW: Duration = Duration::from_secs(24 * 3_600);
/// Into the next day.
const NEXT_DAY: Duration = Duration::from_secs(60);
/// The third life begins so long before UETRs are forgotten: time to prepare batches. A clock may jump by an hour.
const EARLY: Duration = Duration::from_secs(2_400);
/// Snapshots follow each other after so many seconds of batches.
const SNAPSHOT_SECONDS: f64 = 2.0;
/// Bytes of a segment: those of a node that is not told otherwise.
const SEGMENT_BYTES: u64 = 64 * 1_048_576;
/// Netting looks so often: between two looks batches meet none of its plans.
const LOOK: Duration = Duration::from_secs(1);
/// Sending begins so long before the days open.
const BEFORE_DAYS: Duration = Duration::from_millis(500);
/// An answer comes within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was measured.
#[derive(Debug)]
pub struct Ran {
    pub highest: f64,
    pub rate: f64,
    pub samples: Vec<Sample>,
    pub events: Vec<Event>,
}

/// A reply.
#[derive(Debug)]
struct Told {
    due: Instant,
    at: Instant,
    /// Its latency is measured, and its answers are not read.
    counts: bool,
    /// The message; none if the batch was refused.
    answered: Option<Vec<u8>>,
}

/// All lives of one engine.
struct Lives {
    bench: Bench,
    machine: Watched,
    dir: tempfile::TempDir,
    told: (Sender<Told>, Receiver<Told>),
}

/// Runs all lives.
///
/// # Errors
/// If the engine cannot run, refuses a batch, or answers late.
pub fn run(seconds: u64, share: f64, highest: Option<u64>, bar: &ProgressBar) -> Result<Ran, Failure> {
    let mut lives = Lives {
        bench: Bench::with_caps(|bank| if bank < RICH { 1 << 50 } else { 0 })?,
        machine: Watched::default(),
        dir: tempfile::tempdir()?,
        told: channel(),
    };
    bar.set_message("finding the highest rate");
    let found = lives.first()?;
    bar.set_message("a day later");
    let forgets = lives.second()?;
    let highest = highest.map_or(found, |given| given as f64);
    let rate = highest * share;
    bar.set_message("preparing batches");
    let (samples, events) = lives.third(Duration::from_secs(seconds), rate, forgets, bar)?;
    Ok(Ran {
        highest,
        rate,
        samples,
        events,
    })
}

impl Lives {
    fn engine(&mut self, change: impl FnOnce(&mut EngineConfig)) -> Result<Engine, Failure> {
        let dir = Dir::new(Arc::new(self.machine.clone()), self.dir.path());
        let mut config = EngineConfig::new(dir, "bench");
        // Days lie between two lives, and the clock that says so is meant.
        config.accept_clock = true;
        change(&mut config);
        let node = SigningKey::from_seed(*self.bench.node.seed()).map_err(|e| Failure::Io(e.to_string()))?;
        let engine = Engine::start(&config, &self.bench.genesis, node);
        self.bench.now = self.machine.now();
        engine.map_err(|e| Failure::Io(e.to_string()))
    }

    /// The highest rate, as fast as batches are taken: the better of two attempts. What is paid here is what is forgotten
    /// two days later.
    fn first(&mut self) -> Result<f64, Failure> {
        let engine = self.engine(|config| config.snapshot_entries = 0)?;
        let mut best = 0.0_f64;
        for _ in 0..2 {
            let batches = self.ahead(&engine, ATTEMPT)?;
            let begun = Instant::now();
            for batch in batches {
                self.submit(&engine, batch, begun, true)?;
            }
            let last = self.answers(ATTEMPT)?.into_iter().map(|told| told.at).max();
            let took = last.map_or(Duration::ZERO, |last| last.duration_since(begun));
            best = best.max((ATTEMPT * BATCH) as f64 / took.as_secs_f64().max(1e-9));
        }
        Ok(best)
    }

    /// One batch on the next day; between which instants UETRs of the first life are forgotten.
    fn second(&mut self) -> Result<(Timestamp, Timestamp), Failure> {
        self.machine.set_ahead(UETR_WINDOW + NEXT_DAY);
        let engine = self.engine(|config| config.snapshot_entries = 0)?;
        let after = self.machine.now();
        let batch = self.ahead(&engine, 1)?.pop_front();
        if let Some(batch) = batch {
            self.submit(&engine, batch, Instant::now(), true)?;
        }
        self.answers(1)?;
        let before = self.machine.now();
        let later = |at: Timestamp| Timestamp(at.0 + UETR_WINDOW.as_nanos() as u64);
        Ok((later(after), later(before)))
    }

    /// Batches at a rate, and all that happens meanwhile.
    fn third(
        &mut self,
        window: Duration,
        rate: f64,
        forgets: (Timestamp, Timestamp),
        bar: &ProgressBar,
    ) -> Result<(Vec<Sample>, Vec<Event>), Failure> {
        let real = causeway_engine::clock::now();
        let ahead = |at: Timestamp| Duration::from_nanos(at.0.saturating_sub(real.0));
        self.machine.set_ahead(ahead(forgets.0).saturating_sub(EARLY));
        let each_second = rate / BATCH as f64;
        let engine = self.engine(|config| {
            config.segment_bytes = SEGMENT_BYTES;
            config.snapshot_entries = (each_second * SNAPSHOT_SECONDS).max(10.0) as u64;
            config.netting = NettingConfig {
                look: LOOK,
                ..netting()
            };
        })?;
        let batches = self.ahead(&engine, (each_second * window.as_secs_f64()).max(1.0) as usize)?;
        let rounds = (window.as_secs_f64() / ROUND.as_secs_f64()) as usize;
        let poor = (0..rounds)
            .map(|_| round(&mut self.bench))
            .collect::<Result<VecDeque<_>, _>>()?;
        signals::asked()?;
        // Forward, so that UETRs are forgotten in the middle of the window.
        let passed = causeway_engine::clock::now().0.saturating_sub(real.0);
        let lead = window / 2 + Duration::from_secs(2);
        let jump = ahead(forgets.0).saturating_sub(Duration::from_nanos(passed) + lead);
        self.machine.set_ahead(jump);
        self.bench.now = self.machine.now();
        let days = Days::ahead_of(self.bench.now, &self.bench.world);
        self.schedule(&engine, &days)?;
        while self.machine.now().0 + (BEFORE_DAYS.as_nanos() as u64) < days.open().0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        bar.set_message("sending");
        self.machine.take();
        let anchor = (Instant::now(), self.machine.now());
        let instant = |at: Timestamp| {
            let behind = Duration::from_nanos(at.0.saturating_sub(anchor.1.0));
            let before = Duration::from_nanos(anchor.1.0.saturating_sub(at.0));
            anchor.0 + behind - before
        };
        let (samples, mut events) = self.send(&engine, rate, batches, poor)?;
        events.extend(self.machine.take());
        events.extend(days.events(instant));
        events.push(Event {
            kind: Kind::Expiry,
            begin: instant(forgets.0),
            end: instant(forgets.1),
        });
        Ok((samples, events))
    }

    /// Sends at the rate, beside rounds of banks that have no money; notes plans that were applied.
    fn send(
        &mut self,
        engine: &Engine,
        rate: f64,
        batches: VecDeque<Arc<VerifiedBatch>>,
        mut poor: VecDeque<Vec<Arc<VerifiedBatch>>>,
    ) -> Result<(Vec<Sample>, Vec<Event>), Failure> {
        let gap = Duration::from_secs_f64(BATCH as f64 / rate);
        let (begun, count, rounds) = (Instant::now(), batches.len(), poor.len());
        let (mut events, mut others) = (Vec::new(), 0);
        let (mut settled, mut looked) = (engine.netting().tally().settled, begun);
        for (batch, number) in batches.into_iter().zip(0_u32..) {
            let due = begun + gap * number;
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            self.submit(engine, batch, due, true)?;
            if begun.elapsed() >= ROUND * (rounds - poor.len()) as u32 {
                for batch in poor.pop_front().unwrap_or_default() {
                    self.submit(engine, batch, Instant::now(), false)?;
                    others += 1;
                }
            }
            let (now, found) = (Instant::now(), engine.netting().tally().settled);
            if found != settled {
                events.push(Event {
                    kind: Kind::Plan,
                    begin: looked,
                    end: now,
                });
            }
            (settled, looked) = (found, now);
        }
        let told = self.answers(count + others)?;
        let sample = |told: &Told| Sample {
            due: told.due,
            took: told.at.saturating_duration_since(told.due),
        };
        let samples = told.iter().filter(|told| told.counts).map(sample).collect();
        Ok((samples, events))
    }

    /// Batches of rich banks in turn, made ahead: signing is not what is measured.
    fn ahead(&mut self, engine: &Engine, count: usize) -> Result<VecDeque<Arc<VerifiedBatch>>, Failure> {
        let ledger = engine.ledger();
        (0..count)
            .map(|n| self.bench.batch(n % RICH, BATCH, ledger).map(Arc::new))
            .collect()
    }

    /// Proposes days and approves them.
    fn schedule(&mut self, engine: &Engine, days: &Days) -> Result<(), Failure> {
        let ledger = self.bench.genesis.ledger_id();
        let (mut proposals, mut approvals) = (Vec::new(), Vec::new());
        for action in days.actions() {
            let id = InstructionId(self.bench.random.id());
            let digest = proposal_digest(ledger, OPERATOR, id, &action);
            proposals.push((id, Control::Propose(action)));
            approvals.push((InstructionId(self.bench.random.id()), Control::Approve(digest)));
        }
        for (person, records, wanted) in [(1, proposals, Status::Proposed), (2, approvals, Status::Executed)]
        {
            let batch = self.bench.control(person, &records)?;
            self.submit(engine, Arc::new(batch), Instant::now(), false)?;
            let answered = self.answers(1)?.pop().and_then(|told| told.answered);
            let answers = statuses(&answered.unwrap_or_default())?;
            if let Some(other) = answers.iter().find(|answer| answer.status() != Some(wanted)) {
                let found = other.status().map_or("unknown", Status::name);
                return Err(Failure::Check(format!(
                    "business days: {found} instead of {}",
                    wanted.name()
                )));
            }
        }
        Ok(())
    }

    fn submit(
        &self,
        engine: &Engine,
        batch: Arc<VerifiedBatch>,
        due: Instant,
        counts: bool,
    ) -> Result<(), Failure> {
        let done = self.told.0.clone();
        let reply = ReplyTo::new(move |reply| {
            let at = Instant::now();
            let answered = match reply {
                Reply::Answers(message) => Some(if counts { Vec::new() } else { message }),
                Reply::Refused(_) => None,
            };
            // Who measures may be gone.
            let _ = done.send(Told {
                due,
                at,
                counts,
                answered,
            });
        });
        let mut submission = Submission { batch, reply };
        while let Err(back) = engine.submit(submission) {
            signals::asked()?;
            if let Some(failure) = engine.health().failure {
                return Err(Failure::Io(failure));
            }
            submission = back;
            std::thread::sleep(Duration::from_micros(50));
        }
        Ok(())
    }

    fn answers(&self, count: usize) -> Result<Vec<Told>, Failure> {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            let told = self.told.1.recv_timeout(PATIENCE);
            let told = told.map_err(|_| Failure::Io(format!("no answer within {PATIENCE:?}")))?;
            if told.answered.is_none() {
                return Err(Failure::Check("a batch was refused".into()));
            }
            all.push(told);
        }
        Ok(all)
    }
}

/// The answers of a message.
fn statuses(message: &[u8]) -> Result<Vec<Answer>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Check(error.to_string());
    let reader = frame::expect(message, Template::Answers).map_err(|e| failed(&e))?;
    Ok(AnswersMessage::read(reader).map_err(|e| failed(&e))?.answers)
}
