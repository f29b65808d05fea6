//! `causeway bank explain`: why a payment waits, in a treasurer's words.
use causeway_message::Status;
use causeway_message::reason::Reason;
use causeway_message::time::Timestamp;
use causeway_message::wire::{Explanation, InstructionKey};
use serde::Serialize;

use super::lookup::{self, Name};
use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const HELP: &str = "\
The node says which rule holds the payment, and how much is missing, at one position of the log. Operator, regulator
and screener may ask about any payment or trade, with --submitter.

Example:
  causeway bank explain --config banks/ALFADEFF/bank.toml ID

Exit codes: 0 shown, 1 there is no such instruction, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Instruction id of the payment, or its UETR with dashes.
    #[arg(value_name = "ID")]
    id: String,
    /// Who submitted it, by name or id; this bank if left out.
    #[arg(long, value_name = "NAME")]
    submitter: Option<String>,
}

#[derive(Debug, Serialize)]
struct ObstacleJson {
    instruction_id: String,
    reason: &'static str,
    missing: String,
}

#[derive(Debug, Serialize)]
struct ExplanationJson {
    instruction_id: String,
    status: &'static str,
    reason: &'static str,
    meaning: &'static str,
    class: &'static str,
    currency: String,
    phase: &'static str,
    amount: String,
    missing: String,
    missing_currency: String,
    free: String,
    balance: String,
    cap: String,
    set_aside: String,
    kept: String,
    limit: String,
    used: String,
    ahead: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<ObstacleJson>,
    after_entry: u64,
    text: String,
}

/// Asks.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let name = Name::read(&args.id)?;
    let desk = Desk::open(&args.bank, None).await?;
    let names = desk.names().await?;
    let submitter = match &args.submitter {
        Some(name) => names.find("--submitter", name)?,
        None => desk.participant(),
    };
    let patience = args.bank.patience();
    let id = lookup::named(&desk, patience, name, submitter, |line| {
        line.submitter == submitter
    })
    .await?;
    let key = InstructionKey { submitter, id };
    let asked = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.explain(key),
    );
    let told = asked.await??;
    desk.close().await?;
    let text = sentence(&told, &names);
    if !args.bank.json {
        return Ok(Answer::done(format!("{text}\n")));
    }
    let money = |minor: i128| words::decimal(minor, told.currency);
    Answer::json(&ExplanationJson {
        instruction_id: id.to_string(),
        status: told.status.name(),
        reason: told.reason.name(),
        meaning: told.reason.meaning(),
        class: told.class.name(),
        currency: words::code(told.currency),
        phase: told.phase.name(),
        amount: money(told.amount.into()),
        missing: words::decimal(told.missing, missing_currency(&told)),
        missing_currency: words::code(missing_currency(&told)),
        free: money(told.free),
        balance: money(told.balance),
        cap: money(told.cap.into()),
        set_aside: money(told.set_aside),
        kept: money(told.kept),
        limit: money(told.limit.into()),
        used: money(told.used),
        ahead: told.ahead,
        party: (told.party.0 != 0).then(|| names.of(told.party)),
        until: (told.until != 0).then(|| Timestamp(told.until).to_text()),
        obstacle: told.obstacle.map(|other| ObstacleJson {
            instruction_id: other.id.to_string(),
            reason: other.reason.name(),
            missing: money(other.missing),
        }),
        after_entry: told.index,
        text,
    })
}

/// The currency of what is missing.
const fn missing_currency(told: &Explanation) -> u16 {
    match told.missing_currency {
        0 => told.currency,
        other => other,
    }
}

