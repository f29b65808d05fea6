//! Buffers of batches that are no longer at hand, for the frames that come next: fresh memory costs more than reading a
//! frame into it.
use std::sync::Arc;

use causeway_message::limits::BATCH_BYTES_MAX;
use causeway_message::verify::VerifiedBatch;
use crossbeam::queue::ArrayQueue;

/// Most buffers kept.
const BUFFERS_MAX: usize = 32;
/// Least bytes of a buffer worth keeping.
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

    /// An empty buffer, if there is one.
    pub fn take(&self) -> Option<Vec<u8>> {
        self.0.pop()
    }
}
