//! What was measured.
use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::plan::Objective;
use crate::report::number;

/// The figures that stand flat in a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Settled and answered inside the window, by its length.
    #[serde(with = "number")]
    pub payments_per_second: f64,
    /// The same, counted.
    pub settled: u64,
    /// Length of the window.
    #[serde(with = "number")]
    pub window_seconds: f64,
    /// Settled in all, warm-up and end included.
    pub settled_in_all: u64,
    /// Answered inside the window as not settled: queued, rejected, repeated; by status.
    pub answered_otherwise: BTreeMap<String, u64>,
    /// Batches answered inside the window.
    pub batches: u64,
    /// Payments in a batch.
    pub batch_size: usize,
    /// Batches intended inside the window and never answered, those of `shed` among them. Each counts in `latency` as
    /// long as it was waited for.
    pub unanswered: u64,
    /// Payments intended inside the window (open loop).
    pub offered: u64,
    /// Of these, payments that banks had not sent when the load fell, and that were given up.
    pub shed: u64,
    /// Latency in short.
    pub latency_ms: Latency,
    /// Events of feeds, each proven.
    pub feed_events_verified: u64,
    /// Receipts fetched and verified alone.
    pub receipts_verified: u64,
    /// The books of the banks and the auditor agree with the ledger.
    pub reconciled: bool,
    /// Banks that submit.
    pub banks: usize,
    /// Participants that hold accounts.
    pub participants: usize,
    /// Accounts.
    pub accounts: usize,
    /// Currencies.
    pub currencies: usize,
    /// `closed`, `open` or `ramp`.
    pub loop_kind: String,
    /// Payments a second that were intended.
    pub intended_rate: Option<u64>,
    /// Batches each bank had under way.
    pub depth: usize,
    /// Threads of the harness.
    pub threads: usize,
    /// Resident memory of the node at the end.
    pub node_resident_mib: u64,
    /// Processors that node and harness share.
    pub cpus: usize,
    /// Seconds until the node, started again on its data, listened.
    pub restart_seconds: Option<f64>,
    /// Processor time a payment in nanoseconds, by part; `total` and `harness, all banks` among them.
    pub cost_ns: BTreeMap<String, f64>,
}

/// Latency in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    /// Half of all batches stayed within it.
    #[serde(with = "number")]
    pub p50: f64,
    /// Nine in ten.
    #[serde(with = "number")]
    pub p90: f64,
    /// 99 in 100.
    #[serde(with = "number")]
    pub p99: f64,
    /// 999 in 1,000.
    #[serde(with = "number")]
    pub p999: f64,
    /// All of them.
    #[serde(with = "number")]
    pub max: f64,
}

/// A histogram of microseconds: every value that was seen, with its count, to three digits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// Samples.
    pub count: u64,
    /// Highest value of each step that has samples, and how many; in rising order.
    pub steps: Vec<(u64, u64)>,
}

impl From<&Histogram<u64>> for Distribution {
    fn from(histogram: &Histogram<u64>) -> Self {
        let steps = histogram.iter_recorded();
        Self {
            count: histogram.len(),
            steps: steps
                .map(|step| (step.value_iterated_to(), step.count_at_value()))
                .collect(),
        }
    }
}

impl Distribution {
    /// Milliseconds that this part of all samples stays within; none without samples.
    pub fn ms(&self, quantile: f64) -> Option<f64> {
        let all: u64 = self.steps.iter().map(|(_, count)| count).sum();
        let wanted = ((all as f64 * quantile).ceil() as u64).clamp(1, all.max(1));
        let mut seen = 0;
        let step = self.steps.iter().find(|(_, count)| {
            seen += count;
            seen >= wanted
        });
        step.or(self.steps.last())
            .map(|(micros, _)| *micros as f64 / 1_000.0)
    }

    /// The usual quantiles.
    pub fn short(&self) -> Latency {
        let ms = |quantile| self.ms(quantile).unwrap_or(0.0);
        Latency {
            p50: ms(0.50),
            p90: ms(0.90),
            p99: ms(0.99),
            p999: ms(0.999),
            max: ms(1.0),
        }
    }
}

/// Whose a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The node.
    #[default]
    Node,
    /// The banks of the harness.
    Harness,
}

/// A stage that a payment passes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// What it is called: `transport`, `log`, `apply`, `publish`.
    pub name: String,
    /// Whose it is.
    pub part: Part,
    /// Processor time a payment; none where only time was measured.
    pub processor_ns: Option<f64>,
    /// Time of one turn, by the node's own histogram.
    pub p50_ms: Option<f64>,
    /// The same.
    pub p99_ms: Option<f64>,
}

/// What the machine allows: least time of a payment if nothing but this were to do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// `disk`, `SHA-256`, `AES-256-GCM`, `Ed25519`.
    pub name: String,
    /// Nanoseconds a payment.
    #[serde(with = "number")]
    pub ns: f64,
    /// How that was found.
    pub how: String,
}

/// What the auditor found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Audit {
    /// Which one went over the log: `full`, `books`, `none`.
    pub kind: String,
    /// Why not the one that was asked for, or not to the end.
    pub note: Option<String>,
    /// Entries of the log it read.
    pub entries: u64,
    /// Payments it followed.
    pub payments: u64,
    /// Accounts whose balance it compared.
    pub balances: u64,
    /// The log entry after which all of these balances stand; none if they did not stand after one.
    pub at_entry: Option<u64>,
    /// Records that settled behind their answers, as feeds told it.
    pub settled_later: u64,
    /// Seconds it took.
    #[serde(with = "number")]
    pub seconds: f64,
    /// All agrees.
    pub agrees: bool,
    /// The first difference.
    pub difference: Option<String>,
}

/// The search for the highest rate.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Curve {
    /// What each rate had to meet.
    pub objective: Option<Objective>,
    /// The highest rate that met it.
    pub highest: Option<u64>,
    /// Rates in the order they were tried.
    pub steps: Vec<Step>,
}

/// A rate that was tried.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Payments a second that were intended.
    pub rate: u64,
    /// That were settled.
    #[serde(with = "number")]
    pub achieved: f64,
    /// Latency.
    pub latency_ms: Latency,
    /// Latency at the objective's quantile.
    pub at_quantile_ms: Option<f64>,
    /// It met the objective.
    pub passed: bool,
    /// Why not.
    pub why: Option<String>,
}

/// How a node took more than it can do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overload {
    /// What a closed loop reached before.
    #[serde(with = "number")]
    pub best: f64,
    /// What was settled a second under overload; none if no second of it could be judged.
    pub kept: Option<f64>,
    /// Its share of the best.
    pub kept_share: Option<f64>,
    /// Seconds until what was sent or due was answered or shed once the load fell, up to a batch of each bank, to a tenth;
    /// none if that did not come.
    pub recovered_seconds: Option<f64>,
    /// Part of its fair share that the worst and the best served bank got.
    pub least: Share,
    /// The same.
    pub most: Share,
}

/// What one bank got.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Share {
    /// Which, from 1.
    pub bank: usize,
    /// Payments a second.
    #[serde(with = "number")]
    pub payments_per_second: f64,
    /// Divided by the fair share.
    #[serde(with = "number")]
    pub of_fair_share: f64,
}
