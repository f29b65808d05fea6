//! How returns, requests and answers name the payment that they are about, and why.

use super::cursor::{Cursor, Result};
use super::date::Date;
use super::fields::{self, amount, optional_text35, text_up_to, uetr_text};
use super::message::Amount;

/// The references of a payment, as a later message gives them (`Orgnl…`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Original {
    /// `OrgnlMsgId`.
    pub message_id: Option<String>,
    /// `OrgnlMsgNmId`.
    pub message_type: Option<String>,
    /// `OrgnlCreDtTm`, as written.
    pub created: Option<String>,
    /// `OrgnlInstrId`.
    pub instruction_ref: Option<String>,
    /// `OrgnlEndToEndId`.
    pub end_to_end_id: Option<String>,
    /// `OrgnlTxId`.
    pub transaction_id: Option<String>,
    /// `OrgnlUETR`.
    pub uetr: Option<[u8; 16]>,
    /// `OrgnlIntrBkSttlmAmt`.
    pub amount: Option<Amount>,
    /// `OrgnlIntrBkSttlmDt`.
    pub settlement_date: Option<Date>,
}

impl Original {
    /// Reads what `place` says of the payment; `groups` say it for several, the nearest first.
    pub(crate) fn read(place: &Cursor<'_>, groups: &[Option<Cursor<'_>>]) -> Result<Original> {
        let mut original = Original {
            instruction_ref: optional_text35(place, "OrgnlInstrId")?,
            end_to_end_id: optional_text35(place, "OrgnlEndToEndId")?,
            transaction_id: optional_text35(place, "OrgnlTxId")?,
            uetr: place.optional_as("OrgnlUETR", fields::uetr)?,
            amount: place.optional_as("OrgnlIntrBkSttlmAmt", amount)?,
            settlement_date: place.optional_as("OrgnlIntrBkSttlmDt", fields::date)?,
            ..Original::default()
        };
        if let Some(group) = groups.iter().flatten().next() {
            original.message_id = Some(text_up_to(&group.required("OrgnlMsgId")?, 35)?);
            original.message_type = Some(text_up_to(&group.required("OrgnlMsgNmId")?, 35)?);
            original.created = group.optional_as("OrgnlCreDtTm", fields::date_time)?;
        }
        Ok(original)
    }

    /// The UETR in its usual form.
    pub fn uetr_text(&self) -> Option<String> {
        self.uetr.as_ref().map(uetr_text)
    }

    /// Whether anything in it identifies one payment.
    pub fn identifies(&self) -> bool {
        let of_message = self.instruction_ref.is_some() || self.transaction_id.is_some();
        self.uetr.is_some() || of_message || (self.message_id.is_some() && self.end_to_end_id.is_some())
    }
}

/// Why something is asked, answered or returned (`…RsnInf/Rsn`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `Cd`, as written.
    pub code: Option<String>,
    /// `Prtry`, as written.
    pub proprietary: Option<String>,
}

impl Reason {
    /// The first reason among the elements of this name that holds one.
    pub(crate) fn read(place: &Cursor<'_>, name: &str) -> Result<Option<Reason>> {
        for information in place.list(name) {
            let Some(reason) = information.optional("Rsn")? else {
                continue;
            };
            return Ok(Some(Reason {
                code: reason.optional_as("Cd", external_code)?,
                proprietary: optional_text35(&reason, "Prtry")?,
            }));
        }
        Ok(None)
    }
}

/// A code of an external code set: one to four capital letters and digits.
fn external_code(cursor: &Cursor<'_>) -> Result<String> {
    let text = cursor.text()?;
    if causeway_message::extension::ExtensionType::Reason.admits(text.as_bytes()) {
        return Ok(text.to_owned());
    }
    let rule = "a reason code has 1 to 4 capital letters and digits";
    Err(cursor.refuse(
        super::Rule::Form,
        format!("{}: {rule}", super::finding::quoted(text)),
    ))
}
