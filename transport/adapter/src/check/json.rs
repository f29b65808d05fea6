//! The mapping as JSON. Amounts are integers in minor units, beside the text of the message.

use super::Checked;
use crate::iso::{
    Agent, Amount, AnyMessage, Case, Charge, ChargeBearer, Date, Finding, Investigation, Kind, Message,
    Original, Priority, Reason, Rule, SettlementMethod, Trade, Transaction, conversion,
};
use crate::trade::reference;
use causeway_fx::Currency;
use causeway_message::ids::hex;
use serde::Serialize;

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    messages: Vec<MessageJson<'a>>,
    investigations: Vec<InvestigationJson<'a>>,
    trades: Vec<TradeJson<'a>>,
    refused: Vec<RefusedJson<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(checked: &'a [Checked]) -> Document<'a> {
        let mut document = Document {
            messages: Vec::new(),
            investigations: Vec::new(),
            trades: Vec::new(),
            refused: Vec::new(),
        };
        for one in checked {
            let file = one.file.to_string_lossy().into_owned();
            match &one.outcome {
                Ok(messages) => {
                    for message in messages {
                        match message {
                            AnyMessage::Transfer(one) => document.messages.push(MessageJson::new(&file, one)),
                            AnyMessage::Investigation(one) => {
                                document.investigations.push(InvestigationJson::new(&file, one));
                            }
                            AnyMessage::Trade(one) => document.trades.push(TradeJson::new(&file, one)),
                        }
                    }
                }
                Err(findings) => {
                    let refused = findings.iter().map(|finding| RefusedJson::new(&file, finding));
                    document.refused.extend(refused);
                }
            }
        }
        document
    }
}

#[derive(Serialize)]
struct RefusedJson<'a> {
    file: String,
    element: &'a str,
    line: Option<u32>,
    rule: Rule,
    message: &'a str,
}

impl<'a> RefusedJson<'a> {
    fn new(file: &str, finding: &'a Finding) -> RefusedJson<'a> {
        let Finding {
            element,
            line,
            rule,
            message,
        } = finding;
        RefusedJson {
            file: file.to_owned(),
            element,
            line: *line,
            rule: *rule,
            message,
        }
    }
}

#[derive(Serialize)]
struct MessageJson<'a> {
    file: String,
    r#type: String,
    message_id: &'a str,
    created: &'a str,
    settlement_method: SettlementMethod,
    business_service: Option<&'a str>,
    announcement_only: bool,
    transactions: Vec<TransactionJson<'a>>,
    warnings: &'a [Finding],
}

impl<'a> MessageJson<'a> {
    fn new(file: &str, message: &'a Message) -> MessageJson<'a> {
        MessageJson {
            file: file.to_owned(),
            r#type: message.message_type.to_string(),
            message_id: &message.message_id,
            created: &message.created,
            settlement_method: message.settlement_method,
            business_service: message.business_service.as_deref(),
            announcement_only: message.is_announcement(),
            transactions: message
                .transactions
                .iter()
                .map(|one| TransactionJson::new(message.message_type.kind, one))
                .collect(),
            warnings: &message.warnings,
        }
    }
}

#[derive(Serialize)]
struct TransactionJson<'a> {
    index: usize,
    uetr: Option<String>,
    instr_id: Option<&'a str>,
    end_to_end_id: &'a str,
    tx_id: Option<&'a str>,
    clr_sys_ref: Option<&'a str>,
    debtor_agent: &'a Agent,
    creditor_agent: &'a Agent,
    instructing_agent: Option<&'a Agent>,
    instructed_agent: Option<&'a Agent>,
    settlement_debtor: &'a Agent,
    settlement_creditor: &'a Agent,
    #[serde(flatten)]
    amount: AmountJson<'a>,
    settlement_date: Option<Date>,
    priority: Priority,
    instructed_amount: Option<AmountJson<'a>>,
    rate: Option<&'a str>,
    agreed_rate: Option<&'a str>,
    /// `asked` where the ledger is to convert, `made` where the sender has.
    conversion: Option<&'static str>,
    charge_bearer: Option<ChargeBearer>,
    charges: Vec<ChargeJson<'a>>,
    original: Option<OriginalJson<'a>>,
    reason: Option<&'a str>,
}

