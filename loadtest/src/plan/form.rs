//! The fields of a scenario, as its TOML names them.
use std::collections::BTreeMap;

use causeway_message::limits::BATCH_RECORDS_MAX;
use serde::{Deserialize, Deserializer, Serialize};

/// What a run does, to whom, for how long, and what is checked of it. [`super::rules`] say what may stand together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What the scenario is called: the name of its file.
    #[serde(skip)]
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// What carries the payments.
    #[serde(default)]
    pub driver: Driver,
    /// Seconds of the window.
    #[serde(default = "seconds")]
    pub seconds: u64,
    /// Seconds before it, not counted.
    #[serde(default = "warm_up")]
    pub warm_up: u64,
    /// The same seed draws the same payments.
    #[serde(default = "one")]
    pub seed: u64,
    /// Who takes part.
    #[serde(default)]
    pub world: World,
    /// How payments are sent.
    #[serde(default)]
    pub load: Load,
    /// The search for the highest rate; there where the loop is `ramp`, and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Ramp>,
    /// What is sent beside plain payments.
    #[serde(default)]
    pub mix: Mix,
    /// Documents that travel with payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Documents>,
    /// Parts of the window with a load of their own, one after another, and again from the first.
    #[serde(default, rename = "phase", skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// A bank that many pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot: Option<Hot>,
    /// Banks that read their feed slowly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<Slow>,
    /// The node is killed and started again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Outage>,
    /// Business days turn during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Days>,
    /// What is checked.
    #[serde(default)]
    pub checks: Checks,
    /// Keys of the node's configuration, as `section_key`.
    #[serde(default)]
    pub node: BTreeMap<String, Setting>,
}

/// What carries the payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// The ledger alone, on one thread.
    Core,
    /// The engine in this process: journal, ledger, publication.
    Engine,
    /// A node of its own, over the network.
    #[default]
    Quic,
}

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// Banks that submit and subscribe: the first participants.
    pub banks: usize,
    /// Participants that hold accounts.
    pub participants: usize,
    /// Accounts in all.
    pub accounts: usize,
    /// Currencies.
    pub currencies: usize,
    /// Creditors and currencies are the smallest of so many draws.
    pub skew: usize,
    /// How far each account may go below zero, in whole units of its currency.
    #[serde(deserialize_with = "amount")]
    pub cap: Option<String>,
    /// The same as a share of what the account would pay in the run.
    pub cap_share: Option<f64>,
}

/// How payments are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Load {
    /// When the next batch is sent.
    #[serde(rename = "loop")]
    pub kind: Loop,
    /// Payments in a batch.
    pub batch: usize,
    /// Batches that each bank has under way in a closed loop.
    pub depth: usize,
    /// Threads of the harness.
    pub threads: usize,
    /// Payments a second of all banks together, in an open loop.
    pub rate: Option<u64>,
    /// Instead of a rate: a share of what a closed loop reaches just before.
    pub of_best: Option<f64>,
    /// How the intended times of an open loop lie.
    pub arrivals: Arrivals,
    /// Where a phase is lighter than the one before, what a bank was meant to send by then and has not, its customers
    /// give up: it is shed, and counted.
    pub shed: bool,
}

/// When the next batch is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loop {
    /// Once an earlier one is answered.
    #[default]
    Closed,
    /// At its intended time, whatever is answered.
    Open,
    /// As `open`, at rising rates, until the objective is missed.
    Ramp,
}

/// How the intended times of an open loop lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrivals {
    /// At equal distances, the banks staggered.
    #[default]
    Even,
    /// At random ones, each independent of the others.
    Poisson,
}

/// The search for the highest rate that meets an objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ramp {
    /// What a rate must meet.
    pub objective: Objective,
    /// The first rate.
    pub from: u64,
    /// Each rate is so many times the one before.
    pub step: f64,
    /// Seconds of each.
    pub seconds: u64,
}

/// A bound of latency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Which part of all batches, 0.99 for the 99th percentile.
    pub quantile: f64,
    /// Within how many milliseconds.
    pub ms: f64,
}

