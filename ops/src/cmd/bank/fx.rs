//! `causeway bank fx`: pays in one currency what arrives in another, at a firm quote.
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status, Uetr};
use serde::Serialize;
use std::path::PathBuf;

use super::conversion::{Amounts, came_to};
use super::instruct::{self, Class, Sent, Signing};
use super::receipt;
use crate::Failure;
use crate::client::Desk;
use crate::client::exchange::{self, ExchangeJson};
use crate::client::words::{self, Names};
use crate::cmd::Answer;

const HELP: &str = "\
It settles at the best firm quote within its limit, or at those of a lock: all legs in one entry of the log, or none. Of
what is paid and what arrives one side is fixed. While there is no such quote it awaits one, unless it is to
--settle-or-reject; while the account does not cover it, it waits in its queue. What it came to is shown from the own
feed, proven: each conversion with provider, rate, reference, spread and remainder, and the fee. The same command with
the --id of an earlier run never pays twice.

Examples:
  causeway bank fx --config banks/ALFADEFF/bank.toml --to DELTUS33 --pay EUR:1000.00 --at-least USD:1080.00
  causeway bank fx --config banks/ALFADEFF/bank.toml --to DELTUS33 --get USD:1080.00 --at-most EUR:1000.00 --wait 10
  causeway bank fx --config banks/ALFADEFF/bank.toml --to DELTUS33 --pay EUR:1000.00 --into JPY --via USD
  causeway bank fx --config banks/ALFADEFF/bank.toml --to DELTUS33 --pay EUR:1000.00 --into USD --lock NUMBER

Exit codes: 0 settled, or accepted and waiting; 1 refused; 2 wrong usage or configuration; 3 the node does not
answer: whether the payment was made is unknown, repeat it with the --id that the message names.";

/// Arguments of `bank fx`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// Who is paid: its name, or its id.
    #[arg(long, value_name = "NAME")]
    to: String,
    #[command(flatten)]
    amounts: Amounts,
    /// Number of an own lock, as `bank lock` printed it: it settles at the locked quotes.
    #[arg(long, value_name = "NUMBER", conflicts_with = "via",
          value_parser = clap::value_parser!(u64).range(1..))]
    lock: Option<u64>,
    /// Unique end-to-end reference; made from the instruction id if left out.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    /// Settle at once or be rejected: never wait.
    #[arg(long)]
    settle_or_reject: bool,
    /// Between banks on their own account.
    #[arg(long)]
    interbank: bool,
    /// Class in the queue.
    #[arg(long, value_name = "CLASS", default_value = "normal")]
    priority: Class,
    /// Settles only on this business date of both currencies.
    #[arg(long, value_name = "YYYY-MM-DD")]
    value_date: Option<String>,
    /// Settles only before this instant: like 2026-12-01T14:00:00Z, or from now on, like +10m.
    #[arg(long, value_name = "INSTANT")]
    expires: Option<String>,
    /// Another payment with the same UETR is meant.
    #[arg(long)]
    duplicate: bool,
    /// Seconds to wait for the outcome of a payment that waits.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// File to write the receipt to, once the outcome is final.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct FxJson {
    status: &'static str,
    meaning: &'static str,
    r#final: bool,
    replayed: bool,
    instruction_id: String,
    uetr: String,
    debtor: String,
    creditor: String,
    fixed: &'static str,
    amount: String,
    currency: String,
    counter_amount: String,
    counter_currency: String,
    asked: String,
    exchange: Option<ExchangeJson>,
    entry: u64,
    cause: u64,
    receipt: Option<String>,
}

/// The record, its parties not known yet.
fn record(args: &Args) -> Result<Instruction, Failure> {
    let id = args.signing.id()?;
    let uetr = instruct::uetr(args.uetr.as_deref(), id)?;
    let mut record = args.amounts.record(Kind::FxPayment, id, uetr)?;
    record.quote = args.lock.unwrap_or(0).into();
    record.priority = args.priority.number();
    if let Some(text) = &args.value_date {
        record.value_date = words::value_date("--value-date", text)?.into();
    }
    if let Some(text) = &args.expires {
        record.expires_at = instruct::instant("--expires", text)?.into();
    }
    Ok(instruct::with_flags(
        record,
        &[
            (args.settle_or_reject, flags::SETTLE_OR_REJECT),
            (args.interbank, flags::INTERBANK),
            (args.duplicate, flags::DUPLICATE),
        ],
    ))
}

