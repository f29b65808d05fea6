//! Many messages of a kind, hashed by twos.
use crate::{Digest, hash, pair};

/// Hashes messages by twos: each comes with a place, and its digest comes back with it, at [`finish`](Self::finish) at
/// the latest.
#[derive(Debug, Default)]
pub struct Pairing {
    messages: [Vec<u8>; 2],
    /// Place of the first message, while it waits for a second.
    waiting: Option<usize>,
}

impl Pairing {
    /// Adds a message, which `write` puts into an empty buffer. Gives the digests of two, if one waited for it.
    #[inline]
    #[must_use]
    pub fn add(&mut self, place: usize, write: impl FnOnce(&mut Vec<u8>)) -> Option<[(usize, Digest); 2]> {
        let [first, second] = &mut self.messages;
        let Some(before) = self.waiting.take() else {
            first.clear();
            write(first);
            self.waiting = Some(place);
            return None;
        };
        second.clear();
        write(second);
        let [one, two] = pair(first, second);
        Some([(before, one), (place, two)])
    }

    /// The digest of the message that is left without a second.
    #[must_use]
    pub fn finish(&mut self) -> Option<(usize, Digest)> {
        let place = self.waiting.take()?;
        Some((place, hash(&self.messages[0])))
    }
}
