//! Parts of the path alone, and every budget beside its target.
mod counted;
mod exchange;
mod grouping;
mod ids;
mod matching;
mod mixed;
mod netting;
mod parts;
mod plans;
mod restart;
mod scene;
mod solver;
mod suite;
mod tails;

use std::time::Duration;

use causeway_message::limits::BATCH_RECORDS_MAX;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use crate::error::Failure;
use crate::report;
use scene::{Bench, OPERATOR};

const HELP: &str = "\
Examples:
  causeway-loadtest bench all
  causeway-loadtest bench all --quick --json
  causeway-loadtest bench all --only core,engine
  causeway-loadtest bench core
  causeway-loadtest bench engine --seconds 10 --json
  causeway-loadtest bench matching
  causeway-loadtest bench netting
  causeway-loadtest bench grouping
  causeway-loadtest bench tails
  causeway-loadtest bench restart --payments 1000000
  causeway-loadtest bench solver --highest 460000
  MIMALLOC_PURGE_DELAY=-1 valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted_apply*' causeway-loadtest bench counted-plain

Exit codes: 0 done, 1 something was not settled or not matched as it must be, or a part of `all` failed, 2 wrong usage,
3 a file or a node failed.";

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

/// What to measure.
#[derive(Debug, clap::Subcommand)]
enum Part {
    /// Every budget beside its target, one after another.
    All(suite::Args),
    /// The ledger alone: `apply` on one thread.
    #[command(after_help = "Example: causeway-loadtest bench core --seconds 10 --batch 1024")]
    Core(Batches),
    /// The ledger alone, on 200,000 payments that settle at once: for counting instructions.
    #[command(after_help = "Example: causeway-loadtest bench counted-plain --json")]
    CountedPlain(Counted),
    /// The same with one in ten sent before, and one batch in ten that waits.
    #[command(after_help = "Example: causeway-loadtest bench counted-mixed --json")]
    CountedMixed(Counted),
    /// The engine without network: sequence, journal, apply, prove.
    #[command(after_help = "Example: causeway-loadtest bench engine --seconds 10 --json")]
    Engine(Batches),
    /// The ledger with ten thousand quotes: plain and FX payments, and trades.
    #[command(after_help = "Example: causeway-loadtest bench exchange --seconds 6")]
    Exchange(Timed),
    /// Building, signing and verifying batches.
    #[command(after_help = "Example: causeway-loadtest bench formats --batch 1024")]
    Formats(Batches),
    /// Commit groups under rising load: one payment alone, then many in a group, without a timer.
    Grouping(grouping::Args),
    /// Memory that the ledger keeps of each payment.
    Ids(ids::Args),
    /// Pairing two-sided instructions on one thread, with a million unmatched.
    #[command(after_help = "Example: causeway-loadtest bench matching --json")]
    Matching(Timed),
    /// What duplicates and payments that wait cost, beside plain ones measured before and after.
    Mix(mixed::Args),
    /// The greatest set that settles of a million queued, one thread.
    #[command(after_help = "Example: causeway-loadtest bench netting --json")]
    Netting(Timed),
    /// The ledger alone: a hundred thousand queued payments settle by plans of netting.
    #[command(after_help = "Example: causeway-loadtest bench plans --json")]
    Plans(Timed),
    /// A start of the engine over a log of many payments: how long it takes, and what memory.
    #[command(after_help = "Example: causeway-loadtest bench restart --payments 1000000 --json")]
    Restart(restart::Args),
    /// The engine at half its highest rate, without netting and with it: what payments feel, and what plans come to.
    #[command(after_help = "Example: causeway-loadtest bench solver --highest 460000")]
    Solver(Solver),
    /// Batches under way while a snapshot is made, a segment begins, a day turns, beside those that meet nothing.
    Tails(tails::Args),
}

#[derive(Debug, clap::Args)]
struct Timed {
    /// Seconds of measurement. Matching ends with the first round that reaches them; netting has nine runs of each cell
    /// at least.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Counted {
    /// Payments in a batch.
    #[arg(long, default_value_t = BATCH_RECORDS_MAX, value_parser = batch_sizes())]
    batch: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Batches {
    #[command(flatten)]
    timed: Timed,
    /// Payments in a batch.
    #[arg(long, default_value_t = BATCH_RECORDS_MAX, value_parser = batch_sizes())]
    batch: usize,
}

#[derive(Debug, clap::Args)]
struct Solver {
    #[command(flatten)]
    timed: Timed,
    /// Payments a second of which half is offered, as `run steady` found them. By default what the engine takes without
    /// network.
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    highest: Option<u64>,
}

fn batch_sizes() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=BATCH_RECORDS_MAX as u64)
}

#[derive(Debug, Serialize)]
struct Figures {
    part: String,
    payments: u64,
    seconds: f64,
    payments_per_second: f64,
    nanoseconds_per_payment: f64,
    detail: Vec<(String, f64)>,
}

/// Measures a part.
///
/// # Errors
/// If files cannot be written, a node fails, or something was not settled or not matched as it must be.
pub fn run(args: &Args) -> Result<String, Failure> {
    match &args.part {
        Part::All(args) => suite::run(args),
        Part::Core(args) => told(&parts::core(args)?, args.batch, args.timed.json),
        Part::CountedPlain(args) => told(&counted::run(args.batch, false)?, args.batch, args.json),
        Part::CountedMixed(args) => told(&counted::run(args.batch, true)?, args.batch, args.json),
        Part::Engine(args) => told(&parts::engine(args)?, args.batch, args.timed.json),
        Part::Formats(args) => told(&parts::formats(args)?, args.batch, args.timed.json),
        Part::Grouping(args) => grouping::run(args),
        Part::Ids(args) => ids::run(args),
        Part::Mix(args) => mixed::run(args),
        Part::Exchange(args) => exchange::run(args.seconds, args.json),
        Part::Solver(args) => solver::run(args.timed.seconds, args.highest, args.timed.json),
        Part::Plans(args) => plans::run(args.seconds, args.json),
        Part::Netting(args) => netting::run(args.seconds, args.json),
        Part::Matching(args) => matching::run(Duration::from_secs(args.seconds), args.json),
        Part::Restart(args) => restart::run(args),
        Part::Tails(args) => tails::run(args),
    }
}

fn told(figures: &Figures, batch: usize, json: bool) -> Result<String, Failure> {
    if json {
        return report::json(figures);
    }
    let mut text = format!(
        "{}: {:.0} payments/s, {:.1} ns each ({} payments in {:.2} s, batches of {batch})",
        figures.part,
        figures.payments_per_second,
        figures.nanoseconds_per_payment,
        figures.payments,
        figures.seconds,
    );
    for (what, ns) in &figures.detail {
        text.push_str(&format!("\n  {what}: {ns:.1} ns a payment"));
    }
    Ok(text)
}

/// Milliseconds within which a share of sorted times lies.
fn within_ms(sorted: &[Duration], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    let took = sorted.get(place.min(sorted.len().saturating_sub(1)));
    took.map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

fn figures(part: &str, payments: u64, took: Duration, detail: Vec<(String, f64)>) -> Figures {
    let seconds = took.as_secs_f64();
    Figures {
        part: part.to_owned(),
        payments,
        seconds,
        payments_per_second: payments as f64 / seconds,
        nanoseconds_per_payment: seconds * 1e9 / payments.max(1) as f64,
        detail,
    }
}
