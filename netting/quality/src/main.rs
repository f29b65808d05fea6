//! How near to the optimum bypass netting comes: the value it settles beside that of HiGHS, cell by cell.
#![forbid(unsafe_code)]

mod cells;
mod solve;

use cells::Cell;
use clap::Parser;
use serde::Serialize;
use solve::{Result as Choice, Solved};
use std::process::ExitCode;
use std::time::Duration;

const HELP: &str = "\
A cell is called BANKS/SIGMA/PERCENT: 60/1.5/2 to 200/3.95/10. Each has one queue for each seed. HiGHS has one thread and
no start; greedy takes the largest payment first. All amounts are in minor units; shares are of everything queued.

Examples:
  causeway-netting-quality
  causeway-netting-quality --cells 60/1.5,60/3.03 --seeds 1,2 --seconds 20
  causeway-netting-quality --cells 200 --json

Exit codes: 0 done, whether targets are met or missed, 2 wrong usage.";

/// Bypass netting beside the best that HiGHS finds.
#[derive(Debug, Parser)]
#[command(name = "causeway-netting-quality", after_help = HELP)]
struct Args {
    /// Seconds that HiGHS has for one queue.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Milliseconds that ours has, of processor time where Linux tells it.
    #[arg(long, default_value_t = 100)]
    budget_ms: u64,
    /// Cells to run: all whose names begin so.
    #[arg(long, value_delimiter = ',', value_name = "CELLS")]
    cells: Vec<String>,
    /// Seeds of the queues.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3, 4, 5])]
    seeds: Vec<u64>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// One queue.
#[derive(Debug, Serialize)]
struct Run {
    seed: u64,
    queued_value: u128,
    queued_count: usize,
    ours_value: u128,
    ours_count: usize,
    ours_ms: f64,
    fifo_value: u128,
    fifo_count: usize,
    greedy_value: u128,
    greedy_count: usize,
    highs_value: u128,
    highs_count: usize,
    highs_bound: f64,
    highs_gap_percent: f64,
    highs_optimal: bool,
    highs_overspent: u128,
    highs_seconds: f64,
}

/// One cell, all seeds.
#[derive(Debug, Serialize)]
struct Row {
    cell: String,
    banks: usize,
    items: usize,
    sigma: f64,
    liquidity_percent: u32,
    /// Σ ours ÷ Σ HiGHS; none if HiGHS found nothing in its time.
    ours_to_highs_percent: Option<f64>,
    target_percent: Option<f64>,
    met: Option<bool>,
    runs: Vec<Run>,
}

fn percent(part: u128, of: u128) -> f64 {
    part as f64 / of.max(1) as f64 * 100.0
}

fn run(cell: &Cell, seed: u64, args: &Args) -> Result<Run, String> {
    let case = cell.case(seed).map_err(|error| error.to_string())?;
    let queued_value = (0..case.items() as u32).map(|item| case.value(item)).sum();
    let ours: Choice = solve::by_bypass(&case, Duration::from_millis(args.budget_ms));
    let fifo = solve::by_fifo(&case);
    let greedy = solve::by_greed(&case);
    let Solved {
        best,
        bound,
        optimal,
        overspent,
    } = solve::by_highs(&case, args.seconds);
    let run = Run {
        seed,
        queued_value,
        queued_count: case.items(),
        ours_value: ours.value,
        ours_count: ours.count,
        ours_ms: ours.seconds * 1e3,
        fifo_value: fifo.value,
        fifo_count: fifo.count,
        greedy_value: greedy.value,
        greedy_count: greedy.count,
        highs_value: best.value,
        highs_count: best.count,
        highs_bound: bound,
        highs_gap_percent: (bound / (best.value as f64).max(1.0) - 1.0) * 100.0,
        highs_optimal: optimal,
        highs_overspent: overspent,
        highs_seconds: best.seconds,
    };
    let share = |value| percent(value, queued_value);
    eprintln!(
        "{} seed {seed}: ours {:.2} % of value, {} items, {:.0} ms; HiGHS {:.2} %, {} items, bound {:.2} %, gap {:.2} %, {:.0} s; \
         greedy {:.2} %, FIFO {:.2} %",
        cell.name(),
        share(run.ours_value),
        run.ours_count,
        run.ours_ms,
        share(run.highs_value),
        run.highs_count,
        run.highs_bound / queued_value as f64 * 100.0,
        run.highs_gap_percent,
        run.highs_seconds,
        share(run.greedy_value),
        share(run.fifo_value),
    );
    Ok(run)
}

fn row(cell: &Cell, args: &Args) -> Result<Row, String> {
    let runs = args
        .seeds
        .iter()
        .map(|seed| run(cell, *seed, args))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = |of: fn(&Run) -> u128| runs.iter().map(of).sum();
    let (ours, highs) = (sum(|run| run.ours_value), sum(|run| run.highs_value));
    let ours_to_highs_percent = (highs > 0).then(|| percent(ours, highs));
    let target_percent = cell.target();
    let both = ours_to_highs_percent.zip(target_percent);
    Ok(Row {
        cell: cell.name(),
        banks: cell.banks,
        items: cell.items,
        sigma: cell.sigma,
        liquidity_percent: cell.percent,
        ours_to_highs_percent,
        target_percent,
        met: both.map(|(reached, target)| reached >= target),
        runs,
    })
}

/// The table. Shares are of everything queued, summed over the seeds.
fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| banks × payments | σ | λ | ours ÷ HiGHS | target | ours: value, items | HiGHS: value, items | bound | greedy | FIFO |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let sum = |of: fn(&Run) -> u128| -> u128 { row.runs.iter().map(of).sum() };
        let share = |of| percent(sum(of), sum(|run| run.queued_value));
        let count = |of: fn(&Run) -> u128| percent(sum(of), sum(|run| run.queued_count as u128));
        let bounds: f64 = row.runs.iter().map(|run| run.highs_bound).sum();
        let target = match (row.target_percent, row.met) {
            (Some(target), Some(true)) => format!("{target} %: met"),
            (Some(target), Some(false)) => format!("{target} %: missed"),
            (Some(target), None) => format!("{target} %: unknown"),
            _ => "none".to_owned(),
        };
        out.push_str(&format!(
            "| {} × {} | {} | {} % | {} | {target} | {:.2} %, {:.1} % | {:.2} %, {:.1} % | {:.2} % | {:.2} % | {:.2} % |\n",
            row.banks,
            row.items,
            row.sigma,
            row.liquidity_percent,
            row.ours_to_highs_percent
                .map_or_else(|| "HiGHS found nothing".to_owned(), |reached| format!("{reached:.1} %")),
            share(|run| run.ours_value),
            count(|run| run.ours_count as u128),
            share(|run| run.highs_value),
            count(|run| run.highs_count as u128),
            bounds / sum(|run| run.queued_value) as f64 * 100.0,
            share(|run| run.greedy_value),
            share(|run| run.fifo_value),
        ));
    }
    out
}

fn measure(args: &Args) -> Result<String, String> {
    let asked = |cell: &Cell| {
        let name = cell.name();
        args.cells.is_empty() || args.cells.iter().any(|asked| name.starts_with(asked.as_str()))
    };
    let cells: Vec<Cell> = Cell::all().into_iter().filter(asked).collect();
    if cells.is_empty() {
        return Err("--cells: no cell has a name that begins so".to_owned());
    }
    if !(args.seconds > 0.0 && args.seconds.is_finite()) {
        return Err("--seconds: must be above zero".to_owned());
    }
    let rows = cells
        .iter()
        .map(|cell| row(cell, args))
        .collect::<Result<Vec<_>, _>>()?;
    if args.json {
        return serde_json::to_string_pretty(&rows).map_err(|error| error.to_string());
    }
    Ok(table(&rows))
}

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("causeway-netting-quality: {why}");
            ExitCode::from(2)
        }
    }
}
