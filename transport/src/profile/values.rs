//! Values with rules of their own, checked as they are read so that the message names their place.
use causeway_message::LedgerId;
use causeway_message::checkpoint::LogKey;
use causeway_message::ids::parse_hex;
use causeway_message::keys::PublicKey;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A number with bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Within<MIN, MAX> {
    /// A number that is within the bounds; brought to the nearest bound if not.
    pub const fn new(value: u64) -> Self {
        assert!(MIN <= MAX);
        Self(if value < MIN {
            MIN
        } else if value > MAX {
            MAX
        } else {
            value
        })
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Within<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = i64::deserialize(from)?;
        u64::try_from(value)
            .ok()
            .filter(|value| (MIN..=MAX).contains(value))
            .map(Self)
            .ok_or_else(|| {
                D::Error::custom(format!("{value} is out of bounds: at least {MIN}, at most {MAX}"))
            })
    }
}

fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(from)?;
    parse_hex(&text).ok_or_else(|| D::Error::custom("must be 64 hexadecimal digits"))
}

/// A ledger id in hexadecimal.
///
/// # Errors
/// If it does not have its form.
pub fn ledger<'de, D: Deserializer<'de>>(from: D) -> Result<LedgerId, D::Error> {
    digits(from).map(LedgerId)
}

/// A log key in the text form of signed-note.
///
/// # Errors
/// If it does not have its form.
pub fn log_key<'de, D: Deserializer<'de>>(from: D) -> Result<LogKey, D::Error> {
    LogKey::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// A public key in hexadecimal, where one is given.
///
/// # Errors
/// If it does not have its form.
pub fn public_key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PublicKey>, D::Error> {
    PublicKey::new(digits(from)?).map(Some).map_err(D::Error::custom)
}
