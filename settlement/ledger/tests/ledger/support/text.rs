//! Words of a script line, and what they stand for.
use causeway_fx::Currency;
use causeway_message::Status;
use causeway_message::time::Timestamp;

use super::world::World;

/// The words of one line, taken from the front.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    line: &'a str,
    rest: std::vec::IntoIter<&'a str>,
}

impl<'a> Words<'a> {
    pub fn new(line: &'a str) -> Self {
        Self {
            line,
            rest: line.split_whitespace().collect::<Vec<_>>().into_iter(),
        }
    }

    pub fn next(&mut self) -> Option<&'a str> {
        self.rest.next()
    }

    pub fn peek(&self) -> Option<&'a str> {
        self.rest.as_slice().first().copied()
    }

    /// The next word, which must be there.
    pub fn word(&mut self) -> &'a str {
        self.next()
            .unwrap_or_else(|| panic!("a word is missing in `{}`", self.line))
    }

    pub fn number(&mut self) -> u64 {
        number(self.word())
    }

    pub fn signed(&mut self) -> i128 {
        let word = self.word();
        word.parse().unwrap_or_else(|_| panic!("`{word}` is no number"))
    }

    pub fn currency(&mut self) -> u16 {
        currency(self.word())
    }

    pub fn status(&mut self) -> Status {
        status(self.word())
    }

    /// An instant, counted from genesis.
    pub fn time(&mut self) -> Timestamp {
        Timestamp((i128::from(World::start().0) + nanos(self.word())) as u64)
    }

    /// The same in whole seconds.
    pub fn seconds(&mut self) -> u32 {
        self.time().seconds() as u32
    }

    /// The word that follows `word`, if it stands somewhere in what is left.
    pub fn skip_to(mut self, word: &str) -> Option<&'a str> {
        while self.next()? != word {}
        self.next()
    }

    /// Takes the next word if it is this one.
    pub fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.word();
        }
        found
    }

    /// Nothing may be left.
    pub fn end(&mut self) {
        if let Some(word) = self.next() {
            panic!("`{word}` has no place in `{}`", self.line);
        }
    }
}

pub fn number(word: &str) -> u64 {
    if word == "max" {
        return u64::MAX;
    }
    word.parse().unwrap_or_else(|_| panic!("`{word}` is no number"))
}

/// A currency by its letters, or any number.
pub fn currency(word: &str) -> u16 {
    word.parse().unwrap_or_else(|_| match Currency::from_alpha(word) {
        Ok(currency) => currency.numeric,
        Err(error) => panic!("`{word}`: {error}"),
    })
}

pub fn status(word: &str) -> Status {
    let found = Status::ALL.iter().find(|status| status.name() == word);
    *found.unwrap_or_else(|| panic!("`{word}` is no status"))
}

/// `60s`, `-1d`, `24h-1ns`.
fn nanos(word: &str) -> i128 {
    let cut = word[1..].find(['+', '-']).map_or(word.len(), |at| at + 1);
    let (first, rest) = word.split_at(cut);
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: i128 = digits.parse().unwrap_or_else(|_| panic!("`{word}` is no time"));
    let unit = match &first[digits.len()..] {
        "ns" => 1,
        "s" => 1_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => panic!("`{word}` has no unit of time"),
    };
    count * unit + if rest.is_empty() { 0 } else { nanos(rest) }
}
