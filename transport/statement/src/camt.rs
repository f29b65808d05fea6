//! A statement as ISO 20022 camt.053.001.08, a report of the running day as camt.052.001.08.
//!
//! `NtryRef` is the number of the event in the holder's feed and the ordinal of the record, `AcctSvcrRef` the log index of
//! the entry that moved the money: both find the line again.
use std::io;

use causeway_message::posting::{Side, posting_kind};
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;

use crate::model::{Line, Statement};
use crate::xml::{Xml, document};

/// Namespace of a statement.
pub const STATEMENT_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
/// Namespace of a report.
pub const REPORT_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.052.001.08";

/// Most digits of an amount (`ActiveOrHistoricCurrencyAndAmount`).
const DIGITS_MAX: usize = 18;
/// `Max70Text`.
const ACCOUNT_NAME_CHARS: usize = 70;
/// `Max140Text`.
const NAME_CHARS: usize = 140;
/// `Max35Text`.
const REFERENCE_CHARS: usize = 35;

/// Why a statement cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// An amount has more digits than ISO 20022 writes.
    #[error("{element}: {amount} has more than 18 digits")]
    Amount {
        /// The element.
        element: &'static str,
        /// The amount.
        amount: String,
    },
    /// The other message is meant.
    #[error("{0}")]
    Other(&'static str),
    /// The text could not be put together.
    #[error("the message must be writable to memory")]
    Memory,
}

/// Writes the statement of a day that ended: camt.053.
///
/// # Errors
/// If it is a report, or an amount has too many digits.
pub fn camt053(statement: &Statement) -> Result<String, WriteError> {
    if statement.running {
        return Err(WriteError::Other("the day is not over: its report is a camt.052"));
    }
    write(statement, STATEMENT_NAMESPACE, "BkToCstmrStmt", "Stmt", "CLBD")
}

/// Writes a report of the running day: camt.052.
///
/// # Errors
/// If it is a statement, or an amount has too many digits.
pub fn camt052(statement: &Statement) -> Result<String, WriteError> {
    if !statement.running {
        return Err(WriteError::Other("the day is over: its statement is a camt.053"));
    }
    write(statement, REPORT_NAMESPACE, "BkToCstmrAcctRpt", "Rpt", "ITBD")
}

fn write(
    statement: &Statement,
    namespace: &str,
    message: &str,
    body: &str,
    closing: &str,
) -> Result<String, WriteError> {
    for (element, minor) in [("Bal", statement.opening), ("Bal", statement.closing)] {
        judge(statement, element, minor)?;
    }
    for line in &statement.lines {
        judge(statement, "Ntry", line.told.posting.amount.into())?;
    }
    let (id, created) = (statement.id(), statement.to_time.to_text());
    let opened = statement.begins();
    let text = document(namespace, message, |xml| {
        xml.within("GrpHdr", |xml| {
            xml.leaf("MsgId", &id)?;
            xml.leaf("CreDtTm", &created)
        })?;
        xml.within(body, |xml| {
            xml.leaf("Id", &id)?;
            xml.leaf("CreDtTm", &created)?;
            account(xml, statement)?;
            balance(xml, statement, "OPBD", statement.opening, opened)?;
            balance(xml, statement, closing, statement.closing, statement.to_time)?;
            statement
                .lines
                .iter()
                .try_for_each(|line| entry(xml, statement, line))
        })
    });
    text.map_err(|_| WriteError::Memory)
}

