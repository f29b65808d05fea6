//! Writing ISO 20022 messages: elements in order, texts escaped.
use std::io;

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// The characters of XML 1.0 (production 2).
pub const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// A message that is being written.
pub struct Xml(Writer<Vec<u8>>);

impl std::fmt::Debug for Xml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Xml of {} bytes", self.0.get_ref().len())
    }
}

/// Writes a whole message: declaration, `Document` with its namespace, and one element with what is inside.
///
/// # Errors
/// If `inside` fails.
pub fn document(
    namespace: &str,
    body: &str,
    inside: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<String> {
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
    xml.0
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("Document");
    root.push_attribute(("xmlns", namespace));
    xml.0.write_event(Event::Start(root))?;
    xml.within(body, inside)?;
    xml.0.write_event(Event::End(BytesEnd::new("Document")))?;
    String::from_utf8(xml.0.into_inner()).map_err(io::Error::other)
}

impl Xml {
    /// An element with others in it.
    ///
    /// # Errors
    /// If `inside` fails.
    pub fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element with text, if there is one.
    ///
    /// # Errors
    /// Never in memory.
    pub fn optional(&mut self, name: &str, text: Option<&str>) -> io::Result<()> {
        text.map_or(Ok(()), |text| self.leaf(name, text))
    }

    /// An element with text.
    ///
    /// # Errors
    /// Never in memory.
    pub fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.write_leaf(BytesStart::new(name), text)
    }

    /// An amount with its currency.
    ///
    /// # Errors
    /// Never in memory.
    pub fn amount(&mut self, name: &str, text: &str, currency: &str) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.push_attribute(("Ccy", currency));
        self.write_leaf(start, text)
    }

    /// Escapes what XML gives a meaning, and replaces control characters, which it cannot carry. A carriage return
    /// that is written as it is would be read as a line feed.
    fn write_leaf(&mut self, start: BytesStart<'_>, text: &str) -> io::Result<()> {
        let clean: String = text
            .chars()
            .map(|c| if is_xml_char(c) { c } else { ' ' })
            .collect();
        let end = start.to_end().into_owned();
        self.0.write_event(Event::Start(start))?;
        let escaped = escape(&clean).replace('\r', "&#13;");
        self.0
            .write_event(Event::Text(BytesText::from_escaped(escaped)))?;
        self.0.write_event(Event::End(end))
    }
}
