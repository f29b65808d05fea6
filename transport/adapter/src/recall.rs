//! Writing what banks ask each other about a payment: camt.056, `FIToFIPmtCxlReq`, and camt.029, `RsltnOfInvstgtn`.

use crate::iso::{Agent, Answer};
use crate::references::References;
use crate::writer::{Check, ReportError, Xml, put_reason};
use std::io;

/// Namespace of a request.
pub const REQUEST_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08";
/// Namespace of an answer.
pub const ANSWER_NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.09";

/// From whom to whom, and about what.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// The message's own id (`Assgnmt/Id`).
    pub message_id: &'a str,
    /// When it was made (`Assgnmt/CreDtTm`).
    pub created: &'a str,
    /// Who asks or answers.
    pub assigner: &'a Agent,
    /// Who is asked or answered.
    pub assignee: &'a Agent,
    /// `CxlId` or `CxlStsId`.
    pub reference: Option<&'a str>,
    /// `Case/Id` or `RslvdCase/Id`, and who opened the case.
    pub case: Option<(&'a str, &'a Agent)>,
    /// The payment.
    pub original: &'a References,
    /// Its amount and currency; both empty where they are not known.
    pub amount: (&'a str, &'a str),
    /// Why: a code, and words.
    pub reason: Option<(&'a str, &'a str)>,
}

/// Writes a request to give a payment back.
///
/// # Errors
/// When a given text does not have the form of its element.
pub fn request(about: &About<'_>) -> Result<String, ReportError> {
    let check = Check("camt.056");
    checked(check, about)?;
    check.finish(REQUEST_NAMESPACE, "FIToFIPmtCxlReq", |xml| {
        assignment(xml, about)?;
        xml.within("Undrlyg", |xml| {
            // The order of elements is that of `PaymentTransaction106`.
            xml.within("TxInf", |xml| {
                xml.optional("CxlId", about.reference)?;
                case(xml, "Case", about)?;
                original(xml, about.original)?;
                xml.optional("OrgnlUETR", about.original.uetr.as_deref())?;
                amount(xml, about)?;
                reason(xml, "CxlRsnInf", about)
            })
        })
    })
}

/// Writes an answer to a request.
///
/// # Errors
/// When a given text does not have the form of its element.
pub fn answer(about: &About<'_>, answer: Answer) -> Result<String, ReportError> {
    let check = Check("camt.029");
    checked(check, about)?;
    check.finish(ANSWER_NAMESPACE, "RsltnOfInvstgtn", |xml| {
        assignment(xml, about)?;
        xml.within("Sts", |xml| xml.leaf("Conf", answer.code()))?;
        xml.within("CxlDtls", |xml| {
            // The order of elements is that of `PaymentTransaction102`.
            xml.within("TxInfAndSts", |xml| {
                xml.optional("CxlStsId", about.reference)?;
                case(xml, "RslvdCase", about)?;
                original(xml, about.original)?;
                xml.optional("OrgnlUETR", about.original.uetr.as_deref())?;
                reason(xml, "CxlStsRsnInf", about)?;
                amount(xml, about)
            })
        })
    })
}

fn checked(check: Check, about: &About<'_>) -> Result<(), ReportError> {
    check.text("Assgnmt/Id", about.message_id, 35)?;
    check.date_time("Assgnmt/CreDtTm", about.created)?;
    if let Some(reference) = about.reference {
        check.text("CxlId", reference, 35)?;
    }
    if let Some((id, _)) = about.case {
        check.text("Case/Id", id, 35)?;
    }
    if let Some((code, _)) = about.reason {
        check.text("Rsn/Cd", code, 4)?;
    }
    for (element, text) in [
        ("OrgnlMsgId", &about.original.message_id),
        ("OrgnlMsgNmId", &about.original.message_type),
        ("OrgnlInstrId", &about.original.instruction_ref),
        ("OrgnlEndToEndId", &about.original.end_to_end_id),
        ("OrgnlTxId", &about.original.transaction_id),
    ] {
        text.as_ref()
            .map_or(Ok(()), |text| check.text(element, text, 35))?;
    }
    let created = about.original.created.as_ref();
    created.map_or(Ok(()), |created| check.date_time("OrgnlCreDtTm", created))
}

fn assignment(xml: &mut Xml, about: &About<'_>) -> io::Result<()> {
    xml.within("Assgnmt", |xml| {
        xml.leaf("Id", about.message_id)?;
        xml.within("Assgnr", |xml| agent(xml, about.assigner))?;
        xml.within("Assgne", |xml| agent(xml, about.assignee))?;
        xml.leaf("CreDtTm", about.created)
    })
}

fn agent(xml: &mut Xml, agent: &Agent) -> io::Result<()> {
    use crate::iso::AgentScheme as Scheme;
    xml.within("Agt", |xml| {
        xml.within("FinInstnId", |xml| match &agent.scheme {
            Scheme::Bic => xml.leaf("BICFI", &agent.id),
            Scheme::Clearing(code) => xml.within("ClrSysMmbId", |xml| {
                if !code.is_empty() {
                    xml.within("ClrSysId", |xml| xml.leaf("Cd", code))?;
                }
                xml.leaf("MmbId", &agent.id)
            }),
            Scheme::Lei => xml.leaf("LEI", &agent.id),
            Scheme::Other => xml.within("Othr", |xml| xml.leaf("Id", &agent.id)),
            Scheme::Name => xml.leaf("Nm", &agent.id),
        })
    })
}

fn case(xml: &mut Xml, name: &str, about: &About<'_>) -> io::Result<()> {
    let Some((id, creator)) = about.case else {
        return Ok(());
    };
    xml.within(name, |xml| {
        xml.leaf("Id", id)?;
        xml.within("Cretr", |xml| agent(xml, creator))
    })
}

fn original(xml: &mut Xml, original: &References) -> io::Result<()> {
    if let (Some(id), Some(definition)) = (&original.message_id, &original.message_type) {
        xml.within("OrgnlGrpInf", |xml| {
            xml.leaf("OrgnlMsgId", id)?;
            xml.leaf("OrgnlMsgNmId", definition)?;
            xml.optional("OrgnlCreDtTm", original.created.as_deref())
        })?;
    }
    xml.optional("OrgnlInstrId", original.instruction_ref.as_deref())?;
    xml.optional("OrgnlEndToEndId", original.end_to_end_id.as_deref())?;
    xml.optional("OrgnlTxId", original.transaction_id.as_deref())
}

fn amount(xml: &mut Xml, about: &About<'_>) -> io::Result<()> {
    let (text, currency) = about.amount;
    if text.is_empty() {
        return Ok(());
    }
    xml.amount("OrgnlIntrBkSttlmAmt", text, currency)
}

fn reason(xml: &mut Xml, name: &str, about: &About<'_>) -> io::Result<()> {
    let Some((code, text)) = about.reason else {
        return Ok(());
    };
    put_reason(xml, name, code, text)
}
