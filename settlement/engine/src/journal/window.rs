//! A window on a file, read in large pieces.
use std::io;

use super::blocks::Blocks;
use super::config::WINDOW_BYTES;
use crate::system::File;

/// Bytes that the disk is asked to fetch ahead.
const AHEAD_BYTES: u64 = 2 * WINDOW_BYTES as u64;

/// The bytes last read from one file.
#[derive(Default)]
pub(super) struct Window {
    blocks: Blocks,
    start: u64,
    len: usize,
    /// Whether the file is read past the page cache, so that nothing is to be fetched into it.
    pub past_cache: bool,
}

impl Window {
    /// Forgets what was read: the file is another one, or has changed.
    pub(super) fn forget(&mut self) {
        self.len = 0;
    }

    /// Makes sure that `len` bytes at `offset` are in the window. They must lie inside the file's `size`.
    pub(super) fn load(&mut self, file: &File, size: u64, offset: u64, len: usize) -> io::Result<()> {
        let end = offset.saturating_add(len as u64);
        if self.start <= offset && end <= self.start.saturating_add(self.len as u64) {
            return Ok(());
        }
        let room = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let want = len.max(WINDOW_BYTES).min(room);
        if want < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let bytes = self.blocks.first_mut(want.max(self.len));
        // The front of a record that reaches past the window has been read; `forget` is for whoever wants it anew.
        let held = match usize::try_from(offset.wrapping_sub(self.start)) {
            Ok(skip) if skip < self.len => {
                bytes.copy_within(skip..self.len, 0);
                self.len - skip
            }
            _ => 0,
        };
        self.len = 0;
        file.read_exact_at(&mut bytes[held..want], offset + held as u64)?;
        (self.start, self.len) = (offset, want);
        if !self.past_cache {
            // Only a hint: the disk fetches the next piece while this one is being checked.
            file.read_soon(offset + want as u64, Some(AHEAD_BYTES));
        }
        Ok(())
    }

    /// Bytes that [`Self::load`] has loaded; empty if it has not.
    pub(super) fn bytes(&self, offset: u64, len: usize) -> &[u8] {
        let skip = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let loaded = self.blocks.bytes().get(..self.len).unwrap_or(&[]);
        loaded.get(skip..).and_then(|rest| rest.get(..len)).unwrap_or(&[])
    }
}
