//! `causeway bank status`: what became of an instruction.
use causeway_message::InstructionId;
use causeway_message::wire::{InstructionKey, StatusAnswer};
use serde::Serialize;

use crate::Failure;
use crate::client::{BankArgs, Desk, within, words};
use crate::cmd::Answer;

const HELP: &str = "\
A creditor may ask as well, once the payment is settled: with --submitter the debtor's bank.

Example:
  causeway bank status --config banks/ALFADEFF/bank.toml --id ID

Exit codes: 0 shown, 1 there is no such instruction, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank status`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    #[command(flatten)]
    which: Which,
}

/// Names an instruction.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Instruction id, as `pay` printed it.
    #[arg(long, value_name = "HEX")]
    id: String,
    /// Who submitted it, by name or id; this bank if left out.
    #[arg(long, value_name = "NAME")]
    submitter: Option<String>,
}

impl Which {
    /// The id.
    pub fn id(&self) -> Result<InstructionId, Failure> {
        words::instruction_id("--id", &self.id)
    }

    /// Who submitted it, and the id.
    pub async fn key(&self, desk: &Desk) -> Result<InstructionKey, Failure> {
        let submitter = match &self.submitter {
            Some(name) => desk.names().await?.find("--submitter", name)?,
            None => desk.participant(),
        };
        Ok(InstructionKey {
            submitter,
            id: self.id()?,
        })
    }
}

#[derive(Debug, Serialize)]
struct StatusJson {
    instruction_id: String,
    submitter: u32,
    status: &'static str,
    meaning: &'static str,
    r#final: bool,
    entry: u64,
    record: u16,
    cause: u64,
    after_entry: u64,
}

/// Asks.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    args.which.id()?;
    let desk = Desk::open(&args.bank, None).await?;
    let key = args.which.key(&desk).await?;
    let answer = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.status(key),
    )
    .await??;
    desk.close().await?;
    let StatusAnswer {
        status,
        ordinal,
        entry,
        cause,
        index,
    } = answer;
    if args.bank.json {
        return Answer::json(&StatusJson {
            instruction_id: key.id.to_string(),
            submitter: key.submitter.0,
            status: status.name(),
            meaning: status.meaning(),
            r#final: status.is_final(),
            entry,
            record: ordinal,
            cause,
            after_entry: index,
        });
    }
    let standing = if status.is_final() { "final" } else { "not final" };
    Ok(Answer::done(format!(
        "{} ({standing}): {}\n  instruction {}\n  in log entry {entry}, record {}; its status since entry {cause}\n",
        status.name(),
        status.meaning(),
        key.id,
        ordinal + 1
    )))
}
