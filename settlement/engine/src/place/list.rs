//! A list of processors, and how it is written.
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Processors have numbers below this: as many as a set of them holds.
pub const PROCESSORS_MAX: u16 = 1_024;

/// Processors by their numbers, none twice, in the order in which they were named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Processors(Vec<u16>);

/// Why a text is no list of processors.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProcessorsError {
    /// A part that is neither a number nor a range.
    #[error("{0:?} is no processor and no range of them: as \"0\" or \"2,4-7\"")]
    Form(String),
    /// A range whose end stands first.
    #[error("{first}-{last}: a range begins with the lower number")]
    Backwards {
        /// As written.
        first: u16,
        /// As written.
        last: u16,
    },
    /// A number that no processor has.
    #[error("processor {0} is out of bounds: at most {most}", most = PROCESSORS_MAX - 1)]
    Bounds(u64),
    /// A processor that is named already.
    #[error("processor {0} stands there twice")]
    Twice(u16),
}

impl Processors {
    /// Those of these numbers that a processor can have, each once.
    pub(crate) fn of(numbers: impl IntoIterator<Item = u16>) -> Self {
        let mut found = Self::default();
        for number in numbers.into_iter().filter(|number| *number < PROCESSORS_MAX) {
            if !found.0.contains(&number) {
                found.0.push(number);
            }
        }
        found
    }

    /// True if none is named.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their numbers.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().copied()
    }

    /// The one that a thread has of them, in turn.
    pub(super) fn turn(&self, thread: usize) -> Self {
        let at = thread.checked_rem(self.0.len());
        Self(at.map(|at| self.0[at]).into_iter().collect())
    }
}

fn number(text: &str, part: &str) -> Result<u16, ProcessorsError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = match text.parse() {
        Ok(number) if digits => number,
        _ => return Err(ProcessorsError::Form(part.to_owned())),
    };
    u16::try_from(number)
        .ok()
        .filter(|number| *number < PROCESSORS_MAX)
        .ok_or(ProcessorsError::Bounds(number))
}

impl FromStr for Processors {
    type Err = ProcessorsError;

    /// Numbers and ranges between commas, `2,4-7`; nothing at all is the empty list.
    fn from_str(text: &str) -> Result<Self, ProcessorsError> {
        let mut found = Self::default();
        if text.trim().is_empty() {
            return Ok(found);
        }
        for part in text.split(',').map(str::trim) {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (number(first, part)?, number(last, part)?),
                None => (number(part, part)?, number(part, part)?),
            };
            if first > last {
                return Err(ProcessorsError::Backwards { first, last });
            }
            for one in first..=last {
                if found.0.contains(&one) {
                    return Err(ProcessorsError::Twice(one));
                }
                found.0.push(one);
            }
        }
        Ok(found)
    }
}

impl fmt::Display for Processors {
    /// As it is read, numbers in a row as ranges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |pair: &u16, next: &u16| pair.checked_add(1) == Some(*next);
        for (i, row) in self.0.chunk_by(row).enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            match row {
                [first, .., last] => write!(f, "{first}-{last}")?,
                rest => rest.iter().try_for_each(|one| one.fmt(f))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Processors, String> {
        text.parse().map_err(|error: ProcessorsError| error.to_string())
    }

    #[test]
    fn a_list_is_read_and_shown_in_its_order() {
        for (text, shown) in [
            ("", ""),
            (" ", ""),
            ("0", "0"),
            ("1023", "1023"),
            ("3, 1", "3,1"),
            ("2,4-7", "2,4-7"),
            ("4,5,6,2-3", "4-6,2-3"),
            ("5-5", "5"),
        ] {
            let list = read(text).expect(text);
            assert_eq!(list.to_string(), shown, "{text}");
            assert_eq!(read(shown), Ok(list));
        }
    }

    #[test]
    fn what_is_no_list_is_refused_by_its_part() {
        for (text, expected) in [
            ("x", "\"x\" is no processor"),
            ("1,,2", "\"\" is no processor"),
            ("+1", "\"+1\" is no processor"),
            ("-1", "\"-1\" is no processor"),
            ("1-", "\"1-\" is no processor"),
            ("1-2-3", "\"1-2-3\" is no processor"),
            ("99999999999999999999", "\"99999999999999999999\" is"),
            ("3-2", "3-2: a range begins with the lower number"),
            ("1024", "processor 1024 is out of bounds: at most 1023"),
            ("0-70000", "processor 70000 is out of bounds"),
            ("1,0-3", "processor 1 stands there twice"),
        ] {
            let said = read(text).expect_err(text);
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }

    #[test]
    fn threads_that_serve_connections_take_turns() {
        let list = read("6,2").expect("a list");
        let turns: Vec<_> = (0..3).map(|thread| list.turn(thread).to_string()).collect();
        assert_eq!(turns, ["6", "2", "6"]);
        assert!(Processors::default().turn(1).is_empty());
    }
}
