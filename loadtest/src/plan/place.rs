//! Where in a scenario something stands: the line of a key, or the override that set it.
use std::fmt;

use toml::de::{DeTable, DeValue};

/// A place that an error names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file, and its line where it is known.
    File { shown: String, line: Option<usize> },
    /// An override of the command line.
    Set(String),
}

impl Place {
    pub fn whole(shown: &str) -> Self {
        Self::File {
            shown: shown.to_owned(),
            line: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { shown, line: None } => f.write_str(shown),
            Self::File {
                shown,
                line: Some(line),
            } => write!(f, "{shown}:{line}"),
            Self::Set(set) => write!(f, "--set {set}"),
        }
    }
}

/// A text, and the overrides that stand as if behind it: each at an offset of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub shown: &'a str,
    pub text: &'a str,
    pub sets: &'a [String],
}

impl Source<'_> {
    /// Offset of an override.
    pub const fn offset(&self, set: usize) -> usize {
        self.text.len() + 1 + set
    }

    /// What stands at an offset.
    pub fn at(&self, start: Option<usize>) -> Place {
        let set = start.and_then(|start| self.sets.get(start.checked_sub(self.text.len() + 1)?));
        if let Some(set) = set {
            return Place::Set(set.clone());
        }
        let before = start.map(|start| &self.text.as_bytes()[..start.min(self.text.len())]);
        Place::File {
            shown: self.shown.to_owned(),
            line: before.map(|before| before.iter().filter(|byte| **byte == b'\n').count() + 1),
        }
    }
}

/// The reader draws the place under its message; the line number says it shorter.
pub(super) fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// The longest key that stands at an offset, or whose value does.
pub(super) fn key_at(table: &DeTable<'_>, start: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name: &str = key.get_ref();
        let inner = within(value.get_ref(), start).map(|inner| format!("{name}.{inner}"));
        inner.or_else(|| (key.span().start == start || value.span().start == start).then(|| name.to_owned()))
    })
}

fn within(value: &DeValue<'_>, start: usize) -> Option<String> {
    match value {
        DeValue::Table(table) => key_at(table, start),
        DeValue::Array(items) => items.iter().zip(1..).find_map(|(item, number): (_, usize)| {
            let inner = within(item.get_ref(), start).map(|inner| format!("{number}.{inner}"));
            inner.or_else(|| (item.span().start == start).then(|| number.to_string()))
        }),
        _ => None,
    }
}

/// Where the value of a key begins; if it is not given, where the innermost of its tables does that is.
pub(super) fn start_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let mut words = key.split('.');
    let (name, value) = table.get_key_value(words.next()?)?;
    let (mut start, mut value) = (name.span().start, value.get_ref());
    for word in words {
        let next = match value {
            DeValue::Table(table) => table
                .get_key_value(word)
                .map(|(name, value)| (name.span().start, value)),
            DeValue::Array(items) => number(word)
                .and_then(|number| items.get(number))
                .map(|item| (item.span().start, item)),
            _ => None,
        };
        let Some((at, found)) = next else { break };
        (start, value) = (at, found.get_ref());
    }
    Some(start)
}

/// The index of an item that is counted from 1.
pub(super) fn number(word: &str) -> Option<usize> {
    word.parse::<usize>().ok()?.checked_sub(1)
}
