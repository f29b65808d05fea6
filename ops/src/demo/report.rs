//! What came of the demo, in figures.
use causeway_message::wire::Balances;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

use super::books::Books;
use super::proofs::Proofs;
use super::trades::{self, Side};
use super::world::World;
use crate::client::words;

/// Milliseconds from asking to an answer that is proven to stand in the log.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LatencyMs {
    /// Half of the payments were faster.
    pub p50: f64,
    /// Ninety-nine in a hundred were faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// What re-reading the log found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LogJson {
    /// The ledger.
    pub ledger: String,
    /// Entries.
    pub entries: u64,
    /// Signatures of banks.
    pub signatures: u64,
    /// Journalled tree heads that the replay reproduced.
    pub heads: u64,
    /// Root of the tree.
    pub root: String,
}

/// What came of the demo.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Banks that paid.
    pub banks: usize,
    /// Currencies they paid in.
    pub currencies: Vec<&'static str>,
    /// Seconds that they paid.
    pub duration_s: f64,
    /// Payments settled.
    pub settled: u64,
    /// Of these, settled when they were sent.
    pub settled_at_once: u64,
    /// Of these, settled after they had waited.
    pub queued_then_settled: u64,
    /// Payments that still wait.
    pub still_queued: u64,
    /// Payments rejected.
    pub rejected: u64,
    /// The same, by status.
    pub rejected_by_status: BTreeMap<&'static str, u64>,
    /// Payments sent a second time, which moved nothing.
    pub replayed: u64,
    /// Trades, payment versus payment, whose two legs settled in one entry, by what both parties were told.
    pub pvp_settled: u64,
    /// Trades of which only one party was told that its leg settled there.
    pub pvp_half_settled: u64,
    /// FX payments whose legs settled, by what the banks that paid were told.
    pub fx_settled: u64,
    /// Settled payments a second.
    pub payments_per_second: f64,
    /// How long an answer took.
    pub latency_ms: LatencyMs,
    /// Receipts that were fetched and hold.
    pub receipts_verified: u64,
    /// Of these, of payments that had waited.
    pub deferred_receipts_verified: u64,
    /// No money was made or lost.
    pub conservation_ok: bool,
    /// The log on disk, read again, holds.
    pub log_verified: bool,
    /// Value settled in each currency, exact.
    pub value_settled: BTreeMap<&'static str, String>,
    /// About the log.
    pub log: LogJson,
    /// The data directory, if it is kept.
    pub kept: Option<String>,
    /// Whatever did not hold.
    pub problems: Vec<String>,
    /// Payments received, by the feeds.
    #[serde(skip)]
    pub credits: u64,
    /// What happened to the first trades, in sentences.
    #[serde(skip)]
    pub trade_story: Vec<String>,
    /// What happened along the corridor, in lines.
    #[serde(skip)]
    pub fx_story: Vec<String>,
    /// Instructions that waited for each other and settled by one plan of netting.
    pub netted: u64,
    /// What happened to them, in sentences.
    #[serde(skip)]
    pub netting_story: Vec<String>,
    #[serde(skip)]
    sides: Vec<Side>,
    #[serde(skip)]
    holdings: BTreeMap<u16, i128>,
    #[serde(skip)]
    value: BTreeMap<u16, i128>,
    #[serde(skip)]
    latency: Option<Histogram<u64>>,
}

impl Report {
    /// An empty report over so much time.
    pub fn over(duration: Duration) -> Self {
        Self {
            duration_s: duration.as_secs_f64(),
            ..Self::default()
        }
    }

    /// Adds a bank's books and balances.
    pub fn add(&mut self, name: &str, books: Books, held: &Balances) {
        self.banks += 1;
        self.settled_at_once += books.settled_at_once;
        self.queued_then_settled += books.queued_then_settled;
        self.still_queued += books.waiting();
        self.replayed += books.replayed;
        self.credits += books.credits;
        self.sides.extend(books.trades.settled);
        self.fx_settled += books.exchanges.settled;
        for (status, count) in &books.rejected {
            *self.rejected_by_status.entry(status).or_default() += count;
            self.rejected += count;
        }
        for (currency, value) in &books.value {
            *self.value.entry(*currency).or_default() += value;
        }
        for line in &held.lines {
            *self.holdings.entry(line.currency).or_default() += line.balance;
        }
        self.problems
            .extend(books.problems.iter().map(|problem| format!("{name}: {problem}")));
        match &mut self.latency {
            // All histograms have the same bounds.
            Some(all) => drop(all.add(&books.latency)),
            None => self.latency = Some(books.latency),
        }
        self.settled = self.settled_at_once + self.queued_then_settled;
    }

    /// Adds what came of a bank's receipts.
    pub fn prove(&mut self, proofs: Proofs) {
        self.receipts_verified += proofs.verified;
        self.deferred_receipts_verified += proofs.deferred;
        self.problems.extend(proofs.problems);
    }

    /// Works out what follows from the sums.
    pub fn complete(&mut self, world: &World) {
        let of = |map: &BTreeMap<u16, i128>, numeric: u16| map.get(&numeric).copied().unwrap_or_default();
        for currency in &world.currencies {
            let value = of(&self.value, currency.numeric);
            self.currencies.push(currency.alpha());
            self.value_settled
                .insert(currency.alpha(), words::decimal(value, currency.numeric));
        }
        (self.pvp_settled, self.pvp_half_settled) = trades::count(&self.sides);
        self.payments_per_second = (self.settled as f64 / self.duration_s.max(0.001)).round();
        if let Some(latency) = &self.latency {
            let ms = |micros: u64| micros as f64 / 1_000.0;
            self.latency_ms = LatencyMs {
                p50: ms(latency.value_at_quantile(0.5)),
                p99: ms(latency.value_at_quantile(0.99)),
                max: ms(latency.max()),
            };
        }
    }

    /// Own sides of trades of which the banks were told that they settled.
    pub const fn sides_settled(&self) -> u64 {
        self.sides.len() as u64
    }

    /// What all banks hold in each currency, by ISO numeric code.
    pub fn holdings(&self, numeric: u16) -> i128 {
        self.holdings.get(&numeric).copied().unwrap_or_default()
    }

    /// Everything that was promised and does not hold.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = self.problems.clone();
        let mut unless = |holds: bool, what: &str| {
            if !holds {
                failures.push(what.to_owned());
            }
        };
        unless(self.settled > 0, "no payment settled");
        unless(self.queued_then_settled > 0, "no payment waited and settled");
        unless(self.pvp_settled > 0, "no trade settled");
        unless(self.fx_settled > 0, "no FX payment settled");
        unless(self.pvp_half_settled == 0, "a trade settled by half");
        unless(self.receipts_verified > 0, "no receipt was verified");
        unless(
            self.deferred_receipts_verified > 0,
            "no receipt of a payment that had waited was verified",
        );
        unless(self.conservation_ok, "money was made or lost");
        unless(self.log_verified, "the log was not verified");
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_report_holds_nothing() {
        assert_eq!(Report::default().failures().len(), 8);
        let half = Report {
            pvp_half_settled: 1,
            ..Report::default()
        };
        assert!(half.failures().contains(&"a trade settled by half".to_owned()));
    }
}
