//! The part of a message that concerns some of its transactions, as a message of its own.
//!
//! A creditor's bank gets the original document with its payment, but not the payments of others. What is left
//! out: the other transactions, whatever else follows the group header (supplementary data may speak of any
//! transaction; what a return says of its original message stays), everything around the message that is neither its header nor on the way to it, and comments.
//! The group header stays; its count and its totals are those of the part, because the whole's tell of the others.

use super::cursor::Cursor;
use super::definition::Kind;
use super::envelope::{self, Found};
use super::finding::{Finding, Rule};
use super::message::{Message, Transaction};
use super::totals;
use super::xml::{self, Element};
use causeway_fx::format_minor;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeSet;
use std::ops::Range;

/// Cuts parts out of one message.
pub struct Extractor<'a> {
    message: &'a Message,
    root: Element,
}

/// A piece of the text and what stands in its place.
type Edit = (Range<usize>, String);

impl<'a> Extractor<'a> {
    /// Reads the message's own document again.
    ///
    /// # Errors
    /// When it cannot be read, which a message that was read before does not do.
    pub fn new(message: &'a Message) -> Result<Extractor<'a>, Finding> {
        let (_, root) = xml::parse(message.document.as_bytes())?;
        Ok(Extractor { message, root })
    }

    /// The document with only the transactions of these places (from 1); the document itself if they are all.
    ///
    /// # Errors
    /// When the part would not read back as exactly these transactions.
    pub fn part(&self, keep: &BTreeSet<usize>) -> Result<String, Finding> {
        let kept: Vec<&Transaction> = self
            .message
            .transactions
            .iter()
            .filter(|one| keep.contains(&one.index))
            .collect();
        if kept.len() == self.message.transactions.len() {
            return Ok(self.message.document.clone());
        }
        let found = envelope::find(&self.root)?;
        let found = found.first().ok_or_else(broken)?;
        let kind = self.message.message_type.kind;
        let text = self.message.document.as_str();
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut edits = Vec::new();
        leave_out_around(&self.root, found, &mut edits);
        leave_out_inside(found.body, kind, keep, &mut edits);
        totals_of_part(found.body, kind.total(), text, &kept, &mut edits)?;
        let part = without_comments(&apply(text, edits)).ok_or_else(broken)?;
        self.check(&part, &kept)?;
        Ok(part)
    }

    /// The receiver reads the part with the same rules: it must say the same, and nothing else.
    fn check(&self, part: &str, kept: &[&Transaction]) -> Result<(), Finding> {
        let messages =
            super::parse(part.as_bytes()).map_err(|found| found.into_iter().next().unwrap_or_else(broken))?;
        let [message] = messages.as_slice() else {
            return Err(broken());
        };
        let same = message.message_id == self.message.message_id
            && message.transactions.len() == kept.len()
            && message.transactions.iter().zip(kept).all(|(there, here)| {
                Transaction {
                    index: here.index,
                    ..there.clone()
                } == **here
            });
        if same { Ok(()) } else { Err(broken()) }
    }
}

fn broken() -> Finding {
    let message = "the message cannot be divided among its creditors: send one message to each";
    Finding::new(Rule::Form, "CdtTrfTxInf", None, message)
}

/// Leaves out what is neither the message, nor its header, nor holds one of them.
fn leave_out_around(element: &Element, found: &Found<'_>, edits: &mut Vec<Edit>) {
    let document = found.document.element;
    let wanted = [Some(document), found.header.as_ref().map(|header| header.element)];
    for child in &element.children {
        let is = |other: &Element| std::ptr::eq(child, other);
        let holds =
            |other: &Element| child.span.start <= other.span.start && other.span.end <= child.span.end;
        if wanted.iter().flatten().any(|other| is(other)) || std::ptr::eq(element, document) {
            continue;
        }
        if wanted.iter().flatten().any(|other| holds(other)) {
            leave_out_around(child, found, edits);
        } else {
            edits.push((child.span.clone(), String::new()));
        }
    }
}

/// Leaves out everything of the message but its group header, the group of the originals that are returned, and the
/// transactions to keep.
fn leave_out_inside(body: &Element, kind: Kind, keep: &BTreeSet<usize>, edits: &mut Vec<Edit>) {
    let mut index = 0_usize;
    for child in &body.children {
        let own = child.namespace == body.namespace;
        let stays = match child.name.as_str() {
            "GrpHdr" => own,
            "OrgnlGrpInf" if kind == Kind::PaymentReturn => own,
            name if name == kind.place() && own => {
                index = index.saturating_add(1);
                keep.contains(&index)
            }
            _ => false,
        };
        if !stays {
            edits.push((child.span.clone(), String::new()));
        }
    }
}

/// Puts the part's own count and totals into the group header, where the whole's were given.
fn totals_of_part(
    body: &Element,
    total: &str,
    text: &str,
    kept: &[&Transaction],
    edits: &mut Vec<Edit>,
) -> Result<(), Finding> {
    let group = Cursor::at(body).required("GrpHdr")?;
    let transactions: Vec<Transaction> = kept.iter().map(|one| (*one).clone()).collect();
    let sum = |scale: u8| totals::sum(&transactions, scale).map(|sum| format_minor(sum, scale));
    let plain = |sum: String| sum.trim_end_matches('0').trim_end_matches('.').to_owned();
    let total_units = transactions
        .first()
        .map_or(0, |one| one.amount.currency.minor_units);
    for (name, value) in [
        ("NbOfTxs", Some(kept.len().to_string())),
        ("CtrlSum", sum(totals::SCALE).map(plain)),
        (total, sum(total_units)),
    ] {
        if let Some(cursor) = group.optional(name)? {
            let element = cursor.element();
            let value = value.ok_or_else(broken)?;
            edits.push((element.span.clone(), rewritten(element, text, &value)));
        }
    }
    Ok(())
}

/// The element with another text inside.
fn rewritten(element: &Element, text: &str, value: &str) -> String {
    let name = element.span.start.saturating_add(1);
    let name = text
        .get(name..name.saturating_add(element.written_name_len))
        .unwrap_or(&element.name);
    let mut out = format!("<{name}");
    for (prefix, uri) in &element.declares {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let quote = if uri.contains('"') { '\'' } else { '"' };
        out.push_str(&format!(" xmlns{colon}{prefix}={quote}{uri}{quote}"));
    }
    // The only attribute that these elements have is a currency, which needs no escape.
    for (attribute, currency) in element.attributes.iter().filter(|(name, _)| name == "Ccy") {
        out.push_str(&format!(" {attribute}=\"{}\"", currency.trim()));
    }
    out.push_str(&format!(">{value}</{name}>"));
    out
}

/// Applies edits that do not overlap. White space before what is left out goes with it.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, replacement) in edits {
        let before = text.get(at..span.start).unwrap_or_default();
        out.push_str(if replacement.is_empty() {
            before.trim_end()
        } else {
            before
        });
        out.push_str(&replacement);
        at = span.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// The text without comments and processing instructions.
fn without_comments(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut reader = Reader::from_str(text);
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Eof => return Some(out),
            Event::Comment(_) | Event::PI(_) => {}
            _ => out.push_str(text.get(start..end)?),
        }
    }
}
