//! Answers to the bank's own requests to cancel: one camt.029 for each payment that was asked for.
use super::recall::{NARRATIVE, NO_ORIGINAL, asked_about};
use super::refusal::Refusal;
use super::report::{Form, Report, fresh_id, words};
use super::submit::Payment;
use crate::clock::now;
use crate::failure::Failure;
use crate::iso::{Agent, Answer, Case, Investigation};
use crate::listen::amount_text;
use crate::recall::{self, About};
use crate::route::Routes;
use causeway_message::{ParticipantId, Status};

/// What a status of a request says of the payment.
pub fn answer_of(status: Option<Status>) -> Answer {
    match status.map(Status::iso_cancellation) {
        Some("CNCL") => Answer::Accepted,
        Some("RJCR") => Answer::Rejected,
        _ => Answer::Pending,
    }
}

/// The answers to a request that was sent.
///
/// # Errors
/// When one cannot be written.
pub fn on_request(
    message: &Investigation,
    payments: &[Payment],
    routes: &Routes,
) -> Result<Vec<Report>, Failure> {
    let cases = message.cases.iter().zip(payments);
    let written = cases.map(|(case, payment)| {
        let record = &payment.intent.record;
        let party = routes.name(ParticipantId(record.creditor.get()));
        let paid = (record.currency.get(), record.amount.get());
        let (currency, amount) = payment.intent.about.unwrap_or(paid);
        let (amount, currency) = amount_text(amount, currency);
        let answer = answer_of(payment.status);
        let reason = (answer != Answer::Accepted).then(|| words(payment)).flatten();
        let reason = reason.map(|reason| {
            // Status reasons and these are two code sets; this one stands in both.
            let code = if reason.code == NO_ORIGINAL {
                NO_ORIGINAL
            } else {
                NARRATIVE
            };
            (code.to_owned(), reason.text)
        });
        let told = Told {
            answer,
            references: payment.intent.references.clone(),
            amount: (amount, currency),
            reason,
        };
        write(message, case, routes, &party, &told)
    });
    written.collect()
}

/// The answers to a request that was not sent.
///
/// # Errors
/// When one cannot be written.
pub fn on_refusal(
    message: &Investigation,
    refusals: &[Refusal],
    routes: &Routes,
) -> Result<Vec<Report>, Failure> {
    let written = message.cases.iter().map(|case| {
        let concerns = |refusal: &&Refusal| refusal.transaction.is_none_or(|index| index == case.index);
        let reason = refusals.iter().find(concerns).map_or_else(
            || {
                let text = "another case of the message was refused, and a message is sent whole";
                (NARRATIVE.to_owned(), text.to_owned())
            },
            |refusal| {
                let text = format!("{}: {}", refusal.element, refusal.text);
                (refusal.code.unwrap_or(NARRATIVE).to_owned(), text)
            },
        );
        let stated = case.original.amount.as_ref();
        let told = Told {
            answer: Answer::Rejected,
            references: asked_about(case),
            amount: stated.map_or_else(Default::default, |one| {
                (one.text.clone(), one.currency.alpha().to_owned())
            }),
            reason: Some(reason),
        };
        let party = routes.name(routes.own());
        write(message, case, routes, &party, &told)
    });
    written.collect()
}

struct Told {
    answer: Answer,
    references: crate::references::References,
    amount: (String, String),
    reason: Option<(String, String)>,
}

/// Whom the request was addressed to answers it, to whom it came from.
fn write(
    message: &Investigation,
    case: &Case,
    routes: &Routes,
    party: &str,
    told: &Told,
) -> Result<Report, Failure> {
    let (now, message_id) = (now(), fresh_id()?);
    let assigner = message.assignee.clone().unwrap_or_else(|| Agent::named(party));
    let assignee = message.assigner.clone();
    let assignee = assignee.unwrap_or_else(|| Agent::named(&routes.name(routes.own())));
    let creator = case.case_creator.as_ref().unwrap_or(&assignee);
    let (amount, currency) = &told.amount;
    let about = About {
        message_id: &message_id,
        created: &now.to_text(),
        assigner: &assigner,
        assignee: &assignee,
        reference: case.reference.as_deref(),
        case: case.case_id.as_deref().map(|id| (id, creator)),
        original: &told.references,
        amount: (amount, currency),
        reason: told
            .reason
            .as_ref()
            .map(|(code, text)| (code.as_str(), text.as_str())),
    };
    let text = recall::answer(&about, told.answer).map_err(|error| Failure::Io(error.to_string()))?;
    Ok(Report {
        form: Form::Answer,
        message_id,
        text,
    })
}
