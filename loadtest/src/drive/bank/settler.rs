//! Answers as they come: noted at once, booked, and samples of them handed on.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use causeway_message::digest::Digest;
use causeway_message::{InstructionId, ParticipantId, Status};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::receipts::Fetch;
use super::replays::Kind;
use crate::books::{AtOnce, Books, Told, waits};
use crate::drive::seat::Answering;
use crate::error::Failure;
use crate::meter::{Answered, Meter};
use crate::workload::{Due, Waiting};
use crate::world::FIRST_BANK;

/// A batch under way.
#[derive(Debug)]
pub struct Sent {
    pub number: u64,
    pub intended: Instant,
    pub answering: Answering,
    pub due: Due,
    pub sample: Vec<(usize, InstructionId)>,
    pub kind: Kind,
    pub permit: OwnedSemaphorePermit,
}

/// What a bank was shown of a batch: where it stands in the log, and what became of its records.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Log index.
    pub index: u64,
    /// Hash of the leaf.
    pub leaf: Digest,
    /// Digest of the batch that the leaf holds.
    pub input: Digest,
    /// Who submitted it.
    pub who: ParticipantId,
    /// Records.
    pub records: u32,
    /// Answered as settled for the first time.
    pub settled: AtOnce,
    /// Records that may settle later.
    pub waiting: u32,
}

/// When the batches under way were meant to be sent.
#[derive(Debug, Default)]
pub struct UnderWay(Mutex<Times>);

#[derive(Debug, Default)]
struct Times {
    next: u64,
    intended: VecDeque<Instant>,
    /// Batches before this number were noted as unanswered.
    given_up: u64,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UnderWay {
    /// One more; its number.
    pub fn add(&self, intended: Instant) -> u64 {
        let mut times = lock(&self.0);
        times.intended.push_back(intended);
        times.next += 1;
        times.next - 1
    }

    /// The oldest was answered; whether it was given up before.
    fn answered(&self, number: u64) -> bool {
        let mut times = lock(&self.0);
        times.intended.pop_front();
        number < times.given_up
    }

    /// Notes all that are under way as unanswered.
    pub fn give_up(&self, bank: usize, meter: &Meter) {
        let mut guard = lock(&self.0);
        let times = &mut *guard;
        let now = Instant::now();
        let first = times.next - times.intended.len() as u64;
        for (number, intended) in (first..).zip(&times.intended) {
            if number >= times.given_up {
                meter.unanswered(bank, *intended, now);
            }
        }
        times.given_up = times.next;
    }
}

/// Takes a bank's answers in the order of its session.
#[derive(Debug)]
pub struct Settler {
    pub bank: usize,
    pub books: Arc<Mutex<Books>>,
    pub meter: Arc<Meter>,
    pub under_way: Arc<UnderWay>,
    pub waiting: Waiting,
    pub fetching: mpsc::Sender<Fetch>,
}

impl Settler {
    /// Until nobody sends any more.
    pub async fn run(self, mut sent: mpsc::Receiver<Sent>) -> Result<Vec<Seen>, Failure> {
        let mut seen = Vec::new();
        while let Some(batch) = sent.recv().await {
            let outcome = batch.answering.outcome().await;
            let outcome = outcome.map_err(|failure| failure.of(&format!("bank {}", self.bank)))?;
            let at = Instant::now();
            let (leaf, answers) = (&outcome.leaf, &outcome.answers);
            let told = match &batch.kind {
                Kind::Again(original) => {
                    original.hold(&outcome)?;
                    Told::replayed(answers.len())
                }
                kind => {
                    if let Kind::Kept(original) = kind {
                        original.note(&outcome);
                    }
                    lock(&self.books).answered(leaf.index, &batch.due, answers)
                }
            };
            self.waiting.add(self.bank, told.queued());
            self.meter.answered(&Answered {
                bank: self.bank,
                intended: batch.intended,
                at,
                count: answers.len(),
                told: &told,
                drawn: batch.due.drawn,
                given_up: self.under_way.answered(batch.number),
            });
            drop(batch.permit);
            if matches!(batch.kind, Kind::Again(_)) {
                continue;
            }
            seen.push(Seen {
                index: leaf.index,
                leaf: leaf.hash(),
                input: leaf.input_digest,
                who: ParticipantId(FIRST_BANK + self.bank as u32),
                records: answers.len() as u32,
                settled: AtOnce::of(answers),
                waiting: answers.iter().filter(|answer| waits(answer)).count() as u32,
            });
            for (place, id) in batch.sample {
                let answered = answers.get(place).and_then(|answer| answer.status());
                // What may still change has no receipt that must say the same.
                if let Some(status) = answered.filter(|status| *status == Status::Settled) {
                    self.fetch(Fetch { id, status });
                }
            }
        }
        Ok(seen)
    }

    fn fetch(&self, fetch: Fetch) {
        // A bank that is too far behind misses one: it is counted by its gap.
        if self.fetching.try_send(fetch).is_err() {
            lock(&self.books).receipts_missed += 1;
        }
    }
}
