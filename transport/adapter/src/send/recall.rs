//! From a request to cancel, or the answer to one, to the instructions that they are.
use super::plan::{Plan, Rules, SENT_BEFORE, Unplanned};
use super::refusal::Refusal;
use crate::iso::{Agent, Answer, Case, Investigation, Kind};
use crate::references::{Candidate, References, Unclear, choose};
use crate::secret_id;
use crate::store::{Intent, Intents, Question};
use causeway_message::ids::parse_hex;
use causeway_message::record::{Instruction, Kind as RecordKind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use std::collections::BTreeSet;

/// No such payment (`ExternalPaymentCancellationRejection1Code`).
pub(super) const NO_ORIGINAL: &str = "NOOR";
/// In words (the same set).
pub(super) const NARRATIVE: &str = "NARR";

/// Maps a message. What was sent before is sent again as it was.
///
/// # Errors
/// Every reason found; the message is then not sent at all.
pub fn plan(
    rules: &Rules<'_>,
    intents: &Intents,
    file: &str,
    message: &Investigation,
) -> Result<Plan, Unplanned> {
    let mut plan = Plan::default();
    let mut refusals = Vec::new();
    for case in &message.cases {
        match intent(rules, intents, file, message, case) {
            Ok(intent) => plan.intents.push(intent),
            Err(Unplanned::Refused(found)) => refusals.extend(found),
            Err(failed) => return Err(failed),
        }
    }
    for (at, one) in plan.intents.iter().enumerate() {
        let twice = plan
            .intents
            .iter()
            .take(at)
            .any(|other| other.record.related == one.record.related);
        if let Some(case) = message.cases.get(at).filter(|_| twice) {
            let text = "is named twice in this message";
            refusals.push(Refusal::case(case, "OrgnlUETR", Some(NARRATIVE), text));
        }
    }
    if !refusals.is_empty() {
        return Err(Unplanned::Refused(refusals));
    }
    let fresh = plan
        .intents
        .iter()
        .filter(|one| intents.get(one.record.id()).is_none());
    plan.fresh = fresh.cloned().collect();
    Ok(plan)
}

/// The instruction of one case.
fn intent(
    rules: &Rules<'_>,
    intents: &Intents,
    file: &str,
    message: &Investigation,
    case: &Case,
) -> Result<Intent, Unplanned> {
    let message_type = message.message_type.to_string();
    let sent = intents.of_message(&message_type, &message.message_id, case.index);
    let related = sent.map(|sent| InstructionId(sent.record.related));
    let about = match case.answer {
        None => payment(rules, intents, message, case, related)?,
        Some(Answer::Pending) => {
            let text = "the answer is still pending: it resolves nothing and is not sent";
            return Err(Refusal::message("Sts/Conf", None, text).into());
        }
        Some(_) => question(rules, message, case, related)?,
    };
    judge(rules, message, case, &about)?;
    let record = record(rules, message, case, &about);
    let reason = case.reason.as_ref().and_then(|reason| reason.code.clone());
    let creator = case.case_creator.as_ref().or(message.assigner.as_ref());
    let creator = creator.map_or_else(|| rules.routes.name(rules.routes.own()), Agent::to_string);
    let intent = Intent {
        record,
        salt: String::new(),
        clearing_ref: None,
        charges: None,
        reason,
        file: file.to_owned(),
        message_type,
        message_id: message.message_id.clone(),
        transaction: case.index,
        references: about.references,
        case: case.case_id.clone().map(|id| (id, creator)),
        about: about.arrives,
    };
    match sent {
        None => Ok(intent),
        Some(sent) if sent.orders_the_same(&intent) => Ok(sent.clone()),
        Some(_) => {
            let element = if case.answer.is_some() {
                "CxlStsId"
            } else {
                "CxlId"
            };
            Err(Refusal::case(case, element, Some(NARRATIVE), SENT_BEFORE).into())
        }
    }
}

fn is_meant(id: InstructionId, related: Option<InstructionId>) -> bool {
    related.is_none_or(|related| id == related)
}

/// The own payment that a request is about.
fn payment(
    rules: &Rules<'_>,
    intents: &Intents,
    message: &Investigation,
    case: &Case,
    related: Option<InstructionId>,
) -> Result<Candidate, Unplanned> {
    let uetr = case.original.uetr;
    let may_be = |one: &&Intent| {
        one.pays() && uetr.is_none_or(|uetr| uetr == one.record.uetr) && is_meant(one.record.id(), related)
    };
    let paid = intents.all().filter(may_be).map(Intent::candidate).collect();
    let fits = |one: &Candidate| judge(rules, message, case, one).is_ok();
    choose(paid, &case.original, fits)
        .map_err(|unclear| unknown(case, unclear, "payment that this bank sent"))
}

/// The question that an answer is about: by the case that it names, else by the payment; of several about the payment,
/// the one that is still open.
fn question(
    rules: &Rules<'_>,
    message: &Investigation,
    case: &Case,
    related: Option<InstructionId>,
) -> Result<Candidate, Unplanned> {
    let asked = rules.store.questions()?;
    let open = asked.iter().filter(|one| one.is_open());
    let open: BTreeSet<(ParticipantId, InstructionId)> = open.map(Question::key).collect();
    let mut asked: Vec<Candidate> = asked.into_iter().map(Question::candidate).collect();
    asked.retain(|one| is_meant(one.id, related));
    let named = case.case_id.as_deref().and_then(parse_hex).map(InstructionId);
    if let Some(found) = asked.iter().find(|one| Some(one.id) == named) {
        if !case.original.identifies() || found.references.are_meant_by(&case.original) {
            return Ok(found.clone());
        }
        let text = "the case is about another payment";
        return Err(Refusal::case(case, "RslvdCase/Id", Some(NARRATIVE), text).into());
    }
    let fits =
        |one: &Candidate| open.contains(&(one.party, one.id)) && judge(rules, message, case, one).is_ok();
    choose(asked, &case.original, fits)
        .map_err(|unclear| unknown(case, unclear, "question that this bank was asked"))
}

fn unknown(case: &Case, unclear: Unclear, what: &str) -> Unplanned {
    let text = match unclear {
        Unclear::Nothing => format!("names no {what}"),
        Unclear::Several => format!("names more than one {what}: more references are required"),
    };
    Refusal::case(case, "OrgnlUETR", Some(NO_ORIGINAL), text).into()
}

/// What a message says beside the references must be so.
fn judge(rules: &Rules<'_>, message: &Investigation, case: &Case, about: &Candidate) -> Result<(), Refusal> {
    let is = |agent: &Option<Agent>, who: ParticipantId| {
        agent
            .as_ref()
            .is_none_or(|agent| rules.routes.participant(agent) == Some(who))
    };
    let refuse = |element: &str, text| Err(Refusal::message(element, Some(NARRATIVE), text));
    if !is(&message.assigner, rules.routes.own()) {
        let own = rules.routes.name(rules.routes.own());
        return refuse("Assgnmt/Assgnr", format!("is not this bank ({own})"));
    }
    if !is(&message.assignee, about.party) {
        let party = rules.routes.name(about.party);
        return refuse(
            "Assgnmt/Assgne",
            format!("is not the other bank of the payment ({party})"),
        );
    }
    if let Some(stated) = &case.original.amount
        && (stated.currency.numeric, stated.minor) != about.settles()
    {
        let text = "is not what the payment amounted to";
        return Err(Refusal::case(case, "OrgnlIntrBkSttlmAmt", Some(NARRATIVE), text));
    }
    Ok(())
}

fn record(rules: &Rules<'_>, message: &Investigation, case: &Case, about: &Candidate) -> Instruction {
    let own = rules.routes.own();
    let (kind, debtor, creditor) = match message.message_type.kind {
        Kind::Resolution => (RecordKind::Resolve, about.party, own),
        _ => (RecordKind::Cancel, own, about.party),
    };
    let declines = case.answer == Some(Answer::Rejected);
    Instruction {
        kind: kind as u8,
        related: about.id.0,
        flags: if declines { flags::DECLINE } else { 0 }.into(),
        ..Instruction::payment(
            InstructionId(secret_id::derive_case(
                rules.secret,
                message,
                case.index,
                about.id,
            )),
            Uetr(about.uetr),
            debtor,
            creditor,
            about.currency,
            about.amount,
        )
    }
}

/// The references that an answer to the bank's own systems repeats.
pub(super) fn asked_about(case: &Case) -> References {
    References {
        message_id: case.original.message_id.clone(),
        message_type: case.original.message_type.clone(),
        created: case.original.created.clone(),
        instruction_ref: case.original.instruction_ref.clone(),
        end_to_end_id: case.original.end_to_end_id.clone(),
        transaction_id: case.original.transaction_id.clone(),
        uetr: case.original.uetr_text(),
    }
}
