//! `causeway bank balance`: the bank's accounts at one position of the log.
use causeway_message::wire::BalanceLine;
use serde::Serialize;
use std::fmt::Write;

use crate::Failure;
use crate::client::{BankArgs, Desk, within, words};
use crate::cmd::Answer;

const HELP: &str = "\
Example:
  causeway bank balance --config banks/ALFADEFF/bank.toml --currency EUR --json

Exit codes: 0 shown, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank balance`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Only this currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

#[derive(Debug, Serialize)]
struct BalancesJson {
    bank: String,
    participant: u32,
    entry: u64,
    accounts: Vec<AccountJson>,
}

#[derive(Debug, Serialize)]
struct AccountJson {
    currency: String,
    balance: String,
    reserved: String,
    queued: u32,
    queued_value: String,
    cap: String,
}

/// Shows the accounts.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(args.currency.as_deref())?;
    let desk = Desk::open(&args.bank, None).await?;
    let asked = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.balances(currency),
    );
    let balances = asked.await??;
    let bank = desk.config.name.clone();
    let participant = desk.participant().0;
    desk.close().await?;
    if args.bank.json {
        return Answer::json(&BalancesJson {
            bank,
            participant,
            entry: balances.index,
            accounts: balances.lines.iter().map(json).collect(),
        });
    }
    let mut out = format!("{bank} after log entry {}:\n", balances.index);
    for line in &balances.lines {
        out.push_str(&text(line));
    }
    if balances.lines.is_empty() {
        out.push_str("  no account\n");
    }
    Ok(Answer::done(out))
}

fn json(line: &BalanceLine) -> AccountJson {
    let text = |minor: i128| words::decimal(minor, line.currency);
    AccountJson {
        currency: words::code(line.currency),
        balance: text(line.balance),
        reserved: text(line.reserved),
        queued: line.queued,
        queued_value: text(line.queued_value),
        cap: text(line.cap.into()),
    }
}

fn text(line: &BalanceLine) -> String {
    let money = |minor: i128| words::money(minor, line.currency);
    let mut out = format!("  {:>28}", money(line.balance));
    // Writing to a String cannot fail.
    if line.reserved != 0 {
        let _ = write!(out, "  of it {} set aside", money(line.reserved));
    }
    if line.queued != 0 {
        let _ = write!(
            out,
            "  {} payments of {} wait",
            line.queued,
            money(line.queued_value)
        );
    }
    if line.cap != 0 {
        let _ = write!(out, "  may go down to {}", money(-i128::from(line.cap)));
    }
    out.push('\n');
    out
}
