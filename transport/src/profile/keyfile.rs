//! The file of an Ed25519 signing key: two lines of TOML, readable by its owner alone.
use causeway_message::ids::{hex, parse_hex};
use causeway_message::keys::SigningKey;
use serde::Deserialize;
use std::path::Path;

use super::{ProfileError, files};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: String,
    public: String,
}

/// The text of a key file.
pub fn to_text(key: &SigningKey) -> String {
    format!(
        "# Ed25519 signing key of Causeway. Whoever has the seed signs in your name: keep it secret.\n\
         seed = \"{}\"\npublic = \"{}\"\n",
        hex(key.seed()),
        key.public()
    )
}

/// Reads a key file. Its messages never repeat what stands in it.
///
/// # Errors
/// If it cannot be read, or is no key file.
pub fn read(path: &Path) -> Result<SigningKey, ProfileError> {
    let text = files::read_text(path)?;
    parse(&text).map_err(|rule| ProfileError::Config(format!("{}: {rule}", path.display())))
}

/// Reads the text of a key file.
///
/// # Errors
/// The rule that it breaks.
pub fn parse(text: &str) -> Result<SigningKey, &'static str> {
    let file: File = toml::from_str(text)
        .map_err(|_| "not a key file: it has exactly the keys `seed` and `public`, each a text")?;
    let seed = parse_hex(&file.seed).ok_or("seed: must be 64 hexadecimal digits")?;
    let public: [u8; 32] = parse_hex(&file.public).ok_or("public: must be 64 hexadecimal digits")?;
    let key = SigningKey::from_seed(seed).map_err(|_| "seed: is not a key")?;
    if *key.public().bytes() != public {
        return Err("public: is not the public key of the seed");
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_a_damaged_one_does_not() {
        let key = SigningKey::from_seed([3; 32]).expect("a seed is a key");
        let text = to_text(&key);
        assert_eq!(parse(&text).expect("reads back").public(), key.public());
        let damaged = text.replace("seed = \"0303", "seed = \"0403");
        assert_eq!(
            parse(&damaged).err(),
            Some("public: is not the public key of the seed")
        );
        assert!(parse(&text.replace("public", "pubic")).is_err());
        assert!(parse(&text.replace("seed = \"03", "seed = \"3")).is_err());
    }

    #[test]
    fn a_message_about_a_key_file_never_shows_the_seed() {
        for text in [
            "seed = 1234567890\n",
            "seed = \"abcdef\"\npublic = \"00\"\n",
            "seed \"abcdef\"",
        ] {
            let rule = parse(text).expect_err("refused");
            assert!(!rule.contains("12345") && !rule.contains("abcdef"), "{rule}");
        }
    }
}
