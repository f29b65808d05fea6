//! The crash loop: real processes are killed at random while money moves, and afterwards nothing may be missing.
mod adapters;
pub mod bank;
mod banks;
mod books;
mod check;
mod check_adapters;
mod child;
mod clock;
mod days;
mod discipline;
pub mod fault;
mod funding;
mod kill;
mod message;
mod node;
mod place;
mod report;
mod rounds;
mod stage;
mod trades;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::causeway::Causeway;
use crate::error::Failure;
use crate::random::Random;
use banks::Load;
use fault::Fault;
use place::{Place, Programs};
use report::Summary;
use stage::Stage;

const HELP: &str = "\
Examples:
  causeway-loadtest crash --kills 20
  causeway-loadtest crash --kills 1000 --seed 7 --json
  causeway-loadtest crash --kills 100 --trades 80
  causeway-loadtest crash --fault full --faults 10
  causeway-loadtest crash --fault write-errors --faults 50

A node, several banks and two adapters run as processes of their own and are killed with SIGKILL at random moments:
the node also while it recovers, banks and adapters also between cause and effect. Each bank writes down durably
what it sends and what it is told; from that it goes on in its next life. Between kills and at the end all books are
held to the ledger: every acknowledged payment once, balances, feeds without gaps, statuses, ids sent again, receipts
verified offline, the adapters' stores, and `causeway verify log`. Everything is drawn from the seed except ids.
With --trades banks also begin trades, payment versus payment, some for one unit more than they hold, and answer each
that is alleged to them, once, in whatever life. Both sides of a trade settle in one entry, or neither does.
In one currency business days last seconds: payments come too late, what waits is rejected at close, and every account gets a
statement of each day, whichever step of it a kill hits.
With --fault the node's file system fails it instead: the node must stop with exit code 3 and say why, and go on
with nothing lost once there is room. Where a machine cannot make a fault, the run says `skipped` and why.
A run that finds something keeps its directory and names it.

Exit codes: 0 nothing lost and nothing twice, 1 something contradicts, 2 wrong usage, 3 the run could not go on.";

/// Records in the largest batch: enough that segments fill, few enough that many batches fit between two kills.
const BATCH: u64 = 150;

/// Arguments of `crash`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Processes to kill.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    kills: u64,
    /// Faults of the node's file system instead of kills.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// Faults to make.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    faults: u64,
    /// Seed of the schedule; by default the clock.
    #[arg(long)]
    seed: Option<u64>,
    /// Banks that pay through the SDK.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(2..=16))]
    banks: u64,
    /// Share of a bank's orders that are one side of a trade, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=100))]
    trades: u64,
    /// Kills between two checks of all books.
    #[arg(long, default_value_t = 125, value_parser = clap::value_parser!(u64).range(1..))]
    check_every: u64,
    /// Directory of the run, which must not exist; by default a temporary one that is removed unless something is
    /// found.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The `causeway` binary; by default this program, which holds it.
    #[arg(long, value_name = "FILE")]
    causeway: Option<PathBuf>,
    /// The `causeway-adapter` binary; by default the one beside this one.
    #[arg(long, value_name = "FILE")]
    adapter: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the loop.
///
/// # Errors
/// What it found, or why it could not go on.
pub fn run(args: &Args) -> Result<String, Failure> {
    let seed = args.seed.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_nanos() as u64
    });
    let programs = Programs {
        causeway: Causeway::new(args.causeway.as_deref())?,
        adapter: program(args.adapter.as_deref(), "causeway-adapter")?,
        own: std::env::current_exe()?,
    };
    let scratch = Scratch::make(args.dir.as_deref())?;
    let outcome = match args.fault {
        None => kills(args, seed, programs, &scratch.dir).map(Ok),
        Some(fault) => fault::run(fault, args, seed, programs, &scratch.dir),
    };
    match scratch.end(seed, outcome)? {
        Ok(summary) if args.json => crate::report::json(&summary),
        Ok(summary) => Ok(summary.to_text()),
        Err(skipped) if args.json => crate::report::json(&Skipped { skipped }),
        Err(skipped) => Ok(format!("skipped: {skipped}")),
    }
}

/// What this machine cannot do is no finding.
#[derive(Serialize)]
struct Skipped {
    skipped: String,
}

fn program(given: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name(name),
    };
    // Processes of the run have other working directories in mind.
    path.canonicalize().map_err(|_| {
        Failure::Usage(format!(
            "{}: not found; build it with `cargo build --workspace` or name it",
            path.display()
        ))
    })
}

/// The directory of a run: kept where the user named it, or where something was found.
struct Scratch {
    dir: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Scratch {
    fn make(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(dir) = given {
            fs::create_dir(dir).map_err(|error| Failure::Usage(format!("{}: {error}", dir.display())))?;
            let dir = dir.canonicalize()?;
            return Ok(Self { dir, temporary: None });
        }
        let temporary = tempfile::Builder::new().prefix("causeway-crash-").tempdir()?;
        Ok(Self {
            dir: temporary.path().to_owned(),
            temporary: Some(temporary),
        })
    }

    fn end<T>(self, seed: u64, outcome: Result<T, Failure>) -> Result<T, Failure> {
        let failure = match outcome {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let dir = self.temporary.map_or(self.dir, tempfile::TempDir::keep);
        let more = format!("seed {seed}; everything is kept in {}", dir.display());
        Err(match failure {
            Failure::Check(text) => Failure::Check(format!("{text}; {more}")),
            Failure::Usage(text) => Failure::Usage(text),
            Failure::Io(text) | Failure::Lost(text) => Failure::Io(format!("{text}; {more}")),
        })
    }
}

fn kills(args: &Args, seed: u64, programs: Programs, dir: &Path) -> Result<Summary, Failure> {
    let started = Instant::now();
    let mut random = Random::new(seed);
    let place = Place::make(dir, programs, args.banks as usize, &mut random)?;
    let load = Load {
        batch: BATCH,
        trades: args.trades,
        days: true,
    };
    let mut stage = Stage::open(place, load, &mut random)?;
    let bar = bar(args.kills);
    let (mut number, mut next_check) = (0, args.check_every);
    stage.answered_again()?;
    while stage.counts.kills < args.kills {
        number += 1;
        let round = rounds::draw(&mut random, stage.banks.len(), stage.adapters.len());
        let place = |failure| in_round(number, &format!("{round:?}"), failure);
        stage.play(&round, &mut random).map_err(place)?;
        if stage.counts.kills >= next_check && stage.counts.kills < args.kills {
            next_check += args.check_every;
            stage.check(check::PASSING, &mut random).map_err(place)?;
            stage.next_days(&mut random)?;
            stage.resume()?;
        }
        bar.set_position(stage.counts.kills.min(args.kills));
    }
    stage
        .check(check::FINAL, &mut random)
        .map_err(|failure| in_round(number, "the last check", failure))?;
    bar.finish_and_clear();
    let summary = stage.end()?;
    Ok(Summary {
        seed,
        seconds: started.elapsed().as_secs_f64(),
        ..summary
    })
}

fn in_round(number: u64, round: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Check(text) => Failure::Check(format!("round {number} ({round}): {text}")),
        other => other,
    }
}

/// Shown on a terminal only.
fn bar(kills: u64) -> ProgressBar {
    let bar = ProgressBar::new(kills);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} kills, {eta} left") {
        bar.set_style(style);
    }
    bar
}
