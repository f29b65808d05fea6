//! `causeway verify receipt`: what a finality receipt proves, in words.
use causeway_fx::{Currency, Money};
use causeway_message::checkpoint::{LogKey, origin};
use causeway_message::ids::parse_hex;
use causeway_message::keys::PublicKey;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::{InstructionId, Status, Uetr};
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::client::{exchange, trade, words};
use crate::cmd::Answer;
use crate::{Failure, files};

const HELP: &str = "\
Needs no node and no network. The key is the log's, as `causeway init` printed it and as it was given to you by
someone you trust; a key found in a receipt would prove nothing. Write the key itself, or @FILE, or a path.
With --signer the bank's own signature over its batch is checked as well.

Examples:
  causeway verify receipt payment.receipt --key @ledger/log.key
  causeway verify receipt payment.receipt --key node-1.causeway+0a1b2c3d+AZ... --json

Exit codes: 0 it holds, 1 it does not, 2 wrong usage or no such key, 3 a file cannot be read.";

/// Arguments of `verify receipt`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The receipt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The log's key: its text, @FILE, or a path.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// Public key, in hexadecimal, of the bank's signer.
    #[arg(long, value_name = "HEX")]
    signer: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct FactsJson {
    holds: bool,
    ledger: String,
    log: String,
    log_key: String,
    status: &'static str,
    meaning: &'static str,
    submitter: u32,
    debtor: u32,
    creditor: u32,
    currency: String,
    amount: String,
    instructed_amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructed_counter_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_date: Option<String>,
    instruction_id: String,
    uetr: String,
    time: String,
    entry: u64,
    record: u32,
    cause: u64,
    deferred: bool,
    tree_size: u64,
    signer_checked: bool,
}

#[derive(Debug, Serialize)]
struct RefusedJson {
    holds: bool,
    reason: String,
}

/// Checks a receipt.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let key = log_key(&args.key)?;
    let signer = args.signer.as_deref().map(signer).transpose()?;
    let bytes = files::read(&args.file, files::BINARY_BYTES_MAX)?;
    let checked = check(&bytes, &key, signer.as_ref());
    let (receipt, facts) = match checked {
        Ok(checked) => checked,
        Err(reason) => {
            let failure = Failure::Refused(format!("{}: {reason}", args.file.display()));
            let answer = if args.json {
                Answer::json(&RefusedJson { holds: false, reason })?
            } else {
                Answer::done(String::new())
            };
            return Ok(answer.but(Some(failure)));
        }
    };
    let facts = in_words(&receipt, &facts, &key, signer.is_some());
    if args.json {
        Answer::json(&facts)
    } else {
        Ok(Answer::done(text(&facts, &receipt)))
    }
}

fn check(bytes: &[u8], key: &LogKey, signer: Option<&PublicKey>) -> Result<(Receipt, ReceiptFacts), String> {
    let receipt = Receipt::read(bytes).map_err(|error| format!("is no receipt: {error}"))?;
    let facts = receipt.verify(key).map_err(|error| error.to_string())?;
    match signer {
        Some(signer) if !receipt.signed_by(signer) => {
            Err("the batch is not signed by the given signer".to_owned())
        }
        _ => Ok((receipt, facts)),
    }
}

/// The key as written, or from the file it names.
fn log_key(argument: &str) -> Result<LogKey, Failure> {
    let parse = |text: &str| LogKey::parse(text).map_err(|error| Failure::Config(format!("--key: {error}")));
    if let Some(path) = argument.strip_prefix('@') {
        return parse(&files::read_text(Path::new(path))?);
    }
    match LogKey::parse(argument) {
        Ok(key) => Ok(key),
        Err(_) if Path::new(argument).is_file() => parse(&files::read_text(Path::new(argument))?),
        Err(error) => Err(Failure::Config(format!("--key: {error}"))),
    }
}

fn signer(argument: &str) -> Result<PublicKey, Failure> {
    let bytes = parse_hex(argument)
        .ok_or_else(|| Failure::Config("--signer: must be 64 hexadecimal digits".to_owned()))?;
    PublicKey::new(bytes).map_err(|error| Failure::Config(format!("--signer: {error}")))
}

