//! `causeway bank pvp`: one side of a trade, payment versus payment, to its final outcome.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, flags};
use causeway_message::{ParticipantId, Uetr};
use serde::Serialize;
use std::path::PathBuf;

use super::instruct::{self, Class, Sent, Signing};
use super::receipt;
use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{Desk, trade};
use crate::cmd::Answer;

const HELP: &str = "\
Both parties say the same of the trade, each from its side. The first one's instruction is unmatched, and the other party
is told that it is alleged; once both match, both legs settle in one entry of the log, or none: at once, or when the value
date has come and both accounts cover their leg. `bank cancel` withdraws from it, alone before it is matched. The same
command with the --id of an earlier run never trades twice.

Examples:
  causeway bank pvp --config banks/ALFADEFF/bank.toml --to BETAFRPP --pay USD:110.00 --get EUR:100.00 \\
      --value-date 2026-12-01 --reference DEAL-7
  causeway bank pvp --config banks/BETAFRPP/bank.toml --to ALFADEFF --pay EUR:100.00 --get USD:110.00 \\
      --value-date 2026-12-01 --reference DEAL-7 --wait 10

Exit codes: 0 settled, or accepted and waiting; 1 refused; 2 wrong usage or configuration; 3 the node does not
answer: whether the instruction took effect is unknown, repeat it with the --id that the message names.";

/// Arguments of `bank pvp`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// The other party: its name, or its id.
    #[arg(long, value_name = "NAME")]
    to: String,
    /// What this bank pays: currency (ISO 4217) and exact decimal amount.
    #[arg(long, value_name = "CODE:AMOUNT")]
    pay: String,
    /// What this bank gets for it, in another currency.
    #[arg(long, value_name = "CODE:AMOUNT")]
    get: String,
    /// Day on which it settles.
    #[arg(long, value_name = "YYYY-MM-DD")]
    value_date: String,
    /// Reference that both parties agreed on: up to 16 characters, or 32 hexadecimal digits. Without one any matches.
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// How far what it gets may differ, in the currency of --get, if the other party allows as much of its own.
    #[arg(long, value_name = "CODE:AMOUNT")]
    tolerance: Option<String>,
    /// Take the place of this own instruction that is unmatched.
    #[arg(long, value_name = "HEX")]
    replaces: Option<String>,
    /// Unique end-to-end reference; made from the instruction id if left out.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    /// Between banks on their own account.
    #[arg(long)]
    interbank: bool,
    /// Class of the own leg in the queue.
    #[arg(long, value_name = "CLASS", default_value = "normal")]
    priority: Class,
    /// Settles only before this instant: like 2026-12-01T14:00:00Z, or from now on, like +10m.
    #[arg(long, value_name = "INSTANT")]
    expires: Option<String>,
    /// Seconds to wait for the outcome of a trade that waits.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// File to write the receipt to, once the outcome is final.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct TradeJson {
    status: &'static str,
    meaning: &'static str,
    r#final: bool,
    replayed: bool,
    instruction_id: String,
    uetr: String,
    debtor: String,
    creditor: String,
    amount: String,
    currency: String,
    counter_amount: String,
    counter_currency: String,
    value_date: String,
    reference: Option<String>,
    tolerance: Option<String>,
    replaces: Option<String>,
    entry: u64,
    cause: u64,
    receipt: Option<String>,
}

/// The record, its parties not known yet.
fn record(args: &Args) -> Result<Instruction, Failure> {
    let (pays, amount) = trade::money("--pay", &args.pay)?;
    let (gets, counter_amount) = trade::money("--get", &args.get)?;
    if pays == gets {
        return Err(Failure::Config(format!(
            "--get: must be in another currency than --pay, not in {} as well",
            pays.alpha()
        )));
    }
    let id = args.signing.id()?;
    let uetr = instruct::uetr(args.uetr.as_deref(), id)?;
    let nobody = ParticipantId(0);
    let mut record = Instruction::pvp(
        id,
        uetr,
        (nobody, nobody),
        (pays.numeric, amount),
        (gets.numeric, counter_amount),
        words::value_date("--value-date", &args.value_date)?,
    );
    if let Some(text) = &args.reference {
        record.related = trade::reference("--reference", text)?;
    }
    record.priority = args.priority.number();
    if let Some(text) = &args.expires {
        record.expires_at = instruct::instant("--expires", text)?.into();
    }
    Ok(instruct::with_flags(
        record,
        &[(args.interbank, flags::INTERBANK)],
    ))
}

