//! A start over a log of many payments. The engine fills the log without network and stops; each start is a process of
//! its own, so that its memory is that of a start and nothing else.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission};
use causeway_message::keys::SigningKey;
use causeway_message::limits::BATCH_RECORDS_MAX;
use causeway_message::verify::VerifiedBatch;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::batch_sizes;
use super::scene::Bench;
use crate::error::Failure;
use crate::meter::resident_bytes;
use crate::report;

/// Starts measured: the first finds the journal on disk alone, where it is written past the page cache.
const STARTS: usize = 2;
/// Batches under way while the log is filled.
const UNDER_WAY: usize = 64;
/// Payments that wait for money, if there are so many; they are the last bank's.
const QUEUED: u64 = 10_000;
const MIB: f64 = 1_048_576.0;

/// What is asked for: seconds of a start, bytes of memory, bytes an id.
const SECONDS: f64 = 5.0;
const RESIDENT: u64 = 2 << 30;
const PER_ID: f64 = 64.0;

/// Arguments of `bench restart`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Payments in the log.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    payments: u64,
    /// Entries of the log between two snapshots, instead of the engine's own measure.
    #[arg(long, value_name = "ENTRIES", value_parser = clap::value_parser!(u64).range(1..))]
    snapshots: Option<u64>,
    /// Payments in a batch.
    #[arg(long, default_value_t = BATCH_RECORDS_MAX, value_parser = batch_sizes())]
    batch: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Starts on the log in this directory, once.
    #[arg(long, hide = true)]
    started_in: Option<PathBuf>,
}

/// One start.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    seconds: f64,
    /// Of these, verifying the journal and restoring the snapshot, and applying the rest again.
    opened_seconds: f64,
    applied_seconds: f64,
    /// Entries in the log, those that the snapshot covers, and how many were applied again.
    entries: u64,
    snapshot: u64,
    replayed: u64,
    resident_bytes: u64,
    ids: u64,
    id_bytes: u64,
    /// What a question for the digest of the state takes: to encode it, which is how long a snapshot holds the apply
    /// thread, and to hash it.
    state_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    payments: u64,
    batch: usize,
    fill_seconds: f64,
    starts: Vec<Start>,
    bytes_per_id: f64,
    met: bool,
}

/// Fills a log and starts on it.
///
/// # Errors
/// If the engine cannot run or refuses, or has forgotten a payment.
pub fn run(args: &Args) -> Result<String, Failure> {
    if let Some(dir) = &args.started_in {
        return report::json(&start(dir)?);
    }
    let dir = tempfile::tempdir()?;
    let filling = Instant::now();
    fill(dir.path(), args)?;
    let fill_seconds = filling.elapsed().as_secs_f64();
    let starts = (0..STARTS)
        .map(|_| apart(dir.path()))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(start) = starts.iter().find(|start| start.ids != args.payments) {
        return Err(Failure::Check(format!(
            "{} of {} payments are remembered after a start",
            start.ids, args.payments
        )));
    }
    let per_id = |start: &Start| start.id_bytes as f64 / start.ids.max(1) as f64;
    let met = |start: &Start| {
        start.seconds <= SECONDS && start.resident_bytes <= RESIDENT && per_id(start) <= PER_ID
    };
    let figures = Figures {
        part: "restart",
        payments: args.payments,
        batch: args.batch,
        fill_seconds,
        bytes_per_id: starts.iter().map(per_id).fold(0.0, f64::max),
        met: starts.iter().all(met),
        starts,
    };
    if args.json {
        return report::json(&figures);
    }
    let mut text = format!(
        "restart: {} payments in batches of {}, written in {fill_seconds:.1} s",
        args.payments, args.batch
    );
    for start in &figures.starts {
        text.push_str(&format!(
            "\n  {:.2} s over {} entries: {:.2} s to verify and to restore the snapshot of {}, {:.2} s to apply {} again; \
             {:.1} ms to encode and hash the state; {:.0} MiB resident, {:.1} bytes an id ({SECONDS} s, {:.0} MiB and {PER_ID} bytes asked for: {})",
            start.seconds,
            start.entries,
            start.opened_seconds,
            start.snapshot,
            start.applied_seconds,
            start.replayed,
            start.state_seconds * 1e3,
            start.resident_bytes as f64 / MIB,
            per_id(start),
            RESIDENT as f64 / MIB,
            if met(start) { "met" } else { "missed" }
        ));
    }
    Ok(text)
}

