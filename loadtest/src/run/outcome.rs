//! What a run measured, and how it is told.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::bank::Plan;
use super::{Args, Scenario};
use crate::error::Failure;
use crate::world::World;

/// What banks measured, added up.
#[derive(Debug, Default)]
pub struct Measured {
    /// Settled and answered inside the window.
    pub settled: u64,
    /// Batches answered inside the window.
    pub batches: u64,
    /// The same of each bank, by its number.
    pub by_bank: BTreeMap<usize, u64>,
    /// Settled in all, warm-up and end included.
    pub total: u64,
    /// Answered otherwise.
    pub other: u64,
    /// Events read from feeds, each proven.
    pub events: u64,
    /// Receipts fetched and verified alone.
    pub receipts: u64,
    /// Paid, by currency.
    pub debits: BTreeMap<u16, i128>,
    /// Microseconds; made with the first sample.
    latency: Option<Histogram<u64>>,
}

impl Measured {
    /// Notes the latency of one batch.
    pub fn record(&mut self, took: Duration) -> Result<(), Failure> {
        let broken = |e: String| Failure::Io(e);
        let latency = match &mut self.latency {
            Some(latency) => latency,
            none => none.insert(Histogram::new(3).map_err(|e| broken(e.to_string()))?),
        };
        latency
            .record(took.as_micros() as u64)
            .map_err(|e| broken(e.to_string()))
    }

    /// Adds another part.
    pub fn merge(&mut self, other: Self) -> Result<(), Failure> {
        self.settled += other.settled;
        for (bank, settled) in other.by_bank {
            *self.by_bank.entry(bank).or_default() += settled;
        }
        self.batches += other.batches;
        self.total += other.total;
        self.other += other.other;
        self.events += other.events;
        self.receipts += other.receipts;
        match (&mut self.latency, other.latency) {
            (Some(own), Some(other)) => own.add(other).map_err(|e| Failure::Io(e.to_string())),
            (own @ None, other) => {
                *own = other;
                Ok(())
            }
            (Some(_), None) => Ok(()),
        }
    }

    /// A steady run settles everything; the books of the banks were held against the ledger's already.
    pub fn reconcile(&self) -> Result<(), Failure> {
        if self.other == 0 {
            Ok(())
        } else {
            Err(Failure::Check(format!("{} payments did not settle", self.other)))
        }
    }

    fn milliseconds(&self, quantile: f64) -> f64 {
        self.latency.as_ref().map_or(0.0, |latency| {
            latency.value_at_quantile(quantile) as f64 / 1_000.0
        })
    }
}

#[derive(Debug, Serialize)]
struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

/// What the node showed at the end.
#[derive(Debug)]
pub struct After {
    /// Its resident memory.
    pub resident_bytes: u64,
    /// Processor seconds of its threads, by part.
    pub processor: BTreeMap<String, f64>,
    /// Processor seconds of the harness.
    pub own_processor: f64,
    /// How long it took to start again, if that was asked for.
    pub restart: Option<Duration>,
}

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Summary {
    scenario: &'static str,
    payments_per_second: f64,
    settled: u64,
    window_seconds: f64,
    settled_in_all: u64,
    batches: u64,
    batch_size: usize,
    latency_ms: Latency,
    feed_events_verified: u64,
    receipts_verified: u64,
    reconciled: bool,
    banks: u64,
    participants: usize,
    accounts: usize,
    currencies: usize,
    loop_kind: &'static str,
    intended_rate: Option<u64>,
    depth: usize,
    threads: u64,
    node_resident_mib: u64,
    cpus: usize,
    restart_seconds: Option<f64>,
    with: Vec<&'static str>,
    switched_off: Vec<&'static str>,
    cost_ns: BTreeMap<String, f64>,
}