fn sentence(told: &Explanation, names: &Names) -> String {
    let money = |minor: i128| words::money(minor, told.currency);
    let plain = |minor: i128| words::decimal(minor, told.currency);
    let until = match told.until {
        0 => String::new(),
        at => format!(" until {}", Timestamp(at).to_text()),
    };
    let account = format!(
        "Balance {}, cap {}, set aside {}",
        plain(told.balance),
        plain(told.cap.into()),
        plain(told.set_aside)
    );
    let missing = words::money(told.missing, missing_currency(told));
    let place = match told.ahead {
        0 => "first in its queue".to_owned(),
        n => format!("{n} before it in its queue"),
    };
    let limit = format!(
        "The limit is {}, {} of it in use; {place}.",
        plain(told.limit.into()),
        plain(told.used)
    );
    match told.reason {
        Reason::Nothing => format!("does not wait: {}: {}", told.status.name(), told.status.meaning()),
        Reason::Funds => format!("waits: {missing} more are needed. {account}; {place}."),
        Reason::Reserved => format!(
            "waits: {missing} more are needed. {account}, of it {} reserved for higher classes; {place}.",
            plain(told.kept)
        ),
        Reason::BilateralLimit => format!(
            "waits: the limit against {} is {missing} too small. {limit}",
            names.of(told.party)
        ),
        Reason::MultilateralLimit => {
            format!("waits: the limit against all others is {missing} too small. {limit}")
        }
        Reason::QueueHead => format!(
            "waits: {} stand before it in its queue. The first is {}. {account}.",
            match told.ahead {
                1 => "1 payment".to_owned(),
                n => format!("{n} payments"),
            },
            obstacle(told)
        ),
        Reason::Chain => format!(
            "waits: its chain cannot settle whole. In the way is {}.",
            obstacle(told)
        ),
        Reason::Condition => format!(
            "is set aside{until}: {} wait for the condition.",
            money(told.amount.into())
        ),
        Reason::Answer => format!("waits{until} for the answer of {}.", names.of(told.party)),
        Reason::Unmatched => format!(
            "waits{until} for {}, which has not sent its instruction.",
            names.of(told.party)
        ),
        Reason::ValueDate if told.status == Status::Warehoused => match told.until {
            0 => "waits for its value date.".to_owned(),
            at => format!(
                "waits for its value date: {} opens for it at {}.",
                words::code(told.currency),
                Timestamp(at).to_text()
            ),
        },
        Reason::ValueDate => match told.until {
            0 => "waits until its value date is the business date of both currencies.".to_owned(),
            at => format!(
                "waits until its value date, {}, is the business date of both currencies.",
                words::date(Timestamp(at).days() as u16)
            ),
        },
        Reason::Counterparty => format!(
            "waits: the own leg could settle, that of {} cannot. {account}; {place}.",
            names.of(told.party)
        ),
        Reason::NetPositiveValue => {
            format!("waits: after it the own positions would be worth less than zero. {account}; {place}.")
        }
        Reason::ShortPosition => format!(
            "waits: after it the own position would be {missing} shorter than its limit allows. {account}; {place}."
        ),
        Reason::AggregateShortPosition => format!(
            "waits: after it all own short positions would be more than their limit allows. {account}; {place}."
        ),
        Reason::PayIn => {
            format!("waits: a pay-in deadline was missed: {missing} more are needed. {account}; {place}.")
        }
        Reason::CreditFrozen => format!(
            "waits: {missing} more are needed; the credit line would cover it, but was not repaid when the currency \
             closed. {account}; {place}."
        ),
        Reason::Quote => format!(
            "awaits a quote{until}: no firm quote covers it within its limit, or the other currency is not open."
        ),
        Reason::Gridlock => format!(
            "waits in a gridlock: it and others wait for each other; netting would settle them together. \
             {account}; {place}."
        ),
        Reason::Lock => {
            "is a lock: the providers' money is set aside, and the payment has not come.".to_owned()
        }
        Reason::ParticipantHeld => format!(
            "waits: an order holds {}, or its default is declared.",
            names.of(told.party)
        ),
        Reason::Window => format!("is in a netting window{until}: it waits for that to settle or to fail."),
        Reason::FromTime => format!("waits for its from-time,{until}."),
        other => format!("waits{until}: {}", other.meaning()),
    }
}

fn obstacle(told: &Explanation) -> String {
    let Some(other) = told.obstacle else {
        return "another payment".to_owned();
    };
    let lacks = match other.missing {
        0 => String::new(),
        missing => format!("; {} more are needed", words::money(missing, told.currency)),
    };
    let why = other.reason.meaning().trim_end_matches('.');
    format!("{} ({why}{lacks})", other.id)
}
