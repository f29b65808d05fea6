//! `causeway bank receipt`: fetches a receipt, checks it against the pinned log key, and keeps it as a file.
use causeway_message::Status;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::InstructionKey;
use causeway_transport::ClientError;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::instruct::Sent;
use super::status::Which;
use crate::Failure;
use crate::client::{BankArgs, Desk, exchange, trade, within, words};
use crate::cmd::Answer;
use crate::files::{self, Access};

const HELP: &str = "\
Debtor and creditor may both ask: the creditor with --submitter the debtor's bank. The file proves the outcome to
anybody who has the log's key: causeway verify receipt FILE --key @log.key

Example:
  causeway bank receipt --config banks/ALFADEFF/bank.toml --id ID --out payment.receipt

Exit codes: 0 written, 1 refused or not proven, 2 wrong usage or configuration, 3 the node does not answer.";

/// Wait before a receipt that is not final is asked for again.
const AGAIN: Duration = Duration::from_millis(20);
/// Times that a receipt is asked for: an outcome that was just given is published a moment later.
const ATTEMPTS: u32 = 50;

/// Arguments of `bank receipt`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    #[command(flatten)]
    which: Which,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct ReceiptJson {
    file: String,
    status: &'static str,
    amount: String,
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_currency: Option<String>,
    entry: u64,
    cause: u64,
    deferred: bool,
    tree_size: u64,
}

/// Fetches and keeps a receipt.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    args.which.id()?;
    free(&args.out)?;
    let desk = Desk::open(&args.bank, None).await?;
    let key = args.which.key(&desk).await?;
    let (receipt, facts) =
        within(args.bank.patience(), "the node did not answer", fetch(&desk, key)).await??;
    keep(&args.out, &receipt)?;
    desk.close().await?;
    let currency = receipt.record.currency.get();
    let counter = receipt.record.counter_currency.get();
    let got = trade::got(&receipt).filter(|_| facts.status == Status::Settled);
    if args.bank.json {
        return Answer::json(&ReceiptJson {
            file: args.out.display().to_string(),
            status: facts.status.name(),
            amount: words::decimal(facts.amount.into(), currency),
            currency: words::code(currency),
            counter_amount: got.map(|got| words::decimal(got.into(), counter)),
            counter_currency: got.map(|_| words::code(counter)),
            entry: facts.origin.0,
            cause: facts.cause,
            deferred: facts.deferred,
            tree_size: facts.tree_size,
        });
    }
    let how = match exchange::is_fx(&receipt.record) {
        true => "that arrived as",
        false => "against",
    };
    let against = got.map_or_else(String::new, |got| {
        format!(" {how} {}", words::money(got.into(), counter))
    });
    Ok(Answer::done(format!(
        "The receipt holds: {}, {}{against} moved in log entry {}.\nIt is in {}.\n",
        facts.status.name(),
        words::money(facts.amount.into(), currency),
        facts.cause,
        args.out.display()
    )))
}

/// Refuses a file that exists, before anything is done that cannot be taken back.
pub fn free(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::Refused(format!(
            "{}: exists already and is never overwritten",
            path.display()
        )));
    }
    Ok(())
}

/// The receipt of an instruction, checked by the client.
pub async fn fetch(desk: &Desk, key: InstructionKey) -> Result<(Receipt, ReceiptFacts), Failure> {
    let mut left = ATTEMPTS;
    loop {
        match desk.client.receipt(key).await {
            Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFinal && left > 0 => {
                left -= 1;
                tokio::time::sleep(AGAIN).await;
            }
            other => return Ok(other?),
        }
    }
}

/// Writes the receipt of what was sent to a file, if one is wanted and its outcome is final; the file's name.
pub async fn keep_final(
    file: Option<&Path>,
    desk: &Desk,
    bank: &BankArgs,
    sent: &Sent,
) -> Result<Option<String>, Failure> {
    let Some(file) = file.filter(|_| sent.reached.is_final() && sent.known.is_some()) else {
        return Ok(None);
    };
    let fetched = fetch(desk, sent.key);
    let (proof, _) = within(bank.patience(), "the node did not answer", fetched).await??;
    keep(file, &proof)?;
    Ok(Some(file.display().to_string()))
}

/// Writes a receipt to a new file.
pub fn keep(path: &Path, receipt: &Receipt) -> Result<(), Failure> {
    files::write_new(path, &receipt.write(), Access::Public)
}
