//! The signed tree head: a C2SP `tlog-checkpoint` in a C2SP `signed-note`.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;

use crate::keys::{PublicKey, SigningKey};
use crate::limits::CHECKPOINT_BYTES_MAX;
use crate::{Digest, LedgerId};

const ED25519: u8 = 1;

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log: see [`origin`].
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Tree head.
    pub root: Digest,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not the form of a signed checkpoint.
    #[error("checkpoint: {0}")]
    Form(&'static str),
    /// Another log.
    #[error("checkpoint: the origin is another log")]
    Origin,
    /// No signature of the pinned key.
    #[error("checkpoint: it carries no valid signature of the pinned key")]
    Signature,
}

/// Origin line of a ledger's log.
pub fn origin(ledger: LedgerId) -> String {
    format!("causeway/{}", crate::ids::hex(&ledger.0[..16]))
}

/// A verifying key of a log: name and Ed25519 key, in the text form of signed-note (`name+hash+key`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    name: String,
    public: PublicKey,
}

fn key_hash(name: &str, public: &PublicKey) -> [u8; 4] {
    let digest = crate::digest::tagged(name.as_bytes(), &[b"\n", &[ED25519], public.bytes()]);
    [digest[0], digest[1], digest[2], digest[3]]
}

impl LogKey {
    /// A key under a name; the name has no space, plus sign or control character.
    pub fn new(name: &str, public: PublicKey) -> Result<Self, CheckpointError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(CheckpointError::Form(
                "a key name is not empty and has no space, plus sign or control character",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            public,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.public.bytes());
        let hash = crate::ids::hex(&key_hash(&self.name, &self.public));
        format!("{}+{hash}+{}", self.name, BASE64.encode(key))
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let form = CheckpointError::Form("a log key reads name+hash+key (C2SP signed-note)");
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form);
        };
        let key = BASE64.decode(key).map_err(|_| form)?;
        let [ED25519, public @ ..] = key.as_slice() else {
            return Err(form);
        };
        let public = PublicKey::new(public.try_into().map_err(|_| form)?)
            .map_err(|_| CheckpointError::Form("the log key is not a canonical Ed25519 key"))?;
        let parsed = Self::new(name, public)?;
        if crate::ids::hex(&key_hash(name, &public)) != hash.to_ascii_lowercase() {
            return Err(CheckpointError::Form(
                "the hash in the log key is not that of name and key",
            ));
        }
        Ok(parsed)
    }
}

impl Checkpoint {
    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Signs it: the whole note.
    pub fn sign(&self, name: &str, key: &SigningKey) -> String {
        let body = self.body();
        let mut signature = key_hash(name, &key.public()).to_vec();
        signature.extend_from_slice(&key.sign(body.as_bytes()));
        format!("{body}\n\u{2014} {name} {}\n", BASE64.encode(signature))
    }

    /// Reads a note without believing it.
    pub fn parse(note: &str) -> Result<(Self, &str, &str), CheckpointError> {
        if note.len() > CHECKPOINT_BYTES_MAX {
            return Err(CheckpointError::Form("longer than the limit"));
        }
        if !note.ends_with('\n') || note.contains(|c: char| c.is_control() && c != '\n') {
            return Err(CheckpointError::Form(
                "lines end with a newline and hold no control characters",
            ));
        }
        let end = note
            .find("\n\n")
            .ok_or(CheckpointError::Form("no empty line before the signatures"))?;
        let (body, signatures) = (&note[..=end], &note[end + 2..]);
        let mut lines = body.lines();
        let origin = lines.next().unwrap_or_default().to_owned();
        let size = lines.next().unwrap_or_default();
        if size.is_empty()
            || (size.len() > 1 && size.starts_with('0'))
            || !size.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(CheckpointError::Form("the second line is not a size in decimal"));
        }
        let size = size
            .parse()
            .map_err(|_| CheckpointError::Form("the size is too large"))?;
        let root = BASE64
            .decode(lines.next().unwrap_or_default())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(CheckpointError::Form(
                "the third line is not a root hash in base64",
            ))?;
        Ok((Self { origin, size, root }, body, signatures))
    }

    /// Reads a note and checks that it is `origin`'s and carries a signature of `key`.
    pub fn verify(note: &str, origin: &str, key: &LogKey) -> Result<Self, CheckpointError> {
        let (checkpoint, body, signatures) = Self::parse(note)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin);
        }
        let hash = key_hash(&key.name, &key.public);
        let mut signed = false;
        // All lines are read, also behind the one that is looked for: what is accepted has the form throughout.
        for line in signatures.lines() {
            let (name, signature) = signature_of(line)?;
            // Signatures of other keys, witnesses among them, are passed over (signed-note).
            let Some((found, signature)) = signature.split_at_checked(4) else {
                continue;
            };
            let Ok(signature) = signature.try_into() else {
                continue;
            };
            signed = signed
                || name == key.name && found == hash && key.public.verifies(body.as_bytes(), &signature);
        }
        if signed {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Signature)
        }
    }
}

