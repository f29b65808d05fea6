//! What a customer's payment says of a conversion: that none is needed, that it was made, or that it is asked for.
//!
//! Where the debtor ordered another currency than settles, a rate says that the sender has converted already: it is the
//! factor from `InstdAmt` to `IntrBkSttlmAmt`, and what settles is what comes out, less charges. Without a rate the
//! ledger is to convert: what settles is fixed, and `InstdAmt` is the most that is paid.

use super::cursor::{Cursor, Result};
use super::definition::Kind;
use super::finding::{Finding, Rule};
use super::message::{Amount, Transaction};
use causeway_fx::{Money, Rate, Rounding, convert};

/// What a transaction says that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The element.
    pub(crate) element: &'static str,
    /// ISO 20022 status reason.
    pub(crate) code: &'static str,
    /// The rule.
    pub(crate) text: String,
}

const ELEMENT_NOT_ALLOWED: &str = "CH17";
const AMOUNT_INVALID: &str = "AM12";

/// Whether the ledger is to convert: the debtor ordered another currency than settles, and nobody has converted.
pub(crate) fn is_asked(one: &Transaction) -> bool {
    one.rate.is_none() && ordered_elsewhere(one).is_some()
}

/// `asked` where the ledger is to convert, `made` where the sender of a customer's payment has; none otherwise.
pub(crate) fn of(kind: Kind, one: &Transaction) -> Option<&'static str> {
    let elsewhere = kind == Kind::CustomerCreditTransfer && ordered_elsewhere(one).is_some();
    elsewhere.then(|| if is_asked(one) { "asked" } else { "made" })
}

/// What the debtor ordered, where that is in another currency than what settles.
pub(crate) fn ordered_elsewhere(one: &Transaction) -> Option<&Amount> {
    let ordered = one.instructed_amount.as_ref()?;
    (ordered.currency != one.amount.currency).then_some(ordered)
}

/// What does not fit, if anything.
pub(crate) fn fault(one: &Transaction) -> Option<Fault> {
    let Some(ordered) = ordered_elsewhere(one) else {
        return one.rate.as_ref().map(|_| Fault {
            element: "XchgRate",
            code: ELEMENT_NOT_ALLOWED,
            text: format!(
                "a rate is allowed only where InstdAmt is in another currency than IntrBkSttlmAmt ({})",
                one.amount.currency
            ),
        });
    };
    match &one.rate {
        Some(rate) if !is_product(one, ordered, rate) => Some(Fault {
            element: "XchgRate",
            code: AMOUNT_INVALID,
            text: mismatch(one, ordered, rate),
        }),
        None if one.agreed_rate.is_some() => Some(Fault {
            element: "AgrdRate",
            code: ELEMENT_NOT_ALLOWED,
            text: "where the ledger is to convert (no XchgRate) it converts at the best firm quote: no rate can be agreed"
                .to_owned(),
        }),
        _ => None,
    }
}

/// The fault of one transaction, where it stands.
pub(super) fn warning(place: &Cursor<'_>, one: &Transaction) -> Result<Option<Finding>> {
    let Some(fault) = fault(one) else {
        return Ok(None);
    };
    let cursor = place.required(fault.element)?;
    Ok(Some(cursor.refuse(Rule::Conversion, fault.text)))
}

fn mismatch(one: &Transaction, ordered: &Amount, rate: &str) -> String {
    let charges = if one.charges.is_empty() {
        ""
    } else {
        ", within the charges of ChrgsInf"
    };
    let inverse = match quoted_the_other_way(one, ordered, rate) {
        true => " (it is the price of the other direction)",
        false => "",
    };
    format!(
        "InstdAmt {} x {rate} must round to IntrBkSttlmAmt {}{charges}{inverse}",
        ordered.money(),
        one.amount.money()
    )
}

/// Whether the order at the rate is what settles, however it was rounded, but for the charges that are named.
fn is_product(one: &Transaction, ordered: &Amount, text: &str) -> bool {
    let Ok(rate) = Rate::parse(text, ordered.currency, one.amount.currency) else {
        return false;
    };
    fits(one, ordered.money(), &rate)
}

/// Whether it would fit as the price of what settles in what was ordered.
fn quoted_the_other_way(one: &Transaction, ordered: &Amount, text: &str) -> bool {
    let rate = Rate::parse(text, one.amount.currency, ordered.currency);
    rate.is_ok_and(|rate| fits(one, ordered.money(), &rate))
}

fn fits(one: &Transaction, ordered: Money, rate: &Rate) -> bool {
    let at = |money: Money, rounding| convert(money, rate, rounding).ok().map(|to| to.money.minor);
    let (Some(low), Some(high)) = (at(ordered, Rounding::Down), at(ordered, Rounding::Up)) else {
        return false;
    };
    // Of a charge in a third currency nobody can say here what it took from the amount.
    let taken = one.charges.iter().map(|charge| {
        let charge = charge.amount.money();
        if charge.currency == one.amount.currency {
            charge.minor
        } else {
            at(charge, Rounding::Up).unwrap_or(0)
        }
    });
    let taken = taken.fold(0_i128, i128::saturating_add);
    let settles = i128::from(one.amount.minor);
    (low.saturating_sub(taken)..=high.saturating_add(taken)).contains(&settles)
}
