//! Ed25519 keys: one fixed verification equation (ring's), canonical public keys only.
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::fmt;

use crate::FormatError;
use crate::ids::write_hex;

/// What errors call a public key.
pub(crate) const FIELD: &str = "public_key";
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

fn is_small_order(mut encoding: [u8; 32]) -> bool {
    encoding[31] &= 0x7f;
    SMALL_ORDER.contains(&encoding)
}

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
                FIELD,
                "the encoding is not canonical (RFC 8032 section 5.1.3)",
            ));
        }
        if is_small_order(bytes) {
            return Err(FormatError::rule(FIELD, "the point has small order"));
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// True if `signature` is this key's over `message`.
    ///
    /// ring's equation is `[S]B = R + [k]A`, without the cofactor; it compares the bytes of R, so that an encoding
    /// that is not canonical never fits, and refuses `S >= L`. An R of small order gives the private key away, and
    /// nobody signs so: it is refused, as other verifiers do.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        !is_small_order(signature[..32].try_into().unwrap_or_default())
            && self.equation_holds(message, signature)
    }

    fn equation_holds(&self, message: &[u8], signature: &Signature) -> bool {
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
mod tests;
