//! `causeway bank`: a plain client for one bank.
mod balance;
mod chain;
mod conversion;
mod credit;
mod days;
mod explain;
mod feed;
mod fx;
mod history;
pub(super) mod instruct;
mod limits;
mod lock;
mod lookup;
mod pay;
mod pvp;
mod queue;
mod quote;
mod recall;
mod receipt;
pub(super) mod statement;
mod status;
mod steer;
mod window;

pub(super) use lookup::scan;

use super::Answer;
use crate::Failure;
use crate::client::block_on;

const HELP: &str = "\
Everything a bank needs to try the ledger by hand; a bank in production links the client library or runs
causeway-adapter. What the node answers is checked against the log key that bank.toml pins.

Examples:
  causeway bank pay --config banks/ALFADEFF/bank.toml --to BETAFRPP --currency EUR --amount 12.50
  causeway bank pvp --config banks/ALFADEFF/bank.toml --to BETAFRPP --pay USD:110.00 --get EUR:100.00 \\
      --value-date 2026-12-01
  causeway bank fx --config banks/ALFADEFF/bank.toml --to DELTUS33 --pay EUR:1000.00 --at-least USD:1080.00
  causeway bank balance --config banks/ALFADEFF/bank.toml
  causeway bank feed --config banks/BETAFRPP/bank.toml --follow
  causeway bank explain --config banks/ALFADEFF/bank.toml ID

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
    /// Trade with another bank, payment versus payment: both legs settle, or none.
    Pvp(pvp::Args),
    /// Pay in one currency what arrives in another, at a firm quote: all legs settle, or none.
    Fx(fx::Args),
    /// Lock the best quotes for one such payment.
    Lock(lock::Args),
    /// Publish a firm two-sided quote as a liquidity provider, or withdraw it.
    Quote(quote::Args),
    /// Pay several that settle whole, wait as one, or fail whole.
    Chain(chain::Args),
    /// Show the bank's accounts.
    Balance(balance::Args),
    /// Show or follow what concerns the bank.
    Feed(feed::Args),
    /// Ask what became of an instruction.
    Status(status::Args),
    /// Fetch and check the receipt of an instruction.
    Receipt(receipt::Args),
    /// Ask why a payment or a trade waits, and what is missing.
    Explain(explain::Args),
    /// Show what waits, in order of settlement.
    Queue(queue::Args),
    /// Show where the business day of a currency stands, and the days ahead.
    Days(days::Args),
    /// Show the statement of an account for a business day.
    Statement(statement::Args),
    /// Show what moved on an account in the running day.
    Report(statement::ReportArgs),
    /// Show limits, reservations and liquidity, or set them.
    Limits(limits::Args),
    /// Cancel a payment that waits, ask for one that settled, or withdraw from a trade.
    Cancel(recall::CancelArgs),
    /// Answer another bank's question: whether a payment comes back, or a trade is withdrawn.
    Resolve(recall::ResolveArgs),
    /// Pay back what was received, or part of it.
    Return(recall::ReturnArgs),
    /// Release money that is set aside, or give it back.
    Release(steer::ReleaseArgs),
    /// Give a payment that waits, or the own leg of a trade, another class or place.
    Amend(steer::AmendArgs),
    /// Send an obligation to a netting window, to settle net with all others of it.
    Obligation(window::ObligationArgs),
    /// Set own money aside for a netting window.
    PayIn(window::PayInArgs),
    /// Show the netting windows that are open, and what is to be paid in.
    Windows(window::ShowArgs),
    /// Show all that happened to a payment or a trade, and where it stands.
    History(history::Args),
}

/// Runs the command.
///
/// # Errors
/// If the node refuses or does not answer, or an argument is wrong.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        Command::Pay(args) => block_on(pay::run(args)),
        Command::Pvp(args) => block_on(pvp::run(args)),
        Command::Fx(args) => block_on(fx::run(args)),
        Command::Lock(args) => block_on(lock::run(args)),
        Command::Quote(args) => block_on(quote::run(args)),
        Command::Chain(args) => block_on(chain::run(args)),
        Command::Balance(args) => block_on(balance::run(args)),
        Command::Feed(args) => block_on(feed::run(args)),
        Command::Status(args) => block_on(status::run(args)),
        Command::Receipt(args) => block_on(receipt::run(args)),
        Command::Explain(args) => block_on(explain::run(args)),
        Command::Queue(args) => block_on(queue::run(args)),
        Command::Days(args) => block_on(days::run(args)),
        Command::Statement(args) => block_on(statement::run(args)),
        Command::Report(args) => block_on(statement::report(args)),
        Command::Limits(args) => block_on(limits::run(args)),
        Command::Cancel(args) => block_on(recall::cancel(args)),
        Command::Resolve(args) => block_on(recall::resolve(args)),
        Command::Return(args) => block_on(recall::give_back(args)),
        Command::Release(args) => block_on(steer::release(args)),
        Command::Amend(args) => block_on(steer::amend(args)),
        Command::Obligation(args) => block_on(window::obligation(args)),
        Command::PayIn(args) => block_on(window::pay_in(args)),
        Command::Windows(args) => block_on(window::show(args)),
        Command::History(args) => block_on(history::run(args)),
    }
}
