//! `causeway-adapter`: a bank's side of the settlement engine, with ISO 20022.
#![forbid(unsafe_code)]

use causeway_adapter::Failure;
use causeway_adapter::check::{self, Checked};
use causeway_adapter::iso::FILE_BYTES_MAX;
use causeway_adapter::listen::{self, ListenArgs};
use causeway_adapter::send::{self, SendArgs};
use clap::{Args, Parser, Subcommand};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// A bank's adapter: ISO 20022 messages in and out of Causeway.
#[derive(Debug, Parser)]
#[command(name = "causeway-adapter", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read pacs.008, pacs.009, pacs.004, camt.056, camt.029 and fxtr.014 messages and show what they map to.
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Send payments, returns, trades, requests to cancel and answers, wait for finality, and report.
    #[command(after_help = send::HELP)]
    Send(SendArgs),
    /// Follow the bank's feed and store credits with document and receipt, and what banks ask and answer.
    #[command(after_help = listen::HELP)]
    Listen(ListenArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// Print one JSON document instead of a table.
    #[arg(long)]
    json: bool,

    /// Refuse files larger than this.
    #[arg(long, value_name = "BYTES", default_value_t = FILE_BYTES_MAX)]
    max_bytes: usize,

    /// XML files; each may hold several messages.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 something was refused, rejected or is pending; 2 wrong usage or configuration; 3 the node, the
network or the store failed.";

const CHECK_HELP: &str = "\
Reads version .08 and newer (pacs.004 and camt.029: .09, fxtr.014: .03), any prefix, any wrapper, with or without a head.001 header. A file is read
whole or refused whole; a refusal names the element and the rule.

Example:
  causeway-adapter check --json transport/adapter/examples/pacs008.xml

Exit codes: 0 all files mapped, 1 some file refused, 2 wrong usage.";

/// Something was refused, or the answer could not be written.
const REFUSED: u8 = 1;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(args) => run_check(args),
        Command::Send(args) => return run_async(send::run(args)),
        Command::Listen(args) => return run_async(listen::run(args)),
    };
    match result {
        Ok(code) => code,
        // The reader of a pipe may leave early; that is no failure to report.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(REFUSED),
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "causeway-adapter: the answer cannot be written: {error}"
            );
            ExitCode::from(REFUSED)
        }
    }
}

fn run_async(command: impl Future<Output = Result<u8, Failure>>) -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("CAUSEWAY_ADAPTER_LOG")
                .unwrap_or_else(|_| "warn".into()),
        )
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Failure::Io(format!("the program cannot start: {error}"))),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let _ = writeln!(io::stderr(), "causeway-adapter: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run_check(args: CheckArgs) -> io::Result<ExitCode> {
    let max_bytes = args.max_bytes;
    let checked: Vec<Checked> = args
        .files
        .into_iter()
        .map(|file| Checked::file(file, max_bytes))
        .collect();
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        check::write_json(&mut out, &checked)?;
    } else {
        check::write_table(&mut out, &checked)?;
    }
    out.flush()?;
    Ok(if check::any_refused(&checked) {
        ExitCode::from(REFUSED)
    } else {
        ExitCode::SUCCESS
    })
}
