//! Finding messages and their headers among whatever wraps them.

use super::cursor::{Cursor, Result};
use super::definition::{Kind, MessageType};
use super::finding::{Finding, Rule, quoted};
use super::limits::MESSAGES_MAX;
use super::xml::Element;

/// A message in a file.
pub(crate) struct Found<'a> {
    /// Its definition.
    pub(crate) message_type: MessageType,
    /// The element of the message itself, such as `FIToFICstmrCdtTrf`.
    pub(crate) body: &'a Element,
    /// Its document: `Document`, or the body where that is missing.
    pub(crate) document: Part<'a>,
    /// The business application header that stands before it.
    pub(crate) header: Option<Part<'a>>,
}

/// An element that can be cut out of its file.
pub(crate) struct Part<'a> {
    /// The element.
    pub(crate) element: &'a Element,
    /// The namespace declarations it inherits.
    pub(crate) inherited: Vec<(&'a str, &'a str)>,
}

/// Finds every message, in order; at least one.
pub(crate) fn find(root: &Element) -> Result<Vec<Found<'_>>> {
    let mut search = Search {
        found: Vec::new(),
        header: None,
        ancestors: Vec::new(),
    };
    search.visit(root)?;
    if search.found.is_empty() {
        let message = "the file holds no ISO 20022 message: a pacs.008, pacs.009, pacs.004, camt.056, camt.029 or fxtr.014 is expected";
        return Err(Finding::new(Rule::MessageType, "", Some(root.line), message));
    }
    Ok(search.found)
}

struct Search<'a> {
    found: Vec<Found<'a>>,
    header: Option<Part<'a>>,
    ancestors: Vec<&'a Element>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, element: &'a Element) -> Result<()> {
        if element.name == "AppHdr" {
            self.header = Some(self.part(element));
            return Ok(());
        }
        let is_body = |element: &Element| Kind::of_body(&element.name).is_some();
        let holds_body = element.name == "Document" && element.children.iter().any(is_body);
        if is_body(element) || holds_body || definition(&element.namespace).is_some_and(is_business) {
            return self.message(element);
        }
        self.ancestors.push(element);
        for child in &element.children {
            self.visit(child)?;
        }
        self.ancestors.pop();
        Ok(())
    }

    fn message(&mut self, document: &'a Element) -> Result<()> {
        if self.found.len() >= MESSAGES_MAX {
            let message = format!("the file holds more than {MESSAGES_MAX} messages");
            return Err(Finding::new(Rule::Limit, "", Some(document.line), message));
        }
        let header = self.header.take();
        let message_type = message_type(document, header.as_ref().map(|header| header.element))?;
        let expected = message_type.kind.body();
        let body = if document.name == expected {
            document
        } else {
            let mut bodies = document.children.iter();
            match (bodies.next(), bodies.next()) {
                (Some(body), None) if body.name == expected => body,
                _ => {
                    let message = format!("a {message_type} holds exactly one element {expected}");
                    return Err(Cursor::at(document).refuse(Rule::Required, message));
                }
            }
        };
        let document = self.part(document);
        self.found.push(Found {
            message_type,
            body,
            document,
            header,
        });
        Ok(())
    }

    fn part(&self, element: &'a Element) -> Part<'a> {
        let mut inherited: Vec<(&str, &str)> = Vec::new();
        for (prefix, value) in self.ancestors.iter().flat_map(|ancestor| &ancestor.declares) {
            inherited.retain(|(known, _)| known != prefix);
            inherited.push((prefix, value));
        }
        inherited.retain(|(prefix, _)| !element.declares.iter().any(|(own, _)| own == prefix));
        Part { element, inherited }
    }
}

/// The definition of a message: by its namespace, else by its header.
fn message_type(document: &Element, header: Option<&Element>) -> Result<MessageType> {
    let refuse = |message: String| Cursor::at(document).refuse(Rule::MessageType, message);
    let named = match definition(&document.namespace) {
        Some(name) => name.to_owned(),
        None => {
            let from_header = header
                .map(|header| Cursor::at(header).optional("MsgDefIdr"))
                .transpose()?;
            match from_header.flatten() {
                Some(name) => name.text()?.to_owned(),
                None => {
                    let namespace = quoted(&document.namespace);
                    let rule = "it must end with a message definition such as pacs.008.001.08";
                    return Err(refuse(format!("namespace {namespace} names no message: {rule}")));
                }
            }
        }
    };
    MessageType::read(&named).ok_or_else(|| {
        let (named, all) = (quoted(&named), MessageType::all());
        refuse(format!("message {named} is not supported: {all} are"))
    })
}

/// The message definition that a namespace ends with: `urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08`.
fn definition(namespace: &str) -> Option<&str> {
    let name = namespace.rsplit(':').next()?;
    let mut parts = name.split('.');
    let area = parts.next()?;
    let digits = |part: Option<&str>, count: usize| {
        part.is_some_and(|part| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let formed = area.len() == 4
        && area.bytes().all(|byte| byte.is_ascii_lowercase())
        && digits(parts.next(), 3)
        && digits(parts.next(), 3)
        && digits(parts.next(), 2)
        && parts.next().is_none();
    formed.then_some(name)
}

/// Whether a definition is a message of business, not the header or the envelope around one.
fn is_business(definition: &str) -> bool {
    !definition.starts_with("head.") && !definition.starts_with("nvlp.")
}
