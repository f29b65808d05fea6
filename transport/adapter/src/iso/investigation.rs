//! Requests to cancel a payment (camt.056) and the answers to them (camt.029).

use super::agent::{Agent, agent};
use super::cursor::{Cursor, Result};
use super::definition::{Kind, MessageType};
use super::envelope::Found;
use super::fields::{self, optional_text35, text_up_to};
use super::finding::{Finding, Rule, quoted};
use super::limits::FINDINGS_MAX;
use super::original::{Original, Reason};

/// One camt.056 or camt.029.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investigation {
    /// Definition and version.
    pub message_type: MessageType,
    /// `Assgnmt/Id`.
    pub message_id: String,
    /// `Assgnmt/CreDtTm`, as written.
    pub created: String,
    /// `Assgnmt/Assgnr/Agt`: who asks or answers.
    pub assigner: Option<Agent>,
    /// `Assgnmt/Assgne/Agt`: who is asked or answered.
    pub assignee: Option<Agent>,
    /// What it is about, in order; at least one.
    pub cases: Vec<Case>,
}

/// One payment that is asked for, or one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Place in the message, from 1.
    pub index: usize,
    /// Path of its element, from the message's own element down.
    pub place: String,
    /// `CxlId` of a request, `CxlStsId` of an answer.
    pub reference: Option<String>,
    /// `Case/Id` or `RslvdCase/Id`, of the payment or else of the message.
    pub case_id: Option<String>,
    /// `Cretr/Agt` of that case.
    pub case_creator: Option<Agent>,
    /// The payment.
    pub original: Original,
    /// The answer; a request has none.
    pub answer: Option<Answer>,
    /// Why.
    pub reason: Option<Reason>,
}

/// What the creditor's bank says (`ExternalInvestigationExecutionConfirmation1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// `CNCL`: the payment is cancelled, or the money comes back.
    Accepted,
    /// `RJCR`: it does not.
    Rejected,
    /// `PDCR`: that is not decided yet.
    Pending,
}

const ANSWERS: [(&str, Answer); 3] = [
    ("CNCL", Answer::Accepted),
    ("RJCR", Answer::Rejected),
    ("PDCR", Answer::Pending),
];

/// `CancellationIndividualStatus1Code`.
const STATUSES: [(&str, Answer); 3] = [
    ("ACCR", Answer::Accepted),
    ("RJCR", Answer::Rejected),
    ("PDCR", Answer::Pending),
];

impl Answer {
    /// Its code in `Sts/Conf`.
    pub fn code(self) -> &'static str {
        let found = ANSWERS.iter().find(|(_, answer)| *answer == self);
        found.map_or("", |(code, _)| code)
    }
}

/// Reads one message.
pub(super) fn investigation(found: &Found<'_>) -> std::result::Result<Investigation, Vec<Finding>> {
    let one = |finding| vec![finding];
    let body = Cursor::at(found.body);
    let assignment = body.required("Assgnmt").map_err(one)?;
    let answer = match found.message_type.kind {
        Kind::Resolution => Some(confirmed(&body).map_err(one)?),
        _ => None,
    };
    let mut findings = Vec::new();
    let mut cases = Vec::new();
    for (place, group) in places(&body, found.message_type.kind).map_err(one)? {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        match case(&body, &place, group, answer, cases.len().saturating_add(1)) {
            Ok(case) => cases.push(case),
            Err(finding) => findings.push(finding),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    whole(found.message_type, &assignment, cases).map_err(one)
}

fn whole(message_type: MessageType, assignment: &Cursor<'_>, cases: Vec<Case>) -> Result<Investigation> {
    Ok(Investigation {
        message_type,
        message_id: text_up_to(&assignment.required("Id")?, 35)?,
        created: fields::date_time(&assignment.required("CreDtTm")?)?,
        assigner: party(&assignment.required("Assgnr")?)?,
        assignee: party(&assignment.required("Assgne")?)?,
        cases,
    })
}

/// The agent of a `Party40Choice`; somebody who is no agent takes no part in a settlement.
fn party(cursor: &Cursor<'_>) -> Result<Option<Agent>> {
    Ok(cursor.optional_as("Agt", agent)?.flatten())
}

/// The elements of the payments, each with what its group says of the original message.
type Places<'a> = Vec<(Cursor<'a>, Option<Cursor<'a>>)>;

fn places<'a>(body: &Cursor<'a>, kind: Kind) -> Result<Places<'a>> {
    let (group, of_group, name) = match kind {
        Kind::Resolution => ("CxlDtls", "OrgnlGrpInfAndSts", "TxInfAndSts"),
        _ => ("Undrlyg", "OrgnlGrpInfAndCxl", "TxInf"),
    };
    let mut places = Vec::new();
    for group in body.list(group) {
        let original = group.optional(of_group)?;
        let named = group.list(name);
        let whole = original
            .as_ref()
            .map(|cursor| cursor.optional("GrpCxl"))
            .transpose()?;
        if named.is_empty() || whole.flatten().is_some_and(|flag| is_true(&flag)) {
            let rule = "each payment is named by itself: a whole group is not taken at once";
            return Err(group.refuse(Rule::Required, rule).at_child(name));
        }
        places.extend(named.into_iter().map(|place| (place, original.clone())));
    }
    match (places.is_empty(), body.optional("RslvdCase")?) {
        // An answer may name the case alone.
        (true, Some(_)) if kind == Kind::Resolution => Ok(vec![(body.clone(), None)]),
        (true, _) => {
            let rule = "at least one payment is required";
            Err(body.refuse(Rule::Required, rule).at_child(kind.place()))
        }
        (false, _) => Ok(places),
    }
}

fn is_true(cursor: &Cursor<'_>) -> bool {
    cursor.text().is_ok_and(|text| matches!(text, "true" | "1"))
}

/// What the message as a whole answers.
fn confirmed(body: &Cursor<'_>) -> Result<Answer> {
    let status = body.required("Sts")?;
    fields::code(&status.required("Conf")?, &ANSWERS)
}

fn case(
    body: &Cursor<'_>,
    place: &Cursor<'_>,
    group: Option<Cursor<'_>>,
    answer: Option<Answer>,
    index: usize,
) -> Result<Case> {
    let (reference, case, reasons) = match answer {
        Some(_) => ("CxlStsId", "RslvdCase", "CxlStsRsnInf"),
        None => ("CxlId", "Case", "CxlRsnInf"),
    };
    let original = Original::read(place, &[place.optional("OrgnlGrpInf")?, group])?;
    let case = match place.optional(case)? {
        Some(own) => Some(own),
        None => body.optional(case)?,
    };
    if !original.identifies() && (answer.is_none() || case.is_none()) {
        let rule = "the payment is named by OrgnlUETR, OrgnlTxId or OrgnlInstrId";
        return Err(place.refuse(Rule::Required, rule).at_child("OrgnlUETR"));
    }
    if let (Some(whole), Some(own)) = (answer, place.optional("TxCxlSts")?)
        && fields::code(&own, &STATUSES)? != whole
    {
        let rule = format!("{} differs from Sts/Conf {}", quoted(own.text()?), whole.code());
        return Err(own.refuse(Rule::Form, rule));
    }
    Ok(Case {
        index,
        place: place.path().to_owned(),
        reference: optional_text35(place, reference)?,
        case_id: case
            .as_ref()
            .map(|case| text_up_to(&case.required("Id")?, 35))
            .transpose()?,
        case_creator: match &case {
            Some(case) => party(&case.required("Cretr")?)?,
            None => None,
        },
        original,
        answer,
        reason: Reason::read(place, reasons)?,
    })
}
