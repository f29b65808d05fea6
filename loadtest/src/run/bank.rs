//! One bank of a run: submits, checks every answer, follows its feed, keeps its own books.
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use causeway_message::event::{EventKind, Role};
use causeway_message::record::Instruction;
use causeway_message::wire::{BalanceLine, InstructionKey};
use causeway_message::{InstructionId, SessionId, Status};
use causeway_transport::client::{BatchOutcome, Pending};
use causeway_transport::{Client, ClientConfig};

use super::Control;
use super::outcome::Measured;
use crate::error::Failure;
use crate::random::Random;
use crate::world::World;

/// What a bank does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Payments in a batch.
    pub batch: usize,
    /// Batches under way.
    pub depth: usize,
    /// Time between two intended batches of one bank (open loop).
    pub interval: Option<Duration>,
    /// One receipt in so many payments; zero for none.
    pub receipts: u64,
    /// Whether it follows its feed.
    pub feed: bool,
    /// Seed.
    pub seed: u64,
}

/// A bank.
pub struct Bank {
    number: usize,
    world: Arc<World>,
    config: ClientConfig,
    plan: Plan,
    control: Arc<Control>,
}

/// A batch under way: when it was meant to be sent, and what it moves.
struct Sent {
    at: Instant,
    pending: Pending,
    debits: BTreeMap<u16, i128>,
    sample: Option<InstructionId>,
}

/// What a feed gave: credits per currency, and how many events.
#[derive(Debug, Default)]
struct Credits {
    sums: BTreeMap<u16, i128>,
    events: u64,
    failure: Option<String>,
}

/// How long a feed may take to catch up once nobody pays any more.
const FEED_PATIENCE: Duration = Duration::from_secs(20);

impl Bank {
    pub fn new(
        number: usize,
        world: Arc<World>,
        config: ClientConfig,
        plan: Plan,
        control: Arc<Control>,
    ) -> Self {
        Self {
            number,
            world,
            config,
            plan,
            control,
        }
    }

    pub async fn run(self) -> Result<Measured, Failure> {
        let client = Client::connect(self.config.clone()).await?;
        let before = client.balances(0).await?;
        let session = client.session(SessionId(self.plan.seed)).await?;
        let feed = self.plan.feed.then(|| follow(&client));
        let mut measured = Measured::default();
        let mut random = Random::new(
            self.plan
                .seed
                .wrapping_mul(0x1_0000)
                .wrapping_add(self.number as u64),
        );
        let mut sent: VecDeque<Sent> = VecDeque::new();
        let mut records: Vec<Instruction> = Vec::new();
        let mut since_receipt = 0;
        self.control.start.wait().await?;
        let started = Instant::now();
        let mut n = 0u32;
        while !self.control.stop.load(Ordering::Acquire) {
            if sent.len() >= self.plan.depth
                && let Some(first) = sent.pop_front()
            {
                self.settle(&client, first, &mut measured).await?;
            }
            let at = match self.plan.interval {
                Some(interval) => {
                    let intended = started + interval * n;
                    if intended > Instant::now() {
                        tokio::time::sleep_until(intended.into()).await;
                    }
                    intended
                }
                None => Instant::now(),
            };
            n += 1;
            self.world
                .payments(self.number, self.plan.batch, &mut random, &mut records);
            let mut debits = BTreeMap::new();
            for record in &records {
                *debits.entry(record.currency.get()).or_default() += i128::from(record.amount.get());
            }
            since_receipt += records.len() as u64;
            let due = self.plan.receipts != 0 && since_receipt >= self.plan.receipts;
            let sample = due.then(|| {
                since_receipt = 0;
                records[random.below(records.len() as u64) as usize].id()
            });
            let pending = session
                .submit(std::mem::take(&mut records), Vec::new(), Vec::new())
                .await?;
            sent.push_back(Sent {
                at,
                pending,
                debits,
                sample,
            });
        }
        for rest in sent {
            self.settle(&client, rest, &mut measured).await?;
        }
        self.reconcile(&client, feed, &before.lines, &mut measured)
            .await?;
        client.close();
        Ok(measured)
    }

