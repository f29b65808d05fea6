//! Trades, payment versus payment, between words and records.
use causeway_fx::Currency;
use causeway_message::event::each;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::ids::{hex, parse_hex};
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::record::{Instruction, Kind};

use super::{exchange, words};
use crate::Failure;

/// Bytes of the reference that two parties agree on.
const REFERENCE_BYTES: usize = 16;

/// True for one side of a trade.
pub const fn is_trade(record: &Instruction) -> bool {
    record.kind == Kind::Pvp as u8
}

/// A currency with an amount in its digits, in minor units, as `USD:110.00`; zero is one.
///
/// # Errors
/// The rule that the text breaks.
pub fn money_or_zero(option: &str, text: &str) -> Result<(&'static Currency, u64), Failure> {
    let (code, amount) = text.split_once(':').ok_or_else(|| {
        Failure::Config(format!(
            "{option}: {text:?} must be a currency and an amount, like USD:110.00"
        ))
    })?;
    let currency = words::currency(option, code)?;
    Ok((currency, words::amount_or_zero(option, amount, currency)?))
}

/// The same, but more than zero.
///
/// # Errors
/// The rule that the text breaks.
pub fn money(option: &str, text: &str) -> Result<(&'static Currency, u64), Failure> {
    match money_or_zero(option, text)? {
        (_, 0) => Err(Failure::Config(format!(
            "{option}: the amount is zero: something must move"
        ))),
        some => Ok(some),
    }
}

/// The reference of a trade: 1 to 16 printable ASCII characters, filled up with zeros, or 32 hexadecimal digits.
///
/// # Errors
/// The rule that the text breaks.
pub fn reference(option: &str, text: &str) -> Result<[u8; REFERENCE_BYTES], Failure> {
    if let Some(bytes) = parse_hex::<REFERENCE_BYTES>(text).filter(|bytes| *bytes != [0; REFERENCE_BYTES]) {
        return Ok(bytes);
    }
    // A blank at an end is not seen by people, and would make two references of one.
    if text.len() > REFERENCE_BYTES || !extension::is_reference(text.as_bytes()) {
        return Err(Failure::Config(format!(
            "{option}: must be 1 to 16 printable ASCII characters without a blank at either end, or 32 hexadecimal \
             digits that are not all zero"
        )));
    }
    let mut bytes = [0; REFERENCE_BYTES];
    bytes
        .iter_mut()
        .zip(text.bytes())
        .for_each(|(byte, given)| *byte = given);
    Ok(bytes)
}

/// The reference of a trade as it is written, if there is one.
pub fn reference_text(record: &Instruction) -> Option<String> {
    if !is_trade(record) || record.related == [0; REFERENCE_BYTES] {
        return None;
    }
    let text = record.related.split(|byte| *byte == 0).next().unwrap_or_default();
    let padded = record.related.iter().skip(text.len()).all(|byte| *byte == 0);
    if padded && extension::is_reference(text) {
        return Some(String::from_utf8_lossy(text).into_owned());
    }
    Some(hex(&record.related))
}

/// What the submitter pays, in the digits of its currency.
pub fn pays(record: &Instruction) -> String {
    words::money(record.amount.get().into(), record.currency.get())
}

/// What the submitter gets, in the digits of its currency.
pub fn gets(record: &Instruction) -> String {
    words::money(record.counter_amount.get().into(), record.counter_currency.get())
}

/// What the submitter of a settled trade got, or what arrived of an FX payment that settled, in minor units, as far as a
/// receipt that holds proves it.
pub fn got(receipt: &Receipt) -> Option<u64> {
    if !is_trade(&receipt.record) && !exchange::is_fx(&receipt.record) {
        return None;
    }
    match &receipt.effect {
        Effect::Event { chunk, position, .. } => {
            let event = each(chunk).nth(*position as usize)?;
            Some(event.head.counter_amount.get())
        }
        // Without a tolerance nothing else matches.
        Effect::Answer { .. } => {
            let exact = extension::find(&receipt.extensions, ExtensionType::Tolerance).is_none();
            exact.then(|| receipt.record.counter_amount.get())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::{InstructionId, ParticipantId, Uetr};

    fn with_reference(related: [u8; 16]) -> Instruction {
        let parties = (ParticipantId(1), ParticipantId(2));
        let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
        Instruction {
            related,
            ..Instruction::pvp(id, uetr, parties, (840, 11_000), (978, 10_000), 9_831)
        }
    }

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        let hexadecimal = "00ff".repeat(8);
        for text in ["A", "DEAL-7", "0123456789abcdef", &hexadecimal] {
            let bytes = reference("--reference", text).expect(text);
            assert_eq!(reference_text(&with_reference(bytes)).as_deref(), Some(text));
        }
        let zeros = "0".repeat(32);
        for wrong in ["", " A", "A ", "0123456789abcdefg", "Ä", &zeros, &"g".repeat(32)] {
            let refused = reference("--reference", wrong);
            assert!(matches!(refused, Err(Failure::Config(_))), "{wrong:?}");
        }
        assert_eq!(reference_text(&with_reference([0; 16])), None);
    }

    #[test]
    fn money_has_the_digits_of_its_currency() {
        let (currency, minor) = money("--pay", "USD:110.00").expect("money");
        assert_eq!((currency.alpha(), minor), ("USD", 11_000));
        assert_eq!(money("--pay", "JPY:5").expect("money").1, 5);
        for wrong in [
            "USD",
            "USD:",
            "USD:0",
            "USD:1.001",
            "JPY:1.5",
            "110.00 USD",
            "XXX:1",
            ":1",
        ] {
            assert!(
                matches!(money("--pay", wrong), Err(Failure::Config(_))),
                "{wrong}"
            );
        }
        assert_eq!(money_or_zero("--tolerance", "EUR:0").expect("zero").1, 0);
    }
}
