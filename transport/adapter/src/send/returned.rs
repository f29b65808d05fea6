//! From a payment return to its instruction: the payment received that it pays back, with the parties reversed.
use super::plan::{Rules, Unplanned};
use super::refusal::Refusal;
use crate::iso::{Kind, Return, Transaction};
use crate::references::{Candidate, Unclear, choose};
use crate::store::Intent;
use causeway_message::record::{Instruction, Kind as RecordKind, flags};
use causeway_message::{ParticipantId, Status};

/// The record of a return, from one that pays the same parties the same amount.
///
/// A return has the UETR of its payment. So has a second one for the rest, which is therefore marked as no duplicate;
/// the ledger never takes more than what is left.
///
/// # Errors
/// When the payment is not one that this bank received and has from that bank, or it was less.
pub(super) fn record(
    rules: &Rules<'_>,
    payment: Instruction,
    one: &Transaction,
    returned: &Return,
    sent: Option<&Intent>,
) -> Result<Instruction, Unplanned> {
    let mut received = rules.store.received(&returned.original)?;
    // One that was sent before is about the same payment, whatever else came in since.
    received.retain(|one| sent.is_none_or(|sent| sent.record.related == one.id.0));
    let refuse = |element: &str, code: Status, text: String| {
        Refusal::transaction(Kind::PaymentReturn, one.index, element, code.iso_reason(), text)
    };
    let original = choose(received, &returned.original, |original| {
        differs(rules, &payment, one, returned, original).is_none()
    })
    .map_err(|unclear| {
        let text = match unclear {
            Unclear::Nothing => "names no payment that this bank received (`listen` stores them)",
            Unclear::Several => {
                "names more than one payment that this bank received: more references are required"
            }
        };
        refuse("OrgnlUETR", Status::OriginalUnknown, text.to_owned())
    })?;
    if let Some((element, code, text)) = differs(rules, &payment, one, returned, &original) {
        return Err(refuse(element, code, text).into());
    }
    let interbank = if original.interbank { flags::INTERBANK } else { 0 };
    Ok(Instruction {
        kind: RecordKind::Return as u8,
        related: original.id.0,
        uetr: original.uetr,
        flags: (interbank | flags::DUPLICATE).into(),
        ..payment
    })
}

/// What a return does not have in common with its payment, with the status that the ledger gives for it.
fn differs(
    rules: &Rules<'_>,
    payment: &Instruction,
    one: &Transaction,
    returned: &Return,
    original: &Candidate,
) -> Option<(&'static str, Status, String)> {
    if original.arrives.is_some() {
        let text =
            "was converted on its way, and the ledger takes no return of such: pay it back as a payment";
        return Some(("OrgnlUETR", Status::OriginalUnknown, text.to_owned()));
    }
    if ParticipantId(payment.creditor.get()) != original.party {
        let element = if one.instructed_agent.is_some() {
            "InstdAgt"
        } else {
            "RtrChain/CdtrAgt"
        };
        let payer = rules.routes.name(original.party);
        let text = format!("a return goes back to who paid, and that is {payer}");
        return Some((element, Status::OriginalMismatch, text));
    }
    if payment.currency.get() != original.currency {
        let text = "a return is in the currency of its payment".to_owned();
        return Some(("RtrdIntrBkSttlmAmt/@Ccy", Status::OriginalMismatch, text));
    }
    if let Some(stated) = &returned.original.amount
        && (stated.minor, stated.currency.numeric) != (original.amount, original.currency)
    {
        let text = "is not what the payment amounted to".to_owned();
        return Some(("OrgnlIntrBkSttlmAmt", Status::OriginalMismatch, text));
    }
    if payment.amount.get() > original.amount {
        let text = "a return is never more than its payment".to_owned();
        return Some(("RtrdIntrBkSttlmAmt", Status::ReturnExceeds, text));
    }
    None
}
