//! Buffers of batches that are no longer at hand, for the frames that come next: fresh memory costs more than reading a
//! frame into it.
use std::sync::Arc;

use causeway_message::limits::BATCH_BYTES_MAX;
use causeway_message::verify::VerifiedBatch;
use crossbeam::queue::ArrayQueue;

/// Most buffers kept.
const BUFFERS_MAX: usize = 32;
/// Least bytes of a buffer worth keeping: `LARGE_FRAME_BYTES` of the transport asks for no smaller one.
pub const BUFFER_LEAST: usize = 64 * 1_024;

/// The buffers.
#[derive(Debug)]
pub struct Spares(ArrayQueue<Vec<u8>>);

impl Default for Spares {
    fn default() -> Self {
        Self(ArrayQueue::new(BUFFERS_MAX))
    }
}

impl Spares {
    /// Takes the buffer of a batch that nobody else holds.
    pub fn give(&self, batch: Arc<VerifiedBatch>) {
        let Some(batch) = Arc::into_inner(batch) else {
            return;
        };
        let mut buffer = batch.into_frame();
        if (BUFFER_LEAST..=2 * BATCH_BYTES_MAX).contains(&buffer.capacity()) {
            buffer.clear();
            // Where there are enough, this one is dropped.
            let _ = self.0.push(buffer);
        }
    }

    /// An empty buffer for so many bytes, if one is at hand that fits: never more than twice as large, since who is
    /// counted with a frame is counted with its length.
    pub fn take(&self, length: usize) -> Option<Vec<u8>> {
        let buffer = self.0.pop()?;
        if (length..=length.saturating_mul(2)).contains(&buffer.capacity()) {
            return Some(buffer);
        }
        let _ = self.0.push(buffer);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_goes_to_frames_that_it_fits() {
        let spares = Spares::default();
        let _ = spares.0.push(Vec::with_capacity(1_000_000));
        assert_eq!(spares.take(BUFFER_LEAST), None, "far too large");
        assert_eq!(spares.take(2_000_000), None, "too small");
        let taken = spares.take(600_000).expect("it fits, and was kept");
        assert!(taken.is_empty() && taken.capacity() >= 600_000);
        assert_eq!(spares.take(600_000), None, "there was one");
    }
}
