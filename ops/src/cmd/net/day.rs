//! `causeway net day`: a whole day of arrivals under several modes, side by side.
use causeway_netting::case::read_arrivals;
use causeway_netting::day::{Day, Figures, Means, Watch, replay, time};
use causeway_scenario::{SHIPPED, Scenario, shipped};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Mode, bytes};
use crate::Failure;
use crate::cmd::Answer;
use crate::files::{self, Access};
use crate::net::{DayReport, ModeReport, Unit, day_json, day_table};

const HELP: &str = "\
A day comes from two files, or is drawn from a scenario. The balances are those at the opening, as for `causeway net`.
The arrivals are a CSV file with the header `time,id,debtor,creditor,currency,amount,priority,trade`: the time is
HH:MM:SS, with or without up to three digits of a second behind a point, and rows are in order of time; the rest is as
in the queue of `causeway net`. The day begins with the first row, or at --open,
and ends with the last, or at --close; netting runs count from its beginning.

Each item settles when it arrives if it is first in its queue and its debtor has the money, and otherwise waits;
whenever an account gets money, its queue is tried again.

  gross   nothing else
  fifo    every --every seconds, and at the close, the greatest set that passes nothing (Bech and Soramäki 2001)
  bypass  the same, and later items of a class may pass earlier ones; each time --budget-ms to look for more

A scenario is one of those that are shipped (--list) or a TOML file. Amounts are drawn in dollars, of a lognormal
distribution; banks are numbered by size, the largest is 1; a share of 0.1 is a tenth.

  about                   what it shows
  banks, core             how many, and how many of the largest the others deal through (0: all deal with all)
  items, trades           payments and trades, and the share of trades
  currencies              codes, such as [\"USD\", \"EUR\"]
  mu, sigma               logarithm of the middle amount, and spread of the logarithms
  liquidity, cover        opening balance, as a share of what the account pays over the day, and of what it pays more
                          than it gets
  limit                   how far it may go below zero, as a share of what it pays
  urgent, high            shares of the classes
  open, close             \"HH:MM:SS\"
  seed                    the same seed draws the same day
  [outage]                bank, from, until: it receives but does not send
  [hub]                   bank, share: it holds that share of all other opening balances
  [giant]                 debtor, creditor, at, dollars, class: one payment more
  [surge]                 share, minutes: that share comes within the last minutes

Liquidity used is how far the accounts fell below their opening balances at their lowest. No way to settle everything
takes less than what each account pays more than it gets. Delays are those of what settled.

Examples:
  causeway net day --scenario ordinary
  causeway net day --scenario stopped-sender --seed 7 --mode fifo,bypass --every 300
  causeway net day --scenario hub --write hub-day
  causeway net day --balances hub-day/balances.csv --arrivals hub-day/arrivals.csv --close 18:00:00 --json

Exit codes: 0 done, 1 a file is there already, 2 wrong usage or a wrong file, 3 a file cannot be read or written.";

/// What takes the place of a day in files. Clap asks for nothing that another argument rules out, so `requires` alone
/// would let a lone half of the files stand beside these, unread.
const OTHER_DAYS: [&str; 2] = ["scenario", "list"];
/// What a day in files consists of.
const FILES: [&str; 4] = ["balances", "arrivals", "open", "close"];

/// Arguments of `net day`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, group(clap::ArgGroup::new("day").required(true).args(["arrivals", "scenario", "list"])))]
pub struct Args {
    /// Balances and limits of the accounts at the opening.
    #[arg(long, value_name = "FILE", requires = "arrivals", conflicts_with_all = OTHER_DAYS)]
    balances: Option<PathBuf>,
    /// What arrives, and when.
    #[arg(long, value_name = "FILE", requires = "balances", conflicts_with_all = OTHER_DAYS)]
    arrivals: Option<PathBuf>,
    /// When the day of the files begins, instead of with the first arrival.
    #[arg(long, value_name = "HH:MM:SS", requires = "arrivals", conflicts_with_all = OTHER_DAYS, value_parser = clock)]
    open: Option<u32>,
    /// When the day of the files ends, instead of with the last arrival.
    #[arg(long, value_name = "HH:MM:SS", requires = "arrivals", conflicts_with_all = OTHER_DAYS, value_parser = clock)]
    close: Option<u32>,
    /// Draw the day from a shipped scenario, or from one in a file.
    #[arg(long, value_name = "NAME|FILE")]
    scenario: Option<String>,
    /// Another seed than that of the scenario.
    #[arg(long, value_name = "N", requires = "scenario", conflicts_with_all = FILES)]
    seed: Option<u64>,
    /// Also write balances.csv and arrivals.csv of the scenario into a directory.
    #[arg(long, value_name = "DIR", requires = "scenario", conflicts_with_all = FILES)]
    write: Option<PathBuf>,
    /// List the shipped scenarios.
    #[arg(long, conflicts_with_all = ["scenario", "seed", "write", "mode", "every", "budget_ms"])]
    list: bool,
    /// What to compare.
    #[arg(
        long,
        value_enum,
        value_name = "MODE,…",
        value_delimiter = ',',
        default_value = "gross,fifo,bypass"
    )]
    mode: Vec<Mode>,
    /// Seconds of the day between netting runs.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    every: u32,
    /// Milliseconds that each run of `bypass` may look for more.
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    budget_ms: u64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn clock(text: &str) -> Result<u32, String> {
    time::parse(text).ok_or_else(|| "no time of day: HH:MM:SS".to_owned())
}

