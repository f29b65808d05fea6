//! Status reports: what the bank's own systems are told, one pacs.002 for each message.
use super::refusal::Refusal;
use super::submit::Payment;
use crate::clock::{date_of, now};
use crate::failure::Failure;
use crate::iso::Message;
use crate::pacs002::{self, Outcome, Reason};
use crate::store::{Store, random};
use causeway_message::ids::hex;
use causeway_message::{Status, Uetr};
use std::path::PathBuf;

/// Which message tells what became of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A pacs.002, on payments and returns.
    Status,
    /// A camt.029, on a request to cancel.
    Answer,
}

/// A report that is written.
#[derive(Debug)]
pub struct Report {
    /// Which message it is.
    pub form: Form,
    /// Its own message id; also the name of its file.
    pub message_id: String,
    /// Its text.
    pub text: String,
}

impl Report {
    /// Where it is kept.
    pub fn file(&self, store: &Store) -> PathBuf {
        match self.form {
            Form::Status => store.report(&self.message_id),
            Form::Answer => store.answer(&self.message_id),
        }
    }
}

/// 14 digits of the day and second, 16 random ones: unique among all reports of the bank.
pub(super) fn fresh_id() -> Result<String, Failure> {
    let day = now().to_text().replace(['-', ':', 'T'], "");
    let random = hex(&random::<8>()?);
    Ok(format!("CW{}{random}", day.get(..14).unwrap_or_default()))
}

fn written(message: &Message, outcomes: &[Outcome<'_>]) -> Result<Report, Failure> {
    let message_id = fresh_id()?;
    let text = pacs002::write(&message_id, &now().to_text(), message, outcomes)
        .map_err(|error| Failure::Io(error.to_string()))?;
    Ok(Report {
        form: Form::Status,
        message_id,
        text,
    })
}

/// The report on payments that were sent.
///
/// # Errors
/// When it cannot be written.
pub fn on_payments(message: &Message, payments: &[Payment]) -> Result<Report, Failure> {
    let outcomes: Vec<Outcome<'_>> = message
        .transactions
        .iter()
        .zip(payments)
        .map(|(transaction, payment)| Outcome {
            transaction,
            uetr: Some(Uetr(payment.intent.record.uetr).to_string()),
            status: pacs002::Status::of(payment.status),
            reason: words(payment),
            accepted: payment
                .receipt
                .as_ref()
                .map(|kept| kept.accepted)
                .or(payment.accepted)
                .map(|at| at.to_text()),
            settled_on: payment
                .receipt
                .as_ref()
                .filter(|_| payment.status == Some(Status::Settled))
                .map(|kept| date_of(kept.facts.time)),
            clearing_ref: payment.origin.map(|(entry, place)| format!("{entry}-{place}")),
        })
        .collect();
    written(message, &outcomes)
}

/// The report on a message that was not sent; none if no report is due.
///
/// # Errors
/// When it cannot be written.
pub fn on_refusal(message: &Message, refusals: &[Refusal]) -> Result<Option<Report>, Failure> {
    if refusals.iter().any(|refusal| refusal.code.is_none()) {
        return Ok(None);
    }
    let outcomes: Vec<Outcome<'_>> = message
        .transactions
        .iter()
        .map(|transaction| {
            let concerns =
                |refusal: &&Refusal| refusal.transaction.is_none_or(|index| index == transaction.index);
            let reason = refusals.iter().find(concerns).map_or_else(
                || Reason {
                    code: "NARR".to_owned(),
                    text: "another transaction of the message was refused, and a message is sent whole"
                        .to_owned(),
                },
                |refusal| Reason {
                    code: refusal.code.unwrap_or("NARR").to_owned(),
                    text: format!("{}: {}", refusal.element, refusal.text),
                },
            );
            Outcome {
                transaction,
                uetr: None,
                status: pacs002::Status::Rejected,
                reason: Some(reason),
                accepted: None,
                settled_on: None,
                clearing_ref: None,
            }
        })
        .collect();
    written(message, &outcomes).map(Some)
}

/// Why an instruction has its status; nothing is to be said of one that did what it asked.
pub(super) fn words(payment: &Payment) -> Option<Reason> {
    let Some(status) = payment.status else {
        return Some(Reason {
            code: "NARR".to_owned(),
            text: "not answered in time: send the same message again, it is never paid twice".to_owned(),
        });
    };
    if matches!(status, Status::Settled | Status::Executed) {
        return None;
    }
    let text = match (status, payment.queue) {
        (Status::Queued, place) if place > 0 => format!("{} Place {place} in the queue.", status.meaning()),
        _ => status.meaning().to_owned(),
    };
    let code = match status.iso_reason() {
        "" => "NARR",
        code => code,
    };
    Some(Reason {
        code: code.to_owned(),
        text,
    })
}
