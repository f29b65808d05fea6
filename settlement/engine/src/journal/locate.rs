//! Which entry of a damaged group is the damaged one.
use causeway_message::digest::Digest;
use zerocopy::FromBytes;

use super::chain::Tail;
use super::group::entry_at;
use super::layout::{RECORD_HEADER_BYTES, RecordHeader};

/// Where in the record the damaged entry begins, and its index; `None` if all entries hold, so that header or
/// padding must be what changed. `next_hash` is the chain's hash after the group, where something tells it.
///
/// The checksum of the group only says that something is wrong. The chain says where: a header is vouched for
/// by the one that follows it.
pub(super) fn locate(record: &[u8], tail: &Tail, next_hash: Option<Digest>) -> Option<(usize, u64)> {
    let count = RecordHeader::read_from_prefix(record).map_or(0, |(header, _)| u64::from(header.count.get()));
    let mut at = RECORD_HEADER_BYTES;
    let (mut hash, mut index) = (tail.hash, tail.index);
    let mut before = None;
    loop {
        let here = (at, index.saturating_add(1));
        let seen = index.saturating_sub(tail.index);
        // What follows vouches for everything up to here; without it the header's count has to do.
        if seen > 0 && next_hash.map_or(seen == count, |next| next == hash) {
            return None;
        }
        if record.get(at..).unwrap_or(&[]).iter().all(|b| *b == 0) {
            break;
        }
        let Ok(entry) = entry_at(record, at) else {
            return Some(here);
        };
        let own = entry.header.hash();
        if entry.header.prev_hash != hash {
            let following = match entry_at(record, entry.next) {
                Ok(next) if next.header.index.get() != 0 => Some(next.header.prev_hash),
                _ => next_hash,
            };
            // Both sides of a broken link are suspects; the one whose other link holds is not it.
            return if following == Some(own) {
                before.or(Some(here))
            } else {
                Some(here)
            };
        }
        if entry.header.index.get() != here.1 || entry.header.crc32c.get() != crc32c::crc32c(entry.payload) {
            return Some(here);
        }
        before = Some(here);
        (hash, index, at) = (own, here.1, entry.next);
    }
    match next_hash {
        Some(_) if index.saturating_sub(tail.index) < count => Some((at, index.saturating_add(1))),
        Some(_) => before,
        None => None,
    }
}