/// A day, and what is told of it.
struct Told {
    day: Day,
    title: String,
    currencies: Vec<String>,
    unit: Unit,
}

/// Replays the day.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let told = match (&args.scenario, &args.balances, &args.arrivals) {
        (Some(name), ..) => drawn(args, name)?,
        (None, Some(balances), Some(arrivals)) => read(args, balances, arrivals)?,
        _ => return list(args),
    };
    let mut modes: Vec<Mode> = Vec::new();
    for mode in &args.mode {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    let (open, close) = told.day.hours();
    let bar = bar(u64::from(close - open) * modes.len() as u64);
    let mut reports = Vec::new();
    for (mode, before) in modes.into_iter().zip(0_u64..) {
        let mut follow = Follow {
            bar: &bar,
            before: u64::from(close - open) * before,
            open,
            budget: Duration::from_millis(args.budget_ms),
            end: None,
        };
        bar.set_message(mode.name());
        reports.push(one(&told.day, mode, args.every, &mut follow)?);
    }
    bar.finish_and_clear();
    let report = DayReport {
        title: told.title,
        hours: (open, close),
        every: args.every,
        budget_ms: args.budget_ms,
        accounts: told.day.case().accounts().len(),
        currencies: told.currencies,
        unit: told.unit,
        modes: reports,
    };
    if args.json {
        return Answer::json(&day_json(&report));
    }
    Ok(Answer::done(day_table(&report)))
}

fn one(day: &Day, mode: Mode, every: u32, follow: &mut Follow<'_>) -> Result<ModeReport, Failure> {
    let means = match mode {
        Mode::Gross => Means::Gross,
        Mode::Fifo => Means::Fifo,
        Mode::Bypass => Means::Bypass,
    };
    let started = Instant::now();
    let outcome = replay(day, means, every.saturating_mul(1_000), follow);
    let outcome = outcome.map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(ModeReport {
        name: mode.name(),
        figures: Figures::new(day, &outcome),
        runs: outcome.runs,
        netted: outcome.netted,
        millis: started.elapsed().as_secs_f64() * 1_000.0,
    })
}

/// Moves the bar, and ends each netting run when its time is up.
struct Follow<'a> {
    bar: &'a ProgressBar,
    /// Milliseconds of the days that were replayed before.
    before: u64,
    open: u32,
    budget: Duration,
    end: Option<Instant>,
}

