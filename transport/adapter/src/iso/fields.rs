//! The simple types of ISO 20022 that a settlement depends on.

use super::cursor::{Cursor, Result};
use super::date::{Date, is_date_time};
use super::finding::{Rule, quoted};
use super::message::Amount;
use causeway_fx::{Currency, Rate, parse_amount};

/// `Max35Text` and its like: one to `chars_max` characters, kept as written.
pub(crate) fn text_up_to(cursor: &Cursor<'_>, chars_max: usize) -> Result<String> {
    let text = cursor.raw_text()?;
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(cursor.refuse(
            Rule::Form,
            "the text is empty: at least one character is required",
        ));
    }
    if chars > chars_max {
        let message = format!("the text has {chars} characters: at most {chars_max} are allowed");
        return Err(cursor.refuse(Rule::Form, message));
    }
    Ok(text.to_owned())
}

/// An optional child of type `Max35Text`.
pub(crate) fn optional_text35(parent: &Cursor<'_>, name: &str) -> Result<Option<String>> {
    parent.optional_as(name, |child| text_up_to(child, 35))
}

/// One of a list of codes.
pub(crate) fn code<T: Copy>(cursor: &Cursor<'_>, codes: &[(&str, T)]) -> Result<T> {
    let text = cursor.text()?;
    codes
        .iter()
        .find(|(code, _)| *code == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let known: Vec<_> = codes.iter().map(|(code, _)| *code).collect();
            cursor.refuse(
                Rule::Form,
                format!("{} is none of {}", quoted(text), known.join(", ")),
            )
        })
}

/// `ActiveCurrencyAndAmount`: the amount exactly in minor units of the currency in `@Ccy`.
pub(crate) fn amount(cursor: &Cursor<'_>) -> Result<Amount> {
    let currency = Currency::from_alpha(cursor.attribute("Ccy")?)
        .map_err(|error| cursor.refuse_attribute("Ccy", Rule::Currency, error.to_string()))?;
    let text = cursor.text()?;
    let minor = parse_amount(text, currency)
        .map_err(|error| cursor.refuse(Rule::Amount, format!("{} {currency}: {error}", quoted(text))))?;
    Ok(Amount {
        currency,
        minor,
        text: text.to_owned(),
    })
}

/// `BaseOneRate`, as written. Messages do not say which currency it prices, and senders differ.
pub(crate) fn rate(cursor: &Cursor<'_>) -> Result<String> {
    let text = cursor.text()?;
    match Rate::parse_value(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(cursor.refuse(Rule::Form, format!("{}: {error}", quoted(text)))),
    }
}

/// `UUIDv4Identifier`, in the lower case of the schema's pattern.
pub(crate) fn uetr(cursor: &Cursor<'_>) -> Result<[u8; 16]> {
    let text = cursor.text()?;
    parse_uetr(text).ok_or_else(|| {
        let rule = "a UETR is a UUID of version 4 in lower case (8-4-4-4-12 hexadecimal digits)";
        cursor.refuse(Rule::Form, format!("{}: {rule}", quoted(text)))
    })
}

fn parse_uetr(text: &str) -> Option<[u8; 16]> {
    let shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    });
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    if text.len() != 36 || !shaped {
        return None;
    }
    u128::from_str_radix(&hex, 16).ok().map(u128::to_be_bytes)
}

/// A UETR in its usual form.
pub(crate) fn uetr_text(uetr: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*uetr).hyphenated().to_string()
}

/// `ISODate`.
pub(crate) fn date(cursor: &Cursor<'_>) -> Result<Date> {
    let text = cursor.text()?;
    Date::parse(text).ok_or_else(|| {
        let rule = "a date is YYYY-MM-DD, from 2000-01-01 to 2179-12-31";
        cursor.refuse(Rule::Form, format!("{}: {rule}", quoted(text)))
    })
}

/// `ISODateTime`, kept as written.
pub(crate) fn date_time(cursor: &Cursor<'_>) -> Result<String> {
    let text = cursor.text()?;
    if is_date_time(text) {
        return Ok(text.to_owned());
    }
    let rule = "a date and time is YYYY-MM-DDThh:mm:ss with an optional fraction and zone";
    Err(cursor.refuse(Rule::Form, format!("{}: {rule}", quoted(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uetr_is_a_lower_case_uuid_of_version_4() {
        let text = "97ed4827-7b6f-4491-a06f-b548d5a7512d";
        assert_eq!(
            parse_uetr(text).map(|uetr| uetr_text(&uetr)),
            Some(text.to_owned())
        );
        for text in [
            "",
            "97ED4827-7B6F-4491-A06F-B548D5A7512D",
            "97ed4827-7b6f-1491-a06f-b548d5a7512d",
            "97ed4827-7b6f-4491-706f-b548d5a7512d",
            "97ed48277b6f4491a06fb548d5a7512d",
            "97ed4827-7b6f-4491-a06f-b548d5a7512d0",
        ] {
            assert_eq!(parse_uetr(text), None, "{text}");
        }
    }
}