/// Name and bytes of one signature line.
fn signature_of(line: &str) -> Result<(&str, Vec<u8>), CheckpointError> {
    let rest = line
        .strip_prefix("\u{2014} ")
        .ok_or(CheckpointError::Form("a signature line begins with an em dash"))?;
    let (name, signature) = rest.split_once(' ').ok_or(CheckpointError::Form(
        "a signature line has a name and a signature",
    ))?;
    let signature = BASE64
        .decode(signature)
        .map_err(|_| CheckpointError::Form("a signature is not base64"))?;
    Ok((name, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (String, LogKey, Checkpoint) {
        let key = SigningKey::from_seed([5; 32]).expect("a seed is a key");
        let log_key = LogKey::new("node-1.example", key.public()).expect("a good name");
        let checkpoint = Checkpoint {
            origin: origin(LedgerId([1; 32])),
            size: 42,
            root: [9; 32],
        };
        (checkpoint.sign("node-1.example", &key), log_key, checkpoint)
    }

    #[test]
    fn a_note_is_accepted_with_its_key_and_no_other() {
        let (note, key, checkpoint) = signed();
        assert_eq!(
            Checkpoint::verify(&note, &checkpoint.origin, &key),
            Ok(checkpoint.clone())
        );
        assert_eq!(
            Checkpoint::verify(&note, "elsewhere", &key),
            Err(CheckpointError::Origin)
        );
        let other = SigningKey::from_seed([6; 32]).expect("a seed is a key");
        let other = LogKey::new("node-1.example", other.public()).expect("a good name");
        assert_eq!(
            Checkpoint::verify(&note, &checkpoint.origin, &other),
            Err(CheckpointError::Signature)
        );
        assert_eq!(LogKey::parse(&key.to_text()), Ok(key));
    }

    #[test]
    fn a_key_has_no_name_that_no_note_can_carry() {
        let (_, key, _) = signed();
        for name in ["", "node 1", "node+1", "node\n1", "node\u{1}", "node\u{a0}1"] {
            assert!(LogKey::new(name, *key.public()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_note_with_a_line_that_is_no_signature_is_refused_wherever_the_line_stands() {
        let (note, key, checkpoint) = signed();
        let witnessed = format!("{note}\u{2014} witness.example AAAAAGFiYw==\n");
        assert!(Checkpoint::verify(&witnessed, &checkpoint.origin, &key).is_ok());
        for line in [
            "",
            "not a signature",
            "\u{2014} witness.example",
            "\u{2014} witness.example AA=A",
        ] {
            let other = format!("{note}{line}\n");
            let found = Checkpoint::verify(&other, &checkpoint.origin, &key);
            assert!(
                matches!(found, Err(CheckpointError::Form(_))),
                "{line:?}: {found:?}"
            );
        }
    }

    #[test]
    fn no_byte_of_a_note_can_be_changed() {
        let (note, key, checkpoint) = signed();
        for i in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[i] ^= 1;
            if let Ok(other) = String::from_utf8(bytes) {
                assert!(
                    Checkpoint::verify(&other, &checkpoint.origin, &key).is_err(),
                    "byte {i}"
                );
            }
        }
    }
}
