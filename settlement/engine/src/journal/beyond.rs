//! What lies beyond the last record that verifies: nothing, the rest of a torn write, or proof of damage.
use std::io;

use super::blocks::{Blocks, is_zero};
use super::config::{BEYOND_BYTES, BLOCK_BYTES};
use super::layout::{Place, RecordHeader};
use crate::system::File;

/// What was found.
#[derive(Default)]
pub(super) struct Beyond {
    /// End of the last block that is not zero.
    pub end: Option<u64>,
    /// The first whole record, at this offset. The search ends there.
    pub record: Option<(u64, RecordHeader)>,
}

/// Searches the rest of a segment, from `place` on. Records are looked for behind the first block; without
/// `records`, only for bytes that are not zero.
pub(super) fn look(file: &File, place: Place, records: bool) -> io::Result<Beyond> {
    let mut beyond = Beyond::default();
    let mut chunk = Blocks::default();
    let mut record = Blocks::default();
    let mut at = place.offset;
    while at < place.size {
        let len = usize::try_from(place.size - at)
            .unwrap_or(usize::MAX)
            .min(BEYOND_BYTES);
        let bytes = chunk.first_mut(len);
        file.read_exact_at(bytes, at)?;
        for block in bytes.chunks(BLOCK_BYTES) {
            if !is_zero(block) {
                beyond.end = Some(at + block.len() as u64);
                let here = Place { offset: at, ..place };
                let candidate = records && at > place.offset;
                let header = if candidate {
                    whole(file, block, here, &mut record)?
                } else {
                    None
                };
                if let Some(header) = header {
                    beyond.record = Some((at, header));
                    return Ok(beyond);
                }
            }
            at += block.len() as u64;
        }
    }
    Ok(beyond)
}

/// The record at `place`, the front of which is `block`, if all of it verifies.
pub(super) fn whole(
    file: &File,
    block: &[u8],
    place: Place,
    buffer: &mut Blocks,
) -> io::Result<Option<RecordHeader>> {
    let Ok(header) = RecordHeader::read(block, place) else {
        return Ok(None);
    };
    let bytes = buffer.first_mut(header.bytes.get() as usize);
    file.read_exact_at(bytes, place.offset)?;
    Ok(header.verifies(bytes).then_some(header))
}
