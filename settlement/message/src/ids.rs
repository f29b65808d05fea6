//! Identifiers. All are plain numbers or bytes with a type of their own, so that none stands in for another.
use std::fmt;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident($len:literal)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl $name {
            /// From hexadecimal digits; dashes are passed over.
            pub fn from_hex(text: &str) -> Option<Self> {
                parse_hex(text).map(Self)
            }
        }
    };
}

number_id!(
    /// A participant of the ledger: dense, in order of registration.
    ParticipantId(u32)
);
number_id!(
    /// A key of a participant: unique within that participant, never used again.
    KeyId(u32)
);
number_id!(
    /// A session (a numbered line of batches) of a participant, chosen by its client.
    SessionId(u64)
);
bytes_id!(
    /// The ledger: digest of its genesis.
    LedgerId(32)
);
bytes_id!(
    /// An instruction, chosen at random by its submitter; with it the idempotency key.
    InstructionId(16)
);

/// Unique end-to-end transaction reference (ISO 20022 `UETR`, a UUID version 4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uetr(pub [u8; 16]);

impl Uetr {
    /// From the form with dashes, or without.
    pub fn parse(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }
}

impl fmt::Display for Uetr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uetr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes lower-case hexadecimal digits.
pub fn write_hex(f: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    // Writing to a String cannot fail.
    let _ = write_hex(&mut text, bytes);
    text
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// All bytes that hexadecimal digits of either case stand for.
pub fn parse_hex_all(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    };
    pairs.map(byte).collect()
}

/// Exactly `N` bytes from hexadecimal digits of either case; dashes are passed over.
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0u8; N];
    let mut digits = text.bytes().filter(|b| *b != b'-').map(digit);
    for byte in &mut out {
        *byte = (digits.next()?? << 4) | digits.next()??;
    }
    digits.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uetr_reads_back_as_written() {
        let text = "eb6305c9-1f7f-49de-aed0-16487c27b42d";
        assert_eq!(Uetr::parse(text).map(|u| u.to_string()), Some(text.to_owned()));
    }

    #[test]
    fn hexadecimal_of_another_length_is_no_id() {
        assert_eq!(InstructionId::from_hex("00ff"), None);
        assert_eq!(InstructionId::from_hex(&"zz".repeat(16)), None);
        assert_eq!(InstructionId::from_hex(&"ab".repeat(17)), None);
    }

    #[test]
    fn hexadecimal_of_any_length_reads_whole_or_not_at_all() {
        assert_eq!(parse_hex_all("00fFa1"), Some(vec![0, 255, 0xa1]));
        assert_eq!(parse_hex_all(""), Some(Vec::new()));
        for wrong in ["0", "0g", "+f", "0-0f", "\u{e9}"] {
            assert_eq!(parse_hex_all(wrong), None, "{wrong}");
        }
    }
}
