//! `causeway bank cancel`, `resolve`, `return`: taking a payment back, asking for it, answering, and paying it back.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId};

use super::instruct::{Signing, about, carry_out, with_flags};
use super::lookup::{self, Name};
use crate::Failure;
use crate::client::{Desk, exchange, trade, words};
use crate::cmd::Answer;

const CANCEL_HELP: &str = "\
A payment that waits ends as cancelled. Of a settled one the creditor's bank is asked whether it comes back: the command
prints the id of the question, and the answer comes in the feed.

An unmatched instruction of a trade ends as withdrawn. Of a matched one the other party is asked: both are withdrawn once
it agrees, by `bank resolve`, or asks the same of its own side by this command.

Example:
  causeway bank cancel --config banks/ALFADEFF/bank.toml ID --reason DUPL

Exit codes: 0 cancelled or withdrawn, or asked; 1 refused; 2 wrong usage or configuration; 3 the node does not answer.";

const RESOLVE_HELP: &str = "\
The answer of the creditor's bank to another bank's question. To accept moves nothing: pay it back with `bank return`. Where
it was asked to withdraw from a matched trade, to accept ends both sides of the trade.

Example:
  causeway bank resolve --config banks/BETAFRPP/bank.toml ID --accept

Exit codes: 0 answered, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const RETURN_HELP: &str = "\
Pays back a settled payment that this bank received, whole or in part; it waits and settles like any payment.

Example:
  causeway bank return --config banks/BETAFRPP/bank.toml ID --amount 10.00

Exit codes: 0 settled, or waits; 1 refused; 2 wrong usage or configuration; 3 the node does not answer.";

/// Arguments of `bank cancel`.
#[derive(Debug, clap::Args)]
#[command(after_help = CANCEL_HELP)]
pub struct CancelArgs {
    #[command(flatten)]
    signing: Signing,
    /// Instruction id of the payment or of the own side of a trade, or its UETR with dashes.
    #[arg(value_name = "ID")]
    payment: String,
    /// Why: an ISO 20022 code of up to four letters and digits.
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

/// Arguments of `bank resolve`.
#[derive(Debug, clap::Args)]
#[command(after_help = RESOLVE_HELP)]
pub struct ResolveArgs {
    #[command(flatten)]
    signing: Signing,
    /// Id of the question, or of the other bank's payment or instruction that it is about.
    #[arg(value_name = "ID")]
    question: String,
    /// The money will be returned; of a trade: both sides are withdrawn.
    #[arg(long, required_unless_present = "refuse", conflicts_with = "refuse")]
    accept: bool,
    /// The money does not come back; of a trade: it stands.
    #[arg(long)]
    refuse: bool,
    /// Why: an ISO 20022 code of up to four letters and digits.
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

/// Arguments of `bank return`.
#[derive(Debug, clap::Args)]
#[command(after_help = RETURN_HELP)]
pub struct ReturnArgs {
    #[command(flatten)]
    signing: Signing,
    /// Instruction id of the payment, or its UETR with dashes.
    #[arg(value_name = "ID")]
    payment: String,
    /// Exact decimal amount; all of it if left out.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// Why: an ISO 20022 code of up to four letters and digits.
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

fn id_of(text: &str) -> Result<InstructionId, Failure> {
    words::instruction_id("ID", text)
}

/// The extension that says why.
fn reason(text: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut area = Vec::new();
    if let Some(code) = text {
        if !ExtensionType::Reason.admits(code.as_bytes()) {
            return Err(Failure::Config(
                "--reason: must be 1 to 4 upper-case letters and digits".to_owned(),
            ));
        }
        extension::put(&mut area, 0, ExtensionType::Reason, code.as_bytes());
    }
    Ok(area)
}

fn money(record: &Instruction) -> String {
    words::money(record.amount.get().into(), record.currency.get())
}

/// Cancels a payment, or asks for it.
pub async fn cancel(args: &CancelArgs) -> Result<Answer, Failure> {
    let name = Name::read(&args.payment)?;
    let (id, why) = (args.signing.id()?, reason(args.reason.as_deref())?);
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let (patience, own) = (args.signing.bank.patience(), desk.participant());
    let payment = lookup::named(&desk, patience, name, own, |line| line.submitter == own).await?;
    let original = lookup::own(&desk, patience, payment).await?;
    let original = original
        .ok_or_else(|| lookup::unknown(payment, "only an own payment or side of a trade can be cancelled"))?;
    let record = about(id, Kind::Cancel, payment, &original);
    let creditor = desk.names().await?.of(ParticipantId(original.creditor.get()));
    let what = if trade::is_trade(&original) {
        format!(
            "withdraws from the trade of {} for {} with {creditor}",
            trade::pays(&original),
            trade::gets(&original)
        )
    } else if exchange::is_fx(&original) {
        format!(
            "cancels the FX payment of {} to {creditor}",
            exchange::asks(&original)
        )
    } else {
        format!("cancels the payment of {} to {creditor}", money(&record))
    };
    carry_out(desk, &args.signing.bank, record, why, what).await
}

/// Answers a question.
pub async fn resolve(args: &ResolveArgs) -> Result<Answer, Failure> {
    let question = id_of(&args.question)?;
    let (id, why) = (args.signing.id()?, reason(args.reason.as_deref())?);
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let asked = lookup::question(&desk, question).await?;
    let (asked, traded) =
        asked.ok_or_else(|| lookup::unknown(question, "no bank asked this one about it"))?;
    let record = about(id, Kind::Resolve, asked.id(), &asked);
    let record = with_flags(record, &[(args.refuse, flags::DECLINE)]);
    let debtor = desk.names().await?.of(ParticipantId(asked.debtor.get()));
    let does = if args.refuse { "refuses" } else { "agrees" };
    let what = if traded {
        format!(
            "{does} to withdraw the trade in which {debtor} pays {}",
            money(&record)
        )
    } else {
        format!("{does} to give {} back to {debtor}", money(&record))
    };
    carry_out(desk, &args.signing.bank, record, why, what).await
}

/// Pays a payment back.
pub async fn give_back(args: &ReturnArgs) -> Result<Answer, Failure> {
    let name = Name::read(&args.payment)?;
    let (id, why) = (args.signing.id()?, reason(args.reason.as_deref())?);
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let (patience, own) = (args.signing.bank.patience(), desk.participant());
    let received = |record: &Instruction| record.creditor.get() == own.0;
    let payment = lookup::named(&desk, patience, name, own, |line| received(&line.record)).await?;
    let original = lookup::told(&desk, |record| record.id() == payment && received(record)).await?;
    let original =
        original.ok_or_else(|| lookup::unknown(payment, "only what was received can be returned"))?;
    let mut record = about(id, Kind::Return, payment, &original);
    (record.debtor, record.creditor) = (original.creditor, original.debtor);
    if let Some(text) = &args.amount {
        let code = words::code(original.currency.get());
        record.amount = words::amount("--amount", text, words::currency("--amount", &code)?)?.into();
    }
    let creditor = desk.names().await?.of(ParticipantId(record.creditor.get()));
    let what = format!("returns {} to {creditor}", money(&record));
    carry_out(desk, &args.signing.bank, record, why, what).await
}
