//! `causeway verify`: checks proofs offline, with nothing but the proof and a pinned key.
mod receipt;

use crate::Failure;

use super::Answer;

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  causeway verify receipt payment.receipt --key @ledger/log.key")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check a finality receipt.
    Receipt(receipt::Args),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Receipt(args) => receipt::run(args),
    }
}
