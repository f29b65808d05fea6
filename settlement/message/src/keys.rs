//! Ed25519 keys: one fixed verification equation (ring's), canonical public keys only.
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;

use crate::FormatError;
use crate::ids::write_hex;

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;
/// A signature.
pub type Signature = [u8; SIGNATURE_BYTES];

/// Encodings of the points of small order, canonical or not in the sign bit: a signature under them proves
/// nothing (RFC 8032 leaves them to the verifier).
const SMALL_ORDER: [[u8; 32]; 5] = {
    let mut one = [0u8; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    [
        [0; 32],
        one,
        minus_one,
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ]
};

/// A canonical Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Accepts canonical encodings of points that are not of small order.
    pub fn new(bytes: [u8; 32]) -> Result<Self, FormatError> {
        let mut y = bytes;
        y[31] &= 0x7f;
        // p = 2^255 - 19: only encodings whose upper 247 bits are all ones can reach it.
        let at_top = y[31] == 0x7f && y[1..31].iter().all(|b| *b == 0xff);
        if at_top && y[0] >= 0xed {
            return Err(FormatError::rule(
                "public_key",
                "the encoding is not canonical (RFC 8032 section 5.1.3)",
            ));
        }
        if SMALL_ORDER.contains(&y) {
            return Err(FormatError::rule("public_key", "the point has small order"));
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// True if `signature` is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// A private key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    seed: [u8; 32],
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public())
    }
}

impl SigningKey {
    /// From its 32-byte seed.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, FormatError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| FormatError::rule("private_key", "the seed is not a key"))?;
        Ok(Self { pair, seed })
    }

    /// A key from the system's randomness.
    pub fn generate() -> Result<Self, FormatError> {
        Self::from_seed(random_bytes()?)
    }

    /// The seed, to be kept secret.
    pub const fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Its public key.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(bytes)
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let mut out = [0; SIGNATURE_BYTES];
        out.copy_from_slice(self.pair.sign(message).as_ref());
        out
    }
}

/// Bytes from the system's randomness: for keys, ids and salts.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], FormatError> {
    use ring::rand::SecureRandom;
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| FormatError::rule("randomness", "the system gave none"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_prove_nothing_are_refused() {
        for mut bytes in SMALL_ORDER {
            assert!(PublicKey::new(bytes).is_err());
            bytes[31] |= 0x80;
            assert!(PublicKey::new(bytes).is_err());
        }
        let mut p = [0xff; 32];
        p[31] = 0x7f;
        for low in 0xed..=0xff {
            p[0] = low;
            assert!(PublicKey::new(p).is_err(), "p + {}", low - 0xed);
        }
    }

    #[test]
    fn a_signature_binds_key_and_message() {
        let key = SigningKey::from_seed([7; 32]).expect("a seed is a key");
        let signature = key.sign(b"pay");
        assert!(key.public().verifies(b"pay", &signature));
        assert!(!key.public().verifies(b"pax", &signature));
        assert!(PublicKey::new(*key.public().bytes()).is_ok());
        let other = SigningKey::from_seed([8; 32]).expect("a seed is a key");
        assert!(!other.public().verifies(b"pay", &signature));
    }
}
