//! Frames on a QUIC stream: a length, then a message.
use bytes::Bytes;
use causeway_message::limits::FRAME_BYTES_MAX;
use quinn::{RecvStream, SendStream};

use crate::error::ClientError;

/// Most bytes taken from the stream at once.
const CHUNK: usize = 256 * 1_024;

/// Whatever bytes come from in chunks.
pub trait Chunks {
    /// The next chunk, of at most so many bytes; `None` at the end. May be cancelled.
    ///
    /// # Errors
    /// If the connection is lost.
    fn chunk(&mut self, most: usize) -> impl Future<Output = Result<Option<Bytes>, ClientError>> + Send;
}

impl Chunks for RecvStream {
    async fn chunk(&mut self, most: usize) -> Result<Option<Bytes>, ClientError> {
        Ok(self.read_chunk(most, true).await?.map(|chunk| chunk.bytes))
    }
}

/// Reads frames off a stream.
#[derive(Debug)]
pub struct FrameReader<S = RecvStream> {
    stream: S,
    pending: Bytes,
    /// The frame under way: its length, as far as it has come, and its message.
    length: [u8; 4],
    have: usize,
    message: Vec<u8>,
    /// Most bytes of a message.
    bound: usize,
}

impl<S: Chunks> FrameReader<S> {
    /// Reads from a stream.
    pub const fn new(stream: S) -> Self {
        Self::bounded(stream, FRAME_BYTES_MAX)
    }

    /// Reads messages of at most so many bytes from a stream.
    pub const fn bounded(stream: S, bound: usize) -> Self {
        Self {
            stream,
            pending: Bytes::new(),
            length: [0; 4],
            have: 0,
            message: Vec::new(),
            bound,
        }
    }

    /// Reads the next message into this buffer, if none of it was read yet.
    pub fn lend(&mut self, mut buffer: Vec<u8>) {
        if self.message.is_empty() {
            buffer.clear();
            self.message = buffer;
        }
    }

    /// Takes messages of at most so many bytes from now on.
    pub const fn set_bound(&mut self, bound: usize) {
        self.bound = bound;
    }

    /// The next message; `None` where the stream ends between two. May be cancelled: what has come is kept.
    ///
    /// # Errors
    /// If the connection is lost or the frame is too long.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        if !self.begins().await? {
            return Ok(None);
        }
        self.length().await?;
        Ok(Some(self.message().await?))
    }

    /// Waits for the first byte of the next message; false where the stream ends before it. May be cancelled.
    ///
    /// # Errors
    /// If the connection is lost.
    pub async fn begins(&mut self) -> Result<bool, ClientError> {
        Ok(self.have > 0 || !self.pending.is_empty() || self.more().await?)
    }

    /// Length of the next message, before any byte of it is kept. May be cancelled.
    ///
    /// # Errors
    /// If the connection is lost or the frame is too long.
    pub async fn length(&mut self) -> Result<usize, ClientError> {
        while self.have < 4 {
            if self.pending.is_empty() && !self.more().await? {
                return Err(cut());
            }
            let take = self.pending.len().min(4 - self.have);
            self.length[self.have..self.have + take].copy_from_slice(&self.pending.split_to(take));
            self.have += take;
        }
        let length = u32::from_le_bytes(self.length) as usize;
        causeway_message::codec::within(length, self.bound, "frame.length")?;
        Ok(length)
    }

    /// The next message, whole. May be cancelled.
    ///
    /// # Errors
    /// If the connection is lost or the frame is too long.
    pub async fn message(&mut self) -> Result<Vec<u8>, ClientError> {
        let length = self.length().await?;
        self.message.reserve_exact(length - self.message.len());
        while self.message.len() < length {
            if self.pending.is_empty() && !self.more().await? {
                return Err(cut());
            }
            let take = self.pending.len().min(length - self.message.len());
            self.message.extend_from_slice(&self.pending.split_to(take));
        }
        self.have = 0;
        Ok(std::mem::take(&mut self.message))
    }

    async fn more(&mut self) -> Result<bool, ClientError> {
        match self.stream.chunk(CHUNK).await? {
            Some(chunk) => {
                self.pending = chunk;
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
