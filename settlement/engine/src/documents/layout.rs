//! The form of the file: documents one behind the other, each behind its head.
use causeway_message::digest::Digest;
use causeway_message::document::{Document, SALT_BYTES};
use causeway_message::limits::DOCUMENT_BYTES_MAX;

use crate::journal::BLOCK_BYTES;
use crate::system::File;

const MAGIC: &[u8; 4] = b"CWDC";
/// magic ‖ length ‖ erased ‖ zero ‖ CRC-32C of what follows ‖ digest ‖ salt.
pub(super) const HEAD: usize = 4 + 4 + 1 + 3 + 4 + 32 + SALT_BYTES;
/// Where the head says that the document was erased.
pub(super) const ERASED_AT: usize = 8;
/// Where the salt begins, and behind it the text: what erasing overwrites.
pub(super) const SALT_AT: usize = HEAD - SALT_BYTES;
/// Bytes searched at once for a document behind damage.
const SEARCH_BYTES: usize = 1_048_576;

/// The head of a document.
pub(super) fn head(digest: &Digest, document: &Document) -> [u8; HEAD] {
    let mut out = [0; HEAD];
    out[..4].copy_from_slice(MAGIC);
    out[4..8].copy_from_slice(&(document.text.len() as u32).to_le_bytes());
    out[16..SALT_AT].copy_from_slice(digest);
    out[SALT_AT..].copy_from_slice(&document.salt);
    let crc = crc32c::crc32c_append(crc32c::crc32c(&out[16..]), &document.text);
    out[12..16].copy_from_slice(&crc.to_le_bytes());
    out
}

/// What goes between this place and the end of a block: an erased document, which nobody looks for.
pub(super) fn filler(at: u64) -> Vec<u8> {
    let over = (at % BLOCK_BYTES as u64) as usize;
    let mut bytes = (BLOCK_BYTES - over) % BLOCK_BYTES;
    if bytes == 0 {
        return Vec::new();
    }
    // A head has to fit.
    if bytes < HEAD {
        bytes += BLOCK_BYTES;
    }
    let mut out = vec![0; bytes];
    out[..4].copy_from_slice(MAGIC);
    out[4..8].copy_from_slice(&((bytes - HEAD) as u32).to_le_bytes());
    out[ERASED_AT] = 1;
    out
}

/// What the head of a document says.
pub(super) struct Head {
    pub digest: Digest,
    pub erased: bool,
    pub size: u64,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Head and text have their checksum, or were erased.
    Whole,
    /// It is checked when it is read.
    Unchecked,
    Damaged,
}

/// Reads the head of a document; nothing where none can stand. `check` reads the text, too.
pub(super) fn read_head(file: &File, at: u64, len: u64, check: bool) -> std::io::Result<Option<Head>> {
    if at + HEAD as u64 > len {
        return Ok(None);
    }
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, at)?;
    let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    if head[..4] != *MAGIC || size > DOCUMENT_BYTES_MAX as u64 || at + HEAD as u64 + size > len {
        return Ok(None);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(&head[16..SALT_AT]);
    let erased = head[ERASED_AT] != 0;
    let mut state = State::Unchecked;
    if check {
        let mut text = vec![0; size as usize];
        file.read_exact_at(&mut text, at + HEAD as u64)?;
        let crc = crc32c::crc32c_append(crc32c::crc32c(&head[16..]), &text);
        let gone = erased && head[SALT_AT..].iter().chain(&text).all(|byte| *byte == 0);
        let whole = gone || crc.to_le_bytes() == head[12..16];
        state = if whole { State::Whole } else { State::Damaged };
    }
    Ok(Some(Head {
        digest,
        erased,
        size,
        state,
    }))
}

/// Where the next whole document begins, if there is one.
pub(super) fn next_head(file: &File, from: u64, len: u64) -> std::io::Result<Option<u64>> {
    let mut window = vec![0; SEARCH_BYTES];
    let mut at = from;
    while at + HEAD as u64 <= len {
        let take = (len - at).min(SEARCH_BYTES as u64) as usize;
        file.read_exact_at(&mut window[..take], at)?;
        let found = window[..take]
            .windows(MAGIC.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == MAGIC);
        for (offset, _) in found {
            let place = at + offset as u64;
            if read_head(file, place, len, true)?.is_some_and(|head| head.state == State::Whole) {
                return Ok(Some(place));
            }
        }
        // Windows overlap by a magic, so that none is missed between two.
        at += (take - (MAGIC.len() - 1).min(take - 1)) as u64;
    }
    Ok(None)
}
