//! The desks of a bank: what they pay, how fast, and how answers and feed come into its books.
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use causeway_message::answer::Answer;
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::Instruction;
use causeway_message::wire::InstructionKey;
use causeway_message::{ParticipantId, Status};
use causeway_transport::ClientError;
use causeway_transport::client::{Session, VerifiedEntry};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::books::Books;
use super::proofs::Ask;
use super::traffic::{Dice, Traffic};
use crate::client::trade;

/// Every so many settled payments a bank fetches a receipt.
const RECEIPT_EVERY: u64 = 100;
/// Of payments that had waited a receipt is fetched more often: they are the harder proof.
const DEFERRED_RECEIPT_EVERY: u64 = 25;
/// The first ones always.
const DEFERRED_RECEIPTS_FIRST: u64 = 2;
/// Desks of a bank that pay one by one.
pub const COUNTERS: u64 = 2;
/// Payments of one burst at such a desk, at most.
const BURST_MAX: u64 = 11;
/// Payments of a batch, in the mean (see [`batch_size`]).
const BATCH_MEAN: u64 = 140;

/// How fast a bank pays.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    burst: Duration,
    batch: Duration,
}

impl Pace {
    /// The pace of one of so many banks that together make `rate` payments a second: a fifth of them one by one.
    pub fn of(rate: u64, banks: u64) -> Self {
        let own = (rate / banks.max(1)).max(1);
        let pause =
            |payments: u64, share: u64| Duration::from_micros(payments * 5_000_000 / (own * share).max(1));
        Self {
            burst: pause(COUNTERS * BURST_MAX.div_ceil(2), 1),
            batch: pause(BATCH_MEAN, 4),
        }
    }
}

/// Most batches are small.
fn batch_size(dice: &mut Dice) -> u64 {
    match dice.below(100) {
        0..70 => 20 + dice.below(80),
        70..95 => 100 + dice.below(300),
        _ => 400 + dice.below(600),
    }
}

/// What all tasks of a bank share.
#[derive(Debug)]
pub struct Shared {
    id: ParticipantId,
    books: Mutex<Books>,
    asks: Sender<Ask>,
    settled: AtomicU64,
    stop: Arc<AtomicBool>,
}

impl Shared {
    /// What the tasks of this bank share; `stop` ends the desks.
    pub const fn new(id: ParticipantId, books: Books, asks: Sender<Ask>, stop: Arc<AtomicBool>) -> Self {
        Self {
            id,
            books: Mutex::new(books),
            asks,
            settled: AtomicU64::new(0),
            stop,
        }
    }

    /// The books.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The books, once nobody else enters anything.
    pub fn into_books(self) -> Books {
        self.books.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Enters answers into the books; asks for a receipt now and then.
    pub fn enter(&self, records: &[Instruction], answers: &[Answer], since: Instant) {
        let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut books = self.books();
        for (record, answer) in records.iter().zip(answers) {
            if books.answer(record, answer, micros) != Some(Status::Settled) {
                continue;
            }
            if self
                .settled
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(RECEIPT_EVERY)
            {
                let key = InstructionKey {
                    submitter: self.id,
                    id: record.id(),
                };
                // Full means that enough are being fetched already.
                let _ = self.asks.try_send(Ask {
                    key,
                    amount: record.amount.get(),
                    deferred: false,
                });
            }
        }
    }

    /// Enters what the feed tells.
    pub fn follow(&self, entry: &VerifiedEntry) {
        let mut books = self.books();
        for (_, event) in entry.events() {
            books.event(entry.leaf.index, &event);
            if event.kind() == Some(EventKind::Payment) && event.status() == Some(Status::Settled) {
                self.ask_of(&event, entry.leaf.index, &books);
            }
        }
    }

    /// Asks for the receipt of a payment that the feed tells of.
    fn ask_of(&self, event: &Event<'_>, entry: u64, books: &Books) {
        // Those of trades are fetched where the trades are made.
        let Some((record, _)) = event.payment().filter(|(record, _)| !trade::is_trade(record)) else {
            return;
        };
        let wanted = match event.role() {
            Some(Role::Debtor) => {
                let count = books.queued_then_settled;
                count <= DEFERRED_RECEIPTS_FIRST || count.is_multiple_of(DEFERRED_RECEIPT_EVERY)
            }
            // The creditor's own proof that it was paid.
            _ => books.credits.is_multiple_of(5 * RECEIPT_EVERY),
        };
        if wanted {
            let key = InstructionKey {
                submitter: ParticipantId(record.debtor.get()),
                id: record.id(),
            };
            let deferred = event.head.origin_entry.get() != entry;
            let _ = self.asks.try_send(Ask {
                key,
                amount: record.amount.get(),
                deferred,
            });
        }
    }
}

/// When a desk is to act next: after a pause between half and one and a half times the usual one. Whoever is late
/// does not catch up.
fn next(due: Instant, pause: Duration, dice: &mut Dice) -> Instant {
    let usual = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX);
    let due = due + Duration::from_micros(usual / 2 + dice.below(usual.max(1)));
    due.max(Instant::now())
}

/// Pays in bursts, each payment for itself: what comes together travels together.
pub async fn pay_singly(
    shared: Arc<Shared>,
    session: Session,
    mut traffic: Traffic,
    pace: Pace,
) -> Result<(), ClientError> {
    let mut due = Instant::now();
    while !shared.stopping() {
        due = next(due, pace.burst, traffic.dice());
        sleep_until(due).await;
        let mut burst: JoinSet<Result<(), ClientError>> = JoinSet::new();
        for _ in 0..=traffic.dice().below(BURST_MAX) {
            let (record, session, shared) = (traffic.next(), session.clone(), shared.clone());
            let since = Instant::now();
            burst.spawn(async move {
                let answer = session.pay(record).await?;
                shared.enter(&[record], &[answer], since);
                Ok(())
            });
        }
        while let Some(paid) = burst.join_next().await {
            paid.map_err(|_| ClientError::Closed)??;
        }
    }
    Ok(())
}

/// Pays in batches.
pub async fn pay_in_batches(
    shared: Arc<Shared>,
    session: Session,
    mut traffic: Traffic,
    pace: Pace,
) -> Result<(), ClientError> {
    let mut due = Instant::now();
    while !shared.stopping() {
        due = next(due, pace.batch, traffic.dice());
        sleep_until(due).await;
        let size = batch_size(traffic.dice());
        let records: Vec<Instruction> = (0..size).map(|_| traffic.next()).collect();
        let since = Instant::now();
        let outcome = session
            .submit(records.clone(), Vec::new(), Vec::new())
            .await?
            .outcome()
            .await?;
        shared.enter(&records, &outcome.answers, since);
    }
    Ok(())
}
