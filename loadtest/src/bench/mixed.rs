//! What duplicates and payments that wait cost: the scenario `mix` between two runs of `steady`, so that what the machine
//! does meanwhile falls on both.
use causeway_message::Status;
use serde::Serialize;

use crate::books::REPEATED;
use crate::drive::{self, Options, signals};
use crate::error::Failure;
use crate::meter::by_name;
use crate::plan::Plan;
use crate::report;
use crate::report::form::Report;

/// Arguments of `bench mix`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: causeway-loadtest bench mix --seconds 10 --json")]
pub struct Args {
    /// Seconds of each of the three windows.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    seconds: u64,
    /// Settled a second in the runs of `steady`, before and after, and their mean.
    steady_before_per_second: f64,
    steady_after_per_second: f64,
    steady_per_second: f64,
    /// Settled a second in `mix`: a duplicate settles nothing, and counts as loss.
    mix_per_second: f64,
    /// Records answered a second in `mix`, whatever became of them.
    mix_answered_per_second: f64,
    /// Shares of the answered records.
    duplicates: f64,
    queued: f64,
    /// What is missing in `mix` of what settles in `steady`, 0 to 1.
    cost: f64,
}

/// Runs the three.
///
/// # Errors
/// If a run fails or does not reconcile.
pub fn run(args: &Args) -> Result<String, Failure> {
    signals::listen()?;
    let before = window("steady", args.seconds)?;
    let mix = window("mix", args.seconds)?;
    let after = window("steady", args.seconds)?;
    let figures = Figures::new(args.seconds, &before, &mix, &after);
    if args.json {
        return report::json(&figures);
    }
    Ok(format!(
        "mix: {:.1} % less settled: {:.0} payments/s beside {:.0} of plain ones ({:.0} before, {:.0} after)\n  \
         {:.0} records/s answered, of which {:.1} % were sent before and {:.1} % waited",
        figures.cost * 100.0,
        figures.mix_per_second,
        figures.steady_per_second,
        figures.steady_before_per_second,
        figures.steady_after_per_second,
        figures.mix_answered_per_second,
        figures.duplicates * 100.0,
        figures.queued * 100.0,
    ))
}

fn window(scenario: &str, seconds: u64) -> Result<Report, Failure> {
    let plan = Plan::shipped(scenario, &[format!("seconds={seconds}")])?;
    let (report, result) = drive::run(&plan, &Options::default());
    result.map(|()| report)
}

impl Figures {
    fn new(seconds: u64, before: &Report, mix: &Report, after: &Report) -> Self {
        let of = |report: &Report| report.figures.payments_per_second;
        let steady = (of(before) + of(after)) / 2.0;
        let answered = (mix.figures.batches * mix.figures.batch_size as u64).max(1) as f64;
        let share = |status: u16| {
            let name = by_name(&[(status, 0)].into()).into_keys().next();
            let found = name.and_then(|name| mix.figures.answered_otherwise.get(&name));
            found.copied().unwrap_or(0) as f64 / answered
        };
        Self {
            part: "mix",
            seconds,
            steady_before_per_second: of(before),
            steady_after_per_second: of(after),
            steady_per_second: steady,
            mix_per_second: of(mix),
            mix_answered_per_second: answered / mix.figures.window_seconds.max(1e-9),
            duplicates: share(REPEATED),
            queued: share(Status::Queued as u16),
            cost: 1.0 - of(mix) / steady.max(1e-9),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(per_second: f64) -> Report {
        let mut report = Report::default();
        report.figures.payments_per_second = per_second;
        report.figures.window_seconds = 10.0;
        report
    }

    #[test]
    fn what_mix_costs_is_what_is_missing_of_the_mean_beside_it() {
        let mut mix = report(80_000.0);
        (mix.figures.batches, mix.figures.batch_size) = (100, 10_000);
        mix.figures.answered_otherwise = [("known before".into(), 100_000), ("queued".into(), 90_000)].into();
        let figures = Figures::new(10, &report(90_000.0), &mix, &report(110_000.0));
        assert!((figures.cost - 0.2).abs() < 1e-9, "{figures:?}");
        assert!((figures.mix_answered_per_second - 100_000.0).abs() < 1e-6);
        assert!((figures.duplicates - 0.1).abs() < 1e-9 && (figures.queued - 0.09).abs() < 1e-9);
    }
}
