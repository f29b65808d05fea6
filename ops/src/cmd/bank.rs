//! `causeway bank`: a plain client for one bank.
mod balance;
mod feed;
mod pay;
mod receipt;
mod status;

use super::Answer;
use crate::Failure;
use crate::client::block_on;

const HELP: &str = "\
Everything a bank needs to try the ledger by hand; a bank in production links the client library or runs
causeway-adapter. What the node answers is checked against the log key that bank.toml pins.

Examples:
  causeway bank pay --config banks/ALFADEFF/bank.toml --to BETAFRPP --currency EUR --amount 12.50
  causeway bank balance --config banks/ALFADEFF/bank.toml
  causeway bank feed --config banks/BETAFRPP/bank.toml --follow

Exit codes: 0 done, 1 refused or not proven, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Pay another bank.
    Pay(pay::Args),
    /// Show the bank's accounts.
    Balance(balance::Args),
    /// Show or follow what concerns the bank.
    Feed(feed::Args),
    /// Ask what became of an instruction.
    Status(status::Args),
    /// Fetch and check the receipt of an instruction.
    Receipt(receipt::Args),
}

/// Runs the command.
///
/// # Errors
/// If the node refuses or does not answer, or an argument is wrong.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Pay(args) => block_on(pay::run(args)),
        Command::Balance(args) => block_on(balance::run(args)),
        Command::Feed(args) => block_on(feed::run(args)),
        Command::Status(args) => block_on(status::run(args)),
        Command::Receipt(args) => block_on(receipt::run(args)),
    }
}
