//! What a message says about itself as a whole, compared with its transactions.

use super::AnyMessage;
use super::cursor::{Cursor, Result};
use super::definition::Kind;
use super::fields::amount;
use super::finding::{Finding, Rule, quoted};
use super::message::Transaction;
use causeway_fx::format_minor;

/// Digits after the point in which amounts of different currencies are added up.
pub(crate) const SCALE: u8 = 5;

/// Compares `NbOfTxs` with the transactions; a difference is a warning, because the transactions that
/// are there are complete and schemas allow it.
pub(crate) fn transaction_count(group: &Cursor<'_>, count: usize) -> Result<(String, Option<Finding>)> {
    let cursor = group.required("NbOfTxs")?;
    let text = cursor.text()?;
    if text.is_empty() || text.len() > 15 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("{}: a number of transactions has 1 to 15 digits", quoted(text));
        return Err(cursor.refuse(Rule::TransactionCount, message));
    }
    let differs = text.parse::<usize>().ok() != Some(count);
    let warning = differs.then(|| {
        let message = format!("{text} transactions are declared, {count} are in the message");
        cursor.refuse(Rule::TransactionCount, message)
    });
    Ok((text.to_owned(), warning))
}

/// Compares `CtrlSum` and the total of the group, where given, with the settlement amounts.
pub(crate) fn control_totals(group: &Cursor<'_>, total: &str, transactions: &[Transaction]) -> Result<()> {
    if let Some(cursor) = group.optional("CtrlSum")? {
        let text = cursor.text()?;
        let declared = scaled(text).ok_or_else(|| {
            let rule = "a control sum is a decimal number of at most 18 digits";
            cursor.refuse(Rule::ControlTotal, format!("{}: {rule}", quoted(text)))
        })?;
        let sum = sum(transactions, SCALE).filter(|sum| declared == Declared::Exact(*sum));
        if sum.is_none() {
            let message = format!("the control sum {text} is not the sum of the settlement amounts");
            return Err(cursor.refuse(Rule::ControlTotal, message));
        }
    }
    let Some(cursor) = group.optional(total)? else {
        return Ok(());
    };
    let total = amount(&cursor)?;
    if let Some(other) = transactions
        .iter()
        .find(|one| one.amount.currency != total.currency)
    {
        let message = format!(
            "a total in {} requires all transactions in {}: transaction {} is in {}",
            total.currency, total.currency, other.index, other.amount.currency
        );
        return Err(cursor.refuse(Rule::ControlTotal, message));
    }
    let units = total.currency.minor_units;
    let found = sum(transactions, units);
    if found != Some(i128::from(total.minor)) {
        let found = found.map_or_else(|| "too large".to_owned(), |sum| format_minor(sum, units));
        let message = format!(
            "the total is {}, the settlement amounts add up to {found}",
            total.text
        );
        return Err(cursor.refuse(Rule::ControlTotal, message));
    }
    Ok(())
}

/// The sum of all settlement amounts as plain numbers with `scale` digits after the point.
pub(crate) fn sum(transactions: &[Transaction], scale: u8) -> Option<i128> {
    transactions.iter().try_fold(0_i128, |sum, one| {
        let missing = scale.checked_sub(one.amount.currency.minor_units)?;
        let factor = 10_i128.checked_pow(u32::from(missing))?;
        sum.checked_add(i128::from(one.amount.minor).checked_mul(factor)?)
    })
}

/// A declared sum.
#[derive(PartialEq)]
enum Declared {
    /// In units of the fifth digit after the point.
    Exact(i128),
    /// Negative, or with more digits after the point than any currency has: no sum of amounts.
    NoSum,
}

fn scaled(text: &str) -> Option<Declared> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if !all_digits || unsigned.len() <= usize::from(unsigned.contains('.')) {
        return None;
    }
    if whole.len().saturating_add(fraction.len()) > 18 {
        return None;
    }
    if text.starts_with('-') || fraction.len() > usize::from(SCALE) {
        return Some(Declared::NoSum);
    }
    format!("{whole}{fraction:0<width$}", width = usize::from(SCALE))
        .parse()
        .ok()
        .map(Declared::Exact)
}

/// Takes a reference out of a transaction.
type Reference = fn(&Transaction) -> Option<String>;

/// Name and reference.
type Field = (&'static str, Reference);

/// The references of a transfer, and of a return: no message returns the same payment twice.
fn references(kind: Kind) -> [Field; 3] {
    let references: [Reference; 3] = [
        Transaction::uetr_text,
        |one| one.transaction_id.clone(),
        |one| one.instruction_ref.clone(),
    ];
    let names = match kind {
        Kind::PaymentReturn => ["OrgnlUETR", "OrgnlTxId", "RtrId"],
        _ => ["PmtId/UETR", "PmtId/TxId", "PmtId/InstrId"],
    };
    let ([a, b, c], [uetr, id, instruction]) = (names, references);
    [(a, uetr), (b, id), (c, instruction)]
}

/// References that must differ between the transactions of one message.
pub(crate) fn repeated_references(
    body: &Cursor<'_>,
    kind: Kind,
    transactions: &[Transaction],
) -> Vec<Finding> {
    let places = body.list(kind.place());
    let mut findings = Vec::new();
    for (path, reference) in references(kind) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut seen = std::collections::BTreeMap::new();
        for (one, place) in transactions.iter().zip(&places) {
            let Some(value) = reference(one) else { continue };
            let first = *seen.entry(value.clone()).or_insert(one.index);
            if first != one.index {
                let value = quoted(&value);
                let message =
                    format!("{name} {value} is already used by transaction {first} of this message");
                findings.push(place.refuse(Rule::Duplicate, message).at_child(path));
            }
        }
    }
    findings
}

/// Messages of one file that repeat the type and id of an earlier one.
pub(crate) fn repeated_messages(messages: &[AnyMessage]) -> Vec<Finding> {
    let mut seen = std::collections::BTreeSet::new();
    let repeated = messages
        .iter()
        .filter(|one| !seen.insert((one.message_type().to_string(), one.message_id().to_owned())));
    repeated
        .map(|one| {
            let id = quoted(one.message_id());
            let message = format!(
                "{} {id} is in the file twice: a message id identifies",
                one.message_type()
            );
            let element = match one {
                AnyMessage::Transfer(_) => "GrpHdr/MsgId",
                AnyMessage::Investigation(_) => "Assgnmt/Id",
                AnyMessage::Trade(_) => "TradInf/OrgtrRef",
            };
            Finding::new(Rule::Duplicate, element, None, message)
        })
        .collect()
}
