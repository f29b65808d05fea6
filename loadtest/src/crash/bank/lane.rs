//! A lane of orders: one session, batches written down before they are sent, and sent until they are answered.
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use causeway_message::SessionId;
use causeway_message::record::Instruction;
use causeway_transport::ClientError;
use causeway_transport::client::{BatchOutcome, Session};

use super::book::{Line, Order, Told};
use super::turn::{Turn, fresh};
use super::{AGAIN, Bank, passing};
use crate::crash::place::ACCOUNTS;
use crate::error::Failure;
use crate::random::Random;

/// Lanes of a bank that begin something: the first sends one by one, the others in batches.
pub(super) const LANES: u64 = 3;
/// The lane that answers what is alleged, also while the run is paused.
pub(super) const MIRRORS: u64 = LANES;
/// Sessions that a lane has: a new life goes on with one of them.
const SESSIONS: u64 = 4;
/// Batches under way at once.
const DEPTH: u64 = 3;
/// One in so many turns sends a batch again that was answered.
const PROBES: u64 = 40;
/// A bank of which so many payments wait in a currency orders no more in it: one that pays less than the others would
/// otherwise end up with all the money, and the others' queues would grow without end.
const QUEUE_MAX: usize = 250;
/// One in so many batches may be large.
const LARGE: u64 = 30;
/// Longest pause between two turns of a bank without a past.
const PAUSE_MILLIS: u64 = 30;
/// With every so many payments in its book it grows by a millisecond: a start of the node reads what was paid before,
/// and in a long run starts would take most of the time.
const PAUSE_GROWS: u64 = 500;
/// Attempts in a row that come to nothing before it counts as a finding.
const ATTEMPTS: u32 = 400;

/// A batch on its way.
#[derive(Debug, Clone)]
struct Open {
    number: u64,
    records: Vec<Instruction>,
}

struct Lane {
    bank: Arc<Bank>,
    number: u64,
    random: Random,
    open: VecDeque<Open>,
    vain: u32,
}

