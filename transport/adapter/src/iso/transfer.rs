//! From a message's elements to what it says about settlement.

use super::agent::{Agent, agent, header_party};
use super::cursor::{Cursor, Result};
use super::definition::{Kind, MessageType};
use super::envelope::{Found, Part};
use super::fields::{self, amount, optional_text35, text_up_to};
use super::finding::{Finding, Rule, quoted};
use super::limits::{FINDINGS_MAX, TAG_BYTES_MAX};
use super::message::{Charge, ChargeBearer, Message, Priority, SettlementMethod, Transaction};
use super::{conversion, returned, totals};

const SETTLEMENT_METHODS: [(&str, SettlementMethod); 4] = [
    ("INDA", SettlementMethod::Inda),
    ("INGA", SettlementMethod::Inga),
    ("COVE", SettlementMethod::Cove),
    ("CLRG", SettlementMethod::Clrg),
];

pub(super) const CHARGE_BEARERS: [(&str, ChargeBearer); 4] = [
    ("DEBT", ChargeBearer::Debt),
    ("CRED", ChargeBearer::Cred),
    ("SHAR", ChargeBearer::Shar),
    ("SLEV", ChargeBearer::Slev),
];

const PRIORITIES: [(&str, Priority); 3] = [
    ("URGT", Priority::Urgent),
    ("HIGH", Priority::High),
    ("NORM", Priority::Normal),
];

/// What the group and the header say for all transactions.
pub(super) struct Context<'a> {
    message_type: MessageType,
    pub(super) group: Cursor<'a>,
    header: Option<Cursor<'a>>,
}

