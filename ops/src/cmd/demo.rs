//! `causeway demo`: a node and banks on this machine.
use std::path::PathBuf;

use super::Answer;
use crate::Failure;
use crate::demo::{self, Live, Options};

const HELP: &str = "\
A node starts on a temporary directory, settlement agents fund the banks, and the banks pay one another over QUIC on
the loopback interface. Afterwards receipts, money and log are checked from what the banks saw.

Examples:
  causeway demo
  causeway demo --seconds 60 --banks 20 --keep demo
  causeway demo --seconds 5 --json

Exit codes: 0 every check held, 1 one did not, 2 wrong usage, 3 the node failed.";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// How long the banks pay.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// How many banks take part.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub banks: u32,
    /// Keep the data directory here; it must not hold anything yet.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            seconds: 15,
            banks: 12,
            keep: None,
            json: false,
        }
    }
}

/// Runs the demo.
///
/// # Errors
/// If the node or a bank fails.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let options = Options {
        seconds: args.seconds,
        banks: args.banks,
        keep: args.keep.clone(),
    };
    let report = demo::run(&options, &Live::new(!args.json))?;
    let failures = report.failures();
    let failure = (!failures.is_empty()).then(|| Failure::Refused(failures.join("\n")));
    let answer = if args.json {
        Answer::json(&report)?
    } else {
        Answer::done(report.text())
    };
    Ok(answer.but(failure))
}
