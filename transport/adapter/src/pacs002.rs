//! Writing the status report of a message: pacs.002.001.10, `FIToFIPmtStsRpt`.

use crate::iso::{Date, Message, Transaction};
use crate::writer::{Check, Xml, put_reason};
use std::io;

pub use crate::writer::ReportError;

/// Namespace of the report.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10";

const CHECK: Check = Check("pacs.002");

/// Status of a transaction (`TxSts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `ACSC`: settled.
    Settled,
    /// `PDNG`: waiting.
    Pending,
    /// `RJCT`: rejected.
    Rejected,
    /// `CANC`: cancelled before it settled.
    Cancelled,
}

const CODES: [(&str, Status); 4] = [
    ("ACSC", Status::Settled),
    ("PDNG", Status::Pending),
    ("RJCT", Status::Rejected),
    ("CANC", Status::Cancelled),
];

impl Status {
    /// The code of the external code set.
    pub fn code(self) -> &'static str {
        let found = CODES.iter().find(|(_, status)| *status == self);
        found.map_or("", |(code, _)| code)
    }

    /// What the ledger's own table says of a status. Without an answer it may have settled or not: until that is
    /// known it is pending.
    pub fn of(status: Option<causeway_message::Status>) -> Status {
        let code = status.map(causeway_message::Status::iso_status);
        let found = CODES.iter().find(|(own, _)| Some(*own) == code);
        found.map_or(Status::Pending, |(_, status)| *status)
    }
}

/// Why a transaction has its status (`StsRsnInf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Code of the external code set, such as `AM04`; one to four characters.
    pub code: String,
    /// In words; longer texts are cut into several elements.
    pub text: String,
}

/// What became of one transaction.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The transaction.
    pub transaction: &'a Transaction,
    /// The UETR it was settled under, in its usual form; that of the message where it has one.
    pub uetr: Option<String>,
    /// Its status.
    pub status: Status,
    /// Why.
    pub reason: Option<Reason>,
    /// When it was accepted for settlement (`ISODateTime`).
    pub accepted: Option<String>,
    /// The date it settled.
    pub settled_on: Option<Date>,
    /// The reference at the system: the log position, at most 35 characters.
    pub clearing_ref: Option<String>,
}

/// Writes the report of a message: `message_id` and `created` are the report's own.
///
/// # Errors
/// When a given text does not have the form of its element.
pub fn write(
    message_id: &str,
    created: &str,
    message: &Message,
    outcomes: &[Outcome<'_>],
) -> Result<String, ReportError> {
    CHECK.text("GrpHdr/MsgId", message_id, 35)?;
    CHECK.date_time("GrpHdr/CreDtTm", created)?;
    for outcome in outcomes {
        if let Some(reason) = &outcome.reason {
            CHECK.text("TxInfAndSts/StsRsnInf/Rsn/Cd", &reason.code, 4)?;
        }
        if let Some(accepted) = &outcome.accepted {
            CHECK.date_time("TxInfAndSts/AccptncDtTm", accepted)?;
        }
        if let Some(reference) = &outcome.clearing_ref {
            CHECK.text("TxInfAndSts/ClrSysRef", reference, 35)?;
        }
    }
    CHECK.finish(NAMESPACE, "FIToFIPmtStsRpt", |xml| {
        xml.within("GrpHdr", |xml| {
            xml.leaf("MsgId", message_id)?;
            xml.leaf("CreDtTm", created)
        })?;
        xml.within("OrgnlGrpInfAndSts", |xml| {
            xml.leaf("OrgnlMsgId", &message.message_id)?;
            xml.leaf("OrgnlMsgNmId", &message.message_type.to_string())?;
            xml.leaf("OrgnlCreDtTm", &message.created)?;
            xml.leaf("OrgnlNbOfTxs", &message.declared_transactions)?;
            xml.optional("GrpSts", group_status(outcomes))
        })?;
        outcomes.iter().try_for_each(|outcome| transaction(xml, outcome))
    })
}

/// One status for the whole message (`GrpSts`), or `PART` where transactions differ.
fn group_status(outcomes: &[Outcome<'_>]) -> Option<&'static str> {
    let first = outcomes.first()?.status;
    let same = outcomes.iter().all(|outcome| outcome.status == first);
    Some(if same { first.code() } else { "PART" })
}

/// The order of elements is that of `PaymentTransaction110`.
fn transaction(xml: &mut Xml, outcome: &Outcome<'_>) -> io::Result<()> {
    let original = outcome.transaction;
    xml.within("TxInfAndSts", |xml| {
        xml.optional("OrgnlInstrId", original.instruction_ref.as_deref())?;
        xml.leaf("OrgnlEndToEndId", &original.end_to_end_id)?;
        xml.optional("OrgnlTxId", original.transaction_id.as_deref())?;
        let uetr = original.uetr_text().or_else(|| outcome.uetr.clone());
        xml.optional("OrgnlUETR", uetr.as_deref())?;
        xml.leaf("TxSts", outcome.status.code())?;
        if let Some(reason) = &outcome.reason {
            put_reason(xml, "StsRsnInf", &reason.code, &reason.text)?;
        }
        xml.optional("AccptncDtTm", outcome.accepted.as_deref())?;
        if let Some(date) = outcome.settled_on {
            xml.within("FctvIntrBkSttlmDt", |xml| xml.leaf("Dt", &date.to_string()))?;
        }
        xml.optional("ClrSysRef", outcome.clearing_ref.as_deref())
    })
}
