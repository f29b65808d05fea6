//! Runs against a node over QUIC.
mod bank;
mod flood;
mod node;
mod outcome;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use causeway_message::limits::BATCH_RECORDS_MAX;
use tokio::sync::Notify;

use crate::error::Failure;
use crate::report;
use crate::world::World;
use bank::{Bank, Plan};
use node::Node;
use outcome::{After, Measured, Summary};

const HELP: &str = "\
Examples:
  causeway-loadtest run steady --seconds 10
  causeway-loadtest run steady --seconds 10 --rate 200000 --json
  causeway-loadtest run single --banks 1 --seconds 5
  causeway-loadtest run flood --banks 8 --depth 4 --seconds 10

`steady` sends full batches, `single` one payment at a time. `flood` measures the banks alone first, then beside
one that sends all it can on many connections: each other bank must get half of its fair share, the best total
divided by the banks; feeds are off. With --rate the loop is open: batches have intended
times, and latency counts from these. Without it the loop is closed. The node is a process of its own, on a
temporary directory, and ends with the run.

Exit codes: 0 done and reconciled, 1 the result does not reconcile, 2 wrong usage, 3 the node or the network failed.";

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    /// Full batches, many banks.
    Steady,
    /// One payment a request.
    Single,
    /// Full batches beside one bank that sends all it can.
    Flood,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What is sent.
    scenario: Scenario,
    /// Seconds of the window, after one second to warm up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Banks that submit and subscribe.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=1_024))]
    banks: u64,
    /// Participants in all.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(2..=20_000))]
    participants: u64,
    /// Accounts in all.
    #[arg(long, default_value_t = 10_000)]
    accounts: usize,
    /// Payments in a batch of `steady`.
    #[arg(long, default_value_t = BATCH_RECORDS_MAX as u64, value_parser = clap::value_parser!(u64).range(1..=8_190))]
    batch: u64,
    /// Batches each bank has under way.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    depth: u64,
    /// Payments a second that are intended (open loop).
    #[arg(long)]
    rate: Option<u64>,
    /// Threads of the harness.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    threads: u64,
    /// One receipt in so many payments is fetched and checked alone; 0 for none.
    #[arg(long, default_value_t = 1_000)]
    receipts: u64,
    /// Leaves the banks' feeds off (the result says so).
    #[arg(long)]
    no_feed: bool,
    /// The `causeway` binary; by default this program, which holds it.
    #[arg(long, value_name = "FILE")]
    causeway: Option<PathBuf>,
    /// Where the node keeps its data; by default a temporary directory that is removed.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Stops the node afterwards, starts it again on its data, and says how long that took.
    #[arg(long)]
    restart: bool,
    /// Seed of the payments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What all banks of a run share.
#[derive(Debug)]
struct Control {
    stop: AtomicBool,
    measuring: AtomicBool,
    start: Gate,
    end: Gate,
    settled: AtomicU64,
}

impl Control {
    /// For so many who submit, and one who watches.
    fn new(submitting: usize) -> Self {
        Self {
            stop: AtomicBool::new(false),
            measuring: AtomicBool::new(false),
            start: Gate::new(submitting + 1),
            end: Gate::new(submitting),
            settled: AtomicU64::new(0),
        }
    }

    fn give_up(&self) {
        self.stop.store(true, Ordering::Release);
        self.start.give_up();
        self.end.give_up();
    }
}

/// Where all wait for one another, unless one of them cannot come.
#[derive(Debug)]
struct Gate {
    needed: usize,
    arrived: AtomicUsize,
    broken: AtomicBool,
    changed: Notify,
}

