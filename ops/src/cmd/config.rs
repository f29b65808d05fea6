//! `causeway config check`: whether configuration files are right.
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Answer;
use crate::Failure;
use crate::config::{Problem, check, node};

const HELP: &str = "\
Reads node.toml, bank.toml and genesis.toml (told apart by `kind = \"…\"` or by their content) with the environment
over node.toml, and looks at the certificates and keys they name. Each problem is printed with file, line, key
and rule.

Example:
  causeway config check ledger/node.toml ledger/banks/ALFADEFF/bank.toml

Exit codes: 0 all are right, 1 a problem was found, 2 wrong usage, 3 a file cannot be read.";

/// Arguments of `config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  causeway config check ledger/node.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check configuration files.
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
struct CheckArgs {
    /// Files to check.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct FileJson {
    file: String,
    kind: Option<&'static str>,
    problems: Vec<Problem>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let Command::Check(args) = &args.command;
    let environment = node::environment();
    let files = args
        .files
        .iter()
        .map(|file| checked(file, &environment))
        .collect::<Result<Vec<_>, _>>()?;
    let count: usize = files.iter().map(|file| file.problems.len()).sum();
    let failure = (count > 0).then(|| Failure::Refused(format!("{count} problem(s) found")));
    if args.json {
        return Ok(Answer::json(&files)?.but(failure));
    }
    let mut out = String::new();
    for file in files {
        if file.problems.is_empty() {
            let _ = writeln!(
                out,
                "{}: a good {} configuration",
                file.file,
                file.kind.unwrap_or("unknown")
            );
        }
        for problem in file.problems {
            let _ = writeln!(out, "{problem}");
        }
    }
    Ok(Answer::done(out).but(failure))
}

fn checked(file: &Path, environment: &[(String, String)]) -> Result<FileJson, Failure> {
    let checked = check::file(file, environment)?;
    Ok(FileJson {
        file: file.display().to_string(),
        kind: checked.kind.map(crate::config::Kind::name),
        problems: checked.problems.0,
    })
}
