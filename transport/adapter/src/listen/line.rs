//! What `listen` prints.
use super::credit::{Stored, amount_text};
use super::statement::StatementLine;
use super::told::{ExchangeLine, Trade, Withdrawal};
use crate::failure::Failure;
use crate::text::printable;
use causeway_message::action::Action;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{Status, Uetr};
use serde::Serialize;
use std::io::{self, Write};

/// One line.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Notice {
    /// The bank was paid.
    Credit(Box<Stored>),
    /// A payment of the bank that had waited became final.
    Outcome(Outcome),
    /// A settlement agent funded the bank.
    Fund(Fund),
    /// Another bank asks for a payment back, or was answered; or this bank was.
    Asked(Asked),
    /// One side of a trade: this bank's own, or one that another bank alleges.
    Trade(Box<Trade>),
    /// What a payment into another currency came to.
    Exchange(Box<ExchangeLine>),
    /// A request to withdraw a trade.
    Withdrawal(Box<Withdrawal>),
    /// The statement of an account.
    Statement(Box<StatementLine>),
}

/// A request to cancel, or what became of it.
#[derive(Debug, Serialize)]
pub struct Asked {
    /// `question` of another bank to this one, or `answer` to this bank's own.
    pub event: &'static str,
    /// Its number in the feed.
    pub number: u64,
    /// When.
    pub time: String,
    /// Status of the request.
    pub status: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// The same as a camt.029 says it.
    pub answer: &'static str,
    /// The other bank.
    pub bank: String,
    /// Currency of the payment.
    pub currency: String,
    /// Minor units.
    pub amount: u64,
    /// The amount with the digits of its currency.
    pub amount_text: String,
    /// Business reference.
    pub uetr: String,
    /// The request's id.
    pub instruction_id: String,
    /// The payment's id.
    pub original: String,
    /// Why it is asked.
    pub reason: Option<String>,
    /// Where the message for the bank's own systems is.
    pub message: Option<String>,
}

/// A payment of the bank that had waited.
#[derive(Debug, Serialize)]
pub struct Outcome {
    event: &'static str,
    number: u64,
    time: String,
    status: &'static str,
    meaning: &'static str,
    currency: String,
    amount: u64,
    amount_text: String,
    uetr: String,
    instruction_id: String,
}

/// A funding.
#[derive(Debug, Serialize)]
pub struct Fund {
    event: &'static str,
    number: u64,
    time: String,
    currency: String,
    amount: u64,
    amount_text: String,
    reference: String,
}

impl Notice {
    /// Its number in the feed.
    pub const fn number(&self) -> u64 {
        match self {
            Notice::Credit(one) => one.number,
            Notice::Outcome(one) => one.number,
            Notice::Fund(one) => one.number,
            Notice::Asked(one) => one.number,
            Notice::Trade(one) => one.number,
            Notice::Exchange(one) => one.number,
            Notice::Withdrawal(one) => one.number,
            Notice::Statement(one) => one.number,
        }
    }

    /// The later outcome of an own payment.
    pub fn outcome(number: u64, time: Timestamp, status: Status, record: &Instruction) -> Notice {
        let amount = record.amount.get();
        let (amount_text, currency) = amount_text(amount, record.currency.get());
        Notice::Outcome(Outcome {
            event: "outcome",
            number,
            time: time.to_text(),
            status: status.name(),
            meaning: status.meaning(),
            currency,
            amount,
            amount_text,
            uetr: Uetr(record.uetr).to_string(),
            instruction_id: record.id().to_string(),
        })
    }

    /// A control action, if money came in by it.
    pub fn control(number: u64, time: Timestamp, status: Status, action: &Action) -> Option<Notice> {
        let Action::Fund {
            currency,
            amount,
            reference,
            ..
        } = action
        else {
            return None;
        };
        if status != Status::Executed {
            return None;
        }
        let (amount_text, currency) = amount_text(*amount, *currency);
        Some(Notice::Fund(Fund {
            event: "fund",
            number,
            time: time.to_text(),
            currency,
            amount: *amount,
            amount_text,
            reference: reference.clone(),
        }))
    }

    fn text(&self) -> String {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        match self {
            Notice::Credit(one) => format!(
                "{} credit from {}: {} {}, uetr {}, message {}, document {}, receipt {}",
                one.time,
                one.debtor,
                one.amount_text,
                one.currency,
                one.uetr,
                or_none(&one.message_id),
                or_none(&one.document),
                or_none(&one.receipt)
            ),
            Notice::Outcome(one) => format!(
                "{} {}: own payment of {} {}, uetr {}",
                one.time, one.status, one.amount_text, one.currency, one.uetr
            ),
            Notice::Fund(one) => format!(
                "{} funded: {} {}, reference {}",
                one.time, one.amount_text, one.currency, one.reference
            ),
            Notice::Asked(one) => format!(
                "{} {} {} {}: {} {}, {}, uetr {}, message {}",
                one.time,
                one.event,
                if one.event == "answer" { "of" } else { "from" },
                one.bank,
                one.amount_text,
                one.currency,
                one.status,
                one.uetr,
                or_none(&one.message)
            ),
            Notice::Trade(one) => one.text(),
            Notice::Exchange(one) => one.text(),
            Notice::Withdrawal(one) => one.text(),
            Notice::Statement(one) => one.text(),
        }
    }
}

/// Prints lines at once, so that whoever reads them sees them before the place in the feed moves on.
///
/// # Errors
/// When they cannot be written.
pub fn print(notices: &[Notice], json: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut write = || -> io::Result<()> {
        for notice in notices {
            if json {
                serde_json::to_writer(&mut out, notice)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{}", printable(&notice.text()))?;
            }
        }
        out.flush()
    };
    write().map_err(|error| Failure::Io(format!("the answer cannot be written: {error}")))
}