impl Gate {
    fn new(needed: usize) -> Self {
        let (arrived, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self {
            needed,
            arrived,
            broken,
            changed: Notify::new(),
        }
    }

    /// Waits until everybody has come.
    async fn wait(&self) -> Result<(), Failure> {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        self.changed.notify_waiters();
        loop {
            let changed = self.changed.notified();
            if self.broken.load(Ordering::Acquire) {
                return Err(Failure::Io("another bank could not go on".into()));
            }
            if self.arrived.load(Ordering::Acquire) >= self.needed {
                return Ok(());
            }
            // A notice may come between the look and the wait: look again soon.
            let _ = tokio::time::timeout(Duration::from_millis(20), changed).await;
        }
    }

    fn give_up(&self) {
        self.broken.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }
}

/// Runs a scenario.
///
/// # Errors
/// If the node or the network fails, or the result does not reconcile.
pub fn run(args: &Args) -> Result<String, Failure> {
    if args.scenario == Scenario::Flood {
        return flood::run(args);
    }
    let single = args.scenario == Scenario::Single;
    let world = Arc::new(World::new(
        args.banks as usize,
        args.participants as usize,
        args.accounts,
    ));
    let mut node = Node::start(&world, args.causeway.as_deref(), args.dir.as_deref())?;
    let plan = Plan {
        batch: if single { 1 } else { args.batch as usize },
        depth: args.depth as usize,
        interval: args.rate.map(|rate| {
            let batch = if single { 1 } else { args.batch };
            Duration::from_secs_f64(batch as f64 * args.banks as f64 / rate.max(1) as f64)
        }),
        receipts: args.receipts,
        feed: !args.no_feed,
        seed: args.seed,
    };
    let control = Arc::new(Control::new(args.banks as usize));
    let own_before = node::own_processor_seconds();
    let threads = (args.threads as usize).min(args.banks as usize).max(1);
    let parts = (0..threads).map(|thread| {
        (0..args.banks as usize)
            .filter(|bank| bank % threads == thread)
            .map(|bank| (bank, plan.clone()))
            .collect()
    });
    let warm_up = Duration::from_secs(1);
    let (window, measured) = drive(args, &world, &node, &control, parts.collect(), warm_up)?;
    let (processor, resident_bytes) = (node.processor_seconds(), node.resident_bytes());
    let own_processor = node::own_processor_seconds() - own_before;
    let restart = if args.restart { Some(node.restart()?) } else { None };
    let after = After {
        resident_bytes,
        processor,
        own_processor,
        restart,
    };
    node.stop()?;
    measured.reconcile()?;
    let summary = Summary::new(args, &world, &plan, &measured, window, &after);
    if args.json {
        report::json(&summary)
    } else {
        Ok(summary.to_text())
    }
}

/// Has each part of the banks pay on a thread of its own: seconds of the window, and what all of them measured.
fn drive(
    args: &Args,
    world: &Arc<World>,
    node: &Node,
    control: &Arc<Control>,
    parts: Vec<Vec<(usize, Plan)>>,
    warm_up: Duration,
) -> Result<(f64, Measured), Failure> {
    let spawn = |plans: Vec<(usize, Plan)>| {
        let (world, control, profiles) = (world.clone(), control.clone(), node.profiles());
        std::thread::spawn(move || {
            let measured = work(&plans, &world, &profiles, &control);
            if measured.is_err() {
                control.give_up();
            }
            measured
        })
    };
    let workers: Vec<_> = parts.into_iter().map(spawn).collect();
    let window = watch(args, control, warm_up);
    let mut measured = Measured::default();
    for worker in workers {
        let part = worker
            .join()
            .map_err(|_| Failure::Io("a thread of the harness broke".into()))??;
        measured.merge(part)?;
    }
    Ok((window?, measured))
}

/// Starts the banks together, lets them warm up, and measures a window.
fn watch(args: &Args, control: &Control, warm_up: Duration) -> Result<f64, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let progress = indicatif::ProgressBar::new(args.seconds);
    progress.set_style(indicatif::ProgressStyle::default_bar());
    runtime.block_on(async {
        control.start.wait().await?;
        tokio::time::sleep(warm_up).await;
        control.measuring.store(true, Ordering::Release);
        let started = Instant::now();
        let mut before = 0;
        for second in 0..args.seconds {
            tokio::time::sleep_until((started + Duration::from_secs(second + 1)).into()).await;
            let settled = control.settled.load(Ordering::Acquire);
            progress.set_message(format!("{} payments/s", settled - before));
            progress.inc(1);
            before = settled;
        }
        control.measuring.store(false, Ordering::Release);
        let window = started.elapsed().as_secs_f64();
        control.stop.store(true, Ordering::Release);
        progress.finish_and_clear();
        Ok(window)
    })
}

fn work(
    plans: &[(usize, Plan)],
    world: &Arc<World>,
    profiles: &node::Profiles,
    control: &Arc<Control>,
) -> Result<Measured, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for (bank, plan) in plans {
            let config = profiles.client(*bank)?;
            let bank = Bank::new(*bank, world.clone(), config, plan.clone(), control.clone());
            tasks.spawn(bank.run());
        }
        let mut measured = Measured::default();
        let mut failed = None;
        while let Some(task) = tasks.join_next().await {
            match task.map_err(|e| Failure::Io(e.to_string())).and_then(|part| part) {
                Ok(part) => measured.merge(part)?,
                Err(failure) => {
                    // One bank cannot go on: the others must not wait for it.
                    control.give_up();
                    failed.get_or_insert(failure);
                }
            }
        }
        failed.map_or(Ok(measured), Err)
    })
}