impl Summary {
    /// Puts a result together.
    pub fn new(
        args: &Args,
        world: &World,
        plan: &Plan,
        measured: &Measured,
        window: f64,
        after: &After,
    ) -> Self {
        let mut with = vec![
            "QUIC with TLS 1.3 and client certificates",
            "one Ed25519 signature per batch, made in the window",
            "durable before answered",
            "roots, leaf and checkpoint checked for every batch",
        ];
        let mut off = Vec::new();
        if plan.feed {
            with.push("feeds of all submitting banks on, every page proven, balances reconciled");
        } else {
            off.push("feeds");
        }
        if plan.receipts == 0 {
            off.push("single receipts");
        } else {
            with.push("single receipts fetched and verified");
        }
        Self {
            scenario: if args.scenario == Scenario::Single {
                "single"
            } else {
                "steady"
            },
            payments_per_second: measured.settled as f64 / window,
            settled: measured.settled,
            window_seconds: window,
            settled_in_all: measured.total,
            batches: measured.batches,
            batch_size: plan.batch,
            latency_ms: Latency {
                p50: measured.milliseconds(0.50),
                p90: measured.milliseconds(0.90),
                p99: measured.milliseconds(0.99),
                p999: measured.milliseconds(0.999),
                max: measured.milliseconds(1.0),
            },
            feed_events_verified: measured.events,
            receipts_verified: measured.receipts,
            reconciled: plan.feed,
            banks: args.banks,
            participants: world.participants,
            accounts: world.accounts(),
            currencies: world.holders.len(),
            loop_kind: if args.rate.is_some() { "open" } else { "closed" },
            intended_rate: args.rate,
            depth: plan.depth,
            threads: args.threads,
            node_resident_mib: after.resident_bytes / 1_048_576,
            cpus: std::thread::available_parallelism().map_or(0, usize::from),
            with,
            switched_off: off,
            restart_seconds: after.restart.map(|took| took.as_secs_f64()),
            cost_ns: costs(after, measured.total),
        }
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let l = &self.latency_ms;
        let _ = writeln!(
            text,
            "{:.0} payments/s settled and answered",
            self.payments_per_second
        );
        let _ = writeln!(
            text,
            "  {} in {:.2} s; {} in all; {} loop, {} banks, batches of {}, {} under way each",
            self.settled,
            self.window_seconds,
            self.settled_in_all,
            self.loop_kind,
            self.banks,
            self.batch_size,
            self.depth
        );
        let _ = writeln!(
            text,
            "  latency of a batch in ms: p50 {:.2}, p90 {:.2}, p99 {:.2}, p99.9 {:.2}, max {:.2}",
            l.p50, l.p90, l.p99, l.p999, l.max
        );
        let _ = writeln!(
            text,
            "  {} accounts of {} participants in {} currencies",
            self.accounts, self.participants, self.currencies
        );
        let _ = writeln!(
            text,
            "  {} feed events and {} single receipts verified; books {}",
            self.feed_events_verified,
            self.receipts_verified,
            if self.reconciled {
                "reconciled"
            } else {
                "not reconciled: feeds are off"
            }
        );
        let _ = writeln!(
            text,
            "  node: {} MiB resident; {} cpus shared by node and harness",
            self.node_resident_mib, self.cpus
        );
        let _ = writeln!(text, "  with: {}", self.with.join("; "));
        let _ = writeln!(
            text,
            "  switched off: {}",
            if self.switched_off.is_empty() {
                "nothing".into()
            } else {
                self.switched_off.join("; ")
            }
        );
        if let Some(seconds) = self.restart_seconds {
            let _ = writeln!(text, "  started again on its data in {seconds:.2} s");
        }
        let _ = writeln!(text, "  processor time per payment:");
        for (part, ns) in self.cost_ns.iter().filter(|(_, ns)| **ns >= 0.05) {
            let _ = writeln!(text, "    {part}: {ns:.1} ns");
        }
        text.trim_end().to_owned()
    }
}

/// Processor time per payment, part by part; what both ends need together stands last.
fn costs(after: &After, payments: u64) -> BTreeMap<String, f64> {
    let each = |seconds: f64| seconds * 1e9 / payments.max(1) as f64;
    let mut costs: BTreeMap<String, f64> = after
        .processor
        .iter()
        .map(|(part, seconds)| (format!("node, {part}"), each(*seconds)))
        .collect();
    let node: f64 = after.processor.values().sum();
    costs.insert("harness, all banks".to_owned(), each(after.own_processor));
    costs.insert("total".to_owned(), each(node + after.own_processor));
    costs
}
