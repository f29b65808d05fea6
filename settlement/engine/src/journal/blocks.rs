//! Buffers aligned for `O_DIRECT`.
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use super::config::{BLOCK_BYTES, ZERO_BYTES};

/// One aligned block.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C, align(4096))]
pub(super) struct Block(pub [u8; BLOCK_BYTES]);

/// Zeros to fill files with.
static ZEROS: [Block; ZERO_BYTES / BLOCK_BYTES] = [Block([0; BLOCK_BYTES]); ZERO_BYTES / BLOCK_BYTES];

/// Aligned zeros, [`ZERO_BYTES`] of them.
pub(super) fn zeros() -> &'static [u8] {
    ZEROS.as_bytes()
}

/// Whether these bytes, at most a block, are all zero.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    zeros().get(..bytes.len()).is_some_and(|zeros| zeros == bytes)
}

/// Smallest multiple of the block that holds `bytes`.
pub(super) const fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(BLOCK_BYTES)
}

/// A buffer of whole blocks that only grows.
#[derive(Default)]
pub(crate) struct Blocks(Vec<Block>);

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Blocks").field(&self.0.len()).finish()
    }
}

impl Blocks {
    /// The first `bytes` bytes, with what stood there before.
    pub(crate) fn first_mut(&mut self, bytes: usize) -> &mut [u8] {
        let blocks = bytes.div_ceil(BLOCK_BYTES);
        if blocks > self.0.len() {
            self.0.resize(blocks, Block::new_zeroed());
        }
        &mut self.0.as_mut_bytes()[..bytes]
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
