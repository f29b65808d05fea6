//! `causeway-loadtest year`: a year of business days in five time zones, audited entry by entry, in seconds.
mod days;
mod town;

use std::collections::BTreeMap;
use std::time::Instant;

use causeway_fx::Currency;
use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::Failure;
use days::Calendars;
use town::Town;

const HELP: &str = "\
The ledger and the independent auditor live through a year of EUR, USD, GBP, JPY and CHF by the calendars that come with
Causeway. Payments go all day; right before and right at every cut-off one is sent that must be taken, and one that must not.
Every close has to end in statements that sum up to the liability, and nothing may wait behind it.

Example:
  causeway-loadtest year --year 2026 --json

Exit codes: 0 every day held, 1 something contradicts, 2 wrong usage.";

/// Minutes between two batches of payments.
const PACE_MINUTES: u64 = 20;

/// Where a batch is the last of so many entries, money comes in.
const FUNDING: u64 = 97;

/// Arguments of `year`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The year; the calendars that come with Causeway have to reach it.
    #[arg(long, default_value_t = 2026)]
    year: u16,
    /// Where payments are drawn from.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What the year came to.
#[derive(Debug, Serialize)]
struct Report {
    year: u16,
    /// Days that closed, by currency.
    days: BTreeMap<String, u32>,
    entries: u64,
    payments: u64,
    settled: u64,
    rejected_at_close: u64,
    statements: u64,
    /// Payments one nanosecond before a cut-off that were taken, and at it that were refused.
    cut_offs_probed: u32,
    /// Largest state of the ledger behind a close in January and February, and in November and December, in bytes.
    state_bytes_begin: usize,
    state_bytes_end: usize,
    seconds: f64,
    every_day_held: bool,
}

/// Runs the command.
///
/// # Errors
/// If calendars do not reach the year, or something contradicts.
pub fn run(args: &Args) -> Result<String, Failure> {
    let started = Instant::now();
    let calendars = Calendars::of(args.year)?;
    let mut town = Town::new(calendars.currencies(), calendars.begin(), args.seed)?;
    let bar = if args.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(calendars.total() as u64)
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} days, {elapsed}") {
        bar.set_style(style);
    }
    let mut year = Year {
        calendars,
        closed: BTreeMap::new(),
        sizes: Vec::new(),
        probed: 0,
    };
    year.live(&mut town, &bar)?;
    bar.finish_and_clear();
    let (begin, end) = year.sizes()?;
    let report = Report {
        year: args.year,
        days: year.named(),
        entries: town.index(),
        payments: town.counts.payments,
        settled: town.counts.settled,
        rejected_at_close: town.counts.rejected,
        statements: town.counts.statements,
        cut_offs_probed: year.probed,
        state_bytes_begin: begin,
        state_bytes_end: end,
        seconds: started.elapsed().as_secs_f64(),
        every_day_held: true,
    };
    if args.json {
        return serde_json::to_string_pretty(&report).map_err(|error| Failure::Io(error.to_string()));
    }
    let days: Vec<String> = report
        .days
        .iter()
        .map(|(code, days)| format!("{code} {days}"))
        .collect();
    Ok(format!(
        "{}: {} business days closed ({})\n{} entries audited, {} payments, {} settled, {} rejected at close, {} statements\n{} payments at cut-offs taken or refused to the nanosecond\nstate behind a close: {} bytes at most in the first two months, {} in the last two\n{:.1} s",
        report.year,
        report.days.values().sum::<u32>(),
        days.join(", "),
        report.entries,
        report.payments,
        report.settled,
        report.rejected_at_close,
        report.statements,
        report.cut_offs_probed,
        begin,
        end,
        report.seconds
    ))
}

/// The year as it goes.
struct Year {
    calendars: Calendars,
    /// Days that closed, by currency.
    closed: BTreeMap<u16, u32>,
    /// Bytes of the ledger's state behind each close, with its instant.
    sizes: Vec<(Timestamp, usize)>,
    probed: u32,
}

