//! What `send` prints: status reports on standard output and lines for people on standard error, or one JSON
//! document.
use super::answers::answer_of;
use super::report::{self, Form, Report};
use super::submit::Payment;
use super::{Item, Run, SendArgs};
use crate::exchange::Exchanged;
use crate::failure::Failure;
use crate::iso::{AnyMessage, Finding};
use crate::listen::amount_text;
use crate::pacs002;
use crate::route::Routes;
use crate::send::Refusal;
use crate::store::{Store, sync_dir, write_whole};
use crate::text::printable;
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Uetr};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Serialize)]
struct Document<'a> {
    messages: Vec<MessageJson<'a>>,
    refused_files: Vec<RefusedFile<'a>>,
}

#[derive(Serialize)]
struct RefusedFile<'a> {
    file: &'a str,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct MessageJson<'a> {
    file: &'a str,
    r#type: String,
    message_id: &'a str,
    /// Path of the status report, where one is due.
    pacs002: Option<String>,
    /// Paths of the answers, one for each payment that is asked for.
    camt029: Vec<String>,
    refused: &'a [Refusal],
    transactions: Vec<PaymentJson>,
}

#[derive(Serialize)]
struct PaymentJson {
    index: usize,
    uetr: String,
    instruction_id: String,
    kind: &'static str,
    debtor: String,
    creditor: String,
    currency: String,
    amount: u64,
    amount_text: String,
    /// What arrives for it, where that is in another currency.
    counter_currency: Option<String>,
    counter_amount: Option<u64>,
    counter_amount_text: Option<String>,
    /// What it came to, if it was converted.
    exchange: Option<Exchanged>,
    status: &'static str,
    iso_status: &'static str,
    reason: Option<String>,
    replayed: bool,
    entry: Option<u64>,
    place: Option<u32>,
    receipt: Option<String>,
}

impl PaymentJson {
    /// What arrives, in words; nothing where that is what is paid.
    fn counter(&self) -> String {
        let (Some(text), Some(currency)) = (&self.counter_amount_text, &self.counter_currency) else {
            return String::new();
        };
        match &self.exchange {
            Some(exchange) => format!(" for {text} {currency} ({})", exchange.rates()),
            None => format!(" for {text} {currency}"),
        }
    }
}

/// Prints a run in which nothing could be read.
pub(super) fn print(args: &SendArgs, run: &Run) -> Result<(), Failure> {
    let document = Document {
        messages: Vec::new(),
        refused_files: refused_files(run),
    };
    write(args, run, &document, &[])
}

/// Prints a run.
pub(super) fn print_with(args: &SendArgs, run: &Run, routes: &Routes, store: &Store) -> Result<(), Failure> {
    let mut messages = Vec::new();
    let mut reports = Vec::new();
    for item in &run.items {
        let (mut pacs002, mut camt029) = (None, Vec::new());
        for report in &item.reports {
            let path = place(args, report, store)?.display().to_string();
            match report.form {
                Form::Status => pacs002 = Some(path),
                Form::Answer => camt029.push(path),
            }
            reports.push(report);
        }
        messages.push(message(item, routes, pacs002, camt029, store)?);
    }
    if let Some(dir) = &args.out {
        sync_dir(dir)?;
    }
    let document = Document {
        messages,
        refused_files: refused_files(run),
    };
    write(args, run, &document, &reports)
}

/// Where the report is: in the directory that was asked for, else in the store.
fn place(args: &SendArgs, report: &Report, store: &Store) -> Result<PathBuf, Failure> {
    let Some(dir) = &args.out else {
        return Ok(report.file(store));
    };
    let path = dir.join(format!("{}.xml", report.message_id));
    write_whole(&path, report.text.as_bytes())?;
    Ok(path)
}

fn refused_files(run: &Run) -> Vec<RefusedFile<'_>> {
    run.bad
        .iter()
        .map(|bad| RefusedFile {
            file: &bad.file,
            findings: &bad.findings,
        })
        .collect()
}

fn message<'a>(
    item: &'a Item,
    routes: &Routes,
    pacs002: Option<String>,
    camt029: Vec<String>,
    store: &Store,
) -> Result<MessageJson<'a>, Failure> {
    let (payments, refused): (&[Payment], &[Refusal]) = match &item.payments {
        Ok(payments) => (payments, &[]),
        Err(refusals) => (&[], refusals),
    };
    // Amounts of messages that pay are shown as they are written there.
    let written = |at: usize| match &item.message {
        AnyMessage::Transfer(message) => message.transactions.get(at).map(|one| one.amount.text.clone()),
        AnyMessage::Investigation(_) | AnyMessage::Trade(_) => None,
    };
    let payments = payments.iter().enumerate();
    Ok(MessageJson {
        file: &item.file,
        r#type: item.message.message_type().to_string(),
        message_id: item.message.message_id(),
        pacs002,
        camt029,
        refused,
        transactions: payments
            .map(|(at, payment)| payment_json(payment, routes, store, written(at)))
            .collect::<Result<_, _>>()?,
    })
}

