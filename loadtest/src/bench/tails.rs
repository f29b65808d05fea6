//! Flat tails: the engine at a part of its highest rate, while it makes snapshots, begins segments, turns business days,
//! forgets UETRs and applies plans of netting. Batches beside each kind of event are held against those beside none.
mod days;
mod events;
mod run;
mod watched;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::drive::signals;
use crate::error::Failure;
use crate::report;
use events::{Beside, Side, compare};

const HELP: &str = "\
Examples:
  causeway-loadtest bench tails
  causeway-loadtest bench tails --seconds 20 --share 70 --json
  causeway-loadtest bench tails --highest 1000000     # half of that is offered

The engine runs in this process, without network; batches are signed ahead, each payment takes some 200 bytes of memory
until it is sent. Its clock is set ahead between its lives, so that what comes once in a day or two comes in the window.";

/// Arguments of `bench tails`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Seconds of the window.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(8..=60))]
    seconds: u64,
    /// Per cent of the highest rate that are offered.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=90))]
    share: u64,
    /// The highest rate in payments a second. By default what the engine takes just before.
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    highest: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    seconds: u64,
    highest_per_second: f64,
    offered_per_second: f64,
    batch_size: usize,
    /// Batches beside no event of any kind.
    without: Side,
    kinds: Vec<Beside>,
    /// p99 beside each kind to that without.
    ratios: BTreeMap<&'static str, f64>,
    /// Kinds of which nothing is shown.
    not_shown: Vec<&'static str>,
    /// The largest of the ratios; none unless all kinds are shown.
    worst_p99_ratio: Option<f64>,
}

/// Measures.
///
/// # Errors
/// If the engine cannot run, refuses a batch, or answers late.
pub fn run(args: &Args) -> Result<String, Failure> {
    signals::listen()?;
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{elapsed_precise} {spinner} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let ran = run::run(args.seconds, args.share as f64 / 100.0, args.highest, &bar);
    bar.finish_and_clear();
    let ran = ran?;
    let (without, kinds) = compare(&ran.samples, &ran.events);
    let figures = Figures::new(args.seconds, (ran.highest, ran.rate), without, kinds);
    if args.json {
        report::json(&figures)
    } else {
        Ok(figures.to_text())
    }
}

impl Figures {
    fn new(seconds: u64, (highest, rate): (f64, f64), without: Side, kinds: Vec<Beside>) -> Self {
        let ratios: BTreeMap<_, _> = kinds
            .iter()
            .filter_map(|beside| Some((beside.kind.name(), beside.p99_ratio?)))
            .collect();
        let not_shown: Vec<_> = kinds
            .iter()
            .filter(|beside| beside.p99_ratio.is_none())
            .map(|beside| beside.kind.name())
            .collect();
        let worst = ratios.values().copied().reduce(f64::max);
        Self {
            part: "tails",
            seconds,
            highest_per_second: highest,
            offered_per_second: rate,
            batch_size: run::BATCH,
            without,
            worst_p99_ratio: worst.filter(|_| not_shown.is_empty()),
            kinds,
            ratios,
            not_shown,
        }
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "tails: {:.0} payments/s offered of {:.0} at most, batches of {}, latency from when they were due\n  \
             {:<22} {:>8} {:>8} {:>9} {:>9} {:>9} {:>6}",
            self.offered_per_second,
            self.highest_per_second,
            self.batch_size,
            "batches beside",
            "events",
            "batches",
            "p50 ms",
            "p99 ms",
            "max ms",
            "p99 ×"
        );
        let mut line = |name: &str, events: String, side: &Side, ratio: String| {
            let _ = write!(
                text,
                "\n  {name:<22} {events:>8} {:>8} {:>9.2} {:>9.2} {:>9.2} {ratio:>6}",
                side.batches, side.p50_ms, side.p99_ms, side.max_ms
            );
        };
        line("nothing", String::new(), &self.without, String::new());
        for beside in &self.kinds {
            let ratio = beside
                .p99_ratio
                .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
            line(beside.kind.name(), beside.events.to_string(), &beside.side, ratio);
        }
        for name in &self.not_shown {
            let _ = write!(
                text,
                "\n  {name}: none happened beside a batch; nothing is shown of it"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::events::Kind;
    use super::*;

    fn beside(kind: Kind, p99_ratio: Option<f64>) -> Beside {
        Beside {
            kind,
            events: usize::from(p99_ratio.is_some()),
            side: Side::default(),
            p99_ratio,
        }
    }

    fn figures(last: Option<f64>) -> Figures {
        let ratios = [Some(1.0), Some(1.4), Some(0.9), Some(1.1), last];
        let kinds = Kind::ALL.into_iter().zip(ratios);
        let kinds = kinds.map(|(kind, ratio)| beside(kind, ratio)).collect();
        Figures::new(10, (2e6, 1e6), Side::default(), kinds)
    }

    #[test]
    fn the_worst_kind_counts() {
        let figures = figures(Some(1.2));
        assert_eq!(figures.worst_p99_ratio, Some(1.4));
        assert!(figures.not_shown.is_empty());
        let json = serde_json::to_value(&figures).expect("JSON");
        assert_eq!(json["kinds"][1]["kind"], "segment");
        assert_eq!(json["kinds"][1]["p99_ms"], 0.0, "flat, beside its kind");
        assert_eq!(json["ratios"]["segment"], 1.4);
    }

    #[test]
    fn a_kind_that_did_not_happen_is_no_pass() {
        let figures = figures(None);
        assert_eq!(figures.worst_p99_ratio, None);
        assert_eq!(figures.not_shown, ["plan"]);
        let text = figures.to_text();
        assert!(text.contains("plan: none happened"), "{text}");
    }
}