/// What does not fit into the record, ordered by type.
fn extensions(args: &Args, record: &Instruction) -> Result<Vec<u8>, Failure> {
    let mut area = Vec::new();
    if let Some(text) = &args.tolerance {
        let (currency, amount) = trade::money_or_zero("--tolerance", text)?;
        if currency.numeric != record.counter_currency.get() {
            return Err(Failure::Config(format!(
                "--tolerance: must be in the currency of --get, {}",
                words::code(record.counter_currency.get())
            )));
        }
        extension::put(&mut area, 0, ExtensionType::Tolerance, &amount.to_le_bytes());
    }
    if let Some(text) = &args.replaces {
        let replaced = words::instruction_id("--replaces", text)?;
        if !ExtensionType::Replaces.admits(&replaced.0) {
            return Err(Failure::Config("--replaces: must not be all zero".to_owned()));
        }
        extension::put(&mut area, 0, ExtensionType::Replaces, &replaced.0);
    }
    Ok(area)
}

/// Signs the bank's side of the trade.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let mut record = record(args)?;
    let area = extensions(args, &record)?;
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
    let kept = receipt::keep_final(args.receipt.as_deref(), &desk, bank, &sent)
        .await
        .map_err(named)?;
    desk.close().await.map_err(named)?;
    let json = json(args, &record, &sent, &names, kept);
    let answer = if bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(sent.failure()))
}

fn json(args: &Args, record: &Instruction, sent: &Sent, names: &Names, receipt: Option<String>) -> TradeJson {
    let amount = |minor: u64, currency: u16| words::decimal(minor.into(), currency);
    TradeJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        r#final: sent.reached.is_final(),
        replayed: !sent.answer.is_first(),
        instruction_id: record.id().to_string(),
        uetr: Uetr(record.uetr).to_string(),
        debtor: names.of(ParticipantId(record.debtor.get())),
        creditor: names.of(ParticipantId(record.creditor.get())),
        amount: amount(record.amount.get(), record.currency.get()),
        currency: words::code(record.currency.get()),
        counter_amount: amount(record.counter_amount.get(), record.counter_currency.get()),
        counter_currency: words::code(record.counter_currency.get()),
        value_date: words::date(record.value_date.get()),
        reference: trade::reference_text(record),
        tolerance: args.tolerance.clone(),
        replaces: args.replaces.clone(),
        entry: sent.known.map_or(0, |known| known.entry),
        cause: sent.known.map_or(0, |known| known.cause),
        receipt,
    }
}

fn text(trade: &TradeJson) -> String {
    let TradeJson { debtor, creditor, .. } = trade;
    let pays = format!("{} {}", trade.amount, trade.currency);
    let gets = format!("{} {}", trade.counter_amount, trade.counter_currency);
    let date = &trade.value_date;
    let sentence = match (trade.status, trade.r#final) {
        ("settled", _) if trade.tolerance.is_some() => format!(
            "{debtor} paid {creditor} {pays} and got {gets}, give or take the tolerance: `bank history` says what. \
             Both are final."
        ),
        ("settled", _) => format!("{debtor} paid {creditor} {pays} and got {gets}. Both are final."),
        ("matched", false) => format!(
            "{debtor} and {creditor} agree: {pays} for {gets} on {date}. Both legs will settle when they can."
        ),
        ("unmatched", false) => {
            format!(
                "{debtor} will pay {creditor} {pays} for {gets} on {date}, once {creditor} says the same."
            )
        }
        (_, false) => format!("{debtor} did not trade {pays} for {gets} with {creditor} yet."),
        _ => format!("{debtor} did not trade {pays} for {gets} with {creditor}."),
    };
    let mut out = format!("{sentence}\n");
    let mut line = |what: &str, value: &str| out.push_str(&format!("  {what:<12}{value}\n"));
    line("status", &format!("{}: {}", trade.status, trade.meaning));
    line("instruction", &trade.instruction_id);
    line("UETR", &trade.uetr);
    if let Some(reference) = &trade.reference {
        line("reference", reference);
    }
    if trade.entry != 0 {
        line("log entry", &trade.entry.to_string());
    }
    if trade.replayed {
        line("repeated", "this instruction was sent before; nothing moved now");
    }
    if let Some(file) = &trade.receipt {
        line("receipt", file);
    }
    out
}
