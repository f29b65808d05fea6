//! Overrides of the command line: `key=value`, put into a scenario before its rules are checked.
use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::number;

/// Of these, one takes the place of the other.
const INSTEAD: [[&str; 2]; 2] = [["rate", "of_best"], ["cap", "cap_share"]];
/// Most tables around a key.
const DEPTH_MAX: usize = 4;

/// Sets a key; on failure the key and what is wrong with it.
pub(super) fn apply<'a>(table: &mut DeTable<'a>, set: &'a str, at: usize) -> Result<(), (String, String)> {
    let Some((key, value)) = set.split_once('=') else {
        return Err((String::new(), "is not `key=value`".to_owned()));
    };
    let (key, value) = (key.trim(), value.trim());
    let words: Vec<&str> = key.split('.').collect();
    if words.iter().any(|word| word.is_empty()) || words.len() > DEPTH_MAX {
        return Err((key.to_owned(), "is no key".to_owned()));
    }
    let place = at..at;
    // A word needs no quotation marks: `load.loop=open`.
    let value = match DeValue::parse(value) {
        Ok(value) => moved(value.into_inner(), &place),
        Err(_) => DeValue::String(Cow::Borrowed(value)),
    };
    into_table(table, &words, value, &place).map_err(|rule| (key.to_owned(), rule))
}

fn into_table<'a>(
    table: &mut DeTable<'a>,
    words: &[&'a str],
    value: DeValue<'a>,
    place: &Range<usize>,
) -> Result<(), String> {
    let [word, rest @ ..] = words else { return Ok(()) };
    if rest.is_empty() {
        for other in INSTEAD.iter().filter(|pair| pair.contains(word)).flatten() {
            table.remove(*other);
        }
        // The key of before would keep its own place.
        table.remove(*word);
        table.insert(
            Spanned::new(place.clone(), Cow::Borrowed(*word)),
            Spanned::new(place.clone(), value),
        );
        return Ok(());
    }
    if !table.contains_key(*word) {
        let empty = DeValue::Table(DeTable::new());
        table.insert(
            Spanned::new(place.clone(), Cow::Borrowed(*word)),
            Spanned::new(place.clone(), empty),
        );
    }
    match table.get_mut(*word).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => into_table(inner, rest, value, place),
        Some(DeValue::Array(items)) => {
            let (count, item) = (items.len(), rest.first().and_then(|word| number(word)));
            match item.and_then(|item| items.get_mut(item)).map(Spanned::get_mut) {
                Some(DeValue::Table(inner)) if rest.len() > 1 => into_table(inner, &rest[1..], value, place),
                _ => Err(format!(
                    "there are {count} of `{word}`, counted from 1: `{word}.1.KEY`"
                )),
            }
        }
        _ => Err(format!("`{word}` is no table")),
    }
}

/// The value as if it stood at this place.
fn moved<'a>(value: DeValue<'a>, place: &Range<usize>) -> DeValue<'a> {
    match value {
        DeValue::Array(items) => DeValue::Array(
            items
                .into_iter()
                .map(|item| Spanned::new(place.clone(), moved(item.into_inner(), place)))
                .collect(),
        ),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| {
                    (
                        Spanned::new(place.clone(), key.into_inner()),
                        Spanned::new(place.clone(), moved(value.into_inner(), place)),
                    )
                })
                .collect(),
        ),
        plain => plain,
    }
}
