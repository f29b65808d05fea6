//! One bank of a run: sends at its times, checks every answer, follows its feed, keeps its own books.
mod feed;
mod receipts;
mod replays;
mod settler;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use causeway_message::limits::RECORD_BYTES;
use causeway_message::wire::{BalanceLine, Balances};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout_at;

use super::control::{Control, Leg, Look, Pace, Stage};
use super::schedule::Schedule;
use super::seat::Seat;
use crate::books::{Books, Followed};
use crate::error::Failure;
use crate::meter::Meter;
use crate::random::Random;
use crate::workload::{Draft, Due, Workload};
use crate::world::World;
use replays::{Kind, Replays};
pub use settler::Seen;
use settler::{Sent, UnderWay};

/// Bytes of records that a bank has under way in an open loop; what comes later waits to be signed.
const UNDER_WAY_BYTES: usize = 2 * 1_048_576;
/// Batches that a bank has under way at most: what a session takes.
const UNDER_WAY_MAX: usize = causeway_message::limits::SESSION_WINDOW;
/// How long the last answers may take once nobody pays any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a bank does.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its number, from 0.
    pub bank: usize,
    /// Records in a batch.
    pub batch: usize,
    /// One receipt in so many records; zero for none.
    pub receipts: u64,
    /// Whether it follows its feed.
    pub feed: bool,
    /// Bytes a second that it reads of its feed at most.
    pub slow: Option<u64>,
    /// Whether it sends signed bytes again.
    pub replays: bool,
    /// Batches that it has under way in a closed loop, if not as many as all.
    pub depth: Option<usize>,
}

/// A bank.
#[derive(Debug)]
pub struct Bank {
    task: Task,
    seat: Seat,
    world: Arc<World>,
    workload: Workload,
    meter: Arc<Meter>,
    control: Arc<Control>,
    random: Random,
    /// Records since the last whose receipt is fetched.
    since: u64,
    draft: Draft,
    replays: Replays,
}

/// What a bank leaves behind.
#[derive(Debug, Default)]
pub struct Kept {
    /// Which.
    pub bank: usize,
    /// Events of its feed, each proven.
    pub events: u64,
    /// Receipts fetched and verified.
    pub receipts: u64,
    /// Receipts that were due and not fetched: the bank was too far behind.
    pub receipts_missed: u64,
    /// Receipts that were asked for and not shown: the connection was lost, or the node was busy.
    pub receipts_lost: u64,
    /// What was seen of each batch.
    pub seen: Vec<Seen>,
    /// Balances at the end.
    pub balances: Vec<BalanceLine>,
    /// What its feed settled behind the answers, up to those balances; none if it does not follow it.
    pub followed: Option<Followed>,
    /// What does not agree.
    pub difference: Option<String>,
}

impl Bank {
    /// At its seat.
    pub fn new(
        task: Task,
        seat: Seat,
        world: Arc<World>,
        workload: Workload,
        meter: Arc<Meter>,
        control: Arc<Control>,
    ) -> Self {
        Self {
            random: Random::new(0x5eed ^ task.bank as u64),
            task,
            seat,
            world,
            workload,
            meter,
            control,
            since: 0,
            draft: Draft::default(),
            replays: Replays::default(),
        }
    }

