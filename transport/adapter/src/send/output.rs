//! What `send` prints: status reports on standard output and lines for people on standard error, or one JSON
//! document.
use super::report::{self, Report};
use super::submit::Payment;
use super::{Item, Run, SendArgs};
use crate::failure::Failure;
use crate::iso::Finding;
use crate::route::Routes;
use crate::send::Refusal;
use crate::store::{Store, sync_dir, write_whole};
use crate::text::printable;
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
    refused: &'a [Refusal],
    transactions: Vec<PaymentJson<'a>>,
}

#[derive(Serialize)]
struct PaymentJson<'a> {
    index: usize,
    uetr: String,
    instruction_id: String,
    creditor: String,
    currency: &'static str,
    amount: u64,
    amount_text: &'a str,
    status: &'static str,
    iso_status: &'static str,
    reason: Option<String>,
    replayed: bool,
    entry: Option<u64>,
    place: Option<u32>,
    receipt: Option<String>,
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
        let mut path = None;
        if let Some(report) = &item.report {
            path = Some(place(args, report, store)?.display().to_string());
            reports.push(report);
        }
        messages.push(message(item, routes, path));
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
        return Ok(store.report(&report.message_id));
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

fn message<'a>(item: &'a Item, routes: &Routes, pacs002: Option<String>) -> MessageJson<'a> {
    let (payments, refused): (&[Payment], &[Refusal]) = match &item.payments {
        Ok(payments) => (payments, &[]),
        Err(refusals) => (&[], refusals),
    };
    MessageJson {
        file: &item.file,
        r#type: item.message.message_type.to_string(),
        message_id: &item.message.message_id,
        pacs002,
        refused,
        transactions: item
            .message
            .transactions
            .iter()
            .zip(payments)
            .map(|(one, payment)| PaymentJson {
                index: one.index,
                uetr: Uetr(payment.intent.record.uetr).to_string(),
                instruction_id: payment.intent.record.id().to_string(),
                creditor: routes.name(ParticipantId(payment.intent.record.creditor.get())),
                currency: one.amount.currency.alpha(),
                amount: one.amount.minor,
                amount_text: &one.amount.text,
                status: payment.status.map_or("unknown", |status| status.name()),
                iso_status: report::iso_status(payment.status).code(),
                reason: report::reason(payment).map(|reason| format!("{} {}", reason.code, reason.text)),
                replayed: payment.replayed,
                entry: payment.origin.map(|(entry, _)| entry),
                place: payment.origin.map(|(_, place)| place),
                receipt: payment
                    .receipt
                    .as_ref()
                    .map(|kept| kept.path.display().to_string()),
            })
            .collect(),
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
            let reason = one
                .reason
                .as_deref()
                .map(|text| format!(": {text}"))
                .unwrap_or_default();
            let line = format!(
                "  {:>4}  {} {} to {}  {} ({}){known}{reason}",
                one.index, one.amount_text, one.currency, one.creditor, one.status, one.iso_status
            );
            let _ = writeln!(out, "{}", printable(&line));
            if let Some(receipt) = &one.receipt {
                let _ = writeln!(out, "        receipt {}", printable(receipt));
            }
        }
    }
}
