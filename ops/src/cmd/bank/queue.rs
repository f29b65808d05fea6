//! `causeway bank queue`: what waits, in order of settlement.
use causeway_message::Status;
use causeway_message::wire::QueueLine;
use serde::Serialize;

use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const HELP: &str = "\
Account by account, urgent payments first; then what waits beside the queues for its from-time, for a decision, for the
other party of a trade or for its value date.

Example:
  causeway bank queue --config banks/ALFADEFF/bank.toml --currency EUR

Exit codes: 0 shown, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank queue`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Only this currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Most payments to show.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    most: usize,
}

#[derive(Debug, Serialize)]
struct QueueJson {
    bank: String,
    after_entry: u64,
    payments: Vec<LineJson>,
}

#[derive(Debug, Serialize)]
struct LineJson {
    position: u32,
    class: &'static str,
    status: &'static str,
    creditor: String,
    amount: String,
    currency: String,
    instruction_id: String,
    uetr: String,
    entry: u64,
    record: u16,
}

/// Shows the queue.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(args.currency.as_deref())?;
    let desk = Desk::open(&args.bank, None).await?;
    let names = desk.names().await?;
    let asked = desk.client.queue(currency, args.most);
    let (index, lines) = within(args.bank.patience(), "the node did not answer", asked).await??;
    let bank = desk.config.name.clone();
    desk.close().await?;
    if args.bank.json {
        return Answer::json(&QueueJson {
            bank,
            after_entry: index,
            payments: lines.iter().map(|line| json(line, &names)).collect(),
        });
    }
    let mut out = format!("{bank} after log entry {index}: {} wait.\n", lines.len());
    for line in &lines {
        let place = match line.position {
            0 => line.status.name().to_owned(),
            position => position.to_string(),
        };
        // Of a trade the leg stands here that this bank pays.
        let trade = match line.status {
            Status::Matched | Status::Unmatched => "  (trade)",
            Status::AwaitingQuote => "  (FX payment)",
            _ => "",
        };
        out.push_str(&format!(
            "  {place:>14}  {:<6}  {:>24} to {}  {}{trade}\n",
            line.class.name(),
            words::money(line.amount.into(), line.currency),
            names.of(line.creditor),
            line.id
        ));
    }
    Ok(Answer::done(out))
}

fn json(line: &QueueLine, names: &Names) -> LineJson {
    LineJson {
        position: line.position,
        class: line.class.name(),
        status: line.status.name(),
        creditor: names.of(line.creditor),
        amount: words::decimal(line.amount.into(), line.currency),
        currency: words::code(line.currency),
        instruction_id: line.id.to_string(),
        uetr: line.uetr.to_string(),
        entry: line.entry,
        record: line.ordinal,
    }
}
