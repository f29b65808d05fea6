//! `causeway bank pay`: one payment, to its final outcome.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::ids::parse_hex;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status, Uetr};
use serde::Serialize;
use std::path::PathBuf;

use super::instruct::{self, Class, Signing};
use super::receipt;
use crate::Failure;
use crate::client::Desk;
use crate::client::words::{self, Names};
use crate::cmd::Answer;

const HELP: &str = "\
A payment that the account does not cover waits in its queue until a credit releases it, unless it is to
--settle-or-reject; --wait looks on for so long. The same command with the --id of an earlier run never pays twice.

Example:
  causeway bank pay --config banks/ALFADEFF/bank.toml --to BETAFRPP --currency EUR --amount 12.50 \\
      --receipt payment.receipt

Exit codes: 0 settled, or accepted and waiting; 1 refused; 2 wrong usage or configuration; 3 the node does not
answer: whether the payment was made is unknown, repeat it with the --id that the message names.";

/// Arguments of `bank pay`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// Who is paid: its name, or its id.
    #[arg(long, value_name = "NAME")]
    to: String,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Exact decimal amount.
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
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
    /// Value date: that of a day ahead in the schedule of the currency; the business date if left out.
    #[arg(long, value_name = "DATE")]
    value_date: Option<String>,
    /// Settles no earlier: an instant like 2026-11-25T14:00:00Z, or from now on, like +10m.
    #[arg(long, value_name = "INSTANT")]
    from_time: Option<String>,
    /// Tell, if it still waits then.
    #[arg(long, value_name = "INSTANT")]
    till_time: Option<String>,
    /// Settles only before this instant.
    #[arg(long, value_name = "INSTANT")]
    expires: Option<String>,
    /// Another payment with the same UETR is meant.
    #[arg(long)]
    duplicate: bool,
    /// Set the amount aside until somebody shows the preimage of this SHA-256.
    #[arg(long, value_name = "HEX", requires = "expires")]
    condition_sha256: Option<String>,
    /// Set the amount aside until this participant releases it.
    #[arg(long, value_name = "NAME", requires = "expires")]
    approver: Option<String>,
    /// What is set aside may be released in parts.
    #[arg(long)]
    partial: bool,
    /// Seconds to wait for the outcome of a payment that waits in the queue.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// File to write the receipt to, once the outcome is final.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct PaidJson {
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
    queue_position: u32,
    entry: u64,
    cause: u64,
    receipt: Option<String>,
}

fn record(args: &Args) -> Result<Instruction, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let amount = words::amount("--amount", &args.amount, currency)?;
    let id = args.signing.id()?;
    let uetr = instruct::uetr(args.uetr.as_deref(), id)?;
    let nobody = ParticipantId(0);
    let mut record = Instruction::payment(id, uetr, nobody, nobody, currency.numeric, amount);
    record.priority = args.priority.number();
    if args.condition_sha256.is_some() || args.approver.is_some() {
        record.kind = Kind::Conditional as u8;
    }
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
            (args.partial, flags::PARTIAL),
        ],
    ))
}

/// What does not fit into the record, ordered by type.
fn extensions(args: &Args) -> Result<Vec<u8>, Failure> {
    let mut area = Vec::new();
    for (option, text, kind) in [
        ("--from-time", &args.from_time, ExtensionType::FromTime),
        ("--till-time", &args.till_time, ExtensionType::TillTime),
    ] {
        if let Some(text) = text {
            let at = instruct::instant(option, text)?;
            extension::put(&mut area, 0, kind, &at.to_le_bytes());
        }
    }
    if let Some(text) = &args.condition_sha256 {
        let digest: [u8; 32] = parse_hex(text)
            .ok_or_else(|| Failure::Config("--condition-sha256: must be 64 hexadecimal digits".to_owned()))?;
        extension::put(&mut area, 0, ExtensionType::Condition, &digest);
    }
    Ok(area)
}

/// Adds the approver, whose id is known once the node was asked.
fn approved_by(args: &Args, names: &Names, mut area: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if let Some(name) = &args.approver {
        let approver = names.find("--approver", name)?;
        extension::put(&mut area, 0, ExtensionType::Approver, &approver.0.to_le_bytes());
    }
    Ok(area)
}

/// Pays.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let (mut record, area) = (record(args)?, extensions(args)?);
    if let Some(file) = &args.receipt {
        receipt::free(file)?;
    }
    let bank = &args.signing.bank;
    let desk = Desk::open(bank, args.signing.person).await?;
    let names = desk.names().await?;
    let creditor = names.find("--to", &args.to)?;
    let area = approved_by(args, &names, area)?;
    record.debtor = desk.participant().0.into();
    record.creditor = creditor.0.into();
    let id = record.id();
    // Whatever fails from here on: without the id a second try would be a second payment.
    let again = instruct::again(id);
    let named = |failure: Failure| failure.and(&again);
    let sent = instruct::send(&desk, bank, record, area, args.wait).await?;
    let kept = receipt::keep_final(args.receipt.as_deref(), &desk, bank, &sent)
        .await
        .map_err(named)?;
    desk.close().await.map_err(named)?;
    let json = PaidJson {
        status: sent.reached.name(),
        meaning: sent.reached.meaning(),
        r#final: sent.reached.is_final(),
        replayed: !sent.answer.is_first(),
        instruction_id: id.to_string(),
        uetr: Uetr(record.uetr).to_string(),
        debtor: names.of(sent.key.submitter),
        creditor: names.of(creditor),
        amount: words::decimal(record.amount.get().into(), record.currency.get()),
        currency: words::code(record.currency.get()),
        queue_position: if sent.reached == Status::Queued {
            sent.answer.queue_position.get()
        } else {
            0
        },
        entry: sent.known.map_or(0, |known| known.entry),
        cause: sent.known.map_or(0, |known| known.cause),
        receipt: kept,
    };
    let answer = if bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(sent.failure()))
}

fn text(paid: &PaidJson) -> String {
    let PaidJson {
        amount,
        currency,
        debtor,
        creditor,
        ..
    } = paid;
    let sentence = match (paid.status, paid.r#final) {
        ("settled", _) => format!("{debtor} paid {creditor} {amount} {currency}. It is final."),
        ("queued", false) => format!(
            "{debtor} will pay {creditor} {amount} {currency} when its account covers it; place {} in the queue.",
            paid.queue_position.max(1)
        ),
        (_, false) => format!("{debtor} did not pay {creditor} {amount} {currency} yet."),
        _ => format!("{debtor} did not pay {creditor} {amount} {currency}."),
    };
    let mut out = format!("{sentence}\n");
    let mut line = |what: &str, value: &str| out.push_str(&format!("  {what:<12}{value}\n"));
    line("status", &format!("{}: {}", paid.status, paid.meaning));
    line("instruction", &paid.instruction_id);
    line("UETR", &paid.uetr);
    if paid.entry != 0 {
        line("log entry", &paid.entry.to_string());
    }
    if paid.replayed {
        line("repeated", "this instruction was sent before; nothing moved now");
    }
    if let Some(file) = &paid.receipt {
        line("receipt", file);
    }
    out
}