/// Pays for ever.
pub(super) async fn run(bank: Arc<Bank>, number: u64, seed: u64) -> Result<(), Failure> {
    let own = bank.client.config().participant;
    let open = {
        let books = bank.books();
        let left = books.unanswered().filter(|(_, batch)| batch.lane == number);
        left.map(|(number, batch)| {
            let orders = books.orders_of(batch);
            let records = orders.iter().filter_map(|order| order.record(own)).collect();
            Open { number, records }
        })
        .collect()
    };
    let mut lane = Lane {
        bank,
        number,
        random: Random::new(seed ^ (number << 32)),
        open,
        vain: 0,
    };
    // The same session as in the last life, or another: both must do.
    let mut turn = lane.random.below(SESSIONS);
    loop {
        let session = SessionId(1 + number * SESSIONS + turn % SESSIONS);
        match lane.bank.client.session(session).await {
            Ok(session) => {
                lane.pay(&session).await?;
                // What it left open may be answered on it still: it is sent again on another.
                turn += 1;
                for open in &lane.open {
                    lane.bank.take(Line::Again { batch: open.number })?;
                }
            }
            Err(error) => passing(error)?,
        }
        lane.vain += 1;
        if lane.vain > ATTEMPTS {
            return Err(Failure::Check(format!(
                "lane {number}: nothing is answered any more"
            )));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

impl Lane {
    /// Pays until the session is lost.
    async fn pay(&mut self, session: &Session) -> Result<(), Failure> {
        loop {
            if self.open.is_empty() && self.number == MIRRORS {
                self.mirror().await?;
            } else if self.open.is_empty() {
                self.wait_for_leave().await?;
                self.order().await?;
            }
            let sent = if self.number == 0 {
                self.one_by_one(session).await?
            } else {
                self.in_batches(session).await?
            };
            if let Err(error) = sent {
                return passing(error);
            }
            self.vain = 0;
            let most = PAUSE_MILLIS + self.bank.books().orders.len() as u64 / PAUSE_GROWS;
            tokio::time::sleep(Duration::from_millis(self.random.below(most))).await;
        }
    }

    /// While the run is paused nothing begins.
    async fn wait_for_leave(&mut self) -> Result<(), Failure> {
        let mut paused = self.bank.paused.clone();
        if !*paused.borrow() {
            return Ok(());
        }
        if self.bank.idle.fetch_add(1, Ordering::AcqRel) + 1 == LANES {
            self.bank.say("idle")?;
        }
        let gone = |_| Failure::Io("the supervisor is gone".into());
        paused.wait_for(|paused| !paused).await.map_err(gone)?;
        self.bank.idle.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }

    /// Writes the next batches down, durably.
    async fn order(&mut self) -> Result<(), Failure> {
        if self.random.below(PROBES) == 0 && self.probe()? {
            return Ok(());
        }
        let mut turn = {
            let books = self.bank.books();
            let all = ACCOUNTS.iter().map(|(currency, _)| *currency);
            let currencies: Vec<u16> = all
                .filter(|currency| books.waiting(*currency) <= QUEUE_MAX)
                .collect();
            Turn::new(currencies, self.bank.trades, &books, &mut self.random)
        };
        if turn.currencies.is_empty() {
            return Ok(());
        }
        for _ in 0..=self.random.below(DEPTH) {
            // Small ones fill the journal with many groups, some large ones with many records.
            let most = match self.random.below(LARGE) {
                _ if self.number == 0 => 3,
                0 => self.bank.batch_max,
                _ => 10,
            };
            let count = 1 + self.random.below(most);
            let mut orders = Vec::with_capacity(count as usize);
            for _ in 0..count {
                orders.push(turn.draw(&self.bank.pays, &mut self.random)?);
            }
            self.begin(orders).await?;
        }
        Ok(())
    }

    /// Writes mirrors of what is alleged down, durably: each once, in whatever life.
    async fn mirror(&mut self) -> Result<(), Failure> {
        let orders = {
            let books = self.bank.books();
            let alleged = books.unmirrored.iter().take(self.bank.batch_max as usize);
            let alleged = alleged.filter_map(|key| Some((key, books.alleged.get(key)?)));
            let orders = alleged.map(|((debtor, id), alleged)| Ok(alleged.mirrored(*debtor, *id, fresh()?)));
            orders.collect::<Result<Vec<Order>, Failure>>()?
        };
        if orders.is_empty() {
            return Ok(());
        }
        self.begin(orders).await
    }

    async fn begin(&mut self, orders: Vec<Order>) -> Result<(), Failure> {
        let own = self.bank.client.config().participant;
        let records = orders.iter().filter_map(|order| order.record(own)).collect();
        let number = self.intend(orders).await?;
        self.open.push_back(Open { number, records });
        Ok(())
    }

    async fn intend(&self, orders: Vec<Order>) -> Result<u64, Failure> {
        let line = {
            let mut books = self.bank.books();
            let batch = books.batches.last_key_value().map_or(1, |(number, _)| number + 1);
            let lane = self.number;
            let line = Line::Intent { batch, lane, orders };
            books.take(line.clone()).map_err(Failure::Check)?;
            line
        };
        self.bank.book.keep(&line).await?;
        match line {
            Line::Intent { batch, .. } => Ok(batch),
            _ => Ok(0),
        }
    }

    /// Takes an answered batch of this lane to be sent again; false if there is none.
    fn probe(&mut self) -> Result<bool, Failure> {
        let own = self.bank.client.config().participant;
        let found = {
            let books = self.bank.books();
            let answered = |batch: &super::super::books::Batch| batch.answered && batch.lane == self.number;
            let last = books.batches.last_key_value().map_or(0, |(number, _)| *number);
            let from = self.random.below(last + 1);
            let mut behind = books.batches.range(from..).filter(|(_, batch)| answered(batch));
            behind.next().map(|(number, batch)| {
                let orders = books.orders_of(batch);
                let records = orders.iter().filter_map(|order| order.record(own)).collect();
                Open {
                    number: *number,
                    records,
                }
            })
        };
        let Some(open) = found else { return Ok(false) };
        self.bank.take(Line::Again { batch: open.number })?;
        self.open.push_back(open);
        Ok(true)
    }

    /// One request for each record. Answers are noted when all of a batch are there.
    async fn one_by_one(&mut self, session: &Session) -> Result<Result<(), ClientError>, Failure> {
        while let Some(open) = self.open.front() {
            let mut told = Vec::with_capacity(open.records.len());
            for record in &open.records {
                match session.pay(*record).await {
                    Ok(answer) => told.push(Told(answer.status.get(), answer.is_first(), None)),
                    Err(error) => return Ok(Err(error)),
                }
            }
            self.answered(told)?;
        }
        Ok(Ok(()))
    }

    /// All batches at once, answers as they come.
    async fn in_batches(&mut self, session: &Session) -> Result<Result<(), ClientError>, Failure> {
        let mut pending = Vec::new();
        for open in &self.open {
            match session.submit(open.records.clone(), Vec::new(), Vec::new()).await {
                Ok(sent) => pending.push(sent),
                Err(error) => return Ok(Err(error)),
            }
        }
        for sent in pending {
            match sent.outcome().await {
                Ok(outcome) => self.answered(told(&outcome))?,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }

    fn answered(&mut self, told: Vec<Told>) -> Result<(), Failure> {
        let Some(open) = self.open.pop_front() else {
            return Ok(());
        };
        let count = told.len() as u64;
        self.bank.take(Line::Answers {
            batch: open.number,
            told,
        })?;
        self.bank.count(count)
    }
}

/// Answers with the place of each instruction: the batch's own entry, or the one that a detail names.
fn told(outcome: &BatchOutcome) -> Vec<Told> {
    let details: BTreeMap<u16, (u64, u32)> = outcome
        .details
        .iter()
        .map(|d| {
            (
                d.record.get(),
                (d.origin_entry.get(), u32::from(d.origin_ordinal.get())),
            )
        })
        .collect();
    let answers = outcome.answers.iter().zip(0u16..);
    answers
        .map(|(answer, at)| {
            let own = (outcome.leaf.index, u32::from(at));
            let origin = if answer.is_first() {
                Some(own)
            } else {
                details.get(&at).copied()
            };
            Told(answer.status.get(), answer.is_first(), origin)
        })
        .collect()
}
