//! Two reports beside one another: first where they were not measured alike, then the figures.
mod difference;
mod metric;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::form::{FORM, Report};
use super::words::{plain, short, whole};
use crate::error::Failure;
use difference::{Difference, differences};
use metric::{METRICS, Metric};

const HELP: &str = "\
Examples:
  causeway-loadtest compare before.json after.json
  causeway-loadtest compare before.json after.json --worse 10
  causeway-loadtest compare before.json after.json --worse 5 --metric p99_ms --json

First stands what differs in scenario, machine, build and disk: figures of runs that were not measured alike say
little. Then each figure of both, and the second divided by the first. With --worse a figure that is worse by more
than so many percent fails, and so does a second run that is partial or did not reconcile; without it nothing does.

Exit codes: 0 compared, 1 worse than allowed, 2 wrong usage or not a report of this form, 3 a file cannot be read.";

/// Longest report that is read: a day, second by second, is a sixth of it.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Report of the run before.
    #[arg(value_name = "A.json")]
    a: PathBuf,
    /// Report of the run after.
    #[arg(value_name = "B.json")]
    b: PathBuf,
    /// A figure may be worse by this many percent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    worse: Option<f64>,
    /// A figure that --worse judges, again for each; if none is named: payments_per_second, p99_ms, highest_rate.
    #[arg(long, value_name = "NAME", requires = "worse", value_parser = metric::name)]
    metric: Vec<&'static str>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.0..=1_000.0).contains(&percent) {
        Ok(percent)
    } else {
        Err("must be 0 to 1000".to_owned())
    }
}

/// Two reports beside one another.
#[derive(Debug, Serialize)]
struct Comparison {
    a: Side,
    b: Side,
    /// What was not alike.
    differs: Vec<Difference>,
    metrics: Vec<Metric>,
    /// What is worse than allowed.
    worse: Vec<String>,
}

/// One of the two.
#[derive(Debug, Serialize)]
struct Side {
    file: String,
    scenario: String,
    began: String,
    partial: Option<String>,
    reconciled: bool,
}

impl Side {
    fn new(path: &Path, report: &Report) -> Self {
        Self {
            file: path.display().to_string(),
            scenario: report.scenario.clone(),
            began: report.began.clone(),
            partial: report.partial.clone(),
            reconciled: report.figures.reconciled,
        }
    }
}

/// Compares two reports.
///
/// # Errors
/// If one cannot be read or is of another form, or the second is worse than allowed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    // What is judged by default is there in some runs only; what is asked for must be there.
    if let Some(name) = args.metric.iter().find(|name| metric::value(name, &a).is_none()) {
        return Err(Failure::Usage(format!("{}: has no `{name}`", args.a.display())));
    }
    let judged: &[&str] = if args.metric.is_empty() {
        &metric::JUDGED
    } else {
        &args.metric
    };
    let comparison = compare((&args.a, &a), (&args.b, &b), args.worse, judged);
    let told = if args.json {
        super::json(&comparison)?
    } else {
        comparison.to_text()
    };
    if comparison.worse.is_empty() {
        return Ok(told);
    }
    // The comparison goes where it always goes; only why it failed goes to the other stream.
    let _ = writeln!(std::io::stdout(), "{told}");
    Err(Failure::Check(comparison.worse.join("; ")))
}

/// Reads a report.
fn read(path: &Path) -> Result<Report, Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| Failure::Io(format!("{shown}: {error}"));
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(Failure::Usage(format!(
            "{shown}: is longer than {FILE_BYTES_MAX} bytes"
        )));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let usage = |rule: String| Failure::Usage(format!("{shown}: {}", plain(&rule)));
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| usage(error.to_string()))?;
    match value.get("form").map(serde_json::Value::as_u64) {
        Some(Some(form)) if form == u64::from(FORM) => {}
        Some(Some(form)) => return Err(usage(format!("form: {form}; this program compares form {FORM}"))),
        Some(None) => return Err(usage("form: is no number".to_owned())),
        None => return Err(usage("is no report of a run: it has no `form`".to_owned())),
    }
    serde_json::from_value(value).map_err(|error| usage(error.to_string()))
}

fn compare(a: (&Path, &Report), b: (&Path, &Report), allowed: Option<f64>, judged: &[&str]) -> Comparison {
    let metrics: Vec<Metric> = METRICS
        .iter()
        .filter_map(|kind| Metric::of(kind, a.1, b.1))
        .collect();
    let mut worse = Vec::new();
    if let Some(allowed) = allowed {
        for metric in metrics.iter().filter(|metric| judged.contains(&metric.name)) {
            worse.extend(metric.worse_than(allowed));
        }
        for name in judged {
            if metric::value(name, a.1).is_some() && metric::value(name, b.1).is_none() {
                worse.push(format!("the second run has no {name}"));
            }
        }
        if b.1.partial.is_some() && a.1.partial.is_none() {
            worse.push("the second run is partial".to_owned());
        }
        if a.1.figures.reconciled && !b.1.figures.reconciled {
            worse.push("the second run did not reconcile".to_owned());
        }
    }
    Comparison {
        a: Side::new(a.0, a.1),
        b: Side::new(b.0, b.1),
        differs: differences(a.1, b.1),
        metrics,
        worse,
    }
}

impl Comparison {
    fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.tell(&mut text);
        text.trim_end().to_owned()
    }

    fn tell(&self, text: &mut String) -> std::fmt::Result {
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            let (scenario, began) = (plain(&side.scenario), plain(&side.began));
            writeln!(text, "{name}  {}: {scenario}, {began}", plain(&side.file))?;
            if let Some(why) = &side.partial {
                writeln!(text, "   PARTIAL: {}", plain(why))?;
            }
            if !side.reconciled {
                writeln!(text, "   not reconciled")?;
            }
        }
        if self.differs.is_empty() {
            writeln!(text, "measured alike")?;
        } else {
            writeln!(text, "not measured alike:")?;
        }
        for Difference { key, a, b } in &self.differs {
            writeln!(text, "  {}: {} → {}", plain(key), plain(a), plain(b))?;
        }
        writeln!(text, "{:<34} {:>14} {:>14} {:>8}", "", "A", "B", "B/A")?;
        for metric in &self.metrics {
            let show = |value: f64| if metric.whole { whole(value) } else { short(value) };
            let ratio = metric
                .ratio
                .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.3}"));
            let name = if metric.unit.is_empty() {
                metric.name.to_owned()
            } else {
                format!("{} ({})", metric.name, metric.unit)
            };
            let (a, b) = (show(metric.a), show(metric.b));
            let judged = if metric.verdict().is_empty() { "" } else { "  " };
            writeln!(
                text,
                "{name:<34} {a:>14} {b:>14} {ratio:>8}{judged}{}",
                metric.verdict()
            )?;
        }
        Ok(())
    }
}
