//! Configuration of the journal, and every bound of its format.
use super::error::JournalError;
use crate::place::Places;
use crate::system::Dir;

/// Unit of every write: what `O_DIRECT` asks for on all disks in use.
pub(crate) const BLOCK_BYTES: usize = 4_096;
/// Bytes of a segment file unless configured otherwise.
pub const SEGMENT_BYTES_DEFAULT: u64 = 128 * 1_048_576;
/// Least bytes of a segment file.
pub const SEGMENT_BYTES_MIN: u64 = 1_048_576;
/// Most bytes of a segment file: offsets are `u32`.
pub const SEGMENT_BYTES_MAX: u64 = 2_048 * 1_048_576;
/// Most bytes of one group unless configured otherwise: several of the largest batches in one write.
pub const GROUP_BYTES_DEFAULT: u64 = 8 * 1_048_576;
/// Segment files a [`super::Reader`] keeps open.
pub const READER_FILES_MAX: usize = 64;
/// Bytes read at once by a scan; a larger group is still read in one piece.
pub(super) const WINDOW_BYTES: usize = 4 * 1_048_576;
/// Bytes of zeros written at once: few, for a group may have to wait behind them.
pub(super) const ZERO_BYTES: usize = 262_144;
/// Bytes read at once while looking for what lies beyond the end.
pub(super) const BEYOND_BYTES: usize = 1_048_576;
/// Largest segment number: what eight digits of a file name hold.
pub(super) const SEGMENT_NUMBER_MAX: u32 = 99_999_999;

const _: () = {
    assert!(SEGMENT_BYTES_DEFAULT.is_multiple_of(BLOCK_BYTES as u64) && SEGMENT_BYTES_MAX <= u32::MAX as u64);
    assert!(ZERO_BYTES.is_multiple_of(BLOCK_BYTES) && BEYOND_BYTES.is_multiple_of(BLOCK_BYTES));
    assert!(GROUP_BYTES_DEFAULT < SEGMENT_BYTES_DEFAULT);
    assert!(causeway_message::limits::BATCH_BYTES_MAX as u64 + BLOCK_BYTES as u64 <= GROUP_BYTES_DEFAULT);
};

/// Whether writes pass the page cache by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direct {
    /// `O_DIRECT` where the filesystem takes it, otherwise buffered writes with a sync each.
    #[default]
    Auto,
    /// Buffered writes with a sync each.
    Never,
    /// `O_DIRECT`, or the journal does not open.
    Require,
}

/// Where and how a journal is kept.
#[derive(Debug, Clone)]
pub struct JournalConfig {
    /// Directory of the segment files; nothing else belongs there.
    pub dir: Dir,
    /// Bytes of a new segment file, a multiple of 4096. Existing ones keep their size.
    pub segment_bytes: u64,
    /// Most bytes of one group, a multiple of 4096 and less than a segment.
    pub group_bytes: u64,
    /// Whether writes pass the page cache by.
    pub direct: Direct,
    /// Where threads run.
    pub places: Places,
}

impl JournalConfig {
    /// The defaults, in this directory.
    pub fn new(dir: impl Into<Dir>) -> Self {
        Self {
            dir: dir.into(),
            segment_bytes: SEGMENT_BYTES_DEFAULT,
            group_bytes: GROUP_BYTES_DEFAULT,
            direct: Direct::Auto,
            places: Places::default(),
        }
    }

    /// The same with segments of another size; the bound on groups shrinks with it.
    pub fn with_segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self.group_bytes = self.group_bytes.min(bytes.saturating_sub(BLOCK_BYTES as u64));
        self
    }

    /// Checks the numbers against each other.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        let block = BLOCK_BYTES as u64;
        let error = |field, value, rule| Err(JournalError::Config { field, value, rule });
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes) {
            return error(
                "segment_bytes",
                self.segment_bytes,
                "must lie between 1 MiB and 2 GiB",
            );
        }
        if !self.segment_bytes.is_multiple_of(block) {
            return error("segment_bytes", self.segment_bytes, "must be a multiple of 4096");
        }
        if self.group_bytes < block || !self.group_bytes.is_multiple_of(block) {
            return error(
                "group_bytes",
                self.group_bytes,
                "must be a multiple of 4096 and not zero",
            );
        }
        if self.group_bytes > self.segment_bytes - block {
            return error(
                "group_bytes",
                self.group_bytes,
                "a group must fit a segment beside its header",
            );
        }
        Ok(())
    }
}
