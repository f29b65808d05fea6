//! One payment return of a pacs.004: a transfer whose parties are those of the original, reversed.

use super::agent::{Agent, agent};
use super::cursor::{Cursor, Result};
use super::fields::{self, amount, optional_text35};
use super::finding::Rule;
use super::message::{NOT_PROVIDED, Return, Transaction};
use super::original::{Original, Reason};
use super::transfer::{CHARGE_BEARERS, Context, charge, hop_agent, priority, settlement_date};

/// Reads one; `body` is the message's own element.
pub(super) fn transaction(
    context: &Context<'_>,
    body: &Cursor<'_>,
    place: &Cursor<'_>,
    index: usize,
) -> Result<Transaction> {
    let groups = [place.optional("OrgnlGrpInf")?, body.optional("OrgnlGrpInf")?];
    let original = Original::read(place, &groups)?;
    if !original.identifies() {
        let rule = "a return names its payment: OrgnlUETR, OrgnlTxId or OrgnlInstrId is required";
        return Err(place.refuse(Rule::Required, rule).at_child("OrgnlUETR"));
    }
    let mut reason = Reason::read(place, "RtrRsnInf")?;
    if let (None, Some(group)) = (&reason, body.optional("OrgnlGrpInf")?) {
        reason = Reason::read(&group, "RtrRsnInf")?;
    }
    let instructing_agent = hop_agent(context, place, "InstgAgt", "Fr")?;
    let instructed_agent = hop_agent(context, place, "InstdAgt", "To")?;
    let debtor_agent = side(
        place,
        ["DbtrAgt", "Dbtr", "CdtrAgt"],
        instructing_agent.as_ref(),
        "InstgAgt",
    )?;
    let creditor_agent = side(
        place,
        ["CdtrAgt", "Cdtr", "DbtrAgt"],
        instructed_agent.as_ref(),
        "InstdAgt",
    )?;
    let settlement_date = settlement_date(context, place)?;
    Ok(Transaction {
        index,
        instruction_ref: optional_text35(place, "RtrId")?,
        end_to_end_id: original
            .end_to_end_id
            .clone()
            .unwrap_or_else(|| NOT_PROVIDED.to_owned()),
        transaction_id: original.transaction_id.clone(),
        uetr: original.uetr,
        clearing_ref: optional_text35(place, "ClrSysRef")?,
        debtor_agent,
        creditor_agent,
        instructing_agent,
        instructed_agent,
        amount: amount(&place.required("RtrdIntrBkSttlmAmt")?)?,
        settlement_date: settlement_date.map(|date| fields::date(&date)).transpose()?,
        priority: priority(context, place)?,
        instructed_amount: place.optional_as("RtrdInstdAmt", amount)?,
        rate: place.optional_as("XchgRate", fields::rate)?,
        agreed_rate: None,
        charge_bearer: place.optional_as("ChrgBr", |cursor| fields::code(cursor, &CHARGE_BEARERS))?,
        charges: place.list("ChrgsInf").iter().map(charge).collect::<Result<_>>()?,
        returned: Some(Return { original, reason }),
    })
}

/// A side of the return: its agent in the return chain, else the institution itself there, else who stood on the
/// other side of the original, else who stands there on this hop.
fn side(place: &Cursor<'_>, names: [&str; 3], hop: Option<&Agent>, missing: &str) -> Result<Agent> {
    let [own_agent, own, other_agent] = names;
    for path in [
        &["RtrChain", own_agent][..],
        &["RtrChain", own, "Agt"],
        &["OrgnlTxRef", other_agent],
    ] {
        let found = place
            .optional_at(path)?
            .map(|cursor| agent(&cursor))
            .transpose()?
            .flatten();
        if let Some(found) = found {
            return Ok(found);
        }
    }
    hop.cloned().ok_or_else(|| {
        let rule = "who returns to whom is required: here, in the header, or in RtrChain";
        place.refuse(Rule::Required, rule).at_child(missing)
    })
}
