//! Reading a foreign exchange trade instruction (fxtr.014): one side of a trade, payment versus payment.
//!
//! Who submits it is who settles: `SubmitgPty` of each side. Versions 03 to 05 write amounts directly, later ones inside
//! `Amt`; both are read. Of digital tokens, forwards that are not delivered, and trades that are not settled payment
//! versus payment the ledger knows nothing: they are refused.

use super::agent::{Agent, AgentScheme};
use super::cursor::{Cursor, Result};
use super::date::Date;
use super::definition::MessageType;
use super::envelope::Found;
use super::fields::{self, amount, optional_text35, text_up_to};
use super::finding::{Finding, Rule, quoted};
use super::message::Amount;
use causeway_fx::{Currency, Rate, Rounding, convert};

/// One fxtr.014.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Definition and version.
    pub message_type: MessageType,
    /// `TradInf/OrgtrRef`, which identifies the instruction; the message has no other id.
    pub originator_ref: String,
    /// `TradInf/CmonRef`, what both parties call the trade.
    pub common_ref: Option<String>,
    /// `TradInf/TradDt`.
    pub trade_date: Date,
    /// `TradgSdId/SubmitgPty`: whose instruction this is.
    pub trading_side: Agent,
    /// `CtrPtySdId/SubmitgPty`.
    pub counterparty_side: Agent,
    /// `TradAmts/TradgSdSellAmt`, what the trading side pays.
    pub sells: Amount,
    /// `TradAmts/TradgSdBuyAmt`, what it gets.
    pub buys: Amount,
    /// `TradAmts/SttlmDt`.
    pub settlement_date: Date,
    /// `AgrdRate/XchgRate` as written.
    pub rate: String,
    /// `AgrdRate/UnitCcy`, the currency that the rate prices, where given.
    pub unit_currency: Option<&'static Currency>,
}

/// Reads one message of a file.
pub(crate) fn trade(found: &Found<'_>) -> std::result::Result<Trade, Vec<Finding>> {
    read(found).map_err(|finding| vec![finding])
}

fn read(found: &Found<'_>) -> Result<Trade> {
    let body = Cursor::at(found.body);
    let information = body.required("TradInf")?;
    new_and_versus_payment(&body, &information)?;
    let amounts = body.required("TradAmts")?;
    let agreed = body.required("AgrdRate")?;
    let rate_at = agreed.required("XchgRate")?;
    let (sells_at, buys_at) = (
        amounts.required("TradgSdSellAmt")?,
        amounts.required("TradgSdBuyAmt")?,
    );
    let (sells, buys) = (money(&sells_at)?, money(&buys_at)?);
    if sells.currency == buys.currency {
        let rule = format!(
            "both amounts are in {}: a trade exchanges two currencies",
            buys.currency
        );
        return Err(buys_at.refuse(Rule::Currency, rule));
    }
    for (cursor, one) in [(&sells_at, &sells), (&buys_at, &buys)] {
        if one.minor == 0 {
            return Err(cursor.refuse(Rule::Amount, "the amount is zero: something must move"));
        }
    }
    let trade = Trade {
        message_type: found.message_type,
        originator_ref: text_up_to(&information.required("OrgtrRef")?, 35)?,
        common_ref: optional_text35(&information, "CmonRef")?,
        trade_date: fields::date(&information.required("TradDt")?)?,
        trading_side: side(&body, "TradgSdId")?,
        counterparty_side: side(&body, "CtrPtySdId")?,
        settlement_date: fields::date(&amounts.required("SttlmDt")?)?,
        rate: fields::rate(&rate_at)?,
        unit_currency: unit(&agreed, &sells, &buys)?,
        sells,
        buys,
    };
    if trade.rate_fits() {
        Ok(trade)
    } else {
        Err(rate_at.refuse(Rule::Conversion, trade.mismatch()))
    }
}

/// What the ledger has no counterpart for.
fn new_and_versus_payment(body: &Cursor<'_>, information: &Cursor<'_>) -> Result<()> {
    if let Some(operation) = information.optional("OprTp")? {
        let text = operation.text()?;
        if text != "NEWT" {
            let rule = "only new trades (NEWT) are taken: amend or withdraw one at the ledger";
            return Err(operation.refuse(Rule::Form, format!("{}: {rule}", quoted(text))));
        }
    }
    if let Some(indicator) = information.optional("PmtVrssPmtInd")? {
        let text = indicator.text()?;
        if !matches!(text, "true" | "1") {
            let rule = "only trades that settle payment versus payment (true) are taken";
            return Err(indicator.refuse(Rule::Form, format!("{}: {rule}", quoted(text))));
        }
    }
    for (name, rule) in [
        (
            "NDFConds",
            "a forward that is not delivered settles no two amounts",
        ),
        (
            "PstTradEvt",
            "only new trades are taken: amend or withdraw one at the ledger",
        ),
    ] {
        if let Some(cursor) = body.optional(name)? {
            return Err(cursor.refuse(Rule::Form, rule));
        }
    }
    Ok(())
}

