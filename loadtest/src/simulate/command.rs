//! The command line of `simulate`, and its report.
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::choices::Script;
use super::episode::Tally;
use super::machine::Counts;
use super::run::{Failed, replay, simulate};
use super::shrink::shrink;
use crate::error::Failure;

const HELP: &str = "\
Examples:
  causeway-loadtest simulate --seed 7 --steps 1000000
  causeway-loadtest simulate --steps 100000 --json
  causeway-loadtest simulate --replay failed.json

A step is one event: a bank signs, a message arrives, a stage of the node takes a turn, time passes, something goes
wrong. The same seed and number of steps give the same events and the same result. An episode that fails is made
shorter and written to --save, from where --replay runs it again.

Exit codes: 0 nothing was found, 1 something was, 2 wrong usage, 3 a file failed.";

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Where decisions are drawn from; by default the time.
    #[arg(long)]
    seed: Option<u64>,
    /// Steps in all.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Run one episode again from a file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "steps"])]
    replay: Option<PathBuf>,
    /// Where a failing episode is written.
    #[arg(long, value_name = "FILE", default_value_os_t = std::env::temp_dir().join("causeway-failed-episode.json"))]
    save: PathBuf,
    /// Runs spent on making a failing episode shorter; 0 for none.
    #[arg(long, default_value_t = 300)]
    shrink: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    seed: u64,
    steps: u64,
    fingerprint: String,
    steps_per_second: u64,
    entries_audited: u64,
    answers_checked: u64,
    pages_checked: u64,
    receipts_checked: u64,
    lines_of_statements: u64,
    statements_of_days: u64,
    plans_proposed: u64,
    settled_by_plans: u64,
    starts: u64,
    starts_that_a_fault_prevented: u64,
    faults: Counts,
    nothing_found: bool,
}

/// Runs the command.
///
/// # Errors
/// If something was found, or a file failed.
pub fn run(args: &Args) -> Result<String, Failure> {
    // A broken invariant is caught and reported; its backtrace would only hide the report.
    std::panic::set_hook(Box::new(|_| {}));
    if let Some(path) = &args.replay {
        let text =
            std::fs::read_to_string(path).map_err(|e| Failure::Io(format!("{}: {e}", path.display())))?;
        let script: Script =
            serde_json::from_str(&text).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))?;
        let started = Instant::now();
        let tally = replay(&script).map_err(|failed| Failure::Check(failed.what.clone()))?;
        return report(args, script.seed, &tally, started);
    }
    let seed = args.seed.unwrap_or_else(|| causeway_engine::clock::now().0);
    let bar = bar(args.steps);
    let started = Instant::now();
    let outcome = simulate(seed, args.steps, |tally| bar.set_position(tally.steps));
    bar.finish_and_clear();
    match outcome {
        Ok(tally) => report(args, seed, &tally, started),
        Err(failed) => Err(save(args, failed)),
    }
}

fn bar(steps: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} steps, {eta} left");
    ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Makes a failing episode shorter and keeps it.
fn save(args: &Args, failed: Box<Failed>) -> Failure {
    let (seed, first) = (failed.script.seed, failed.what.clone());
    let before = failed.script.steps.len() - 1;
    let shorter = if args.shrink == 0 {
        failed
    } else {
        shrink(failed, args.shrink, |_| {})
    };
    let text = serde_json::to_string(&shorter.script).unwrap_or_default();
    if let Err(error) = std::fs::write(&args.save, text) {
        return Failure::Io(format!("{}: {error}; seed {seed}: {first}", args.save.display()));
    }
    Failure::Check(format!(
        "episode with seed {seed}, after {before} steps: {first}\n\
         shrunk to {} steps: {}\n\
         again: causeway-loadtest simulate --seed {seed} --steps {before}\n\
         shorter: causeway-loadtest simulate --replay {}",
        shorter.script.steps.len().saturating_sub(1),
        shorter.what,
        args.save.display()
    ))
}

fn report(args: &Args, seed: u64, tally: &Tally, started: Instant) -> Result<String, Failure> {
    let seconds = started.elapsed().as_secs_f64().max(0.001);
    let report = Report {
        seed,
        steps: tally.steps,
        fingerprint: format!("{:016x}", tally.fingerprint),
        steps_per_second: (tally.steps as f64 / seconds) as u64,
        entries_audited: tally.entries,
        answers_checked: tally.answers,
        pages_checked: tally.pages,
        receipts_checked: tally.receipts,
        lines_of_statements: tally.lines,
        statements_of_days: tally.statements,
        plans_proposed: tally.plans,
        settled_by_plans: tally.planned,
        starts: tally.starts,
        starts_that_a_fault_prevented: tally.failed_starts,
        faults: tally.faults.clone(),
        nothing_found: true,
    };
    if args.json {
        return crate::report::json(&report);
    }
    let mut text = format!(
        "seed {seed}: {} steps, {} a second, fingerprint {}\n\
         {} log entries audited; {} answers, {} pages of feeds and {} receipts held to them\n\
         {} lines of reports, and of {} statements, that make up balances\n\
         {} plans of netting, by which {} instructions settled\n\
         {} starts, and {} that a fault prevented\n",
        report.steps,
        report.steps_per_second,
        report.fingerprint,
        report.entries_audited,
        report.answers_checked,
        report.pages_checked,
        report.receipts_checked,
        report.lines_of_statements,
        report.statements_of_days,
        report.plans_proposed,
        report.settled_by_plans,
        report.starts,
        report.starts_that_a_fault_prevented
    );
    for (kind, count) in &report.faults {
        text.push_str(&format!("  {count:>9}  {kind:?}\n"));
    }
    text.push_str("nothing found");
    Ok(text)
}
