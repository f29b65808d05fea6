//! What a message says about settlement.

use super::agent::Agent;
use super::date::Date;
use super::fields::uetr_text;
use super::finding::Finding;
use causeway_fx::{Currency, Money};
use serde::Serialize;
use std::fmt;

/// Which of the two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// pacs.008, a payment between the banks' customers.
    CustomerCreditTransfer,
    /// pacs.009, a payment between the banks themselves.
    InstitutionCreditTransfer,
}

/// A message definition, such as `pacs.008.001.08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageType {
    /// Which message.
    pub kind: Kind,
    /// Its version, 8 or later.
    pub version: u8,
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self.kind {
            Kind::CustomerCreditTransfer => "008",
            Kind::InstitutionCreditTransfer => "009",
        };
        write!(f, "pacs.{number}.001.{:02}", self.version)
    }
}

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

/// One credit transfer of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Place in the message, from 1.
    pub index: usize,
    /// `PmtId/InstrId`.
    pub instruction_ref: Option<String>,
    /// `PmtId/EndToEndId`.
    pub end_to_end_id: String,
    /// `PmtId/TxId`.
    pub transaction_id: Option<String>,
    /// `PmtId/UETR`.
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
    /// `IntrBkSttlmAmt`, what settles.
    pub amount: Amount,
    /// `IntrBkSttlmDt` of the transaction, else of the group.
    pub settlement_date: Option<Date>,
    /// Settlement priority.
    pub priority: Priority,
    /// `InstdAmt`, what the debtor ordered.
    pub instructed_amount: Option<Amount>,
    /// `XchgRate` as written; messages do not say its direction.
    pub rate: Option<String>,
    /// `ChrgBr`; a pacs.009 has none.
    pub charge_bearer: Option<ChargeBearer>,
    /// `ChrgsInf`.
    pub charges: Vec<Charge>,
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

/// One pacs.008 or pacs.009.
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