/// Pays.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let mut record = record(args)?;
    let area = args.amounts.extensions(&record)?;
    if let Some(file) = &args.receipt {
        receipt::free(file)?;
    }
    let bank = &args.signing.bank;
    let desk = Desk::open(bank, args.signing.person).await?;
    let names = desk.names().await?;
    record.debtor = desk.participant().0.into();
    record.creditor = names.find("--to", &args.to)?.0.into();
    let again = instruct::again(record.id());
    let named = |failure: Failure| failure.and(&again);
    let sent = instruct::send(&desk, bank, record, area, args.wait).await?;
    let exchange = match sent.reached {
        Status::Settled => came_to(&desk, bank, &sent).await.map_err(named)?,
        _ => None,
    };
    let exchange = exchange.map(|exchange| ExchangeJson::new(&exchange, &record, &names));
    let kept = receipt::keep_final(args.receipt.as_deref(), &desk, bank, &sent)
        .await
        .map_err(named)?;
    desk.close().await.map_err(named)?;
    let json = json(&record, &sent, &names, exchange, kept);
    let answer = if bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(sent.failure()))
}

fn json(
    record: &Instruction,
    sent: &Sent,
    names: &Names,
    exchange: Option<ExchangeJson>,
    receipt: Option<String>,
) -> FxJson {
    let amount = |minor: u64, currency: u16| words::decimal(minor.into(), currency);
    FxJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        r#final: sent.reached.is_final(),
        replayed: !sent.answer.is_first(),
        instruction_id: record.id().to_string(),
        uetr: Uetr(record.uetr).to_string(),
        debtor: names.of(ParticipantId(record.debtor.get())),
        creditor: names.of(ParticipantId(record.creditor.get())),
        fixed: if exchange::is_fixed_target(record) {
            "target"
        } else {
            "source"
        },
        amount: amount(record.amount.get(), record.currency.get()),
        currency: words::code(record.currency.get()),
        counter_amount: amount(record.counter_amount.get(), record.counter_currency.get()),
        counter_currency: words::code(record.counter_currency.get()),
        asked: exchange::asks(record),
        exchange,
        entry: sent.known.map_or(0, |known| known.entry),
        cause: sent.known.map_or(0, |known| known.cause),
        receipt,
    }
}

fn text(paid: &FxJson) -> String {
    let FxJson {
        debtor,
        creditor,
        asked,
        ..
    } = paid;
    let sentence = match (&paid.exchange, paid.status, paid.r#final) {
        (Some(exchange), ..) => format!(
            "{debtor} paid {}, and {creditor} received {}. It is final.",
            exchange.paid_text(),
            exchange.received_text()
        ),
        (None, "awaiting_quote", _) => format!(
            "{debtor} will pay {creditor} {asked}, once a firm quote covers that and the other currency is open."
        ),
        (None, "queued", _) => {
            format!("{debtor} will pay {creditor} {asked}, when its turn comes and its account covers it.")
        }
        (None, _, false) => format!("{debtor} did not pay {creditor} {asked} yet."),
        (None, _, true) => format!("{debtor} did not pay {creditor} {asked}."),
    };
    let mut out = format!("{sentence}\n");
    let mut line = |what: &str, value: &str| out.push_str(&format!("  {what:<12}{value}\n"));
    line("status", &format!("{}: {}", paid.status, paid.meaning));
    line("instruction", &paid.instruction_id);
    line("UETR", &paid.uetr);
    if let Some(exchange) = &paid.exchange {
        line("asked", asked);
        for (what, value) in exchange.lines() {
            line(what, &value);
        }
        if let Some(lock) = exchange.lock {
            line("lock", &format!("{lock}, used"));
        }
    }
    if paid.entry != 0 {
        line("log entry", &paid.cause.to_string());
    }
    if paid.replayed {
        line("repeated", "this instruction was sent before; nothing moved now");
    }
    if let Some(file) = &paid.receipt {
        line("receipt", file);
    }
    out
}