    /// Does what all are led to do, until the books are held to the ledger.
    ///
    /// # Errors
    /// If it cannot go on.
    pub async fn run(mut self) -> Result<Kept, Failure> {
        let mut stages = self.control.stages();
        let before = self.seat.balances().await?;
        let books = Books::new(self.world.clone(), self.task.bank, self.task.feed);
        let books = Arc::new(Mutex::new(books));
        let feed = self.task.feed.then(|| feed::follow(&self, &books, before.index));
        let (fetching, fetched) = receipts::fetch(&self.seat, &self.control);
        let under_way = Arc::new(UnderWay::default());
        let (sending, sent) = mpsc::channel(UNDER_WAY_MAX);
        let settling = settler::Settler {
            bank: self.task.bank,
            books: books.clone(),
            meter: self.meter.clone(),
            under_way: under_way.clone(),
            waiting: self.workload.waiting().clone(),
            fetching,
        };
        let control = self.control.clone();
        let settling = tokio::spawn(async move {
            let settled = settling.run(sent).await;
            if let Err(failure) = &settled {
                control.fail(failure.again());
            }
            settled
        });
        self.control.done();
        loop {
            if stages.changed().await.is_err() {
                return Ok(Kept::default());
            }
            let stage = stages.borrow_and_update().clone();
            match stage {
                Stage::Wait => {}
                Stage::Send(leg) => self.send(&leg, &sending, &under_way).await?,
                Stage::Settle => break,
                Stage::Stop | Stage::Look | Stage::Close => return Ok(Kept::default()),
            }
            self.control.done();
        }
        drop(sending);
        let settled = tokio::time::timeout(PATIENCE, settling).await;
        let settled = settled.map_err(|_| {
            let text = format!("bank {}: batches were never answered", self.task.bank);
            Failure::Check(text)
        })?;
        let seen = settled.map_err(|error| Failure::Io(error.to_string()))??;
        let (receipts, lost) = fetched.await.map_err(|error| Failure::Io(error.to_string()))??;
        self.control.done();
        let (mut balances, mut difference) = (Vec::new(), None);
        loop {
            if stages.changed().await.is_err() {
                return Ok(Kept::default());
            }
            match *stages.borrow_and_update() {
                Stage::Look => {}
                Stage::Close => break,
                Stage::Stop => return Ok(Kept::default()),
                Stage::Wait | Stage::Send(_) | Stage::Settle => continue,
            }
            (balances, difference) = self.look(&books, &before.lines).await?;
            self.control.done();
        }
        if let Some(feed) = feed {
            feed.abort();
        }
        self.seat.close();
        let (events, missed, followed) = {
            let mut books = settler::lock(&books);
            (books.events, books.receipts_missed, books.take_followed())
        };
        Ok(Kept {
            bank: self.task.bank,
            events,
            receipts,
            receipts_missed: missed,
            receipts_lost: lost,
            seen,
            balances,
            followed,
            difference,
        })
    }

    /// Sends at the leg's times, and waits until all is answered or given up.
    async fn send(
        &mut self,
        leg: &Leg,
        sending: &mpsc::Sender<Sent>,
        under_way: &Arc<UnderWay>,
    ) -> Result<(), Failure> {
        let most = match leg.pace {
            Pace::Closed(depth) => self.task.depth.unwrap_or(depth).clamp(1, UNDER_WAY_MAX),
            Pace::Open(_) => (UNDER_WAY_BYTES / (self.task.batch * RECORD_BYTES)).clamp(2, UNDER_WAY_MAX),
        };
        let room = Arc::new(Semaphore::new(most));
        let deadline = tokio::time::Instant::from_std(leg.deadline);
        match &leg.pace {
            Pace::Closed(_) => {
                tokio::time::sleep_until(leg.start.into()).await;
                while Instant::now() < leg.end {
                    let Ok(Ok(permit)) = timeout_at(deadline, room.clone().acquire_owned()).await else {
                        break;
                    };
                    let now = Instant::now();
                    if now < leg.end {
                        self.send_one(now, permit, sending, under_way).await?;
                    }
                }
            }
            Pace::Open(open) => {
                let mut schedule = Schedule::new(open, self.task.bank, leg.start, leg.begin, leg.end);
                while let Some(intended) = schedule.next() {
                    if intended > Instant::now() {
                        tokio::time::sleep_until(intended.into()).await;
                    }
                    let given_up = schedule.given_up();
                    let until = given_up.map_or(deadline, |at| deadline.min(at.into()));
                    let permit = timeout_at(until, room.clone().acquire_owned()).await;
                    let now = Instant::now();
                    if given_up.is_some_and(|at| at <= now) {
                        let payments = self.task.batch as u64;
                        self.meter.shed(self.task.bank, intended, now, payments);
                        continue;
                    }
                    let Ok(Ok(permit)) = permit else {
                        // Meant to be sent, and never was: nobody may leave them out.
                        std::iter::once(intended)
                            .chain(schedule)
                            .for_each(|intended| self.meter.unanswered(self.task.bank, intended, now));
                        break;
                    };
                    self.meter.sent(intended, intended.elapsed());
                    self.send_one(intended, permit, sending, under_way).await?;
                }
            }
        }
        if timeout_at(deadline, room.acquire_many(most as u32))
            .await
            .is_err()
        {
            under_way.give_up(self.task.bank, &self.meter);
        }
        Ok(())
    }