fn judge(statement: &Statement, element: &'static str, minor: i128) -> Result<(), WriteError> {
    let amount = statement.money(minor);
    if amount.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_MAX {
        return Ok(());
    }
    Err(WriteError::Amount { element, amount })
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn account(xml: &mut Xml, statement: &Statement) -> io::Result<()> {
    let (holder, code) = (&statement.holder, statement.currency.alpha());
    let book = if holder.account.liability {
        "-LIABILITY"
    } else {
        ""
    };
    xml.within("Acct", |xml| {
        xml.within("Id", |xml| {
            let id = format!("{}-{code}{book}", holder.account.participant);
            xml.within("Othr", |xml| xml.leaf("Id", &id))
        })?;
        xml.leaf("Ccy", code)?;
        xml.leaf("Nm", &cut(&holder.name, ACCOUNT_NAME_CHARS))?;
        xml.within("Ownr", |xml| xml.leaf("Nm", &cut(&holder.name, NAME_CHARS)))
    })
}

fn balance(xml: &mut Xml, statement: &Statement, code: &str, minor: i128, at: Timestamp) -> io::Result<()> {
    let side = if minor < 0 { Side::Debit } else { Side::Credit };
    xml.within("Bal", |xml| {
        xml.within("Tp", |xml| xml.within("CdOrPrtry", |xml| xml.leaf("Cd", code)))?;
        amount(xml, statement, minor)?;
        indicator(xml, side)?;
        xml.within("Dt", |xml| xml.leaf("Dt", &statement.day(at)))
    })
}

/// An amount without its sign, which stands beside it.
fn amount(xml: &mut Xml, statement: &Statement, minor: i128) -> io::Result<()> {
    let money = statement.money(minor);
    let money = money.strip_prefix('-').unwrap_or(&money);
    xml.amount("Amt", money, statement.currency.alpha())
}

fn indicator(xml: &mut Xml, side: Side) -> io::Result<()> {
    let code = match side {
        Side::Credit => "CRDT",
        Side::Debit => "DBIT",
    };
    xml.leaf("CdtDbtInd", code)
}

fn entry(xml: &mut Xml, statement: &Statement, line: &Line) -> io::Result<()> {
    let (told, posting) = (&line.told, &line.told.posting);
    let day = statement.day(told.time);
    let (event, ordinal) = told.place();
    xml.within("Ntry", |xml| {
        xml.leaf("NtryRef", &format!("{event}.{ordinal}"))?;
        amount(xml, statement, posting.amount.into())?;
        indicator(xml, posting.side)?;
        xml.within("Sts", |xml| xml.leaf("Cd", "BOOK"))?;
        xml.within("BookgDt", |xml| xml.leaf("Dt", &day))?;
        xml.within("ValDt", |xml| xml.leaf("Dt", &day))?;
        xml.leaf("AcctSvcrRef", &told.entry.to_string())?;
        code(xml, line)?;
        xml.within("NtryDtls", |xml| {
            xml.within("TxDtls", |xml| details(xml, statement, line))
        })
    })
}

/// What kind of booking it is: by the code list of ISO 20022, and by its name here.
fn code(xml: &mut Xml, line: &Line) -> io::Result<()> {
    let posting = &line.told.posting;
    let trade = [Kind::Pvp, Kind::FxPayment].map(|kind| kind as u8);
    let (domain, family, sub_family) = match (posting.kind, posting.side) {
        (posting_kind::FEE, Side::Debit) => ("ACMT", "MDOP", "CHRG"),
        (posting_kind::FEE, Side::Credit) => ("ACMT", "MCOP", "CHRG"),
        (kind, _) if trade.contains(&kind) => ("FORX", "SPOT", "OTHR"),
        (_, Side::Credit) => ("PMNT", "RCDT", "OTHR"),
        (_, Side::Debit) => ("PMNT", "ICDT", "OTHR"),
    };
    xml.within("BkTxCd", |xml| {
        xml.within("Domn", |xml| {
            xml.leaf("Cd", domain)?;
            xml.within("Fmly", |xml| {
                xml.leaf("Cd", family)?;
                xml.leaf("SubFmlyCd", sub_family)
            })
        })?;
        xml.within("Prtry", |xml| {
            xml.leaf("Cd", line.kind())?;
            xml.leaf("Issr", "CAUSEWAY")
        })
    })
}

fn details(xml: &mut Xml, statement: &Statement, line: &Line) -> io::Result<()> {
    let (told, posting) = (&line.told, &line.told.posting);
    let some = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    xml.within("Refs", |xml| {
        xml.leaf("AcctSvcrRef", &told.entry.to_string())?;
        xml.optional("InstrId", some(line.id()).as_deref())?;
        let reference = some(cut(&line.reference, REFERENCE_CHARS));
        xml.optional("EndToEndId", reference.as_deref())?;
        let uetr = some(line.uetr()).filter(|uetr| is_uuid_v4(uetr));
        xml.optional("UETR", uetr.as_deref())?;
        let (origin, ordinal) = posting.origin;
        xml.leaf("TxId", &format!("{origin}.{ordinal}"))
    })?;
    amount(xml, statement, posting.amount.into())?;
    indicator(xml, posting.side)?;
    let agent = match posting.side {
        Side::Credit => "DbtrAgt",
        Side::Debit => "CdtrAgt",
    };
    xml.within("RltdAgts", |xml| {
        xml.within(agent, |xml| {
            xml.within("FinInstnId", |xml| {
                if is_bic(&line.counterparty) {
                    xml.leaf("BICFI", &line.counterparty)
                } else {
                    xml.leaf("Nm", &cut(&line.counterparty, NAME_CHARS))
                }
            })
        })
    })?;
    xml.within("RltdDts", |xml| xml.leaf("TxDtTm", &told.time.to_text()))
}

/// The form of a BIC (ISO 9362): whether a bank bears it is another question.
fn is_bic(name: &str) -> bool {
    let country = name.as_bytes().get(4..6);
    matches!(name.len(), 8 | 11)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && country.is_some_and(|country| country.iter().all(u8::is_ascii_uppercase))
}

/// `UUIDv4Identifier`, in its usual form.
fn is_uuid_v4(text: &str) -> bool {
    let at = |place: usize| text.as_bytes().get(place).copied().unwrap_or_default();
    at(14) == b'4' && matches!(at(19), b'8' | b'9' | b'a' | b'b')
}