    async fn settle(&self, client: &Client, sent: Sent, measured: &mut Measured) -> Result<(), Failure> {
        let outcome: BatchOutcome = sent.pending.outcome().await?;
        let took = sent.at.elapsed();
        let settled = outcome
            .answers
            .iter()
            .filter(|answer| answer.status() == Some(Status::Settled))
            .count() as u64;
        measured.other += outcome.answers.len() as u64 - settled;
        measured.total += settled;
        for (currency, amount) in sent.debits {
            *measured.debits.entry(currency).or_default() += amount;
        }
        if self.control.measuring.load(Ordering::Acquire) {
            measured.settled += settled;
            *measured.by_bank.entry(self.number).or_default() += settled;
            measured.batches += 1;
            measured.record(took)?;
            self.control.settled.fetch_add(settled, Ordering::AcqRel);
        }
        if let Some(id) = sent.sample {
            let key = InstructionKey {
                submitter: self.config.participant,
                id,
            };
            let (_, facts) = client.receipt(key).await?;
            if facts.status != Status::Settled {
                return Err(Failure::Check(
                    "a receipt shows another outcome than the answer".into(),
                ));
            }
            measured.receipts += 1;
        }
        Ok(())
    }

    /// Holds the bank's own books against the ledger's: balances before, what was paid, what the feed credited.
    async fn reconcile(
        &self,
        client: &Client,
        feed: Option<Arc<Mutex<Credits>>>,
        before: &[BalanceLine],
        measured: &mut Measured,
    ) -> Result<(), Failure> {
        // Everybody has stopped paying behind this: balances stand still.
        self.control.end.wait().await?;
        let after = client.balances(0).await?;
        let Some(credits) = feed else { return Ok(()) };
        let patience = Instant::now() + FEED_PATIENCE;
        loop {
            let missing = self.difference(&credits, before, &after.lines, measured)?;
            let Some(missing) = missing else { break };
            if Instant::now() > patience {
                return Err(Failure::Check(missing));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        measured.events += lock(&credits).events;
        Ok(())
    }

    /// The first currency in which the books differ.
    fn difference(
        &self,
        credits: &Mutex<Credits>,
        before: &[BalanceLine],
        after: &[BalanceLine],
        measured: &Measured,
    ) -> Result<Option<String>, Failure> {
        let credits = lock(credits);
        if let Some(error) = &credits.failure {
            return Err(Failure::Io(error.clone()));
        }
        Ok(after.iter().find_map(|line| {
            let was = before
                .iter()
                .find(|b| b.currency == line.currency)
                .map_or(0, |b| b.balance);
            let paid = measured.debits.get(&line.currency).copied().unwrap_or(0);
            let credited = credits.sums.get(&line.currency).copied().unwrap_or(0);
            (was - paid + credited != line.balance).then(|| {
                format!(
                    "bank {}, currency {}: {was} before, {paid} paid, {credited} credited, {} on the ledger",
                    self.number, line.currency, line.balance
                )
            })
        }))
    }
}

fn lock(credits: &Mutex<Credits>) -> MutexGuard<'_, Credits> {
    credits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Follows the feed from the start and sums what it credits. Ends with the client's connection.
fn follow(client: &Client) -> Arc<Mutex<Credits>> {
    let credits = Arc::new(Mutex::new(Credits::default()));
    let (sums, mut feed) = (credits.clone(), client.feed(1));
    tokio::spawn(async move {
        loop {
            let entry = match feed.next().await {
                Ok(entry) => entry,
                Err(error) => {
                    lock(&sums).failure = Some(error.to_string());
                    return;
                }
            };
            let mut sums = lock(&sums);
            for (_, event) in entry.events() {
                sums.events += 1;
                if event.kind() == Some(EventKind::Payment)
                    && event.role() == Some(Role::Creditor)
                    && let Some((record, _)) = event.payment()
                {
                    *sums.sums.entry(record.currency.get()).or_default() +=
                        i128::from(event.head.amount.get());
                }
            }
        }
    });
    credits
}
