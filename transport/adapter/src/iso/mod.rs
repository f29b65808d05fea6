//! Reading pacs.008 and pacs.009, pacs.004, camt.056, camt.029 and fxtr.014, from the versions of [`MessageType`] on.
//!
//! A file may hold several messages, under any prefixes and any wrapper elements, each with or without
//! a business application header (head.001). Reading is all or nothing per file: half a file would
//! settle half of what the sender meant. This is no schema validator; it checks every element that a
//! settlement depends on and passes over the rest.
//!
//! How parties are mapped, per transaction:
//!
//! | | pacs.008 | pacs.009 |
//! |---|---|---|
//! | debtor agent | `DbtrAgt` | `DbtrAgt`, else `Dbtr` (an institution), else the instructing agent |
//! | creditor agent | `CdtrAgt` | `CdtrAgt`, else `Cdtr`, else the instructed agent |
//! | instructing agent | `InstgAgt` of the transaction, else of the group, else `AppHdr/Fr` | the same |
//! | instructed agent | `InstdAgt` of the transaction, else of the group, else `AppHdr/To` | the same |
//!
//! A pacs.004 returns a payment: its debtor agent is `RtrChain/DbtrAgt`, else `RtrChain/Dbtr/Agt`, else the
//! `CdtrAgt` of `OrgnlTxRef`, else the instructing agent, and the creditor agent the other way round.
//!
//! The message settles between the instructing and the instructed agent, who are this hop; where one is
//! not given, the debtor agent or the creditor agent stands in for it
//! ([`Transaction::settlement_debtor`], [`Transaction::settlement_creditor`]).

mod agent;
mod builder;
pub(crate) mod conversion;
mod cursor;
mod date;
mod definition;
mod envelope;
mod extract;
mod fields;
mod finding;
mod investigation;
pub mod limits;
mod message;
mod original;
mod returned;
mod totals;
mod trade;
mod transfer;
mod xml;

pub use agent::{Agent, AgentScheme};
pub use date::Date;
pub(crate) use date::is_date_time;
pub use definition::{Kind, MessageType};
pub use extract::Extractor;
pub use finding::{Finding, Rule};
pub use investigation::{Answer, Case, Investigation};
pub use limits::FILE_BYTES_MAX;
pub(crate) use message::NOT_PROVIDED;
pub use message::{Amount, Charge, ChargeBearer, Message, Priority, Return, SettlementMethod, Transaction};
pub use original::{Original, Reason};
pub use trade::Trade;

use std::io::Read;
use std::path::Path;

/// A message of any definition that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyMessage {
    /// A pacs.008, pacs.009 or pacs.004.
    Transfer(Message),
    /// A camt.056 or camt.029.
    Investigation(Investigation),
    /// An fxtr.014.
    Trade(Box<Trade>),
}

impl AnyMessage {
    /// Definition and version.
    pub const fn message_type(&self) -> MessageType {
        match self {
            AnyMessage::Transfer(one) => one.message_type,
            AnyMessage::Investigation(one) => one.message_type,
            AnyMessage::Trade(one) => one.message_type,
        }
    }

    /// Its id; of a trade its originator's reference.
    pub fn message_id(&self) -> &str {
        match self {
            AnyMessage::Transfer(one) => &one.message_id,
            AnyMessage::Investigation(one) => &one.message_id,
            AnyMessage::Trade(one) => &one.originator_ref,
        }
    }

    /// How many payments, cases or trades are in it.
    pub const fn len(&self) -> usize {
        match self {
            AnyMessage::Transfer(one) => one.transactions.len(),
            AnyMessage::Investigation(one) => one.cases.len(),
            AnyMessage::Trade(_) => 1,
        }
    }

