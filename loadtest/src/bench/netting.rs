//! The FIFO fixpoint of a million items, with memory and sums kept from run to run, as a solver beside a queue keeps
//! them.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use causeway_netting::{CashOnly, Workspace, fifo_within};
use causeway_scenario::{Setup, Source};
use serde::Serialize;

use super::suite::{FIFO_MS, MIXED_MS};
use crate::error::Failure;
use crate::report;

const ITEMS: usize = 1_000_000;
const BANKS: usize = 10_000;
/// Fewest runs of a cell.
const RUNS_MIN: usize = 9;

/// What is measured, and the milliseconds that the median should stay within.
struct Cell {
    name: &'static str,
    mixed: bool,
    sigma: f64,
    liquidity: f64,
    budget: f64,
}

const fn cell(name: &'static str, mixed: bool, sigma: f64, liquidity: f64, budget: f64) -> Cell {
    Cell {
        name,
        mixed,
        sigma,
        liquidity,
        budget,
    }
}

/// Amounts like those of a large-value system, and amounts that differ less.
const CELLS: [Cell; 6] = [
    cell("plain_2_percent", false, 3.95, 0.02, FIFO_MS),
    cell("plain_20_percent", false, 3.95, 0.2, 5.0),
    cell("plain_even_2_percent", false, 1.5, 0.02, FIFO_MS),
    cell("plain_even_20_percent", false, 1.5, 0.2, 5.0),
    cell("mixed_2_percent", true, 3.95, 0.02, MIXED_MS),
    cell("mixed_20_percent", true, 3.95, 0.2, MIXED_MS),
];

#[derive(Debug, Serialize)]
struct CellFigures {
    items: usize,
    accounts: usize,
    currencies: usize,
    sigma: f64,
    liquidity: f64,
    runs: usize,
    median_ms: f64,
    worst_ms: f64,
    budget_ms: f64,
    within_budget: bool,
    settled_items: usize,
    /// Of everything queued.
    settled_value_percent: f64,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    /// Items that settle, in all cells.
    settled: usize,
    cells_within_budget: usize,
    /// Of the slowest cell in one currency each, and of the slowest in all with trades.
    plain_median_ms: f64,
    mixed_median_ms: f64,
    cells: BTreeMap<&'static str, CellFigures>,
}

fn measure(cell: &Cell, least: Duration) -> Result<CellFigures, Failure> {
    let setup = Setup {
        sigma: cell.sigma,
        liquidity: cell.liquidity,
        ..if cell.mixed {
            Setup::mixed(BANKS, ITEMS)
        } else {
            Setup::plain(BANKS, ITEMS)
        }
    };
    let currencies = setup.currencies.len();
    let case = Source::new(setup)
        .case()
        .map_err(|error| Failure::Check(format!("{}: {error}", cell.name)))?;
    let mut workspace = Workspace::default();
    let mut times = Vec::new();
    let mut all = Duration::ZERO;
    while times.len() < RUNS_MIN || all < least {
        let started = Instant::now();
        std::hint::black_box(workspace.run(&case));
        let took = started.elapsed();
        all += took;
        times.push(took);
    }
    times.sort_unstable();
    let prefixes = workspace.into_prefixes();
    // By the other way to compute it, which also takes limits and tests: nobody is short.
    if fifo_within(&case, &CashOnly, &prefixes) != prefixes {
        return Err(Failure::Check(format!(
            "{}: what is kept does not settle",
            cell.name
        )));
    }
    let chosen = prefixes.chosen(&case);
    let queued: u128 = (0..case.items() as u32).map(|item| case.value(item)).sum();
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let median_ms = millis(times.get(times.len() / 2));
    Ok(CellFigures {
        items: case.items(),
        accounts: case.accounts().len(),
        currencies,
        sigma: cell.sigma,
        liquidity: cell.liquidity,
        runs: times.len(),
        median_ms,
        worst_ms: millis(times.last()),
        budget_ms: cell.budget,
        within_budget: median_ms <= cell.budget,
        settled_items: chosen.len(),
        settled_value_percent: chosen.value(&case) as f64 / queued.max(1) as f64 * 100.0,
    })
}

/// Measures all cells, each for its part of the time and some runs at least. A budget that is missed is said, and is
/// no error.
///
/// # Errors
/// If what is kept does not settle.
pub fn run(seconds: u64, json: bool) -> Result<String, Failure> {
    let least = Duration::from_secs(seconds) / CELLS.len() as u32;
    let mut cells = BTreeMap::new();
    let mut text = format!("netting: the FIFO fixpoint of {ITEMS} items of {BANKS} banks");
    for cell in &CELLS {
        let figures = measure(cell, least)?;
        text.push_str(&format!(
            "\n  {:<22} {:>7.2} ms, {:>7.2} ms at worst of {} runs (budget {} ms: {}); {} items settle, {:.2} % of the value",
            cell.name,
            figures.median_ms,
            figures.worst_ms,
            figures.runs,
            figures.budget_ms,
            if figures.within_budget { "met" } else { "missed" },
            figures.settled_items,
            figures.settled_value_percent,
        ));
        cells.insert(cell.name, figures);
    }
    text.push_str(
        "\n  the balance of an account is 2 or 20 percent of what it would pay; amounts spread by σ = 3.95, even ones by \
         1.5;\n  mixed: all currencies, one in ten items a trade",
    );
    if !json {
        return Ok(text);
    }
    let slowest = |mixed: bool| {
        let of = CELLS.iter().filter(|cell| cell.mixed == mixed);
        let medians = of.filter_map(|cell| Some(cells.get(cell.name)?.median_ms));
        medians.fold(0.0, f64::max)
    };
    report::json(&Figures {
        part: "netting",
        plain_median_ms: slowest(false),
        mixed_median_ms: slowest(true),
        settled: cells.values().map(|figures| figures.settled_items).sum(),
        cells_within_budget: cells.values().filter(|figures| figures.within_budget).count(),
        cells,
    })
}
