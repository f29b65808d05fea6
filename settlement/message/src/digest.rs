//! SHA-256 with a tag in front of every structure.
pub use causeway_hash::{Digest, hash, hash_all, pair};

/// The digest of nothing: stands where a structure has no such part.
pub const ZERO: Digest = [0; 32];

/// SHA-256 over a tag and the parts that follow it.
pub fn tagged(tag: &[u8], parts: &[&[u8]]) -> Digest {
    causeway_hash::hash_parts(std::iter::once(tag).chain(parts.iter().copied()))
}