    /// Whether nothing is in it, which no message that was read says.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Reads all messages of a file's bytes, where all of them move money.
///
/// # Errors
/// Everything found wrong, up to [`limits::FINDINGS_MAX`]; never empty.
pub fn parse(bytes: &[u8]) -> Result<Vec<Message>, Vec<Finding>> {
    parse_limited(bytes, FILE_BYTES_MAX)
}

/// As [`parse`], with a limit of its own on the size.
///
/// # Errors
/// As [`parse`].
pub fn parse_limited(bytes: &[u8], bytes_max: usize) -> Result<Vec<Message>, Vec<Finding>> {
    let messages = parse_any_limited(bytes, bytes_max)?.into_iter();
    let transfers = messages.map(|one| match one {
        AnyMessage::Transfer(message) => Ok(message),
        AnyMessage::Investigation(one) => Err(vec![no_transfer(one.message_type)]),
        AnyMessage::Trade(one) => Err(vec![no_transfer(one.message_type)]),
    });
    transfers.collect()
}

fn no_transfer(is: MessageType) -> Finding {
    let text = format!("a {is} is no payment: a payment or a return is expected");
    Finding::new(Rule::MessageType, is.kind.body(), None, text)
}

/// Reads all messages of a file's bytes.
///
/// # Errors
/// Everything found wrong, up to [`limits::FINDINGS_MAX`]; never empty.
pub fn parse_any(bytes: &[u8]) -> Result<Vec<AnyMessage>, Vec<Finding>> {
    parse_any_limited(bytes, FILE_BYTES_MAX)
}

/// As [`parse_any`], with a limit of its own on the size.
///
/// # Errors
/// As [`parse_any`].
pub fn parse_any_limited(bytes: &[u8], bytes_max: usize) -> Result<Vec<AnyMessage>, Vec<Finding>> {
    if bytes.len() > bytes_max {
        return Err(vec![too_large(bytes_max)]);
    }
    let (text, root) = xml::parse(bytes).map_err(|finding| vec![finding])?;
    let found = envelope::find(&root).map_err(|finding| vec![finding])?;
    let mut messages = Vec::with_capacity(found.len());
    let mut findings = Vec::new();
    let several = found.len() > 1;
    for (at, one) in found.iter().enumerate() {
        if findings.len() >= limits::FINDINGS_MAX {
            break;
        }
        let place = if several {
            format!("message {}: ", at.saturating_add(1))
        } else {
            String::new()
        };
        let read = if one.message_type.kind.pays() {
            transfer::message(one, text, several).map(AnyMessage::Transfer)
        } else if one.message_type.kind == Kind::TradeInstruction {
            trade::trade(one).map(|trade| AnyMessage::Trade(Box::new(trade)))
        } else {
            investigation::investigation(one).map(AnyMessage::Investigation)
        };
        match read {
            Ok(message) => messages.push(message),
            Err(wrong) => findings.extend(wrong.into_iter().map(|finding| finding.within(&place))),
        }
    }
    findings.extend(totals::repeated_messages(&messages));
    findings.truncate(limits::FINDINGS_MAX);
    if findings.is_empty() {
        Ok(messages)
    } else {
        Err(findings)
    }
}

/// Reads all messages of a file, never more than `bytes_max` bytes of it.
///
/// # Errors
/// As [`parse_any`], or when the file cannot be read.
pub fn parse_any_file(path: &Path, bytes_max: usize) -> Result<Vec<AnyMessage>, Vec<Finding>> {
    parse_any_limited(
        &read_file(path, bytes_max).map_err(|finding| vec![finding])?,
        bytes_max,
    )
}

/// As [`parse_any_file`], where all messages move money.
///
/// # Errors
/// As [`parse`], or when the file cannot be read.
pub fn parse_file(path: &Path, bytes_max: usize) -> Result<Vec<Message>, Vec<Finding>> {
    parse_limited(
        &read_file(path, bytes_max).map_err(|finding| vec![finding])?,
        bytes_max,
    )
}

/// Reads a file's bytes, never more than `bytes_max`.
///
/// # Errors
/// When the file cannot be read or is larger.
pub fn read_file(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Finding> {
    let unreadable = |error: std::io::Error| {
        Finding::new(
            Rule::Unreadable,
            "",
            None,
            format!("the file cannot be read: {error}"),
        )
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let one_more = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(one_more).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > bytes_max {
        Err(too_large(bytes_max))
    } else {
        Ok(bytes)
    }
}

fn too_large(bytes_max: usize) -> Finding {
    let message = format!("the file is larger than the limit of {bytes_max} bytes");
    Finding::new(Rule::Limit, "", None, message)
}
