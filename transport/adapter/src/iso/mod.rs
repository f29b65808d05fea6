//! Reading pacs.008 and pacs.009, version .08 and newer.
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
//! The message settles between the instructing and the instructed agent, who are this hop; where one is
//! not given, the debtor agent or the creditor agent stands in for it
//! ([`Transaction::settlement_debtor`], [`Transaction::settlement_creditor`]).

mod agent;
mod builder;
mod cursor;
mod date;
mod envelope;
mod extract;
mod fields;
mod finding;
pub mod limits;
mod message;
mod totals;
mod transfer;
mod xml;

pub use agent::{Agent, AgentScheme};
pub use date::Date;
pub(crate) use date::is_date_time;
pub use extract::Extractor;
pub use finding::{Finding, Rule};
pub use limits::FILE_BYTES_MAX;
pub use message::{
    Amount, Charge, ChargeBearer, Kind, Message, MessageType, Priority, SettlementMethod, Transaction,
};

pub(crate) use xml::is_xml_char;

use std::io::Read;
use std::path::Path;

/// Reads all messages of a file's bytes.
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
        match transfer::message(one, text, several) {
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
