//! Frames on a QUIC stream: a length, then a message.
use bytes::Bytes;
use causeway_message::limits::FRAME_BYTES_MAX;
use quinn::{RecvStream, SendStream};

use crate::error::ClientError;

/// Most bytes taken from the stream at once.
const CHUNK: usize = 256 * 1_024;

/// Reads frames off a stream.
#[derive(Debug)]
pub struct FrameReader {
    stream: RecvStream,
    pending: Bytes,
}

impl FrameReader {
    /// Reads from a stream.
    pub const fn new(stream: RecvStream) -> Self {
        Self {
            stream,
            pending: Bytes::new(),
        }
    }

    /// The next message; `None` where the stream ends between two. Cancelling it loses the stream's place.
    ///
    /// # Errors
    /// If the connection is lost or the frame is too long.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let mut length = [0u8; 4];
        let mut have = 0;
        while have < 4 {
            if self.pending.is_empty() && !self.more().await? {
                return if have == 0 { Ok(None) } else { Err(cut()) };
            }
            let take = self.pending.len().min(4 - have);
            length[have..have + take].copy_from_slice(&self.pending.split_to(take));
            have += take;
        }
        let length = u32::from_le_bytes(length) as usize;
        causeway_message::codec::within(length, FRAME_BYTES_MAX, "frame.length")?;
        let mut frame = Vec::with_capacity(length);
        while frame.len() < length {
            if self.pending.is_empty() && !self.more().await? {
                return Err(cut());
            }
            let take = self.pending.len().min(length - frame.len());
            frame.extend_from_slice(&self.pending.split_to(take));
        }
        Ok(Some(frame))
    }

    async fn more(&mut self) -> Result<bool, ClientError> {
        match self.stream.read_chunk(CHUNK, true).await? {
            Some(chunk) => {
                self.pending = chunk.bytes;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

fn cut() -> ClientError {
    ClientError::Connection("the stream ends inside a frame".into())
}

/// Writes one message behind its length.
///
/// # Errors
/// If the connection is lost.
pub async fn write(stream: &mut SendStream, message: Bytes) -> Result<(), ClientError> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut chunks = [Bytes::copy_from_slice(&length.to_le_bytes()), message];
    stream.write_all_chunks(&mut chunks).await?;
    Ok(())
}
