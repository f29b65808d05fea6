//! What the processor's own instructions are for: SHA-256, and reading ahead.
//!
//! A long message is `ring`'s; a short one costs less where nothing is set up for it. Batches, trees and groups of events hash thousands of short messages that do not
//! depend on each other: the rounds of one message wait for each other, so that a processor with SHA instructions is
//! idle half of the time. [`pair`] fills it with a second message.
mod ahead;
mod lanes;

pub use ahead::prefetch;
use ring::digest::{Context, SHA256, digest};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Most bytes of a message that is short: nodes of trees, heads and leaves are.
const SHORT: usize = 256;

/// SHA-256 of one run of bytes.
#[inline]
pub fn hash(bytes: &[u8]) -> Digest {
    if bytes.len() <= SHORT
        && let Some([digest]) = lanes::each([bytes])
    {
        return digest;
    }
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// SHA-256 of parts, one behind the other.
pub fn hash_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut parts = parts.into_iter();
    let (mut short, mut len) = ([0; SHORT], 0);
    // What makes the message longer than short, if anything does.
    let more = loop {
        let Some(part) = parts.next() else { break None };
        let Some(room) = short.get_mut(len..len + part.len()) else {
            break Some(part);
        };
        room.copy_from_slice(part);
        len += part.len();
    };
    let Some(more) = more else {
        return hash(&short[..len]);
    };
    let mut context = Context::new(&SHA256);
    context.update(&short[..len]);
    context.update(more);
    parts.for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// SHA-256 of two messages. Costs least where both are of about the same length.
#[inline]
pub fn pair(first: &[u8], second: &[u8]) -> [Digest; 2] {
    lanes::each([first, second]).unwrap_or_else(|| [hash(first), hash(second)])
}

/// SHA-256 of messages, in their order: `write` puts each into an empty buffer. They are hashed by twos.
pub fn hash_all<T>(of: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) -> Vec<Digest> {
    let mut of = of.into_iter();
    let mut digests = Vec::with_capacity(of.size_hint().0);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    while let Some(one) = of.next() {
        first.clear();
        write(&mut first, one);
        let Some(other) = of.next() else {
            digests.push(hash(&first));
            break;
        };
        second.clear();
        write(&mut second, other);
        digests.extend(pair(&first, &second));
    }
    digests
}

/// True if [`pair`] hashes both messages at once on this machine.
pub fn is_paired() -> bool {
    lanes::each([&[], &[]]).is_some()
}
