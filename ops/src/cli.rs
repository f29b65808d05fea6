//! The command line: what can be asked for, and how the answer and the exit code come back.
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::{Failure, cmd, memory};

const HELP: &str = "\
Examples:
  causeway demo
  causeway init --dir ledger
  causeway config check ledger/node.toml

Exit codes:
  0  done
  1  refused, or a check did not hold
  2  wrong usage or wrong configuration
  3  the file system, the network or the node failed";

/// Causeway: cross-border payments, settled in real time on one tamper-evident ledger.
///
/// Without a command it runs `demo`: a node and a dozen banks on this machine.
#[derive(Debug, Parser)]
#[command(name = "causeway", version, after_help = HELP, term_width = 0)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a data directory: genesis, keys, certificates, configuration.
    Init(cmd::init::Args),
    /// Run a node.
    Node(cmd::node::Args),
    /// Propose, approve or withdraw what needs two persons: funding, members, caps, keys.
    Control(cmd::control::Args),
    /// Ask a running node on its private address: netting.
    Admin(cmd::admin::Args),
    /// Speak for one bank: pay, look at balances, follow the feed, fetch receipts.
    Bank(cmd::bank::Args),
    /// Make a signing key.
    Keygen(cmd::keygen::Args),
    /// Show, offline, that a key is held by who is to have it.
    Member(cmd::member::Args),
    /// Look at configuration files.
    Config(cmd::config::Args),
    /// Check proofs offline.
    Verify(cmd::verify::Args),
    /// Find what of a queue settles together, offline.
    Net(cmd::net::Args),
    /// Run a node and banks on this machine and watch them settle.
    Demo(cmd::demo::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    memory::keep();
    run(std::env::args_os())
}

/// Runs a command line whose first word is the program's name.
pub fn run(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = Cli::parse_from(line)
        .command
        .unwrap_or_else(|| Command::Demo(cmd::demo::Args::default()));
    let result = match command {
        Command::Init(args) => cmd::init::run(&args),
        Command::Node(args) => cmd::node::run(&args),
        Command::Control(args) => cmd::control::run(&args),
        Command::Admin(args) => cmd::admin::run(&args),
        Command::Bank(args) => cmd::bank::run(&args),
        Command::Keygen(args) => cmd::keygen::run(&args),
        Command::Member(args) => cmd::member::run(&args),
        Command::Config(args) => cmd::config::run(&args),
        Command::Verify(args) => cmd::verify::run(&args),
        Command::Net(args) => cmd::net::run(&args),
        Command::Demo(args) => cmd::demo::run(&args),
    };
    let failure = match result.and_then(|answer| print(&answer)) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(failure) => failure,
    };
    // With nobody to read the reason the code still says it.
    let _ = writeln!(io::stderr(), "causeway: {failure}");
    ExitCode::from(failure.code())
}

/// Prints an answer, and the failure that belongs to it.
fn print(answer: &cmd::Answer) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(answer.text.as_bytes()).and_then(|()| out.flush()) {
        // The reader of a pipe may leave early.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Io(format!("the answer cannot be written: {error}")))
        }
        _ => answer.failure.clone().map_or(Ok(()), Err),
    }
}