fn payment_json(
    payment: &Payment,
    routes: &Routes,
    store: &Store,
    written: Option<String>,
) -> Result<PaymentJson, Failure> {
    let record = &payment.intent.record;
    let counter = (record.counter_currency.get() != 0)
        .then(|| amount_text(record.counter_amount.get(), record.counter_currency.get()));
    let exchange = match &payment.exchange {
        Some(exchange) => Some(Exchanged::of(exchange, routes)),
        None if payment.intent.converts() => store.kept_exchange(record.id())?,
        None => None,
    };
    let (text, currency) = amount_text(record.amount.get(), record.currency.get());
    Ok(PaymentJson {
        index: payment.intent.transaction,
        uetr: Uetr(record.uetr).to_string(),
        instruction_id: record.id().to_string(),
        kind: Kind::from_number(record.kind).map_or("", Kind::name),
        debtor: routes.name(ParticipantId(record.debtor.get())),
        creditor: routes.name(ParticipantId(record.creditor.get())),
        currency,
        amount: record.amount.get(),
        // Of what is converted the message's amount is the other one.
        amount_text: written.filter(|_| counter.is_none()).unwrap_or(text),
        counter_currency: counter.as_ref().map(|(_, currency)| currency.clone()),
        counter_amount: counter.as_ref().map(|_| record.counter_amount.get()),
        counter_amount_text: counter.map(|(text, _)| text),
        exchange,
        status: payment.status.map_or("unknown", |status| status.name()),
        iso_status: iso_status(payment),
        reason: report::words(payment).map(|reason| format!("{} {}", reason.code, reason.text)),
        replayed: payment.replayed,
        entry: payment.origin.map(|(entry, _)| entry),
        place: payment.origin.map(|(_, place)| place),
        receipt: payment
            .receipt
            .as_ref()
            .map(|kept| kept.path.display().to_string()),
    })
}

/// The code that the report has: of a payment's status, or of the answer to a request.
fn iso_status(payment: &Payment) -> &'static str {
    if payment.intent.record.kind == Kind::Cancel as u8 {
        answer_of(payment.status).code()
    } else {
        pacs002::Status::of(payment.status).code()
    }
}

fn write(args: &SendArgs, run: &Run, document: &Document<'_>, reports: &[&Report]) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = if args.json {
        serde_json::to_writer_pretty(&mut out, document)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        people(run, document);
        let mut reports = reports.iter().filter(|_| args.out.is_none());
        reports.try_for_each(|report| writeln!(out, "{}", report.text))
    };
    match written.and_then(|()| out.flush()) {
        // The reader of a pipe may leave early; what was paid is stored.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Io(format!("the answer cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// What is done with the amount, where that is not to pay it.
const fn what(kind: &'static str) -> &'static str {
    match kind.as_bytes() {
        b"return" => "return of ",
        b"cancel" => "cancellation of ",
        b"resolve" => "answer on ",
        b"pvp" => "trade of ",
        _ => "",
    }
}

/// Lines on standard error. That they may get lost does not matter: the reports say the same.
fn people(run: &Run, document: &Document<'_>) {
    let mut out = io::stderr().lock();
    for bad in &run.bad {
        let _ = writeln!(out, "{}: refused", printable(&bad.file));
        for finding in &bad.findings {
            let _ = writeln!(out, "  {}", printable(&finding.to_string()));
        }
    }
    for message in &document.messages {
        let refused = if message.refused.is_empty() {
            ""
        } else {
            ": refused, nothing of it is sent"
        };
        let name = printable(&format!(
            "{}: {} {}",
            message.file, message.r#type, message.message_id
        ));
        let _ = writeln!(out, "{name}{refused}");
        for refusal in message.refused {
            let _ = writeln!(out, "  {}", printable(&refusal.to_string()));
        }
        for one in &message.transactions {
            let known = if one.replayed { ", as known before" } else { "" };
            let counter = one.counter();
            let reason = one
                .reason
                .as_deref()
                .map(|text| format!(": {text}"))
                .unwrap_or_default();
            let line = format!(
                "  {:>4}  {}{} {}{counter} from {} to {}  {} ({}){known}{reason}",
                one.index,
                what(one.kind),
                one.amount_text,
                one.currency,
                one.debtor,
                one.creditor,
                one.status,
                one.iso_status
            );
            let _ = writeln!(out, "{}", printable(&line));
            if let Some(receipt) = &one.receipt {
                let _ = writeln!(out, "        receipt {}", printable(receipt));
            }
        }
    }
}