/// Shares of records; the rest is plain payments.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// Sent again: same id and bytes, in another batch.
    pub duplicates: f64,
    /// The same in whole batches: all records of an earlier one.
    pub repeated: f64,
    /// Signed bytes of a batch, sent again as they are.
    pub replays: f64,
    /// Same id, other bytes.
    pub reused: f64,
    /// Of more than the account holds; what comes in releases them.
    pub queued: f64,
    /// Trades, payment versus payment.
    pub trades: f64,
    /// Payments with a conversion at a locked quote.
    pub fx: f64,
    /// Payments that settle all together or not at all.
    pub linked: f64,
}

/// Documents that travel with payments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Bytes of each.
    pub bytes: usize,
    /// Share of payments that have one.
    #[serde(default = "whole")]
    pub share: f64,
}

/// A part of the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// How long.
    pub seconds: u64,
    /// Its rate as a factor of the load's.
    pub factor: f64,
}

/// A bank that many pay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hot {
    /// Which, from 1.
    #[serde(default = "first")]
    pub bank: usize,
    /// Share of the others' payments that credit it.
    pub share: f64,
}

/// Banks that read their feed slowly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slow {
    /// Which, from 1.
    pub banks: Vec<usize>,
    /// How fast each reads.
    pub bytes_per_second: u64,
}

/// The node is killed and started again; intended times go on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Second of the window in which it is killed.
    pub at: u64,
    /// Seconds until it is started again.
    pub seconds: u64,
}

/// Business days turn during the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// Seconds of each.
    pub seconds: u64,
}

/// What is checked of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// All banks follow their feeds, every page is proven.
    pub feeds: bool,
    /// One receipt in so many payments is fetched and verified alone; zero for none.
    pub receipts: u64,
    /// Who goes over the log behind the run.
    pub auditor: Auditor,
    /// The node's memory is held to stay flat, less what ids take.
    pub memory: bool,
}

/// Who goes over the log behind the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auditor {
    /// A ledger of its own that predicts every outcome, as far as it fits into memory.
    #[default]
    Full,
    /// Hash chain, ids and sums.
    Books,
    /// Nobody.
    None,
}

/// A value of the node's configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "neither true or false, nor a whole number, nor a word")]
pub enum Setting {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A word.
    Text(String),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// An amount, in quotation marks or not.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "no amount")]
    enum Amount {
        Number(u64),
        Text(String),
    }
    let given = Option::<Amount>::deserialize(deserializer)?;
    Ok(given.map(|given| match given {
        Amount::Number(number) => number.to_string(),
        Amount::Text(text) => text,
    }))
}

const fn seconds() -> u64 {
    60
}

const fn warm_up() -> u64 {
    3
}

const fn one() -> u64 {
    1
}

const fn first() -> usize {
    1
}

const fn whole() -> f64 {
    1.0
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            name: String::new(),
            about: String::new(),
            driver: Driver::default(),
            seconds: seconds(),
            warm_up: warm_up(),
            seed: one(),
            world: World::default(),
            load: Load::default(),
            ramp: None,
            mix: Mix::default(),
            documents: None,
            phases: Vec::new(),
            hot: None,
            slow: None,
            outage: None,
            days: None,
            checks: Checks::default(),
            node: BTreeMap::new(),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            banks: 64,
            participants: 600,
            accounts: 10_000,
            currencies: 18,
            skew: 2,
            cap: None,
            cap_share: None,
        }
    }
}

impl Default for Load {
    fn default() -> Self {
        Self {
            kind: Loop::default(),
            batch: BATCH_RECORDS_MAX,
            depth: 1,
            threads: 1,
            rate: None,
            of_best: None,
            arrivals: Arrivals::default(),
            shed: false,
        }
    }
}

impl Default for Ramp {
    fn default() -> Self {
        Self {
            objective: Objective {
                quantile: 0.99,
                ms: 25.0,
            },
            from: 100_000,
            step: 1.15,
            seconds: 8,
        }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            feeds: true,
            receipts: 1_000,
            auditor: Auditor::default(),
            memory: false,
        }
    }
}
