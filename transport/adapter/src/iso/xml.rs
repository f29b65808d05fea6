//! XML as a small tree, hardened: no document type, no entities, bounded size, depth and work.

use super::finding::{Finding, Rule, quoted};
use super::limits::{DEPTH_MAX, ELEMENTS_MAX, NAMESPACES_MAX, TAG_BYTES_MAX};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};
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
    /// Length of the name as written in the start tag, prefix included.
    pub(crate) written_name_len: usize,
    /// Attributes without a prefix.
    pub(crate) attributes: Vec<(String, String)>,
    /// Namespace declarations made here: prefix (empty for the default one) and raw value.
    pub(crate) declares: Vec<(String, String)>,
    /// All text directly inside.
    pub(crate) text: String,
    /// Elements directly inside.
    pub(crate) children: Vec<Element>,
}

type Result<T> = std::result::Result<T, Finding>;

/// Parses a whole file into its text, without a byte order mark, and its root element.
pub(crate) fn parse(bytes: &[u8]) -> Result<(&str, Element)> {
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
fn owned(namespace: ResolveResult<'_>) -> std::result::Result<String, String> {
    match namespace {
        ResolveResult::Bound(name) => Ok(String::from_utf8_lossy(name.into_inner()).into_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(String::from_utf8_lossy(&prefix).into_owned()),
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn line_at(bytes: &[u8], at: usize) -> u32 {
    let before = bytes.get(..at).unwrap_or(bytes);
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

/// The characters of XML 1.0 (production 2).
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Builds the tree from events and enforces the limits.
struct Builder<'a> {
    source: &'a str,
    counted_to: usize,
    line: u32,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    namespaces_in_scope: usize,
    last_namespace: Rc<str>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Builder<'a> {
        Builder {
            source,
            counted_to: 0,
            line: 1,
            open: Vec::new(),
            root: None,
            elements: 0,
            namespaces_in_scope: 0,
            last_namespace: Rc::from(""),
        }
    }

    fn advance_to(&mut self, at: usize) {
        let passed = self
            .source
            .as_bytes()
            .get(self.counted_to..at)
            .unwrap_or_default();
        self.line = self
            .line
            .saturating_add(line_at(passed, passed.len()).saturating_sub(1));
        self.counted_to = self.counted_to.max(at);
    }

    fn finding(&self, rule: Rule, message: impl Into<String>) -> Finding {
        Finding::new(rule, "", Some(self.line), message)
    }

    fn ill_formed(&self, message: impl Into<String>) -> Finding {
        self.finding(Rule::WellFormed, message)
    }

    fn open(
        &mut self,
        tag: &BytesStart<'_>,
        namespace: std::result::Result<String, String>,
        start: usize,
    ) -> Result<()> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.ill_formed("the text has more than one root element"));
        }
        self.elements = self.elements.saturating_add(1);
        for (within, message) in [
            (
                self.open.len() < DEPTH_MAX,
                format!("elements are nested deeper than {DEPTH_MAX}"),
            ),
            (
                self.elements <= ELEMENTS_MAX,
                format!("the file has more than {ELEMENTS_MAX} elements"),
            ),
            (
                tag.len() <= TAG_BYTES_MAX,
                format!("a tag is longer than {TAG_BYTES_MAX} bytes"),
            ),
        ] {
            if !within {
                return Err(self.finding(Rule::Limit, message));
            }
        }
        let namespace = namespace.map_err(|prefix| {
            self.ill_formed(format!(
                "the namespace prefix {} is not declared",
                quoted(&prefix)
            ))
        })?;
        if *self.last_namespace != *namespace {
            self.last_namespace = Rc::from(namespace);
        }
        let name = self.name(tag.local_name().into_inner())?;
        self.name(tag.name().into_inner())?;
        let (attributes, declares) = self.attributes(tag)?;
        self.namespaces_in_scope = self.namespaces_in_scope.saturating_add(declares.len());
        if self.namespaces_in_scope > NAMESPACES_MAX {
            return Err(self.finding(
                Rule::Limit,
                format!("more than {NAMESPACES_MAX} namespace declarations are in scope"),
            ));
        }
        self.open.push(Element {
            name,
            namespace: Rc::clone(&self.last_namespace),
            line: self.line,
            span: start..start,
            written_name_len: tag.name().into_inner().len(),
            attributes,
            declares,
            text: String::new(),
            children: Vec::new(),
        });
        Ok(())
    }

    /// A name, checked for what could make two parsers disagree.
    fn name(&self, name: &[u8]) -> Result<String> {
        let text = String::from_utf8_lossy(name);
        let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let continues = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '·');
        if starts && text.chars().all(continues) && text.matches(':').count() <= 1 {
            Ok(text.into_owned())
        } else {
            Err(self.ill_formed(format!("{} is not a name", quoted(&text))))
        }
    }

    /// Attributes without a prefix, and namespace declarations.
    #[expect(clippy::type_complexity, reason = "two lists of name and value")]
    fn attributes(&self, tag: &BytesStart<'_>) -> Result<(Vec<(String, String)>, Vec<(String, String)>)> {
        let (mut plain, mut declares) = (Vec::new(), Vec::new());
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.ill_formed(format!("an attribute: {error}")))?;
            if attribute.value.contains(&b'<') {
                return Err(self.ill_formed("an attribute value contains <"));
            }
            let raw = String::from_utf8_lossy(&attribute.value).into_owned();
            match attribute.key.as_namespace_binding() {
                Some(PrefixDeclaration::Default) => declares.push((String::new(), raw)),
                Some(PrefixDeclaration::Named(prefix)) => declares.push((self.name(prefix)?, raw)),
                None => {
                    let name = self.name(attribute.key.into_inner())?;
                    let value = attribute.unescape_value().map_err(|error| {
                        self.ill_formed(format!("attribute {name}: {error} (entities are not expanded)"))
                    })?;
                    if let Some(bad) = value.chars().find(|c| !is_xml_char(*c)) {
                        return Err(self.ill_formed(format!("attribute {name}: character {bad:?}")));
                    }
                    if !name.contains(':') {
                        plain.push((name, value.into_owned()));
                    }
                }
            }
        }
        Ok((plain, declares))
    }

    fn close(&mut self, end: usize) -> Result<()> {
        let Some(mut element) = self.open.pop() else {
            return Err(self.ill_formed("an end tag has no start tag"));
        };
        element.span.end = end;
        self.namespaces_in_scope = self.namespaces_in_scope.saturating_sub(element.declares.len());
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<()> {
        if part.contains("]]>") {
            return Err(self.ill_formed("]]> is not allowed in text"));
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None if part.chars().all(|c| c.is_ascii_whitespace()) => {}
            None => return Err(self.ill_formed("there is text outside the root element")),
        }
        Ok(())
    }

    fn character_data(&mut self, part: &str) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None => return Err(self.ill_formed("there is text outside the root element")),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<()> {
        let name = reference
            .decode()
            .map_err(|error| self.ill_formed(error.to_string()))?;
        let resolved = match &*name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => reference
                .resolve_char_ref()
                .map_err(|error| self.ill_formed(format!("a character reference: {error}")))?,
        };
        match (resolved, self.open.last_mut()) {
            (Some(c), Some(element)) if is_xml_char(c) => element.text.push(c),
            (Some(_), _) => return Err(self.ill_formed("a character reference is not allowed here")),
            (None, _) => {
                let message = format!(
                    "entity {} is not expanded: entities are not allowed",
                    quoted(&name)
                );
                return Err(self.finding(Rule::NoDtd, message));
            }
        }
        Ok(())
    }

    fn declaration(&mut self, declaration: &BytesDecl<'_>, start: usize) -> Result<()> {
        if start != 0 {
            return Err(self.ill_formed("the XML declaration is not at the start"));
        }
        let version = declaration
            .version()
            .map_err(|error| self.ill_formed(error.to_string()))?;
        if &*version != b"1.0" {
            return Err(self.ill_formed("the XML version is not 1.0"));
        }
        let Some(encoding) = declaration.encoding() else {
            return Ok(());
        };
        let encoding = encoding.map_err(|error| self.ill_formed(error.to_string()))?;
        if [b"UTF-8".as_slice(), b"US-ASCII"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&encoding))
        {
            return Ok(());
        }
        let name = quoted(&String::from_utf8_lossy(&encoding));
        Err(self.finding(
            Rule::Encoding,
            format!("encoding {name}: ISO 20022 messages are UTF-8"),
        ))
    }

    fn finish(mut self) -> Result<Element> {
        if let Some(element) = self.open.last() {
            return Err(self.ill_formed(format!("element {} is not closed", element.name)));
        }
        self.root
            .take()
            .ok_or_else(|| self.ill_formed("the text has no element"))
    }
}
