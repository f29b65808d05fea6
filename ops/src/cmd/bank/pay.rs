//! `causeway bank pay`: one payment, to its final outcome.
use causeway_message::record::{Instruction, flags};
use causeway_message::wire::{InstructionKey, StatusAnswer};
use causeway_message::{Status, Uetr};
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::receipt;
use crate::Failure;
use crate::client::{BankArgs, Desk, random_id, uetr_of, within, words};
use crate::cmd::Answer;

const HELP: &str = "\
A payment that the account does not cover waits in its queue until a credit releases it, unless it is to
--settle-or-reject; --wait looks on for so long. The same command with the --id of an earlier run never pays twice.

Example:
  causeway bank pay --config banks/ALFADEFF/bank.toml --to BETAFRPP --currency EUR --amount 12.50 \\
      --receipt payment.receipt

Exit codes: 0 settled, or accepted and waiting; 1 refused; 2 wrong usage or configuration; 3 the node does not
answer: whether the payment was made is unknown, repeat it with the --id that the message names.";

/// Longest wait between two questions about a payment that waits.
const ASK_MAX: Duration = Duration::from_millis(250);

/// Arguments of `bank pay`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// The person whose key signs; the first key's if left out.
    #[arg(long, value_name = "N")]
    person: Option<u32>,
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
    /// Instruction id of an earlier run, to repeat it.
    #[arg(long, value_name = "HEX")]
    id: Option<String>,
    /// Settle at once or be rejected: never wait.
    #[arg(long)]
    settle_or_reject: bool,
    /// Between banks on their own account.
    #[arg(long)]
    interbank: bool,
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
    let id = match &args.id {
        Some(text) => words::instruction_id("--id", text)?,
        None => random_id()?,
    };
    let uetr = match &args.uetr {
        Some(text) => {
            Uetr::parse(text).ok_or_else(|| Failure::Config("--uetr: must be a UUID".to_owned()))?
        }
        None => uetr_of(id),
    };
    let nobody = causeway_message::ParticipantId(0);
    let mut record = Instruction::payment(id, uetr, nobody, nobody, currency.numeric, amount);
    let mut bits = 0;
    for (set, bit) in [
        (args.settle_or_reject, flags::SETTLE_OR_REJECT),
        (args.interbank, flags::INTERBANK),
    ] {
        bits |= if set { bit } else { 0 };
    }
    record.flags = bits.into();
    Ok(record)
}

/// Pays.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let mut record = record(args)?;
    if let Some(file) = &args.receipt {
        receipt::free(file)?;
    }
    let desk = Desk::open(&args.bank, args.person).await?;
    let names = desk.names().await?;
    let creditor = names.find("--to", &args.to)?;
    record.debtor = desk.participant().0.into();
    record.creditor = creditor.0.into();
    let id = record.id();
    // Whatever fails from here on: without the id a second try would be a second payment.
    let again = format!("if it is tried again, repeat it with --id {id}, which never pays twice");
    let named = |failure: Failure| failure.and(&again);
    let what = "the node did not answer; whether the payment was made is unknown";
    let paid = within(args.bank.patience(), what, async {
        let session = desk.session().await?;
        Ok::<_, Failure>(session.pay(record).await?)
    });
    let answer = paid.await.and_then(|paid| paid).map_err(named)?;
    let key = InstructionKey {
        submitter: desk.participant(),
        id,
    };
    let first = answer.status();
    let status = match first {
        Some(Status::IdReused) | None => None,
        Some(_) => Some(settled(&desk, key, args.wait).await.map_err(named)?),
    };
    let reached = status.map_or(first, |known| Some(known.status));
    let reached = reached.ok_or_else(|| {
        Failure::Refused("the node answered with a status unknown to this version".to_owned())
    })?;
    let mut kept = None;
    if let (Some(file), true, true) = (&args.receipt, reached.is_final(), status.is_some()) {
        let (proof, _) = within(
            args.bank.patience(),
            "the node did not answer",
            receipt::fetch(&desk, key),
        )
        .await
        .and_then(|fetched| fetched)
        .map_err(named)?;
        receipt::keep(file, &proof).map_err(named)?;
        kept = Some(file.display().to_string());
    }
    desk.close().await.map_err(named)?;
    let json = PaidJson {
        status: reached.name(),
        meaning: reached.meaning(),
        r#final: reached.is_final(),
        replayed: !answer.is_first(),
        instruction_id: id.to_string(),
        uetr: Uetr(record.uetr).to_string(),
        debtor: names.of(key.submitter),
        creditor: names.of(creditor),
        amount: words::decimal(record.amount.get().into(), record.currency.get()),
        currency: words::code(record.currency.get()),
        queue_position: if reached == Status::Queued {
            answer.queue_position.get()
        } else {
            0
        },
        entry: status.map_or(0, |known| known.entry),
        cause: status.map_or(0, |known| known.cause),
        receipt: kept,
    };
    let failure = reached
        .is_rejected()
        .then(|| Failure::Refused(format!("{}: {}", reached.name(), reached.meaning())));
    let answer = if args.bank.json {
        Answer::json(&json)?
    } else {
        Answer::done(text(&json))
    };
    Ok(answer.but(failure))
}

/// The status of an instruction; waits for its final one for a while.
async fn settled(desk: &Desk, key: InstructionKey, seconds: u64) -> Result<StatusAnswer, Failure> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut pause = Duration::from_millis(5);
    loop {
        let known = desk.client.status(key).await?;
        if known.status.is_final() || Instant::now() >= until {
            return Ok(known);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(ASK_MAX);
    }
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
        (_, false) => format!(
            "{debtor} will pay {creditor} {amount} {currency} when its account covers it; place {} in the queue.",
            paid.queue_position.max(1)
        ),
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
