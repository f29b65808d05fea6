//! Writing ISO 20022 messages: elements in order, texts escaped and held to their types.

use causeway_statement::xml::document;
use std::io;

pub(crate) use causeway_statement::xml::Xml;

/// `Max105Text` of `AddtlInf`.
const ADDITIONAL_CHARS_MAX: usize = 105;

/// Why a message cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} {element}: {rule}")]
pub struct ReportError {
    /// The message.
    pub message: &'static str,
    /// The element.
    pub element: &'static str,
    /// The rule it breaks.
    pub rule: &'static str,
}

/// Holds texts of one message to their types.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check(pub(crate) &'static str);

impl Check {
    fn broken(self, element: &'static str, rule: &'static str) -> ReportError {
        ReportError {
            message: self.0,
            element,
            rule,
        }
    }

    pub(crate) fn text(self, element: &'static str, text: &str, chars_max: usize) -> Result<(), ReportError> {
        if text.trim().is_empty() {
            return Err(self.broken(element, "the text must not be empty"));
        }
        if text.chars().count() > chars_max {
            return Err(self.broken(element, "the text is longer than its ISO 20022 type allows"));
        }
        Ok(())
    }

    pub(crate) fn date_time(self, element: &'static str, text: &str) -> Result<(), ReportError> {
        if crate::iso::is_date_time(text) {
            return Ok(());
        }
        let rule = "a date and time is YYYY-MM-DDThh:mm:ss with an optional zone";
        Err(self.broken(element, rule))
    }

    /// The finished text.
    pub(crate) fn finish(
        self,
        namespace: &str,
        body: &str,
        inside: impl FnOnce(&mut Xml) -> io::Result<()>,
    ) -> Result<String, ReportError> {
        document(namespace, body, inside)
            .map_err(|_| self.broken("Document", "the message must be writable to memory"))
    }
}

/// A reason: its code, and words that are cut into pieces that fit.
pub(crate) fn put_reason(xml: &mut Xml, name: &str, code: &str, text: &str) -> io::Result<()> {
    xml.within(name, |xml| {
        xml.within("Rsn", |xml| xml.leaf("Cd", code))?;
        let chars: Vec<char> = text.trim().chars().collect();
        chars
            .chunks(ADDITIONAL_CHARS_MAX)
            .try_for_each(|part| xml.leaf("AddtlInf", &part.iter().collect::<String>()))
    })
}
