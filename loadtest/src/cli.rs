//! The command line.
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::compare;
use crate::{bench, causeway, crash, run, simulate, year};

const HELP: &str = "\
Examples:
  causeway-loadtest run steady --seconds 10
  causeway-loadtest run single --seconds 10 --json
  causeway-loadtest compare before.json after.json --worse 10
  causeway-loadtest bench core
  causeway-loadtest simulate --seed 7 --steps 1000000
  causeway-loadtest crash --kills 20
  causeway-loadtest year --year 2026

Exit codes:
  0  done, and the result reconciles
  1  the result does not reconcile, or something contradicts
  2  wrong usage
  3  the node, the network or a file failed";

/// Drives a node as many banks would, and says what it measured.
#[derive(Debug, Parser)]
#[command(name = "causeway-loadtest", version, after_help = HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario against a node over QUIC.
    Run(Box<run::Args>),
    /// Write the genesis of a scenario, for a node that somebody else runs.
    World(run::WorldArgs),
    /// Hold the reports of two runs beside one another.
    Compare(compare::Args),
    /// Measure a part alone.
    Bench(bench::Args),
    /// Run the engine in a simulated world where everything goes wrong, and audit it.
    Simulate(simulate::Args),
    /// Kill node, banks and adapters at random, and check that nothing is lost and nothing happens twice.
    Crash(crash::Args),
    /// Live through a year of business days in five time zones, audited, in seconds.
    Year(year::Args),
    /// One bank of `crash`.
    #[command(hide = true)]
    CrashBank(crash::bank::Args),
    /// `causeway` itself: the node of a run.
    #[command(hide = true)]
    AsCauseway(causeway::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Nodes and banks that it starts inherit it.
    causeway_ops::memory::keep();
    let result = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::World(args) => run::world(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Crash(args) => crash::run(&args),
        Command::Year(args) => year::run(&args),
        Command::CrashBank(args) => crash::bank::run(&args),
        Command::AsCauseway(args) => return causeway::run(args),
    };
    match result {
        Ok(text) => {
            // The reader of a pipe may leave early.
            let _ = writeln!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _ = writeln!(io::stderr(), "causeway-loadtest: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Whether the command line takes these words; otherwise what it says.
#[cfg(test)]
pub(crate) fn takes<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let words = std::iter::once("causeway-loadtest").chain(words);
    Cli::try_parse_from(words)
        .map(drop)
        .map_err(|error| error.to_string())
}
