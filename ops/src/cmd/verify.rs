//! `causeway verify`: checks proofs offline, with nothing but the proof and, where one signed it, a pinned key.
mod governance;
mod log;
mod netting;
mod netting_log;
mod receipt;

use crate::Failure;

use super::Answer;

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  causeway verify receipt payment.receipt --key @ledger/log.key\n  \
                      causeway verify log ledger\n  causeway verify governance ledger --csv\n  causeway verify netting netting.json\n\nExit codes: 0 it holds, 1 it does not, 2 wrong usage, \
                      3 a file cannot be read."
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List who proposed and approved what, out of a whole log that is checked first.
    Governance(governance::Args),
    /// Check a whole log on disk.
    Log(log::Args),
    /// Check the certificate of a netting run.
    Netting(netting::Args),
    /// Check a finality receipt.
    Receipt(receipt::Args),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Governance(args) => governance::run(args),
        Command::Log(args) => log::run(args),
        Command::Netting(args) => netting::run(args),
        Command::Receipt(args) => receipt::run(args),
    }
}
