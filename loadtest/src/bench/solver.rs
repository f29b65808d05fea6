//! The engine under load while netting looks for settlement: payments at half the highest rate beside banks without
//! money that wait for each other, once without netting and once with it.
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use causeway_engine::netting::{NettingConfig, NettingMode, Tally};
use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission};
use causeway_message::keys::SigningKey;
use causeway_message::verify::VerifiedBatch;
use serde::Serialize;

use super::{Bench, within_ms};
use crate::error::Failure;
use crate::report;

/// Banks that pay out of wide caps; the others of the 64 have nothing but what they are paid.
pub const RICH: usize = 48;
/// Payments in a batch of a rich bank.
const BATCH: usize = 1_024;
/// Payments of each poor bank in a round, and the time between two rounds.
const RINGS: usize = 100;
pub const ROUND: Duration = Duration::from_millis(100);
/// Pairs of runs, one without netting and one with it: a single pair is at the mercy of the machine.
const PAIRS: usize = 3;
/// What is asked for: share of the proposed value that is applied, and how much later the slowest in a hundred may be.
const APPLIED: f64 = 0.8;
const LATER: f64 = 1.2;

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Side {
    p50_ms: f64,
    p99_ms: f64,
    batches: usize,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    highest_per_second: f64,
    offered_per_second: f64,
    without: Side,
    with: Side,
    p99_ratio: f64,
    looks: u64,
    solver_ms_per_second: f64,
    instructions_named: u64,
    instructions_settled: u64,
    value_applied_of_proposed: f64,
    met: bool,
}

/// Measures for so many seconds each: the highest rate unless one is given, then half of it without and with netting, in
/// turn.
///
/// # Errors
/// If the engine cannot run or refuses.
pub fn run(seconds: u64, highest: Option<u64>, json: bool) -> Result<String, Failure> {
    let time = Duration::from_secs(seconds);
    let highest = match highest {
        Some(given) => given as f64,
        None => Run::new(NettingConfig::off())?.highest(time)?,
    };
    let rate = highest / 2.0;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    let (mut tally, mut spent) = (Tally::default(), Duration::ZERO);
    for _ in 0..PAIRS {
        without.extend(Run::new(NettingConfig::off())?.open_loop(rate, time)?.0);
        let (latencies, own, took) = Run::new(netting())?.open_loop(rate, time)?;
        with.extend(latencies);
        spent += took;
        tally = Tally {
            proposed_value: tally.proposed_value + own.proposed_value,
            applied_value: tally.applied_value + own.applied_value,
            named: tally.named + own.named,
            settled: tally.settled + own.settled,
            looks: tally.looks + own.looks,
        };
    }
    let (without, with) = (side(without), side(with));
    let value = tally.applied_value as f64 / tally.proposed_value.max(1) as f64;
    let ratio = with.p99_ms / without.p99_ms;
    let figures = Figures {
        part: "solver",
        highest_per_second: highest,
        offered_per_second: rate,
        without,
        with,
        p99_ratio: ratio,
        looks: tally.looks,
        solver_ms_per_second: spent.as_secs_f64() * 1e3 / (seconds as f64 * PAIRS as f64),
        instructions_named: tally.named,
        instructions_settled: tally.settled,
        value_applied_of_proposed: value,
        met: value >= APPLIED && ratio <= LATER,
    };
    if json {
        return report::json(&figures);
    }
    let said = |met: bool| if met { "met" } else { "missed" };
    Ok(format!(
        "solver: {rate:.0} payments/s offered, half of {highest:.0}\n  \
         a batch of {BATCH}: without netting half within {:.2} ms, 99 of 100 within {:.2} ms; with it {:.2} and {:.2} ms: \
         {ratio:.2} times ({LATER} asked for: {})\n  \
         {} looks, {:.0} ms of each second; {} of {} instructions that plans named settled; of the value {:.1} % \
         ({:.0} % asked for: {})",
        without.p50_ms,
        without.p99_ms,
        with.p50_ms,
        with.p99_ms,
        said(ratio <= LATER),
        tally.looks,
        figures.solver_ms_per_second,
        tally.settled,
        tally.named,
        value * 100.0,
        APPLIED * 100.0,
        said(value >= APPLIED)
    ))
}

/// Netting as it is measured.
pub fn netting() -> NettingConfig {
    NettingConfig {
        mode: NettingMode::Bypass,
        budget: Duration::from_millis(50),
        look: Duration::from_millis(100),
        ..NettingConfig::default()
    }
}

/// How long an answer took, and whether it counts.
type Told = (Duration, bool);

/// An engine, and who sends to it.
struct Run {
    bench: Bench,
    engine: Engine,
    told: (Sender<Told>, Receiver<Told>),
    _dir: tempfile::TempDir,
}

