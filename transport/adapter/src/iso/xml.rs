//! XML as a small tree, hardened: no document type, no entities, bounded size, depth and work.

use super::builder::Builder;
use super::finding::{Finding, Rule};
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use std::ops::Range;
use std::rc::Rc;

/// One element with what is in it.
#[derive(Debug)]
pub(crate) struct Element {
    /// Local name.
    pub(crate) name: String,
    /// Namespace; empty for none.
    pub(crate) namespace: Rc<str>,
    /// Line of the start tag, from 1.
    pub(crate) line: u32,
    /// Bytes of the element in the text, tags included.
    pub(crate) span: Range<usize>,
    /// Length of the start tag, without what encloses it: what [`super::limits::TAG_BYTES_MAX`] bounds.
    pub(crate) tag_len: usize,
    /// Length of the name as written in the start tag, prefix included.
    pub(crate) written_name_len: usize,
    /// Attributes without a prefix.
    pub(crate) attributes: Vec<Pair>,
    /// Namespace declarations made here: prefix (empty for the default one) and raw value.
    pub(crate) declares: Vec<Pair>,
    /// All text directly inside.
    pub(crate) text: String,
    /// Elements directly inside.
    pub(crate) children: Vec<Element>,
}

/// A name and a value.
pub(crate) type Pair = (String, String);

/// Parses a whole file into its text, without a byte order mark, and its root element.
pub(crate) fn parse(bytes: &[u8]) -> Result<(&str, Element), Finding> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        Finding::new(
            Rule::Encoding,
            "",
            Some(line),
            "the text is not UTF-8: ISO 20022 messages are UTF-8",
        )
    })?;
    if let Some(at) = text.find(|c: char| !is_xml_char(c)) {
        let line = Some(line_at(bytes, at));
        return Err(Finding::new(
            Rule::WellFormed,
            "",
            line,
            "a control character is not allowed in XML",
        ));
    }
    let mut builder = Builder::new(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    loop {
        let start = position(reader.buffer_position());
        builder.advance_to(start);
        let event = match reader.read_resolved_event() {
            Ok((namespace, event)) => (owned(namespace), event),
            Err(error) => {
                builder.advance_to(position(reader.error_position()));
                return Err(builder.ill_formed(format!("the text is not well-formed XML: {error}")));
            }
        };
        let end = position(reader.buffer_position());
        match event {
            (namespace, Event::Start(tag)) => builder.open(&tag, namespace, start)?,
            (namespace, Event::Empty(tag)) => {
                builder.open(&tag, namespace, start)?;
                builder.close(end)?;
            }
            (_, Event::End(_)) => builder.close(end)?,
            (_, Event::Text(part)) => {
                let part = part
                    .xml_content()
                    .map_err(|error| builder.ill_formed(error.to_string()))?;
                builder.text(&part)?;
            }
            (_, Event::CData(part)) => {
                let part = part
                    .xml_content()
                    .map_err(|error| builder.ill_formed(error.to_string()))?;
                builder.character_data(&part)?;
            }
            (_, Event::GeneralRef(reference)) => builder.reference(&reference)?,
            (_, Event::Decl(declaration)) => builder.declaration(&declaration, start)?,
            (_, Event::DocType(_)) => {
                let message = "a document type declaration is not allowed: ISO 20022 messages have none";
                return Err(builder.finding(Rule::NoDtd, message));
            }
            (_, Event::Comment(_) | Event::PI(_)) => {}
            (_, Event::Eof) => return Ok((text, builder.finish()?)),
        }
    }
}

/// A resolved namespace, free of the reader; `Err` names an undeclared prefix.
fn owned(namespace: ResolveResult<'_>) -> Result<String, String> {
    match namespace {
        ResolveResult::Bound(name) => Ok(String::from_utf8_lossy(name.into_inner()).into_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(String::from_utf8_lossy(&prefix).into_owned()),
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

pub(super) fn line_at(bytes: &[u8], at: usize) -> u32 {
    let before = bytes.get(..at).unwrap_or(bytes);
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

pub(crate) use causeway_statement::xml::is_xml_char;