/// Reads one message of a file whose text is `text`; `several` if the file holds others.
pub(crate) fn message(
    found: &Found<'_>,
    text: &str,
    several: bool,
) -> std::result::Result<Message, Vec<Finding>> {
    let body = Cursor::at(found.body);
    let one = |finding| vec![finding];
    let group = body.required("GrpHdr").map_err(one)?;
    let header = found.header.as_ref().map(|header| Cursor::at(header.element));
    let context = Context {
        message_type: found.message_type,
        group,
        header,
    };
    let mut transactions = Vec::new();
    let (mut findings, mut warnings) = (Vec::new(), Vec::new());
    let kind = found.message_type.kind;
    let places = body.list(kind.place());
    if places.is_empty() {
        let missing = "at least one transaction is required";
        findings.push(body.refuse(Rule::Required, missing).at_child(kind.place()));
    }
    for (at, place) in places.iter().enumerate() {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        let index = at.saturating_add(1);
        let read = match kind {
            Kind::PaymentReturn => returned::transaction(&context, &body, place, index),
            _ => transaction(&context, place, index),
        };
        if let (Kind::CustomerCreditTransfer, Ok(one)) = (kind, &read) {
            warnings.extend(conversion::warning(place, one).map_err(|finding| vec![finding])?);
        }
        match read {
            Ok(one) => transactions.push(one),
            // What is wrong with the group is found again for each transaction.
            Err(finding) if findings.contains(&finding) => {}
            Err(finding) => findings.push(finding),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    totals::control_totals(&context.group, kind.total(), &transactions).map_err(one)?;
    let repeated = totals::repeated_references(&body, kind, &transactions);
    if !repeated.is_empty() {
        return Err(repeated);
    }
    let document = if several {
        alone(found, text).map_err(one)?
    } else {
        text.to_owned()
    };
    whole(&context, transactions, warnings, document).map_err(one)
}

/// The message around its transactions.
fn whole(
    context: &Context<'_>,
    transactions: Vec<Transaction>,
    mut warnings: Vec<Finding>,
    document: String,
) -> Result<Message> {
    let group = &context.group;
    let (declared_transactions, miscounted) = totals::transaction_count(group, transactions.len())?;
    let settlement = group.required("SttlmInf")?.required("SttlmMtd")?;
    warnings.extend(miscounted);
    let mut business_service = None;
    if let Some(header) = &context.header {
        business_service = optional_text35(header, "BizSvc")?;
        warnings.extend(wrong_definition(header, context.message_type)?);
    }
    Ok(Message {
        message_type: context.message_type,
        message_id: text_up_to(&group.required("MsgId")?, 35)?,
        created: fields::date_time(&group.required("CreDtTm")?)?,
        declared_transactions,
        settlement_method: fields::code(&settlement, &SETTLEMENT_METHODS)?,
        business_service,
        transactions,
        warnings,
        document,
    })
}

/// A header that names another definition than the message's namespace; the namespace counts.
fn wrong_definition(header: &Cursor<'_>, is: MessageType) -> Result<Option<Finding>> {
    let Some(cursor) = header.optional("MsgDefIdr")? else {
        return Ok(None);
    };
    let named = cursor.text()?;
    Ok((named != is.to_string()).then(|| {
        let message = format!("the header names {}, the message is a {is}", quoted(named));
        cursor.refuse(Rule::Header, message)
    }))
}

fn transaction(context: &Context<'_>, place: &Cursor<'_>, index: usize) -> Result<Transaction> {
    let ids = place.required("PmtId")?;
    let customer = context.message_type.kind == Kind::CustomerCreditTransfer;
    let instructing_agent = hop_agent(context, place, "InstgAgt", "Fr")?;
    let instructed_agent = hop_agent(context, place, "InstdAgt", "To")?;
    let debtor = place.required("Dbtr")?;
    let creditor = place.required("Cdtr")?;
    let (debtor_agent, creditor_agent) = if customer {
        (
            required_agent(place, "DbtrAgt")?,
            required_agent(place, "CdtrAgt")?,
        )
    } else {
        (
            institution(place, "DbtrAgt", &debtor, instructing_agent.as_ref())?,
            institution(place, "CdtrAgt", &creditor, instructed_agent.as_ref())?,
        )
    };
    let settlement_date = settlement_date(context, place)?;
    let agreed_rate = place.optional_at(&["AgrdRate", "PreAgrdXchgRate"])?;
    let bearer = if customer {
        Some(place.required("ChrgBr")?)
    } else {
        None
    };
    Ok(Transaction {
        index,
        instruction_ref: optional_text35(&ids, "InstrId")?,
        end_to_end_id: text_up_to(&ids.required("EndToEndId")?, 35)?,
        transaction_id: optional_text35(&ids, "TxId")?,
        uetr: ids.optional_as("UETR", fields::uetr)?,
        clearing_ref: optional_text35(&ids, "ClrSysRef")?,
        debtor_agent,
        creditor_agent,
        instructing_agent,
        instructed_agent,
        amount: amount(&place.required("IntrBkSttlmAmt")?)?,
        settlement_date: settlement_date.map(|date| fields::date(&date)).transpose()?,
        priority: priority(context, place)?,
        instructed_amount: place.optional_as("InstdAmt", amount)?,
        rate: place.optional_as("XchgRate", fields::rate)?,
        agreed_rate: agreed_rate.map(|rate| fields::rate(&rate)).transpose()?,
        charge_bearer: bearer
            .map(|cursor| fields::code(&cursor, &CHARGE_BEARERS))
            .transpose()?,
        charges: place.list("ChrgsInf").iter().map(charge).collect::<Result<_>>()?,
        returned: None,
    })
}

/// Where the settlement date stands: in the transaction, else in the group.
pub(super) fn settlement_date<'a>(context: &Context<'a>, place: &Cursor<'a>) -> Result<Option<Cursor<'a>>> {
    match place.optional("IntrBkSttlmDt")? {
        Some(own) => Ok(Some(own)),
        None => context.group.optional("IntrBkSttlmDt"),
    }
}

pub(super) fn charge(cursor: &Cursor<'_>) -> Result<Charge> {
    Ok(Charge {
        amount: amount(&cursor.required("Amt")?)?,
        agent: agent(&cursor.required("Agt")?)?,
    })
}

pub(super) fn priority(context: &Context<'_>, place: &Cursor<'_>) -> Result<Priority> {
    let mut said = place.optional("SttlmPrty")?;
    for holder in [place, &context.group] {
        if said.is_none() {
            said = holder.optional_at(&["PmtTpInf", "InstrPrty"])?;
        }
    }
    said.map_or(Ok(Priority::Normal), |cursor| fields::code(&cursor, &PRIORITIES))
}

/// The instructing or instructed agent: of the transaction, else of the group, else of the header.
pub(super) fn hop_agent(
    context: &Context<'_>,
    place: &Cursor<'_>,
    name: &str,
    side: &str,
) -> Result<Option<Agent>> {
    for holder in [place, &context.group] {
        if let Some(found) = holder.optional_as(name, agent)?.flatten() {
            return Ok(Some(found));
        }
    }
    let Some(header) = &context.header else {
        return Ok(None);
    };
    Ok(header.optional_as(side, header_party)?.flatten())
}

fn required_agent(place: &Cursor<'_>, name: &str) -> Result<Agent> {
    let cursor = place.required(name)?;
    agent(&cursor)?.ok_or_else(|| unidentified(&cursor))
}

/// The side of a pacs.009: its agent, else the institution itself, else who stands there on this hop.
fn institution(place: &Cursor<'_>, name: &str, own: &Cursor<'_>, hop: Option<&Agent>) -> Result<Agent> {
    if let Some(found) = place.optional_as(name, agent)?.flatten() {
        return Ok(found);
    }
    match agent(own)? {
        Some(found) => Ok(found),
        None => hop.cloned().ok_or_else(|| unidentified(own)),
    }
}

fn unidentified(cursor: &Cursor<'_>) -> Finding {
    cursor.refuse(
        Rule::Agent,
        "the agent is not identified: BICFI, ClrSysMmbId, LEI, Othr or Nm is required",
    )
}

/// A message as a text that stands alone. Its header goes with it: that may name the definition and the hop.
fn alone(found: &Found<'_>, text: &str) -> Result<String> {
    let document = cut_out(&found.document, text)?;
    match &found.header {
        Some(header) => Ok(format!("<BizMsg>{}{document}</BizMsg>", cut_out(header, text)?)),
        None => Ok(document),
    }
}

/// An element with the namespace declarations it inherits.
fn cut_out(part: &Part<'_>, text: &str) -> Result<String> {
    let element = part.element;
    let own = text.get(element.span.clone()).unwrap_or_default();
    let (start, rest) = own
        .split_at_checked(element.written_name_len.saturating_add(1))
        .unwrap_or((own, ""));
    let mut declared = String::new();
    for (prefix, value) in &part.inherited {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let quote = if value.contains('"') { '\'' } else { '"' };
        declared.push_str(&format!(" xmlns{colon}{prefix}={quote}{value}{quote}"));
    }
    if !declared.is_empty() && declared.len().saturating_add(element.tag_len) > TAG_BYTES_MAX {
        let message = format!(
            "with the namespace declarations it inherits the tag is longer than {TAG_BYTES_MAX} bytes"
        );
        return Err(Cursor::at(element).refuse(Rule::Limit, message));
    }
    Ok(format!("{start}{declared}{rest}"))
}
