//! The reference that the two parties of a trade agree on, between messages and records.
use causeway_message::digest::hash;
use causeway_message::extension::is_reference;
use causeway_message::ids::hex;

/// Bytes of the reference in a record.
pub const REFERENCE_BYTES: usize = 16;

/// The reference of a record for what a message says: up to 16 printable ASCII characters as they are, with zeros behind
/// them; of any other text the first 16 bytes of its SHA-256 in UTF-8. Both parties come to the same, whoever writes the
/// record.
pub fn reference(text: &str) -> [u8; REFERENCE_BYTES] {
    let plain = text.len() <= REFERENCE_BYTES && is_reference(text.as_bytes());
    let digest = hash(text.as_bytes());
    let bytes: &[u8] = if plain { text.as_bytes() } else { &digest };
    let mut reference = [0; REFERENCE_BYTES];
    for (to, from) in reference.iter_mut().zip(bytes) {
        *to = *from;
    }
    reference
}

/// A record's reference as it is written: its text, else its hexadecimal digits; none if there is none.
pub fn reference_text(reference: &[u8; REFERENCE_BYTES]) -> Option<String> {
    if *reference == [0; REFERENCE_BYTES] {
        return None;
    }
    let text = reference.split(|byte| *byte == 0).next().unwrap_or_default();
    let padded = reference.iter().skip(text.len()).all(|byte| *byte == 0);
    if padded && is_reference(text) {
        return Some(String::from_utf8_lossy(text).into_owned());
    }
    Some(hex(reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_reference_stays_readable_and_a_long_one_is_its_digest() {
        for text in ["A", "DEAL-7", "0123456789abcdef"] {
            assert_eq!(reference_text(&reference(text)).as_deref(), Some(text));
        }
        // Computed with another SHA-256.
        for (text, digits) in [
            ("ALFABETA20260302DEAL7", "e08ebc721cf95968067f83bb3afed23f"),
            ("Ä", "2fe5ca1c1a3d50bd92f1d3cf6da34ced"),
            (" A", "5a8fc49b3d54c511d013a7c61c4b5e26"),
        ] {
            assert_eq!(
                reference_text(&reference(text)).as_deref(),
                Some(digits),
                "{text}"
            );
        }
        assert_eq!(reference_text(&[0; REFERENCE_BYTES]), None);
    }
}
