//! `causeway net`: which of the queued items settle together, given balances and limits.
mod day;

use causeway_certificate::Document;
use causeway_netting::case::{Named, read};
use causeway_netting::{self as netting, CashOnly, Chosen, bypass, fifo, gross};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Answer;
use crate::Failure;
use crate::files::{self, Access};
use crate::net::{Report, svg, table};

const HELP: &str = "\
The balances are a CSV file with the header `participant,currency,balance,limit`: amounts are whole numbers of minor
units, and an account may go down to -limit; one that is not there is 0 and may not go below. The queue is one with the
header `id,debtor,creditor,currency,amount,priority,trade`: priority is urgent, high or normal; rows that share a
trade settle all or not at all, and stand where the first of them stands. A queue is in order of priority, then of rows.

  gross   each account pays what is first in its queue as long as it can, one after another
  fifo    the greatest set of which all that stands before it in its queue settles as well (Bech and Soramäki 2001)
  bypass  never less than fifo: within a class a later item may pass an earlier one that does not fit; what is found
          grows with --budget-ms. Of several currencies one minor unit counts like one of another

Names and ids have no control characters, and no spaces before or behind them.

--certificate looks for the lowest bound of what could settle, for up to a minute; most queues take far less.

Examples:
  causeway net --balances balances.csv --queue queue.csv
  causeway net --balances balances.csv --queue queue.csv --mode gross --json
  causeway net --balances balances.csv --queue queue.csv --svg before-and-after.svg
  causeway net day --scenario ordinary
  causeway net --balances balances.csv --queue queue.csv --certificate netting.json
  causeway verify netting netting.json

Exit codes: 0 done, 1 a picture or certificate is there already, 2 wrong usage or a wrong file, 3 a file cannot be read
or written.";

/// Largest file of balances or of a queue.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Accounts that are told one by one unless more are asked for.
const ROWS: usize = 24;
/// Longest time for the bound of a certificate. What the command leaves behind has to be the same each time, so it is
/// far more than a queue of usual size needs.
const BOUND: Duration = Duration::from_secs(60);

/// How what settles is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// One after another.
    Gross,
    /// The greatest set that passes nothing.
    Fifo,
    /// More, where later items pass earlier ones.
    Bypass,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Fifo => "fifo",
            Self::Bypass => "bypass",
        }
    }
}

/// Arguments of `net`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Balances and limits of the accounts.
    #[arg(long, value_name = "FILE", required = true)]
    balances: Option<PathBuf>,
    /// What waits.
    #[arg(long, value_name = "FILE", required = true)]
    queue: Option<PathBuf>,
    /// How what settles is found.
    #[arg(long, value_enum, default_value = "fifo")]
    mode: Mode,
    /// Milliseconds that `bypass` may look for more.
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    budget_ms: u64,
    /// Accounts to tell one by one.
    #[arg(long, value_name = "N", default_value_t = ROWS)]
    rows: usize,
    /// Also draw who owes whom before, and what is left, into a new file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Also write what settles, a bound of what could, and all that proves it, into a new file.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Replay a whole day of arrivals under several modes, side by side.
    Day(day::Args),
}

#[derive(Debug, Serialize)]
struct NetJson {
    mode: &'static str,
    /// Ids of rows.
    settled: Vec<String>,
    /// Minor units that move, by currency.
    value: BTreeMap<String, u128>,
    /// Balances afterwards, by participant and currency.
    r#final: BTreeMap<String, BTreeMap<String, i128>>,
    millis: f64,
}

/// Nets the files, or replays a day.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    if let Some(Command::Day(args)) = &args.command {
        return day::run(args);
    }
    let (Some(balances), Some(queue)) = (&args.balances, &args.queue) else {
        return Err(Failure::Config("--balances and --queue are needed".to_owned()));
    };
    let outputs: Vec<&Path> = [&args.svg, &args.certificate]
        .into_iter()
        .filter_map(|path| path.as_deref())
        .collect();
    // Before the time is spent; once more when they are written.
    files::are_new(&outputs)?;
    let names = [balances, queue].map(|path| path.display().to_string());
    let (balances, queue) = (bytes(balances)?, bytes(queue)?);
    let named = read((&names[0], &balances), (&names[1], &queue), None);
    let named = named.map_err(|error| Failure::Config(error.to_string()))?;
    let started = Instant::now();
    let chosen = choose(&named, args.mode, started + Duration::from_millis(args.budget_ms));
    let millis = started.elapsed().as_secs_f64() * 1_000.0;
    let report = Report::new(&named, &chosen);
    let items = named.case.items();
    let mut contents = Vec::new();
    if args.svg.is_some() {
        contents.push(svg(&report).into_bytes());
    }
    if args.certificate.is_some() {
        contents.push(certificate(named, args.mode, &chosen)?);
    }
    let contents = contents.iter().map(Vec::as_slice);
    let written: Vec<(&Path, &[u8])> = outputs.into_iter().zip(contents).collect();
    files::write_all_new(&written, Access::Public)?;
    if args.json {
        return Answer::json(&json(args.mode, &report, millis));
    }
    let settled = chosen.len();
    let mut text = format!(
        "{}: {settled} of {items} items settle together, found in {millis:.1} ms.\n",
        args.mode.name()
    );
    text.push_str(&table(&report, args.rows));
    Ok(Answer::done(text))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read(path, FILE_BYTES_MAX).map_err(|failure| match failure {
        Failure::Refused(why) => Failure::Config(why),
        other => other,
    })
}

fn choose(named: &Named, mode: Mode, end: Instant) -> Chosen {
    match mode {
        Mode::Gross => gross(&named.case, &CashOnly),
        Mode::Fifo => fifo(&named.case, &CashOnly).chosen(&named.case),
        Mode::Bypass => bypass(&named.case, &CashOnly, &mut || Instant::now() < end),
    }
}

fn certificate(named: Named, mode: Mode, chosen: &Chosen) -> Result<Vec<u8>, Failure> {
    let end = Instant::now() + BOUND;
    let bound = netting::bound(&named.case, &mut || Instant::now() < end);
    let discipline = match mode {
        // One after another keeps to the order of each queue, too.
        Mode::Gross | Mode::Fifo => netting::Mode::Fifo,
        Mode::Bypass => netting::Mode::Bypass,
    };
    let document = Document::new(named, discipline, chosen, bound, None)
        .map_err(|error| Failure::Config(format!("--certificate: {error}")))?;
    document
        .to_json()
        .map_err(|error| Failure::Io(format!("--certificate: {error}")))
}

fn json(mode: Mode, report: &Report, millis: f64) -> NetJson {
    let moved = report.currencies.iter();
    let value = moved.map(|(currency, (_, settled))| (currency.clone(), settled.value));
    let mut last: BTreeMap<String, BTreeMap<String, i128>> = BTreeMap::new();
    for line in &report.lines {
        let own = last.entry(line.participant.clone()).or_default();
        own.insert(line.currency.clone(), line.after);
    }
    NetJson {
        mode: mode.name(),
        settled: report.settled.clone(),
        value: value.collect(),
        r#final: last,
        millis,
    }
}