/// An amount: the element itself, or its `Amt` from version 05 on.
fn money(cursor: &Cursor<'_>) -> Result<Amount> {
    if let Some(token) = cursor.optional("DgtlTknAmt").ok().flatten() {
        return Err(token.refuse(Rule::Currency, "a digital token is no currency of the ledger"));
    }
    match cursor.optional("Amt").ok().flatten() {
        Some(inner) => amount(&inner),
        None => amount(cursor),
    }
}

/// `UnitCcy`, which with `QtdCcy` must be the currencies of the amounts.
fn unit(agreed: &Cursor<'_>, sells: &Amount, buys: &Amount) -> Result<Option<&'static Currency>> {
    let read = |name: &str| -> Result<Option<(Cursor<'_>, &'static Currency)>> {
        let Some(cursor) = agreed.optional(name)? else {
            return Ok(None);
        };
        let text = cursor.text()?;
        match [sells.currency, buys.currency]
            .into_iter()
            .find(|one| one.alpha() == text)
        {
            Some(currency) => Ok(Some((cursor, currency))),
            None => {
                let rule = format!("must be {} or {}", sells.currency, buys.currency);
                Err(cursor.refuse(Rule::Currency, format!("{}: {rule}", quoted(text))))
            }
        }
    };
    let other = |one: &'static Currency| {
        if one == sells.currency {
            buys.currency
        } else {
            sells.currency
        }
    };
    match (read("UnitCcy")?, read("QtdCcy")?) {
        (Some((_, unit)), Some((cursor, priced_in))) if priced_in == unit => Err(cursor.refuse(
            Rule::Currency,
            format!("must be {}: UnitCcy is {unit}", other(unit)),
        )),
        (Some((_, unit)), _) => Ok(Some(unit)),
        (None, Some((_, priced_in))) => Ok(Some(other(priced_in))),
        (None, None) => Ok(None),
    }
}

/// Who submits the instruction of a side.
fn side(body: &Cursor<'_>, name: &str) -> Result<Agent> {
    let party = body.required(name)?.required("SubmitgPty")?;
    let found = |scheme, id| Ok(Agent { scheme, id });
    if let Some(bic) = party.optional_at(&["AnyBIC", "AnyBIC"])? {
        return super::agent::bic_agent(&bic);
    }
    if let Some(own) = party.optional("PtyId")? {
        if let Some(bic) = own.optional_at(&["AnyBIC", "AnyBIC"])? {
            return super::agent::bic_agent(&bic);
        }
        if let Some(lei) = own.optional("LglNttyIdr")? {
            return super::agent::lei_agent(&lei);
        }
        if let Some(name) = own.optional("PtyNm")? {
            return found(AgentScheme::Name, text_up_to(&name, 34)?);
        }
    }
    if let Some(name) = party.optional_at(&["NmAndAdr", "Nm"])? {
        return found(AgentScheme::Name, text_up_to(&name, 350)?);
    }
    Err(party.refuse(
        Rule::Agent,
        "the party is not identified: AnyBIC, LglNttyIdr, PtyNm or Nm is required",
    ))
}

impl Trade {
    /// Whether the rate leads from one amount to the other, whichever of them was rounded. Without `UnitCcy` it may be
    /// the price of either currency.
    fn rate_fits(&self) -> bool {
        let fits = |unit: &Amount, other: &Amount| {
            let Ok(rate) = Rate::parse(&self.rate, unit.currency, other.currency) else {
                return false;
            };
            let comes_to = |from: &Amount, to: &Amount| {
                let at = |rounding| {
                    convert(from.money(), &rate, rounding)
                        .ok()
                        .map(|to| to.money.minor)
                };
                let (low, high) = (at(Rounding::Down), at(Rounding::Up));
                let to = i128::from(to.minor);
                low.is_some_and(|low| low <= to) && high.is_some_and(|high| to <= high)
            };
            comes_to(unit, other) || comes_to(other, unit)
        };
        let sold = fits(&self.sells, &self.buys);
        let bought = fits(&self.buys, &self.sells);
        match self.unit_currency {
            Some(unit) if unit == self.sells.currency => sold,
            Some(_) => bought,
            None => sold || bought,
        }
    }

    fn mismatch(&self) -> String {
        let unit = self
            .unit_currency
            .map_or_else(String::new, |unit| format!(" as the price of one {unit}"));
        format!(
            "{}{unit} does not lead from {} to {}, within one minor unit of rounding",
            self.rate,
            self.sells.money(),
            self.buys.money()
        )
    }
}
