//! `causeway bank history`: everything that the own feed tells of one payment, in order, and where it stands now.
use causeway_message::event::Role;
use causeway_message::record::Instruction;
use causeway_message::wire::{HistoryLine, InstructionKey};
use causeway_message::{InstructionId, ParticipantId};
use causeway_transport::ClientError;
use serde::Serialize;

use super::feed::{EventJson, in_words};
use super::lookup::{self, Name, scan};
use crate::Failure;
use crate::client::{BankArgs, Desk, exchange, trade, within, words};
use crate::cmd::Answer;

const HELP: &str = "\
Events are proven to stand in the log; the present status is the node's word. What is about the payment belongs to its
history as well: its cancellation, the answer to it, its returns.

Examples:
  causeway bank history --config banks/ALFADEFF/bank.toml ID
  causeway bank history --config banks/BETAFRPP/bank.toml UETR --json

Exit codes: 0 shown, 1 nothing is known of it, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank history`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Instruction id of the payment, or its UETR with dashes.
    #[arg(value_name = "ID")]
    name: String,
}

#[derive(Debug, Serialize)]
struct HistoryJson {
    instruction_id: Option<String>,
    uetr: Option<String>,
    debtor: Option<String>,
    creditor: Option<String>,
    amount: Option<String>,
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade: Option<TradeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<String>,
    events: Vec<EventJson>,
    status: Option<&'static str>,
    meaning: Option<&'static str>,
    entry: Option<u64>,
    cause: Option<u64>,
}

/// What a trade says beside what its submitter pays.
#[derive(Debug, Serialize)]
struct TradeJson {
    counter_amount: String,
    counter_currency: String,
    value_date: String,
    reference: Option<String>,
}

/// What the feed tells, before it is put together.
#[derive(Default)]
struct Told {
    events: Vec<(Instruction, EventJson)>,
    /// Own batches, by their entry.
    batches: Vec<(u64, EventJson)>,
}

/// Shows the history.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let name = Name::read(&args.name)?;
    let desk = Desk::open(&args.bank, None).await?;
    let names = desk.names().await?;
    let mut told = Told::default();
    scan(&desk, |number, entry, event| {
        let line = || in_words(number, entry, event, (desk.participant(), &names));
        let exchanged = event.exchange().map(|(_, record, _)| *record);
        match (
            event.payment().map(|(record, _)| *record).or(exchanged),
            event.own_batch(),
        ) {
            (Some(record), _) => told.events.push((record, line())),
            (None, Some(_)) => told.batches.push((entry.leaf.index, line())),
            _ => {}
        }
    })
    .await?;
    let lines = match name {
        Name::Uetr(uetr) => lookup::history(&desk, args.bank.patience(), uetr, desk.participant()).await?,
        Name::Id(_) => Vec::new(),
    };
    let payment = payment(&desk, &args.bank, name, &told, &lines).await?;
    let id = payment.map(|record| record.id());
    let key = payment.map(|record| InstructionKey {
        submitter: lookup::submitter(&record),
        id: record.id(),
    });
    let status = match key.or(match name {
        Name::Id(id) => Some(own(&desk, id)),
        Name::Uetr(_) => None,
    }) {
        Some(key) => status(&desk, &args.bank, key).await?,
        None => None,
    };
    let about = |record: &Instruction| {
        name.is(record) || id.is_some_and(|id| Name::Id(id).is(record)) || resolves(record, &told, id)
    };
    let entered = |entry: u64| {
        let mut own = lines.iter().filter(|line| line.role == Role::Submitter);
        status.is_some_and(|known| known.entry == entry) || own.any(|line| line.cause == entry)
    };
    let mut events: Vec<EventJson> = told
        .batches
        .iter()
        .filter(|(entry, _)| entered(*entry))
        .map(|(_, line)| line.clone())
        .collect();
    events.extend(
        told.events
            .iter()
            .filter(|(record, _)| about(record))
            .map(|(_, line)| line.clone()),
    );
    events.sort_by_key(|line| line.number);
    desk.close().await?;
    if events.is_empty() && status.is_none() {
        return Err(Failure::Refused(format!("nothing is known of {}", args.name)));
    }
    let of = |who: u32| names.of(ParticipantId(who));
    let json = HistoryJson {
        instruction_id: id.map(|id| id.to_string()),
        uetr: payment.map(|record| causeway_message::Uetr(record.uetr).to_string()),
        debtor: payment.map(|record| of(record.debtor.get())),
        creditor: payment.map(|record| of(record.creditor.get())),
        amount: payment.map(|record| words::decimal(record.amount.get().into(), record.currency.get())),
        currency: payment.map(|record| words::code(record.currency.get())),
        trade: payment.filter(trade::is_trade).map(|record| TradeJson {
            counter_amount: words::decimal(record.counter_amount.get().into(), record.counter_currency.get()),
            counter_currency: words::code(record.counter_currency.get()),
            value_date: words::date(record.value_date.get()),
            reference: trade::reference_text(&record),
        }),
        asked: payment
            .filter(|record| exchange::is_fx(record) || exchange::is_lock(record))
            .map(|record| exchange::asks(&record)),
        events,
        status: status.map(|known| known.status.name()),
        meaning: status.map(|known| known.status.meaning()),
        entry: status.map(|known| known.entry),
        cause: status.map(|known| known.cause),
    };
    if args.bank.json {
        return Answer::json(&json);
    }
    Ok(Answer::done(text(&json)))
}

fn own(desk: &Desk, id: InstructionId) -> InstructionKey {
    InstructionKey {
        submitter: desk.participant(),
        id,
    }
}

/// The payment that is named: from the feed, or an own one that the feed says nothing of.
async fn payment(
    desk: &Desk,
    bank: &BankArgs,
    name: Name,
    told: &Told,
    lines: &[HistoryLine],
) -> Result<Option<Instruction>, Failure> {
    let meant = |record: &&Instruction| match name {
        Name::Id(id) => record.id() == id || record.uetr == id.0,
        Name::Uetr(uetr) => record.uetr == uetr.0,
    };
    // Both parties of a trade may use one UETR.
    let others = |record: &&Instruction| {
        trade::is_trade(record)
            && record.debtor.get() != desk.participant().0
            && matches!(name, Name::Uetr(_))
    };
    let mut records = told.events.iter().map(|(record, _)| record);
    let found = records.find(|record| meant(record) && !others(record)).copied();
    match (found, name) {
        (Some(record), _) => Ok(Some(record)),
        (None, Name::Id(id)) => lookup::own(desk, bank.patience(), id).await,
        (None, Name::Uetr(_)) => Ok(lookup::payments(lines).pop()),
    }
}

/// True for the answer to a question about the payment.
fn resolves(record: &Instruction, told: &Told, payment: Option<InstructionId>) -> bool {
    let mut questions = told.events.iter().map(|(record, _)| record);
    payment.is_some_and(|payment| {
        questions.any(|question| question.related == payment.0 && record.related == question.instruction_id)
    })
}

async fn status(
    desk: &Desk,
    bank: &BankArgs,
    key: InstructionKey,
) -> Result<Option<causeway_message::wire::StatusAnswer>, Failure> {
    match within(
        bank.patience(),
        "the node did not answer",
        desk.client.status(key),
    )
    .await?
    {
        Ok(known) => Ok(Some(known)),
        Err(ClientError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn text(history: &HistoryJson) -> String {
    let mut out = String::new();
    if let (Some(id), Some(debtor), Some(creditor), Some(amount), Some(currency), Some(uetr)) = (
        &history.instruction_id,
        &history.debtor,
        &history.creditor,
        &history.amount,
        &history.currency,
        &history.uetr,
    ) {
        let against = history.trade.as_ref().map_or_else(String::new, |trade| {
            format!(
                " for {} {} on {}",
                trade.counter_currency, trade.counter_amount, trade.value_date
            )
        });
        let what = history
            .asked
            .clone()
            .unwrap_or_else(|| format!("{currency} {amount}{against}"));
        out.push_str(&format!(
            "{debtor} to {creditor}: {what}\n  instruction {id}\n  UETR        {uetr}\n"
        ));
        if let Some(reference) = history.trade.as_ref().and_then(|trade| trade.reference.as_ref()) {
            out.push_str(&format!("  reference   {reference}\n"));
        }
    }
    for line in &history.events {
        out.push_str(&format!("{:>8}  {}  {}\n", line.number, line.time, line.text));
    }
    if let (Some(status), Some(meaning), Some(entry)) = (history.status, history.meaning, history.entry) {
        let cause = history.cause.unwrap_or(entry);
        out.push_str(&format!(
            "now {status}: {meaning} It came in log entry {entry}; its status since {cause}.\n"
        ));
    }
    out
}
