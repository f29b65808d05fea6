//! What is wrong with a file, where, and by which rule.

use super::limits::{FINDING_CHARS_MAX, QUOTED_CHARS_MAX};
use serde::Serialize;
use std::fmt;

/// The rule that a finding rests on; stable names for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// The file can be read.
    Unreadable,
    /// Sizes stay within the limits of this program.
    Limit,
    /// The text is UTF-8.
    Encoding,
    /// The text is well-formed XML 1.0 with namespaces.
    WellFormed,
    /// No document type declaration and no entities of its own.
    NoDtd,
    /// The message is of a definition and a version that are read.
    MessageType,
    /// A required element or attribute is there.
    Required,
    /// An element that may stand once stands once.
    Once,
    /// A text has the form of its ISO 20022 type.
    Form,
    /// An agent is identified.
    Agent,
    /// A currency is an active code of ISO 4217 with minor units.
    Currency,
    /// An amount is exact in its currency.
    Amount,
    /// `NbOfTxs` is the number of transactions.
    TransactionCount,
    /// A control total is the sum of the transactions.
    ControlTotal,
    /// References that identify are used once.
    Duplicate,
    /// Amounts of two currencies and the rate between them fit.
    Conversion,
    /// The header names the message that follows it.
    Header,
}

/// One thing wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Path of the element or attribute, from the message's own element down; empty for the whole file.
    pub element: String,
    /// Line in the file, from 1.
    pub line: Option<u32>,
    /// The rule.
    pub rule: Rule,
    /// What is wrong and what the rule asks for.
    pub message: String,
}

impl Finding {
    pub(crate) fn new(rule: Rule, element: &str, line: Option<u32>, message: impl Into<String>) -> Finding {
        // Names of the file, and what the reader of XML says of them, come in here as they are.
        let message: String = message.into();
        Finding {
            element: shortened(element, FINDING_CHARS_MAX),
            line,
            rule,
            message: shortened(&message, FINDING_CHARS_MAX),
        }
    }

    /// The same finding with a place in front of its element.
    pub(crate) fn within(mut self, place: &str) -> Finding {
        self.element.insert_str(0, place);
        self
    }

    /// The same finding at a descendant of its element.
    pub(crate) fn at_child(mut self, path: &str) -> Finding {
        self.element.push('/');
        self.element.push_str(path);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.element.is_empty() {
            write!(f, "{}: ", self.element)?;
        }
        f.write_str(&self.message)
    }
}

/// Foreign text for use in a message: quoted, escaped, shortened.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED_CHARS_MAX).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}

fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
