//! What a message that moves money says about settlement.

use super::agent::Agent;
use super::date::Date;
use super::definition::MessageType;
use super::fields::uetr_text;
use super::finding::Finding;
use super::original::{Original, Reason};
use causeway_fx::{Currency, Money};
use serde::Serialize;

/// What stands for an end-to-end id that nobody gave.
pub(crate) const NOT_PROVIDED: &str = "NOTPROVIDED";

/// An amount, exact and as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The currency.
    pub currency: &'static Currency,
    /// Minor units.
    pub minor: u64,
    /// The number as the message wrote it.
    pub text: String,
}

impl Amount {
    /// The amount as money.
    pub fn money(&self) -> Money {
        Money::new(i128::from(self.minor), self.currency)
    }
}

/// How the agents settle with each other (`SttlmMtd`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SettlementMethod {
    /// On the books of the instructed agent.
    Inda,
    /// On the books of the instructing agent.
    Inga,
    /// By a covering payment: this message announces, another one settles.
    Cove,
    /// Through a clearing system.
    Clrg,
}

/// Who bears the charges (`ChrgBr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChargeBearer {
    /// The debtor.
    Debt,
    /// The creditor.
    Cred,
    /// Each side its own.
    Shar,
    /// As the service level says.
    Slev,
}

/// Settlement priority: `SttlmPrty`, else `InstrPrty`, else normal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// `URGT`.
    Urgent,
    /// `HIGH`.
    High,
    /// `NORM`, or nothing said.
    Normal,
}

/// One charge taken on the way (`ChrgsInf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// How much.
    pub amount: Amount,
    /// Who took it, where identified.
    pub agent: Option<Agent>,
}

/// What a payment pays back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// The payment that comes back.
    pub original: Original,
    /// Why (`RtrRsnInf`).
    pub reason: Option<Reason>,
}

/// One credit transfer of a message, or one return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Place in the message, from 1.
    pub index: usize,
    /// `PmtId/InstrId`; `RtrId` of a return.
    pub instruction_ref: Option<String>,
    /// `PmtId/EndToEndId`; that of the original in a return, `NOTPROVIDED` where it gives none.
    pub end_to_end_id: String,
    /// `PmtId/TxId`; that of the original in a return.
    pub transaction_id: Option<String>,
    /// `PmtId/UETR`; that of the original in a return.
    pub uetr: Option<[u8; 16]>,
    /// `PmtId/ClrSysRef`.
    pub clearing_ref: Option<String>,
    /// See the table of [`crate::iso`].
    pub debtor_agent: Agent,
    /// See the table of [`crate::iso`].
    pub creditor_agent: Agent,
    /// See the table of [`crate::iso`].
    pub instructing_agent: Option<Agent>,
    /// See the table of [`crate::iso`].
    pub instructed_agent: Option<Agent>,
    /// `IntrBkSttlmAmt` or `RtrdIntrBkSttlmAmt`, what settles.
    pub amount: Amount,
    /// `IntrBkSttlmDt` of the transaction, else of the group.
    pub settlement_date: Option<Date>,
    /// Settlement priority.
    pub priority: Priority,
    /// `InstdAmt`, what the debtor ordered; `RtrdInstdAmt` of a return.
    pub instructed_amount: Option<Amount>,
    /// `XchgRate` as written. In a pacs.008 it is the factor from `InstdAmt` to `IntrBkSttlmAmt`.
    pub rate: Option<String>,
    /// `AgrdRate/PreAgrdXchgRate` as written, what the parties agreed on before.
    pub agreed_rate: Option<String>,
    /// `ChrgBr`; a pacs.009 has none, a return may have none.
    pub charge_bearer: Option<ChargeBearer>,
    /// `ChrgsInf`.
    pub charges: Vec<Charge>,
    /// What it pays back, if it is a return.
    pub returned: Option<Return>,
}

impl Transaction {
    /// Whose account is debited on this hop.
    pub fn settlement_debtor(&self) -> &Agent {
        self.instructing_agent.as_ref().unwrap_or(&self.debtor_agent)
    }

    /// Whose account is credited on this hop.
    pub fn settlement_creditor(&self) -> &Agent {
        self.instructed_agent.as_ref().unwrap_or(&self.creditor_agent)
    }

    /// The UETR in its usual form.
    pub fn uetr_text(&self) -> Option<String> {
        self.uetr.as_ref().map(uetr_text)
    }
}

/// One pacs.008, pacs.009 or pacs.004.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Definition and version.
    pub message_type: MessageType,
    /// `GrpHdr/MsgId`.
    pub message_id: String,
    /// `GrpHdr/CreDtTm`, as written.
    pub created: String,
    /// `GrpHdr/NbOfTxs`, as written; may differ from the transactions, which is then a warning.
    pub declared_transactions: String,
    /// `GrpHdr/SttlmInf/SttlmMtd`.
    pub settlement_method: SettlementMethod,
    /// `AppHdr/BizSvc`, which tells an advice (`….adv.…`) from an order.
    pub business_service: Option<String>,
    /// The transactions, in order; at least one.
    pub transactions: Vec<Transaction>,
    /// What is odd but does not change what the transactions say.
    pub warnings: Vec<Finding>,
    /// The message's own document: the whole file if it holds one message, otherwise the message's
    /// element and its header, with the namespace declarations they inherited. It reads back as this message.
    pub document: String,
}

impl Message {
    /// Whether this message only tells of a settlement that another message orders: a payment settled
    /// by a cover (`COVE`), or an advice.
    pub fn is_announcement(&self) -> bool {
        let advice = |service: &String| service.split('.').any(|part| part.eq_ignore_ascii_case("adv"));
        self.settlement_method == SettlementMethod::Cove || self.business_service.as_ref().is_some_and(advice)
    }
}
