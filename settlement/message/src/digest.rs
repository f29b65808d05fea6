//! SHA-256 with a tag in front of every structure.
use ring::digest::{Context, SHA256, digest};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The digest of nothing: stands where a structure has no such part.
pub const ZERO: Digest = [0; 32];

/// SHA-256 over one run of bytes that already begins with its tag.
#[inline]
pub fn hash(bytes: &[u8]) -> Digest {
    let mut out = ZERO;
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// SHA-256 over a tag and the parts that follow it.
pub fn tagged(tag: &[u8], parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(tag);
    for part in parts {
        context.update(part);
    }
    let mut out = ZERO;
    out.copy_from_slice(context.finish().as_ref());
    out
}
