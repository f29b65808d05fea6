//! Writing the status report of a message: pacs.002.001.10, `FIToFIPmtStsRpt`.

use crate::iso::{Date, Message, Transaction};
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// Namespace of the report.
pub const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10";

/// `Max105Text` of `AddtlInf`.
const ADDITIONAL_CHARS_MAX: usize = 105;

/// Status of a transaction (`TxSts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `ACSC`: settled.
    Settled,
    /// `PDNG`: waiting.
    Pending,
    /// `RJCT`: rejected.
    Rejected,
}

impl Status {
    /// The code of the external code set.
    pub fn code(self) -> &'static str {
        match self {
            Status::Settled => "ACSC",
            Status::Pending => "PDNG",
            Status::Rejected => "RJCT",
        }
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

/// Why a report cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pacs.002 {element}: {rule}")]
pub struct ReportError {
    /// The element.
    pub element: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
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
    check_text("GrpHdr/MsgId", message_id, 35)?;
    check_date_time("GrpHdr/CreDtTm", created)?;
    for outcome in outcomes {
        if let Some(reason) = &outcome.reason {
            check_text("TxInfAndSts/StsRsnInf/Rsn/Cd", &reason.code, 4)?;
        }
        if let Some(accepted) = &outcome.accepted {
            check_date_time("TxInfAndSts/AccptncDtTm", accepted)?;
        }
        if let Some(reference) = &outcome.clearing_ref {
            check_text("TxInfAndSts/ClrSysRef", reference, 35)?;
        }
    }
    let mut report = Report(Writer::new_with_indent(Vec::new(), b' ', 2));
    report
        .document(message_id, created, message, outcomes)
        .ok()
        .and_then(|()| String::from_utf8(report.0.into_inner()).ok())
        .ok_or(ReportError {
            element: "Document",
            rule: "the report must be writable to memory",
        })
}

fn check_text(element: &'static str, text: &str, chars_max: usize) -> Result<(), ReportError> {
    if text.trim().is_empty() {
        return Err(ReportError {
            element,
            rule: "the text must not be empty",
        });
    }
    if text.chars().count() > chars_max {
        return Err(ReportError {
            element,
            rule: "the text is longer than its ISO 20022 type allows",
        });
    }
    Ok(())
}

fn check_date_time(element: &'static str, text: &str) -> Result<(), ReportError> {
    if crate::iso::is_date_time(text) {
        return Ok(());
    }
    Err(ReportError {
        element,
        rule: "a date and time is YYYY-MM-DDThh:mm:ss with an optional zone",
    })
}

/// One status for the whole message (`GrpSts`), or `PART` where transactions differ.
fn group_status(outcomes: &[Outcome<'_>]) -> Option<&'static str> {
    let first = outcomes.first()?.status;
    let same = outcomes.iter().all(|outcome| outcome.status == first);
    Some(if same { first.code() } else { "PART" })
}

struct Report(Writer<Vec<u8>>);

impl Report {
    fn document(
        &mut self,
        message_id: &str,
        created: &str,
        message: &Message,
        outcomes: &[Outcome<'_>],
    ) -> io::Result<()> {
        self.0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut root = BytesStart::new("Document");
        root.push_attribute(("xmlns", NAMESPACE));
        self.0.write_event(Event::Start(root))?;
        self.within("FIToFIPmtStsRpt", |report| {
            report.within("GrpHdr", |report| {
                report.leaf("MsgId", message_id)?;
                report.leaf("CreDtTm", created)
            })?;
            report.within("OrgnlGrpInfAndSts", |report| {
                report.leaf("OrgnlMsgId", &message.message_id)?;
                report.leaf("OrgnlMsgNmId", &message.message_type.to_string())?;
                report.leaf("OrgnlCreDtTm", &message.created)?;
                report.leaf("OrgnlNbOfTxs", &message.declared_transactions)?;
                report.optional("GrpSts", group_status(outcomes))
            })?;
            outcomes
                .iter()
                .try_for_each(|outcome| report.transaction(outcome))
        })?;
        self.0.write_event(Event::End(BytesEnd::new("Document")))
    }

    /// The order of elements is that of `PaymentTransaction110`.
    fn transaction(&mut self, outcome: &Outcome<'_>) -> io::Result<()> {
        let original = outcome.transaction;
        self.within("TxInfAndSts", |report| {
            report.optional("OrgnlInstrId", original.instruction_ref.as_deref())?;
            report.leaf("OrgnlEndToEndId", &original.end_to_end_id)?;
            report.optional("OrgnlTxId", original.transaction_id.as_deref())?;
            let uetr = original.uetr_text().or_else(|| outcome.uetr.clone());
            report.optional("OrgnlUETR", uetr.as_deref())?;
            report.leaf("TxSts", outcome.status.code())?;
            if let Some(reason) = &outcome.reason {
                report.reason(reason)?;
            }
            report.optional("AccptncDtTm", outcome.accepted.as_deref())?;
            if let Some(date) = outcome.settled_on {
                report.within("FctvIntrBkSttlmDt", |report| report.leaf("Dt", &date.to_string()))?;
            }
            report.optional("ClrSysRef", outcome.clearing_ref.as_deref())
        })
    }

    fn reason(&mut self, reason: &Reason) -> io::Result<()> {
        self.within("StsRsnInf", |report| {
            report.within("Rsn", |report| report.leaf("Cd", &reason.code))?;
            let chars: Vec<char> = reason.text.trim().chars().collect();
            chars
                .chunks(ADDITIONAL_CHARS_MAX)
                .try_for_each(|part| report.leaf("AddtlInf", &part.iter().collect::<String>()))
        })
    }

    fn within(&mut self, name: &str, inside: impl FnOnce(&mut Report) -> io::Result<()>) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn optional(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        text.map_or(Ok(()), |text| self.leaf(name, text))
    }

    /// Escapes what XML gives a meaning, and replaces control characters, which it cannot carry. A carriage return
    /// that is written as it is would be read as a line feed.
    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        let clean: String = text
            .chars()
            .map(|c| if crate::iso::is_xml_char(c) { c } else { ' ' })
            .collect();
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        let escaped = escape(&clean).replace('\r', "&#13;");
        self.0
            .write_event(Event::Text(BytesText::from_escaped(escaped)))?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }
}
