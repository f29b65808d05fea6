//! A TOML text, and how to name a place in it.
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ProfileError, files};

/// Something wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// File, line and column; or the variable of the environment.
    pub place: String,
    /// The key, with its tables; empty if the text has no keys yet.
    pub key: String,
    /// The rule that is broken.
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.rule)
    }
}

/// All that is wrong in a configuration; never empty when it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Most problems that are told of one file: the place of each is looked up in the whole text.
    pub const MAX: usize = 50;
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// A TOML text and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    /// Relative paths in the text begin here.
    base: PathBuf,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read or is not text.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = files::read_text(path)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            name: path.display().to_string(),
            text,
            base,
        })
    }

    /// A text under a name; its relative paths begin at the working directory.
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            base: PathBuf::new(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A path of the text, from the directory of its file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        if path == Path::new(".") {
            self.directory()
        } else {
            self.base.join(path)
        }
    }

    fn directory(&self) -> PathBuf {
        if self.base.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            self.base.clone()
        }
    }

    /// Reads the text as `T`.
    ///
    /// # Errors
    /// The first thing wrong, with its place.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            // Of several errors of form the first is the cause.
            let (_, errors) = DeTable::parse_recoverable(&self.text);
            let first = errors
                .into_iter()
                .min_by_key(|error| error.span().map_or(0, |span| span.start));
            self.of(&first.unwrap_or(error))
        })
    }

    fn of(&self, error: &toml::de::Error) -> Problem {
        let rule = worded(error.message());
        let span = error.span().unwrap_or(0..0);
        // A span without length is the whole text's: no key of it is meant.
        let table = DeTable::parse(&self.text).ok().filter(|_| !span.is_empty());
        let key = table.and_then(|table| key_at(table.get_ref(), &span));
        Problem {
            place: self.place(span.start),
            key: key.unwrap_or_default(),
            rule,
        }
    }

    /// A problem with the value at a path such as `participants[2].accounts[0].cap`.
    pub fn at(&self, key: &str, rule: impl Into<String>) -> Problem {
        let start = DeTable::parse(&self.text)
            .ok()
            .and_then(|table| find(table.get_ref(), key))
            .unwrap_or(0);
        Problem {
            place: self.place(start),
            key: key.to_owned(),
            rule: rule.into(),
        }
    }

    fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{}:{line}:{column}", self.name)
    }
}

/// What the TOML reader says, in the words of a configuration.
fn worded(message: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("duplicate field", "duplicate key"),
        ("unknown variant", "unknown word"),
        ("expected i64", "expected a whole number"),
        ("expected a sequence", "expected a list"),
        (
            "invalid socket address syntax",
            "must be an IP address and a port, such as 127.0.0.1:7400",
        ),
    ];
    let plain = message.replace('\n', "; ");
    WORDS
        .iter()
        .fold(plain, |text, (from, to)| text.replacen(from, to, 1))
}

type Visit<'a> = dyn FnMut(&str, Range<usize>) + 'a;

/// Visits every key and value with its path, outermost first.
fn walk(table: &DeTable<'_>, path: &str, visit: &mut Visit<'_>) {
    for (key, value) in table {
        let path = if path.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{path}.{}", key.get_ref())
        };
        visit(&path, key.span());
        walk_value(value, &path, visit);
    }
}

fn walk_value(value: &Spanned<DeValue<'_>>, path: &str, visit: &mut Visit<'_>) {
    visit(path, value.span());
    match value.get_ref() {
        DeValue::Table(table) => walk(table, path, visit),
        DeValue::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                walk_value(item, &format!("{path}[{i}]"), visit);
            }
        }
        _ => {}
    }
}

/// Path of the innermost key or value that holds a span.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    walk(table, "", &mut |path, found| {
        let holds = found.start <= span.start && span.end <= found.end;
        if holds && best.as_ref().is_none_or(|(len, _)| found.len() <= *len) {
            best = Some((found.len(), path.to_owned()));
        }
    });
    best.map(|(_, path)| path)
}

/// Where the value at a path begins; its nearest table if the path itself is not written.
fn find(table: &DeTable<'_>, wanted: &str) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    walk(table, "", &mut |path, found| {
        let rest = wanted.strip_prefix(path);
        let holds = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if holds && best.is_none_or(|(len, _)| path.len() >= len) {
            best = Some((path.len(), found.start));
        }
    });
    best.map(|(_, start)| start)
}