fn engine(bench: &Bench, config: &EngineConfig) -> Result<Engine, Failure> {
    let node = SigningKey::from_seed(*bench.node.seed()).map_err(|e| Failure::Io(e.to_string()))?;
    Engine::start(config, &bench.genesis, node).map_err(|e| Failure::Io(e.to_string()))
}

fn fill(dir: &Path, args: &Args) -> Result<(), Failure> {
    let mut bench = Bench::new()?;
    let mut config = EngineConfig::new(dir, "bench");
    config.snapshot_entries = args.snapshots.unwrap_or(config.snapshot_entries);
    let engine = engine(&bench, &config)?;
    let bar = bar(args.payments);
    let told = channel();
    let (mut left, mut turn, mut under_way) = (args.payments, 0, 0);
    while left > 0 || under_way > 0 {
        if left == 0 || under_way == UNDER_WAY {
            answered(&told)?;
            under_way -= 1;
            continue;
        }
        let done = args.payments - left;
        let waits = done < QUEUED;
        let most = if waits { left.min(QUEUED - done) } else { left };
        let count = (args.batch as u64).clamp(1, most);
        let others = bench.world.banks - 1;
        let bank = if waits { others } else { turn % others };
        let signed = payments(&mut bench, bank, count as usize, waits)?;
        submit(
            &engine,
            Submission {
                batch: Arc::new(signed),
                reply: reply(&told.0),
            },
        );
        bar.inc(count);
        (left, turn, under_way) = (left - count, turn + 1, under_way + 1);
    }
    bar.finish_and_clear();
    engine.stop().map_or(Ok(()), |failure| Err(Failure::Io(failure)))
}

/// The next payments of a bank; those that wait are of more than anybody has.
fn payments(bench: &mut Bench, bank: usize, count: usize, waits: bool) -> Result<VerifiedBatch, Failure> {
    let mut records = Vec::new();
    bench.world.payments(bank, count, &mut bench.random, &mut records);
    if waits {
        for record in &mut records {
            record.amount = (u64::MAX >> 2).into();
        }
    }
    bench.sign(bank, &records, &[])
}

fn reply(told: &Sender<bool>) -> ReplyTo {
    let told = told.clone();
    ReplyTo::new(move |reply| {
        // Who fills may have given up.
        let _ = told.send(matches!(reply, Reply::Answers(_)));
    })
}

fn submit(engine: &Engine, mut submission: Submission) {
    while let Err(back) = engine.submit(submission) {
        submission = back;
        std::thread::sleep(Duration::from_micros(50));
    }
}

fn answered((_, answers): &(Sender<bool>, Receiver<bool>)) -> Result<(), Failure> {
    match answers.recv_timeout(Duration::from_secs(60)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Check("a batch was refused".into())),
        Err(_) => Err(Failure::Io("a batch was not answered within a minute".into())),
    }
}

/// One start in a process of its own.
fn apart(dir: &Path) -> Result<Start, Failure> {
    let out = Command::new(std::env::current_exe()?)
        .args(["bench", "restart", "--started-in"])
        .arg(dir)
        .output()?;
    if !out.status.success() {
        return Err(Failure::Io(
            String::from_utf8_lossy(&out.stderr).trim().to_owned(),
        ));
    }
    serde_json::from_slice(&out.stdout).map_err(|e| Failure::Io(format!("a start's figures: {e}")))
}

fn start(dir: &Path) -> Result<Start, Failure> {
    let bench = Bench::new()?;
    let config = EngineConfig::new(dir, "bench");
    let started = Instant::now();
    let engine = engine(&bench, &config)?;
    let seconds = started.elapsed().as_secs_f64();
    let (ids, id_bytes) = engine.asker().ids().map_err(|e| Failure::Io(e.to_string()))?;
    let restored = engine.restored();
    let asked = Instant::now();
    engine
        .asker()
        .state_digest()
        .map_err(|e| Failure::Io(e.to_string()))?;
    let state_seconds = asked.elapsed().as_secs_f64();
    Ok(Start {
        seconds,
        opened_seconds: restored.opened.as_secs_f64(),
        applied_seconds: restored.applied.as_secs_f64(),
        entries: engine.health().published,
        snapshot: restored.snapshot,
        replayed: restored.replayed,
        resident_bytes: resident_bytes("self").unwrap_or(0),
        ids,
        id_bytes,
        state_seconds,
    })
}

fn bar(payments: u64) -> ProgressBar {
    let bar = ProgressBar::new(payments);
    let style =
        ProgressStyle::with_template("{elapsed_precise} {bar:30} {human_pos} of {human_len} payments");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
