//! Writing ISO 20022 messages: elements in order, texts escaped and held to their types.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io;

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
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
        let written = xml.document(namespace, body, inside).ok();
        written
            .and_then(|()| String::from_utf8(xml.0.into_inner()).ok())
            .ok_or_else(|| self.broken("Document", "the message must be writable to memory"))
    }
}

/// A message that is being written.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn document(
        &mut self,
        namespace: &str,
        body: &str,
        inside: impl FnOnce(&mut Xml) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut root = BytesStart::new("Document");
        root.push_attribute(("xmlns", namespace));
        self.0.write_event(Event::Start(root))?;
        self.within(body, inside)?;
        self.0.write_event(Event::End(BytesEnd::new("Document")))
    }

    pub(crate) fn within(
        &mut self,
        name: &str,
        inside: impl FnOnce(&mut Xml) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        text.map_or(Ok(()), |text| self.leaf(name, text))
    }

    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.write_leaf(BytesStart::new(name), text)
    }

    /// An amount with its currency.
    pub(crate) fn amount(&mut self, name: &str, text: &str, currency: &str) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.push_attribute(("Ccy", currency));
        self.write_leaf(start, text)
    }

    /// Escapes what XML gives a meaning, and replaces control characters, which it cannot carry. A carriage return
    /// that is written as it is would be read as a line feed.
    fn write_leaf(&mut self, start: BytesStart<'_>, text: &str) -> io::Result<()> {
        let clean: String = text
            .chars()
            .map(|c| if crate::iso::is_xml_char(c) { c } else { ' ' })
            .collect();
        let end = start.to_end().into_owned();
        self.0.write_event(Event::Start(start))?;
        let escaped = escape(&clean).replace('\r', "&#13;");
        self.0
            .write_event(Event::Text(BytesText::from_escaped(escaped)))?;
        self.0.write_event(Event::End(end))
    }

    /// A reason: its code, and words that are cut into pieces that fit.
    pub(crate) fn reason(&mut self, name: &str, code: &str, text: &str) -> io::Result<()> {
        self.within(name, |xml| {
            xml.within("Rsn", |xml| xml.leaf("Cd", code))?;
            let chars: Vec<char> = text.trim().chars().collect();
            chars
                .chunks(ADDITIONAL_CHARS_MAX)
                .try_for_each(|part| xml.leaf("AddtlInf", &part.iter().collect::<String>()))
        })
    }
}
