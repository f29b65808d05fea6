//! Building the tree of elements from the events of the reader, within the limits.

use super::cursor::Result;
use super::finding::{Finding, Rule, quoted};
use super::limits::{DEPTH_MAX, ELEMENTS_MAX, NAMESPACES_MAX, TAG_BYTES_MAX};
use super::xml::{Element, Pair, is_xml_char, line_at};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart};
use quick_xml::name::{PrefixDeclaration, QName};
use std::rc::Rc;

/// Builds the tree from events and enforces the limits.
pub(super) struct Builder<'a> {
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
    pub(super) fn new(source: &'a str) -> Builder<'a> {
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

    pub(super) fn advance_to(&mut self, at: usize) {
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

    pub(super) fn finding(&self, rule: Rule, message: impl Into<String>) -> Finding {
        Finding::new(rule, "", Some(self.line), message)
    }

    pub(super) fn ill_formed(&self, message: impl Into<String>) -> Finding {
        self.finding(Rule::WellFormed, message)
    }

    pub(super) fn open(
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
            tag_len: tag.len(),
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
    fn attributes(&self, tag: &BytesStart<'_>) -> Result<(Vec<Pair>, Vec<Pair>)> {
        let (mut plain, mut declares) = (Vec::new(), Vec::new());
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.ill_formed(format!("an attribute: {error}")))?;
            if attribute.value.contains(&b'<') {
                return Err(self.ill_formed("an attribute value contains <"));
            }
            let raw = String::from_utf8_lossy(&attribute.value).into_owned();
            let binding = attribute.key.as_namespace_binding();
            // Other readers expand these, ours compares what is written: a name must be the same to both.
            if binding.is_some() && raw.contains(['&', '\t', '\r', '\n']) {
                return Err(self.namespace_form(tag, &attribute.key, &raw));
            }
            match binding {
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

    fn namespace_form(&self, tag: &BytesStart<'_>, key: &QName<'_>, value: &str) -> Finding {
        let place = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let element = format!(
            "{}/@{}",
            place(tag.local_name().into_inner()),
            place(key.into_inner())
        );
        let rule = "a namespace has no references, tabs and line breaks";
        let message = format!("{}: {rule}", quoted(value));
        Finding::new(Rule::Form, &element, Some(self.line), message)
    }

    pub(super) fn close(&mut self, end: usize) -> Result<()> {
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

    pub(super) fn text(&mut self, part: &str) -> Result<()> {
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

    pub(super) fn character_data(&mut self, part: &str) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None => return Err(self.ill_formed("there is text outside the root element")),
        }
        Ok(())
    }

    pub(super) fn reference(&mut self, reference: &BytesRef<'_>) -> Result<()> {
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

    pub(super) fn declaration(&mut self, declaration: &BytesDecl<'_>, start: usize) -> Result<()> {
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

    pub(super) fn finish(mut self) -> Result<Element> {
        if let Some(element) = self.open.last() {
            return Err(self.ill_formed(format!("element {} is not closed", element.name)));
        }
        self.root
            .take()
            .ok_or_else(|| self.ill_formed("the text has no element"))
    }
}
