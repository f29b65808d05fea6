//! `causeway bank feed`: what concerns the bank, one line for each event.
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::{Instruction, Kind};
use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, Uetr};
use causeway_transport::client::VerifiedEntry;
use serde::Serialize;
use std::io::{self, Write};

use super::lookup::SILENCE;
use crate::Failure;
use crate::client::exchange::{self, ExchangeJson};
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, trade};
use crate::cmd::Answer;

const HELP: &str = "\
Events are numbered from 1 without gaps; each is proven to stand in the log before it is shown. Without --follow it
ends once nothing new has come for a moment.

Examples:
  causeway bank feed --config banks/BETAFRPP/bank.toml
  causeway bank feed --config banks/BETAFRPP/bank.toml --from 17 --follow --json

Exit codes: 0 shown, 1 refused or not proven, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank feed`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Number of the first event to show.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    from: u64,
    /// Go on until interrupted.
    #[arg(long, conflicts_with = "once")]
    follow: bool,
    /// Show what there is and end; so it is without --follow.
    #[arg(long)]
    once: bool,
}

/// One event in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventJson {
    /// Its number in the feed.
    pub number: u64,
    entry: u64,
    /// When its entry was sequenced.
    pub time: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterparty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter_currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uetr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<String>,
    /// Behind this position, up to and with the next, stand a statement's entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_entry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_entry: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<ExchangeJson>,
    /// In one sentence.
    pub text: String,
}

/// Shows the feed.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let desk = Desk::open(&args.bank, None).await?;
    let mut names = desk.names().await?;
    let mut feed = desk.client.feed(args.from);
    loop {
        let next = async {
            if args.follow {
                return Ok(feed.next().await);
            }
            tokio::time::timeout(SILENCE, feed.next()).await
        };
        let entry = tokio::select! {
            next = next => match next {
                Ok(entry) => entry?,
                Err(_) => break,
            },
            _ = tokio::signal::ctrl_c() => break,
        };
        if entry
            .events()
            .any(|(_, event)| event.kind() == Some(EventKind::Control))
        {
            // Who was registered a moment ago has a name as well.
            names = desk.names().await?;
        }
        if !show(&entry, (desk.participant(), &names), args.bank.json)? {
            break;
        }
    }
    desk.close().await?;
    Ok(Answer::done(String::new()))
}

/// Prints an entry's events; false if nobody reads them any more.
fn show(entry: &VerifiedEntry, own: (ParticipantId, &Names), as_json: bool) -> Result<bool, Failure> {
    let mut out = String::new();
    for (number, event) in entry.events() {
        let line = in_words(number, entry, &event, own);
        if as_json {
            out.push_str(&serde_json::to_string(&line).map_err(|error| Failure::Io(error.to_string()))?);
        } else {
            out.push_str(&format!("{:>8}  {}  {}", line.number, line.time, line.text));
        }
        out.push('\n');
    }
    let mut stdout = io::stdout().lock();
    match stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::Io(format!("the feed cannot be written: {error}"))),
    }
}

/// Puts an event of a participant's own feed in words.
pub fn in_words(
    number: u64,
    entry: &VerifiedEntry,
    event: &Event<'_>,
    (own, names): (ParticipantId, &Names),
) -> EventJson {
    let mut line = EventJson {
        number,
        entry: entry.leaf.index,
        time: entry.leaf.time.to_text(),
        kind: "unknown",
        status: event.status().map(Status::name),
        text: "an event that this version does not know".to_owned(),
        ..EventJson::default()
    };
    match event.kind() {
        Some(EventKind::Payment) => payment(&mut line, event, names),
        Some(EventKind::OwnBatch) => {
            line.kind = "own_batch";
            if let Some((session, number, count)) = event.own_batch() {
                let records = if count == 1 { "record" } else { "records" };
                line.text = format!(
                    "own batch {number} of session {:x} was applied: {count} {records}",
                    session.0
                );
            }
        }
        Some(EventKind::Control) => control(&mut line, event, names),
        Some(EventKind::Fee) => fee(&mut line, event, names),
        Some(EventKind::Exchange) => exchanged(&mut line, event, own, names),
        Some(EventKind::Day) => day(&mut line, event),
        Some(EventKind::Statement) => statement(&mut line, event),
        None => {}
    }
    line
}

fn payment(line: &mut EventJson, event: &Event<'_>, names: &Names) {
    let Some((record, _)) = event.payment() else {
        return;
    };
    if trade::is_trade(record) {
        return side_of_trade(line, event, record, names);
    }
    let currency = record.currency.get();
    let amount = record.amount.get().into();
    let money = words::money(amount, currency);
    let uetr = Uetr(record.uetr).to_string();
    let moved = event.head.amount.get() != 0;
    let waits = event.status().is_some_and(Status::is_transient);
    let (kind, other) = match event.role() {
        Some(Role::Creditor) if moved => ("credit", record.debtor.get()),
        Some(Role::Creditor | Role::Approver) => ("notice", record.debtor.get()),
        _ if moved => ("debit", record.creditor.get()),
        _ if waits => ("waits", record.creditor.get()),
        _ => ("not_paid", record.creditor.get()),
    };
    let amount = if moved {
        event.head.amount.get().into()
    } else {
        amount
    };
    let (other, why) = (
        names.of(ParticipantId(other)),
        event.status().map_or("unknown status", Status::meaning),
    );
    let moves = Kind::from_number(record.kind).is_some_and(Kind::pays) || exchange::is_fx(record);
    let what = match Kind::from_number(record.kind) {
        Some(Kind::FxPayment) => "FX payment",
        known => known.map_or("instruction", Kind::name),
    };
    let money = match moved {
        true => words::money(amount, currency),
        false if exchange::is_fx(record) => exchange::asks(record),
        false => money,
    };
    line.text = match kind {
        "credit" => format!("received {money} from {other}, UETR {uetr}"),
        "debit" => format!("released from the queue: paid {money} to {other}, UETR {uetr}"),
        "notice" => format!("{what} of {money} from {other}, UETR {uetr}: {why}"),
        "waits" => format!("{what} of {money} to {other} waits, UETR {uetr}: {why}"),
        // A request about another instruction pays nothing itself.
        _ if !moves => format!("{what} of {money} to {other}, UETR {uetr}: {why}"),
        _ => format!("did not pay {money} to {other}, UETR {uetr}: {why}"),
    };
    line.kind = kind;
    line.counterparty = Some(other);
    line.amount = Some(words::decimal(amount, currency));
    line.currency = Some(words::code(currency));
    line.instruction_id = Some(record.id().to_string());
    line.uetr = Some(uetr);
}

/// One side of a trade: amounts are what its submitter pays, counter amounts what it gets.
fn side_of_trade(line: &mut EventJson, event: &Event<'_>, record: &Instruction, names: &Names) {
    let settled = event.status() == Some(Status::Settled);
    let waits = event.status().is_some_and(Status::is_transient);
    let why = event.status().map_or("unknown status", Status::meaning);
    let (amount, counter_amount) = if settled {
        (event.head.amount.get(), event.head.counter_amount.get())
    } else {
        (record.amount.get(), record.counter_amount.get())
    };
    let (currency, counter_currency) = (record.currency.get(), record.counter_currency.get());
    let pays = words::money(amount.into(), currency);
    let gets = words::money(counter_amount.into(), counter_currency);
    let (date, uetr) = (
        words::date(record.value_date.get()),
        Uetr(record.uetr).to_string(),
    );
    let (kind, other) = match event.role() {
        Some(Role::Creditor) => ("notice", record.debtor.get()),
        _ if settled => ("trade", record.creditor.get()),
        _ if waits => ("waits", record.creditor.get()),
        _ => ("not_paid", record.creditor.get()),
    };
    let other = names.of(ParticipantId(other));
    line.text = match kind {
        "notice" => format!("{other} says that it pays {pays} for {gets} on {date}, UETR {uetr}: {why}"),
        "trade" => format!("traded with {other}: paid {pays} and got {gets}, UETR {uetr}"),
        "waits" => format!("trade with {other}, {pays} for {gets} on {date}, waits, UETR {uetr}: {why}"),
        _ => format!("did not trade {pays} for {gets} with {other}, UETR {uetr}: {why}"),
    };
    line.kind = kind;
    line.counterparty = Some(other);
    line.amount = Some(words::decimal(amount.into(), currency));
    line.currency = Some(words::code(currency));
    line.counter_amount = Some(words::decimal(counter_amount.into(), counter_currency));
    line.counter_currency = Some(words::code(counter_currency));
    line.value_date = Some(date);
    line.reference = trade::reference_text(record);
    line.instruction_id = Some(record.id().to_string());
    line.uetr = Some(uetr);
}

/// An FX payment that settled, or a lock of quotes: amounts are what this participant paid, counter amounts what it got.
fn exchanged(line: &mut EventJson, event: &Event<'_>, own: ParticipantId, names: &Names) {
    line.kind = "exchange";
    let Some((told, record, _)) = event.exchange() else {
        return;
    };
    let json = ExchangeJson::new(&told, record, names);
    let (from, to) = (record.currency.get(), record.counter_currency.get());
    let uetr = Uetr(record.uetr).to_string();
    let (debtor, creditor) = (
        names.of(ParticipantId(record.debtor.get())),
        names.of(ParticipantId(record.creditor.get())),
    );
    let (paid, received, rates) = (json.paid_text(), json.received_text(), json.rates());
    let lock = exchange::is_lock(record).then(|| exchange::lock_text(&told, event.status()));
    let (pays, gets) = ((told.paid(), from), (told.received(), to));
    let (kind, other, pays, gets) = match (event.role(), &lock) {
        (Some(Role::Provider), lock) => {
            let provided = json.provided_text(&names.of(own));
            let (pays, gets) = exchange::provided(&told, own);
            line.text = match lock {
                Some(lock) => format!("{lock} for {debtor}: {provided}"),
                None => format!("converted for {debtor}, UETR {uetr}: {provided}"),
            };
            ("provided", debtor, pays, gets)
        }
        (Some(Role::Creditor), _) => {
            line.text = format!("received {received} from {debtor}, which paid {paid}, UETR {uetr}");
            ("credit", debtor, gets, pays)
        }
        (_, Some(lock)) => {
            let hops = json
                .hops
                .first()
                .map_or_else(String::new, |hop| hop.provider.clone());
            line.text = format!("{lock}: {received} for {paid}, at {rates}");
            ("lock", hops, pays, gets)
        }
        (_, None) => {
            line.text = format!(
                "paid {paid}, and {creditor} received {received}, at {rates}, fee {} {}, UETR {uetr}",
                json.fee,
                words::code(from)
            );
            ("exchange", creditor, pays, gets)
        }
    };
    line.kind = kind;
    line.counterparty = Some(other);
    line.amount = Some(words::decimal(pays.0.into(), pays.1));
    line.currency = Some(words::code(pays.1));
    line.counter_amount = Some(words::decimal(gets.0.into(), gets.1));
    line.counter_currency = Some(words::code(gets.1));
    line.instruction_id = Some(record.id().to_string());
    line.uetr = Some(uetr);
    line.exchange = Some(json);
}

fn fee(line: &mut EventJson, event: &Event<'_>, names: &Names) {
    line.kind = "fee";
    let Some((payer, collector, currency, _)) = event.fee() else {
        return;
    };
    let amount = event.head.amount.get().into();
    let money = words::money(amount, currency);
    let other = if event.role() == Some(Role::Creditor) {
        payer
    } else {
        collector
    };
    let other = names.of(other);
    line.text = if event.role() == Some(Role::Creditor) {
        format!("collected fees of {money} from {other}")
    } else {
        format!("paid fees of {money} to {other}")
    };
    line.counterparty = Some(other);
    line.amount = Some(words::decimal(amount, currency));
    line.currency = Some(words::code(currency));
}

fn day(line: &mut EventJson, event: &Event<'_>) {
    line.kind = "day";
    let Some(told) = event.day() else {
        return;
    };
    let (currency, date) = (words::code(told.currency), words::date(told.date));
    let money = words::money(told.value, told.currency);
    let count = told.count;
    let what = match told.step {
        DayStep::Opened => "the day is open".to_owned(),
        DayStep::CustomersCutOff => "customers are cut off".to_owned(),
        DayStep::CutOff => "intake stopped".to_owned(),
        DayStep::Closed => "closed, the last netting is over".to_owned(),
        DayStep::Rejected => format!("what waited was rejected: {count}"),
        DayStep::Credit => format!("credit not repaid: {money} of {count} accounts"),
        DayStep::Fees => format!("fees billed: {money} in {count} postings"),
        DayStep::Statements => {
            format!("{count} statements given, {money} in all; the end of the day is done")
        }
        DayStep::Extended => format!("extended to {}", Timestamp::from_seconds(told.at).to_text()),
    };
    line.text = format!("{currency} {date}: {what}");
    line.step = Some(told.step.name());
    line.count = (told.count != 0).then_some(told.count);
    line.amount = (told.value != 0).then(|| words::decimal(told.value, told.currency));
    line.currency = Some(currency);
    line.date = Some(date);
}

fn statement(line: &mut EventJson, event: &Event<'_>) {
    line.kind = "statement";
    let Some(told) = event.statement() else {
        return;
    };
    let (currency, date) = (words::code(told.currency), words::date(told.date));
    let [opening, closing] = [told.opening, told.closing].map(|minor| words::decimal(minor, told.currency));
    let of = if event.role() == Some(Role::Overseer) {
        "liability"
    } else {
        "account"
    };
    line.text = format!(
        "statement of the {currency} {of} for {date}: opening {opening}, closing {closing}, log positions {} to {}",
        told.from.saturating_add(1),
        told.to
    );
    line.currency = Some(currency);
    line.date = Some(date);
    (line.opening, line.closing) = (Some(opening), Some(closing));
    (line.from_entry, line.to_entry) = (Some(told.from), Some(told.to));
}

fn control(line: &mut EventJson, event: &Event<'_>, names: &Names) {
    line.kind = "control";
    let Some((proposer, id, action)) = event.control() else {
        return;
    };
    let sentence = words::action(&action, names);
    let status = event.status().map_or("unknown", Status::name);
    line.text = format!("{status}: {sentence} (proposed by {})", names.of(proposer));
    line.instruction_id = Some(id.to_string());
    line.counterparty = Some(names.of(proposer));
}