impl Year {
    fn live(&mut self, town: &mut Town, bar: &ProgressBar) -> Result<(), Failure> {
        let mut traffic = self.calendars.begin();
        while self.calendars.ends() > town.time() {
            self.calendars.schedule(town)?;
            let probe = self.calendars.next_probe();
            let due = town.next_due();
            let next = [Some(traffic), due, probe];
            let Some(next) = next.into_iter().flatten().min() else {
                break;
            };
            if probe == Some(next) {
                self.probe(town, next)?;
            } else if due == Some(next) {
                town.tick(next)?;
            } else {
                town.traffic(next)?;
                if town.index().is_multiple_of(FUNDING) {
                    town.fund()?;
                }
                traffic = Timestamp(traffic.0 + PACE_MINUTES * 60 * 1_000_000_000);
            }
            self.look(town, bar)?;
        }
        self.finish(town)
    }

    /// What must be taken at an instant, and what must not, in one batch: entries have instants of their own.
    fn probe(&mut self, town: &mut Town, at: Timestamp) -> Result<(), Failure> {
        let probes = self.calendars.take_probes(at);
        let taken = town.probe(at, &probes)?;
        for (probe, taken) in probes.iter().zip(taken) {
            if taken != probe.taken {
                return Err(Failure::Check(format!(
                    "{}: a payment at {} is {}",
                    code(probe.currency),
                    at.to_text(),
                    if taken { "taken" } else { "refused" }
                )));
            }
            self.probed += 1;
        }
        Ok(())
    }

    /// What the last entry told of days.
    fn look(&mut self, town: &mut Town, bar: &ProgressBar) -> Result<(), Failure> {
        for told in town.take_steps() {
            let at = town.time().to_text();
            let wrong = |what: &str| Failure::Check(format!("{} at {at}: {what}", code(told.currency)));
            match told.step {
                DayStep::Rejected if town.waits(told.currency) => {
                    return Err(wrong("something waits behind the close"));
                }
                DayStep::Statements => {
                    let stated = town.take_stated(told.currency);
                    if told.value != town.liability(told.currency) || stated != told.value {
                        return Err(wrong("statements do not sum up to the liability"));
                    }
                    *self.closed.entry(told.currency).or_default() += 1;
                    self.sizes.push((town.time(), town.state_bytes()));
                    bar.inc(1);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Every business day of the calendars opened and closed, once.
    fn finish(&self, town: &Town) -> Result<(), Failure> {
        for (currency, days) in self.calendars.counts() {
            let closed = self.closed.get(&currency).copied().unwrap_or(0);
            if closed != days {
                return Err(Failure::Check(format!(
                    "{}: {closed} of {days} days closed",
                    code(currency)
                )));
            }
        }
        town.check_sums()
    }

    /// Largest states at the begin and at the end. The second is no more than a tenth above the first: what a day
    /// leaves behind does not add up.
    fn sizes(&self) -> Result<(usize, usize), Failure> {
        let most = |from: u64, to: u64| {
            let begin = self.calendars.begin().days();
            let within = self
                .sizes
                .iter()
                .filter(|(at, _)| (from..to).contains(&(at.days() - begin)));
            within.map(|(_, bytes)| *bytes).max().unwrap_or(0)
        };
        let (begin, end) = (most(0, 60), most(305, u64::MAX));
        if begin == 0 || end > begin + begin / 10 {
            return Err(Failure::Check(format!(
                "the state grew from {begin} to {end} bytes in a year"
            )));
        }
        Ok((begin, end))
    }

    fn named(&self) -> BTreeMap<String, u32> {
        let all = self.closed.iter();
        all.map(|(currency, days)| (code(*currency), *days)).collect()
    }
}

fn code(currency: u16) -> String {
    let known = Currency::from_numeric(currency);
    known.map_or_else(|| currency.to_string(), |known| known.alpha().to_owned())
}
