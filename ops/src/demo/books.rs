//! A bank's own books: kept from its answers and its feed alone, and held against the node's balances at the end.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causeway_message::action::Action;
use causeway_message::answer::Answer;
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::Instruction;
use causeway_message::wire::Balances;
use causeway_message::{ParticipantId, Status};
use hdrhistogram::Histogram;

use super::exchanges::Exchanges;
use super::trades::Trades;
use crate::client::{trade, words};

/// Counts of all banks together, for those who watch.
#[derive(Debug, Default)]
pub struct Counters {
    /// Payments settled.
    pub settled: AtomicU64,
    /// Payments that had to wait.
    pub queued: AtomicU64,
    /// Of these, no longer waiting.
    pub released: AtomicU64,
    /// Payments rejected.
    pub rejected: AtomicU64,
}

/// What a bank knows of its accounts.
#[derive(Debug)]
pub struct Books {
    own: ParticipantId,
    counters: Arc<Counters>,
    /// By ISO numeric code: what the balance must be.
    net: BTreeMap<u16, i128>,
    /// By ISO numeric code: what was settled as debtor.
    pub value: BTreeMap<u16, i128>,
    /// Payments settled when they were sent.
    pub settled_at_once: u64,
    /// Payments that waited, then settled.
    pub queued_then_settled: u64,
    /// Payments that had to wait.
    pub queued: u64,
    /// Payments that waited, then ended without settling.
    pub queued_then_rejected: u64,
    /// Rejections, by status.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Payments sent a second time and answered as before.
    pub replayed: u64,
    /// Payments received.
    pub credits: u64,
    /// Microseconds from asking to proven answer, one for each payment.
    pub latency: Histogram<u64>,
    /// Trades, payment versus payment.
    pub trades: Trades,
    /// FX payments and locks.
    pub exchanges: Exchanges,
    /// Whatever cannot be.
    pub problems: Vec<String>,
}

/// Longest latency that is told apart: a minute, in microseconds.
const LATENCY_MAX: u64 = 60_000_000;

impl Books {
    /// Empty books of a bank.
    pub fn new(own: ParticipantId, counters: Arc<Counters>) -> Result<Self, crate::Failure> {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX, 3)
            .map_err(|error| crate::Failure::Io(error.to_string()))?;
        Ok(Self {
            own,
            counters,
            net: BTreeMap::new(),
            value: BTreeMap::new(),
            settled_at_once: 0,
            queued_then_settled: 0,
            queued: 0,
            queued_then_rejected: 0,
            rejected: BTreeMap::new(),
            replayed: 0,
            credits: 0,
            latency,
            trades: Trades::default(),
            exchanges: Exchanges::default(),
            problems: Vec::new(),
        })
    }

    fn paid(&mut self, record: &Instruction) {
        let (currency, amount) = (record.currency.get(), i128::from(record.amount.get()));
        *self.net.entry(currency).or_default() -= amount;
        *self.value.entry(currency).or_default() += amount;
        self.counters.settled.fetch_add(1, Ordering::Relaxed);
    }

    /// Enters the answer to a payment; returns its status if it is the first answer.
    pub fn answer(&mut self, record: &Instruction, answer: &Answer, micros: u64) -> Option<Status> {
        self.latency.saturating_record(micros.max(1));
        let Some(status) = answer.status() else {
            self.problems.push(format!(
                "payment {} was answered with an unknown status",
                record.id()
            ));
            return None;
        };
        if !answer.is_first() {
            self.replayed += 1;
            return None;
        }
        match status {
            Status::Settled => {
                self.settled_at_once += 1;
                self.paid(record);
            }
            Status::Queued => {
                self.queued += 1;
                self.counters.queued.fetch_add(1, Ordering::Relaxed);
            }
            other => {
                *self.rejected.entry(other.name()).or_default() += 1;
                self.counters.rejected.fetch_add(1, Ordering::Relaxed);
            }
        }
        Some(status)
    }

    /// Enters an event of the feed, which an entry of the log caused.
    pub fn event(&mut self, entry: u64, event: &Event<'_>) {
        if let (Some(EventKind::Payment), Some((record, _))) = (event.kind(), event.payment())
            && trade::is_trade(record)
        {
            return self.trade(entry, event, record);
        }
        if let Some(moves) = self.exchanges.event(entry, event, self.own) {
            let pays = event.role() == Some(Role::Debtor);
            for (currency, change) in moves {
                *self.net.entry(currency).or_default() += change;
                if pays {
                    *self.value.entry(currency).or_default() -= change;
                }
            }
            return;
        }
        if let Some((_, collector, currency, _)) = event.fee() {
            // Whoever paid it has entered it with its payment.
            if collector == self.own {
                *self.net.entry(currency).or_default() += i128::from(event.head.amount.get());
            }
            return;
        }
        let settled = event.status() == Some(Status::Settled);
        match (event.kind(), event.role(), event.payment(), event.control()) {
            (Some(EventKind::Payment), Some(Role::Creditor), Some((record, _)), _) if settled => {
                self.credits += 1;
                *self.net.entry(record.currency.get()).or_default() += i128::from(event.head.amount.get());
            }
            (Some(EventKind::Payment), Some(Role::Debtor), Some((record, _)), _) => {
                self.counters.released.fetch_add(1, Ordering::Relaxed);
                if settled {
                    self.queued_then_settled += 1;
                    self.paid(record);
                } else {
                    self.queued_then_rejected += 1;
                    *self
                        .rejected
                        .entry(event.status().map_or("unknown", Status::name))
                        .or_default() += 1;
                }
            }
            (Some(EventKind::Control), Some(Role::Subject), _, Some((_, _, action))) => {
                self.told(event, &action)
            }
            (Some(EventKind::OwnBatch), ..) => {}
            _ => self
                .problems
                .push("the feed holds an event that has no place in it".to_owned()),
        }
    }

    fn trade(&mut self, entry: u64, event: &Event<'_>, record: &Instruction) {
        let Some(side) = self.trades.event(entry, event, record) else {
            return;
        };
        let (paid, got) = (i128::from(side.paid.1), i128::from(side.got.1));
        *self.net.entry(side.paid.0).or_default() -= paid;
        *self.net.entry(side.got.0).or_default() += got;
        *self.value.entry(side.paid.0).or_default() += paid;
    }

    fn told(&mut self, event: &Event<'_>, action: &Action) {
        if let (Action::Fund { currency, amount, .. }, Some(Status::Executed)) = (action, event.status()) {
            *self.net.entry(*currency).or_default() += i128::from(*amount);
        }
    }

    /// Payments that must still be waiting.
    pub const fn waiting(&self) -> u64 {
        self.queued
            .saturating_sub(self.queued_then_settled + self.queued_then_rejected)
    }

    /// Where the node's balances differ from the books.
    pub fn differences(&self, name: &str, balances: &Balances) -> Vec<String> {
        let mut out = Vec::new();
        let mut waiting = 0;
        for line in &balances.lines {
            waiting += u64::from(line.queued);
            let own = self.net.get(&line.currency).copied().unwrap_or_default();
            if own != line.balance {
                out.push(format!(
                    "{name} holds {} by its own books, {} by the node's",
                    words::money(own, line.currency),
                    words::money(line.balance, line.currency)
                ));
            }
        }
        if waiting != self.waiting() {
            out.push(format!(
                "{name} has {} payments waiting by its own books, {waiting} by the node's",
                self.waiting()
            ));
        }
        out
    }
}
