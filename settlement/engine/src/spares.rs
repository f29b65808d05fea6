//! Buffers of batches that are no longer at hand, and of documents that are stored, for the frames that come next:
//! fresh memory costs more than reading a frame into it.
use std::sync::Arc;

use causeway_message::limits::{BATCH_BYTES_MAX, DOCUMENTS_BYTES_MAX};
use causeway_message::verify::VerifiedBatch;
use crossbeam::queue::ArrayQueue;

/// Most buffers of batches kept.
const BUFFERS_MAX: usize = 32;
/// Most buffers of documents kept: about what one turn of the store gives back.
const DOCUMENT_BUFFERS_MAX: usize = 24;
/// Least bytes of a buffer worth keeping: `LARGE_FRAME_BYTES` of the transport asks for no smaller one.
pub const BUFFER_LEAST: usize = 64 * 1_024;

/// The buffers.
#[derive(Debug)]
pub struct Spares {
    batches: ArrayQueue<Vec<u8>>,
    documents: ArrayQueue<Vec<u8>>,
}

impl Default for Spares {
    fn default() -> Self {
        Self {
            batches: ArrayQueue::new(BUFFERS_MAX),
            documents: ArrayQueue::new(DOCUMENT_BUFFERS_MAX),
        }
    }
}

impl Spares {
    /// Takes the buffer of a batch that nobody else holds.
    pub fn give(&self, batch: Arc<VerifiedBatch>) {
        let Some(batch) = Arc::into_inner(batch) else {
            return;
        };
        keep(&self.batches, batch.into_frame(), 2 * BATCH_BYTES_MAX);
    }

    /// Takes the buffer of a frame of documents.
    pub fn give_documents(&self, buffer: Vec<u8>) {
        keep(&self.documents, buffer, DOCUMENTS_BYTES_MAX);
    }

    /// An empty buffer for so many bytes, if one is at hand that fits: never more than twice as large, since who is
    /// counted with a frame is counted with its length.
    pub fn take(&self, length: usize) -> Option<Vec<u8>> {
        fitting(&self.batches, length).or_else(|| fitting(&self.documents, length))
    }
}

fn keep(queue: &ArrayQueue<Vec<u8>>, mut buffer: Vec<u8>, most: usize) {
    if (BUFFER_LEAST..=most).contains(&buffer.capacity()) {
        buffer.clear();
        // Where there are enough, this one is dropped.
        let _ = queue.push(buffer);
    }
}

fn fitting(queue: &ArrayQueue<Vec<u8>>, length: usize) -> Option<Vec<u8>> {
    let buffer = queue.pop()?;
    if (length..=length.saturating_mul(2)).contains(&buffer.capacity()) {
        return Some(buffer);
    }
    let _ = queue.push(buffer);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_goes_to_frames_that_it_fits() {
        let spares = Spares::default();
        let _ = spares.batches.push(Vec::with_capacity(1_000_000));
        assert_eq!(spares.take(BUFFER_LEAST), None, "far too large");
        assert_eq!(spares.take(2_000_000), None, "too small");
        let taken = spares.take(600_000).expect("it fits, and was kept");
        assert!(taken.is_empty() && taken.capacity() >= 600_000);
        assert_eq!(spares.take(600_000), None, "there was one");
    }

    #[test]
    fn frames_of_documents_have_buffers_of_their_own() {
        let spares = Spares::default();
        let _ = spares.batches.push(Vec::with_capacity(100_000));
        spares.give_documents(vec![1; 3_000_000]);
        spares.give_documents(vec![1; BUFFER_LEAST - 1]);
        let taken = spares.take(3_000_000).expect("that of the documents");
        assert!(taken.is_empty() && taken.capacity() >= 3_000_000);
        assert_eq!(
            spares.take(BUFFER_LEAST - 1).map(|buffer| buffer.capacity()),
            Some(100_000)
        );
    }
}