impl Watch for Follow<'_> {
    fn reached(&mut self, at: u32) {
        self.bar
            .set_position(self.before + u64::from(at.saturating_sub(self.open)));
        self.end = None;
    }

    fn go_on(&mut self) -> bool {
        let now = Instant::now();
        now < *self.end.get_or_insert(now + self.budget)
    }
}

/// Shown on a terminal only.
fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}, {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn read(args: &Args, balances: &Path, arrivals: &Path) -> Result<Told, Failure> {
    let names = [balances, arrivals].map(|path| path.display().to_string());
    let contents = (bytes(balances)?, bytes(arrivals)?);
    let read = read_arrivals((&names[0], &contents.0), (&names[1], &contents.1), None);
    let (named, times) = read.map_err(|error| Failure::Config(error.to_string()))?;
    let first = times.first().copied().unwrap_or(args.open.unwrap_or(0));
    let last = times.last().copied().unwrap_or(args.close.unwrap_or(first));
    let (open, close) = (args.open.unwrap_or(first), args.close.unwrap_or(last));
    if open > first {
        let text = format!("--open: the first row arrives earlier, at {}", time::text(first));
        return Err(Failure::Config(text));
    }
    if close < last {
        let text = format!("--close: the last row arrives later, at {}", time::text(last));
        return Err(Failure::Config(text));
    }
    let day = Day::new(named.case, times, open, close);
    Ok(Told {
        day: day.map_err(|error| Failure::Config(format!("{}: {error}", names[1])))?,
        title: names[1].clone(),
        unit: match named.currencies.as_slice() {
            [one] => Unit::Minor(one.clone()),
            _ => Unit::Mixed,
        },
        currencies: named.currencies,
    })
}

fn drawn(args: &Args, name: &str) -> Result<Told, Failure> {
    let mut scenario = scenario(name)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let drawn = scenario.draw();
    let drawn = drawn.map_err(|error| Failure::Config(format!("{name}: {error}")))?;
    if let Some(dir) = &args.write {
        write(dir, &drawn.balances_csv(), &drawn.arrivals_csv())?;
    }
    Ok(Told {
        day: drawn.day,
        title: format!("{name}, seed {}: {}", scenario.seed, scenario.about),
        unit: match drawn.currencies.as_slice() {
            [one] => Unit::Dollars(one.weight()),
            _ => Unit::Dollars(1),
        },
        currencies: drawn
            .currencies
            .iter()
            .map(|currency| currency.code.to_owned())
            .collect(),
    })
}

fn scenario(name: &str) -> Result<Scenario, Failure> {
    let wrong = |error| Failure::Config(format!("{name}: {error}"));
    if let Some(found) = shipped(name) {
        return found.map_err(wrong);
    }
    let path = Path::new(name);
    if !name.contains(['/', '.']) && !path.exists() {
        let text = format!("--scenario: {name:?} is none of those that are shipped (--list), and no file");
        return Err(Failure::Config(text));
    }
    Scenario::parse(&files::read_text(path)?).map_err(wrong)
}

fn write(dir: &Path, balances: &str, arrivals: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|error| Failure::at(dir, "cannot be made", &error))?;
    let paths = ["balances.csv", "arrivals.csv"].map(|name| dir.join(name));
    let [first, second] = &paths;
    // So that no half of a day stands beside an older one.
    let both = [
        (first.as_path(), balances.as_bytes()),
        (second.as_path(), arrivals.as_bytes()),
    ];
    files::write_all_new(&both, Access::Public)
}

#[derive(Debug, Serialize)]
struct ListedJson {
    name: &'static str,
    about: String,
}

fn list(args: &Args) -> Result<Answer, Failure> {
    let mut listed = Vec::new();
    for (name, text) in SHIPPED {
        let scenario = Scenario::parse(text);
        let about = scenario
            .map_err(|error| Failure::Config(format!("{name}: {error}")))?
            .about;
        listed.push(ListedJson { name, about });
    }
    if args.json {
        return Answer::json(&listed);
    }
    let line = |one: &ListedJson| format!("{:<16}{}\n", one.name, one.about);
    Ok(Answer::done(listed.iter().map(line).collect()))
}