    async fn send_one(
        &mut self,
        intended: Instant,
        permit: tokio::sync::OwnedSemaphorePermit,
        sending: &mpsc::Sender<Sent>,
        under_way: &Arc<UnderWay>,
    ) -> Result<(), Failure> {
        let kind = if self.task.replays && self.workload.replays() {
            self.replays.next()
        } else {
            Kind::Plain
        };
        if matches!(kind, Kind::Again(_)) {
            let number = under_way.add(intended);
            self.meter.sending(self.task.bank, intended);
            let Some(answering) = self.seat.replay().await? else {
                return Err(Failure::Io(format!(
                    "bank {}: no bytes were kept",
                    self.task.bank
                )));
            };
            let sent = Sent {
                number,
                intended,
                answering,
                due: Due::default(),
                sample: Vec::new(),
                kind,
                permit,
            };
            return self.hand_on(sent, sending).await;
        }
        match kind {
            Kind::Kept(_) => self.workload.fresh(self.task.batch, &mut self.draft),
            _ => self.workload.next(self.task.batch, &mut self.draft),
        }
        let sample = self.sample();
        let number = under_way.add(intended);
        self.meter.sending(self.task.bank, intended);
        let draft = &mut self.draft;
        let (records, extensions) = (
            std::mem::take(&mut draft.records),
            std::mem::take(&mut draft.extensions),
        );
        let documents = std::mem::take(&mut draft.documents);
        let answering = match kind {
            Kind::Kept(_) => self.seat.submit_kept(records, extensions).await?,
            _ => self.seat.submit(records, extensions, documents).await?,
        };
        let sent = Sent {
            number,
            intended,
            answering,
            due: std::mem::take(&mut self.draft.due),
            sample,
            kind,
            permit,
        };
        self.hand_on(sent, sending).await
    }

    /// Hands a batch on to where answers are read.
    async fn hand_on(&self, sent: Sent, sending: &mpsc::Sender<Sent>) -> Result<(), Failure> {
        let gone = |_| Failure::Io(format!("bank {}: its answers ended", self.task.bank));
        sending.send(sent).await.map_err(gone)
    }

    /// Places and ids of the records whose receipts are fetched.
    fn sample(&mut self) -> Vec<(usize, causeway_message::InstructionId)> {
        let records = &self.draft.records;
        if self.task.receipts == 0 || records.is_empty() {
            return Vec::new();
        }
        self.since += records.len() as u64;
        let due = self.since / self.task.receipts;
        self.since %= self.task.receipts;
        let random = &mut self.random;
        let mut one = || {
            let at = random.below(records.len() as u64) as usize;
            (at, records[at].id())
        };
        (0..due).map(|_| one()).collect()
    }

    /// Holds the own books to the ledger, both as of the entry that the balances name.
    async fn look(
        &self,
        books: &Mutex<Books>,
        before: &[BalanceLine],
    ) -> Result<(Vec<BalanceLine>, Option<String>), Failure> {
        let Balances { index, lines } = self.seat.balances().await?;
        let (difference, last, released) = {
            let mut books = settler::lock(books);
            if let Some(error) = &books.failure {
                return Err(Failure::Io(format!("bank {}: feed: {error}", self.task.bank)));
            }
            let released = books.as_of(index);
            let contradiction = books.contradiction();
            let last = contradiction.is_some();
            let differs = || match books.ahead_of(index) {
                Some(entry) => Some(format!(
                    "bank {}: its feed tells of log entry {entry}, its balances stand after {index}",
                    self.task.bank
                )),
                None => books.difference(before, &lines),
            };
            let difference = contradiction.or_else(|| self.task.feed.then(differs).flatten());
            (difference, last, released)
        };
        self.meter.released(self.task.bank, released);
        self.control.looked(Look {
            index,
            agrees: difference.is_none(),
            last,
        });
        Ok((lines, difference))
    }
}