impl<'a> TransactionJson<'a> {
    fn new(kind: Kind, one: &'a Transaction) -> TransactionJson<'a> {
        TransactionJson {
            index: one.index,
            uetr: one.uetr_text(),
            instr_id: one.instruction_ref.as_deref(),
            end_to_end_id: &one.end_to_end_id,
            tx_id: one.transaction_id.as_deref(),
            clr_sys_ref: one.clearing_ref.as_deref(),
            debtor_agent: &one.debtor_agent,
            creditor_agent: &one.creditor_agent,
            instructing_agent: one.instructing_agent.as_ref(),
            instructed_agent: one.instructed_agent.as_ref(),
            settlement_debtor: one.settlement_debtor(),
            settlement_creditor: one.settlement_creditor(),
            amount: AmountJson::new(&one.amount),
            settlement_date: one.settlement_date,
            priority: one.priority,
            instructed_amount: one.instructed_amount.as_ref().map(AmountJson::new),
            rate: one.rate.as_deref(),
            agreed_rate: one.agreed_rate.as_deref(),
            conversion: conversion::of(kind, one),
            charge_bearer: one.charge_bearer,
            charges: one.charges.iter().map(ChargeJson::new).collect(),
            original: one
                .returned
                .as_ref()
                .map(|returned| OriginalJson::new(&returned.original)),
            reason: one.returned.as_ref().and_then(|returned| code(&returned.reason)),
        }
    }
}

fn code(reason: &Option<Reason>) -> Option<&str> {
    let reason = reason.as_ref()?;
    reason.code.as_deref().or(reason.proprietary.as_deref())
}

/// A payment as a later message names it.
#[derive(Serialize)]
struct OriginalJson<'a> {
    message_id: Option<&'a str>,
    r#type: Option<&'a str>,
    uetr: Option<String>,
    instr_id: Option<&'a str>,
    end_to_end_id: Option<&'a str>,
    tx_id: Option<&'a str>,
    amount: Option<AmountJson<'a>>,
    settlement_date: Option<Date>,
}

impl<'a> OriginalJson<'a> {
    fn new(original: &'a Original) -> OriginalJson<'a> {
        OriginalJson {
            message_id: original.message_id.as_deref(),
            r#type: original.message_type.as_deref(),
            uetr: original.uetr_text(),
            instr_id: original.instruction_ref.as_deref(),
            end_to_end_id: original.end_to_end_id.as_deref(),
            tx_id: original.transaction_id.as_deref(),
            amount: original.amount.as_ref().map(AmountJson::new),
            settlement_date: original.settlement_date,
        }
    }
}

#[derive(Serialize)]
struct InvestigationJson<'a> {
    file: String,
    r#type: String,
    message_id: &'a str,
    created: &'a str,
    assigner: Option<&'a Agent>,
    assignee: Option<&'a Agent>,
    cases: Vec<CaseJson<'a>>,
}

impl<'a> InvestigationJson<'a> {
    fn new(file: &str, message: &'a Investigation) -> InvestigationJson<'a> {
        InvestigationJson {
            file: file.to_owned(),
            r#type: message.message_type.to_string(),
            message_id: &message.message_id,
            created: &message.created,
            assigner: message.assigner.as_ref(),
            assignee: message.assignee.as_ref(),
            cases: message.cases.iter().map(CaseJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct CaseJson<'a> {
    index: usize,
    reference: Option<&'a str>,
    case_id: Option<&'a str>,
    original: OriginalJson<'a>,
    answer: Option<&'static str>,
    reason: Option<&'a str>,
}

impl<'a> CaseJson<'a> {
    fn new(case: &'a Case) -> CaseJson<'a> {
        CaseJson {
            index: case.index,
            reference: case.reference.as_deref(),
            case_id: case.case_id.as_deref(),
            original: OriginalJson::new(&case.original),
            answer: case.answer.map(|answer| answer.code()),
            reason: code(&case.reason),
        }
    }
}

#[derive(Serialize)]
struct TradeJson<'a> {
    file: String,
    r#type: String,
    originator_ref: &'a str,
    common_ref: Option<&'a str>,
    trade_date: Date,
    trading_side: &'a Agent,
    counterparty_side: &'a Agent,
    sells: AmountJson<'a>,
    buys: AmountJson<'a>,
    settlement_date: Date,
    rate: &'a str,
    unit_currency: Option<&'static str>,
    /// The reference in the record, in hexadecimal digits.
    reference: Option<String>,
}

impl<'a> TradeJson<'a> {
    fn new(file: &str, one: &'a Trade) -> TradeJson<'a> {
        TradeJson {
            file: file.to_owned(),
            r#type: one.message_type.to_string(),
            originator_ref: &one.originator_ref,
            common_ref: one.common_ref.as_deref(),
            trade_date: one.trade_date,
            trading_side: &one.trading_side,
            counterparty_side: &one.counterparty_side,
            sells: AmountJson::new(&one.sells),
            buys: AmountJson::new(&one.buys),
            settlement_date: one.settlement_date,
            rate: &one.rate,
            unit_currency: one.unit_currency.map(Currency::alpha),
            reference: one.common_ref.as_deref().map(|text| hex(&reference(text))),
        }
    }
}

#[derive(Serialize)]
struct AmountJson<'a> {
    currency: &'static str,
    amount: u64,
    amount_text: &'a str,
}

impl<'a> AmountJson<'a> {
    fn new(amount: &'a Amount) -> AmountJson<'a> {
        AmountJson {
            currency: amount.currency.alpha(),
            amount: amount.minor,
            amount_text: &amount.text,
        }
    }
}

#[derive(Serialize)]
struct ChargeJson<'a> {
    #[serde(flatten)]
    amount: AmountJson<'a>,
    agent: Option<&'a Agent>,
}

impl<'a> ChargeJson<'a> {
    fn new(charge: &'a Charge) -> ChargeJson<'a> {
        ChargeJson {
            amount: AmountJson::new(&charge.amount),
            agent: charge.agent.as_ref(),
        }
    }
}