/// An amount in the digits of its currency.
fn amount(minor: u64, currency: u16) -> (String, String) {
    match Currency::from_numeric(currency) {
        Some(known) => {
            let money = Money::new(i128::from(minor), known).to_string();
            (known.alpha().to_owned(), money)
        }
        None => (
            format!("{currency:03}"),
            format!("{minor} minor units of currency {currency:03}"),
        ),
    }
}

fn in_words(receipt: &Receipt, facts: &ReceiptFacts, key: &LogKey, signer_checked: bool) -> FactsJson {
    let record = &receipt.record;
    let (currency, moved) = amount(facts.amount, record.currency.get());
    let (_, asked) = amount(record.amount.get(), record.currency.get());
    let counter = |minor: u64| amount(minor, record.counter_currency.get()).1;
    let got = trade::got(receipt).filter(|_| facts.status == Status::Settled);
    let counters = trade::is_trade(record) || exchange::is_fx(record);
    FactsJson {
        holds: true,
        ledger: facts.ledger.to_string(),
        log: origin(facts.ledger),
        log_key: key.name().to_owned(),
        status: facts.status.name(),
        meaning: facts.status.meaning(),
        submitter: facts.submitter.0,
        debtor: record.debtor.get(),
        creditor: record.creditor.get(),
        currency,
        amount: moved,
        instructed_amount: asked,
        counter_amount: got.map(counter),
        instructed_counter_amount: counters.then(|| counter(record.counter_amount.get())),
        value_date: (record.value_date.get() != 0 && counters).then(|| words::date(record.value_date.get())),
        instruction_id: InstructionId(record.instruction_id).to_string(),
        uetr: Uetr(record.uetr).to_string(),
        time: facts.time.to_text(),
        entry: facts.origin.0,
        record: facts.origin.1,
        cause: facts.cause,
        deferred: facts.deferred,
        tree_size: facts.tree_size,
        signer_checked,
    }
}

fn text(facts: &FactsJson, receipt: &Receipt) -> String {
    let FactsJson { debtor, creditor, .. } = facts;
    let mut out = String::from("The receipt holds.\n\n");
    let settled = facts.status == Status::Settled.name();
    let fx = exchange::is_fx(&receipt.record);
    let amount = match settled {
        true => facts.amount.clone(),
        false if fx => exchange::asks(&receipt.record),
        false => facts.instructed_amount.clone(),
    };
    let paid = if settled { "paid" } else { "did not pay" };
    let against = match (&facts.counter_amount, &facts.instructed_counter_amount) {
        (Some(got), _) if fx => format!(", which received {got}"),
        (None, Some(_)) if fx => String::new(),
        (Some(got), _) => format!(" and got {got}"),
        (None, Some(_)) if settled => " and got its leg of the trade within the tolerance".to_owned(),
        (None, Some(asked)) => format!(" for {asked}"),
        (None, None) => String::new(),
    };
    let sentence = format!("Participant {debtor} {paid} participant {creditor} {amount}{against}.");
    let _ = writeln!(out, "  {sentence}");
    let mut line = |what: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(out, "  {what:<16}{value}");
    };
    line("status", &format!("{}: {}", facts.status, facts.meaning));
    line("when", &facts.time);
    line("instruction", &facts.instruction_id);
    line("UETR", &facts.uetr);
    let batch = &receipt.block;
    let signed = format!("participant {} with its key {}", facts.submitter, batch.key.get());
    line("submitted by", &signed);
    line(
        "signature",
        if facts.signer_checked {
            &"checked with the given signer"
        } else {
            &"not checked: no --signer"
        },
    );
    line(
        "entry",
        &format!(
            "{}, record {} of {}",
            facts.entry,
            facts.record + 1,
            batch.count.get()
        ),
    );
    let outcome = if facts.deferred {
        "a later entry"
    } else {
        "the same entry"
    };
    line("outcome in", &format!("entry {} ({outcome})", facts.cause));
    line(
        "log",
        &format!(
            "{}, {} leaves, checkpoint signed by {}",
            facts.log, facts.tree_size, facts.log_key
        ),
    );
    line("ledger", &facts.ledger);
    out
}