impl Run {
    fn new(netting: NettingConfig) -> Result<Self, Failure> {
        let bench = Bench::with_caps(|bank| if bank < RICH { 1 << 50 } else { 0 })?;
        let dir = tempfile::tempdir()?;
        let mut config = EngineConfig::new(dir.path(), "bench");
        config.netting = netting;
        let node = SigningKey::from_seed(*bench.node.seed()).map_err(|e| Failure::Io(e.to_string()))?;
        let engine = Engine::start(&config, &bench.genesis, node).map_err(|e| Failure::Io(e.to_string()))?;
        Ok(Self {
            bench,
            engine,
            told: channel(),
            _dir: dir,
        })
    }

    /// Batches of rich banks in turn, made ahead: signing is not what is measured.
    fn ahead(&mut self, count: usize) -> Result<VecDeque<Arc<VerifiedBatch>>, Failure> {
        let ledger = self.engine.ledger();
        (0..count)
            .map(|n| self.bench.batch(n % RICH, BATCH, ledger).map(Arc::new))
            .collect()
    }

    fn submit(&self, batch: Arc<VerifiedBatch>, since: Instant, counts: bool) {
        let done = self.told.0.clone();
        let reply = ReplyTo::new(move |reply| {
            // Who measures may be gone.
            let _ = done.send((since.elapsed(), counts && matches!(reply, Reply::Answers(_))));
        });
        let mut submission = Submission { batch, reply };
        while let Err(back) = self.engine.submit(submission) {
            submission = back;
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    /// Payments a second, as fast as they are taken.
    fn highest(&mut self, time: Duration) -> Result<f64, Failure> {
        let (mut took, mut payments) = (Duration::ZERO, 0);
        while took < time {
            let batches = self.ahead(1_000)?;
            let count = batches.len();
            let started = Instant::now();
            for batch in batches {
                self.submit(batch, started, true);
            }
            for _ in 0..count {
                let (_, answered) = self.told.1.recv().unwrap_or_default();
                if !answered {
                    return Err(Failure::Check("a batch was refused".into()));
                }
            }
            took += started.elapsed();
            payments += count * BATCH;
        }
        Ok(payments as f64 / took.as_secs_f64())
    }

    /// Batches at a fixed rate, each measured from when it was due, beside rounds of banks that have no money.
    fn open_loop(&mut self, rate: f64, time: Duration) -> Result<(Vec<Duration>, Tally, Duration), Failure> {
        let gap = Duration::from_secs_f64(BATCH as f64 / rate);
        let count = (time.as_secs_f64() / gap.as_secs_f64()) as usize;
        let batches = self.ahead(count)?;
        let rounds = (time.as_secs_f64() / ROUND.as_secs_f64()) as usize;
        let mut poor: VecDeque<Vec<Arc<VerifiedBatch>>> = (0..rounds)
            .map(|_| round(&mut self.bench))
            .collect::<Result<_, _>>()?;
        let begun = Instant::now();
        let (mut spent, mut looked, mut others) = (Duration::ZERO, 0, 0);
        for (n, batch) in batches.into_iter().enumerate() {
            let due = begun + gap * n as u32;
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            self.submit(batch, due, true);
            if begun.elapsed() >= ROUND * (rounds - poor.len()) as u32 {
                for batch in poor.pop_front().unwrap_or_default() {
                    self.submit(batch, Instant::now(), false);
                    others += 1;
                }
            }
            let tally = self.engine.netting().tally();
            if tally.looks != looked {
                looked = tally.looks;
                spent += self.engine.netting().last().took;
            }
        }
        let mut latencies = Vec::with_capacity(count);
        for _ in 0..count + others {
            let (took, counts) = self.told.1.recv().map_err(|e| Failure::Io(e.to_string()))?;
            if counts {
                latencies.push(took);
            }
        }
        Ok((latencies, self.engine.netting().tally(), spent))
    }
}

/// Payments of all poor banks in rings: none has the money, together they need none.
///
/// # Errors
/// If a batch cannot be signed.
pub fn round(bench: &mut Bench) -> Result<Vec<Arc<VerifiedBatch>>, Failure> {
    let of = bench.rings(RICH, bench.world.banks - RICH, RINGS);
    let signed = of.iter().enumerate();
    signed
        .map(|(bank, records)| bench.sign(RICH + bank, records, &[]).map(Arc::new))
        .collect()
}

fn side(mut latencies: Vec<Duration>) -> Side {
    latencies.sort_unstable();
    let at = |share| within_ms(&latencies, share);
    Side {
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        batches: latencies.len(),
    }
}
