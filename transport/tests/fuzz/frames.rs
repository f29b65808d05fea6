//! Frames, put together from a stream that is cut anywhere: the messages are those of the uncut bytes.
use bytes::Bytes;
use causeway_message::limits::FRAME_BYTES_MAX;
use causeway_transport::ClientError;
use causeway_transport::framing::{Chunks, FrameReader};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::support::{self, Input, fuzz};

/// Bytes that come in chunks of these sizes, again and again.
struct Cut<'a> {
    bytes: &'a [u8],
    sizes: &'a [u8],
    at: usize,
}

impl Chunks for Cut<'_> {
    async fn chunk(&mut self, most: usize) -> Result<Option<Bytes>, ClientError> {
        let size = usize::from(self.sizes[self.at % self.sizes.len()]) + 1;
        let (chunk, rest) = self.bytes.split_at(size.min(most).min(self.bytes.len()));
        (self.bytes, self.at) = (rest, self.at + 1);
        Ok((!chunk.is_empty()).then(|| Bytes::copy_from_slice(chunk)))
    }
}

/// Runs what never has to wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the bytes are all there"),
    }
}

/// The messages in the uncut bytes, and whether they end between two.
fn messages(mut bytes: &[u8], bound: usize) -> (Vec<&[u8]>, bool) {
    let mut messages = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some((message, rest)) = rest.split_at_checked(length).filter(|_| length <= bound) else {
            return (messages, false);
        };
        messages.push(message);
        bytes = rest;
    }
    (messages, bytes.is_empty())
}

fn framed(sizes: [u8; 4], messages: &[&[u8]]) -> Vec<u8> {
    let mut out = sizes.to_vec();
    for message in messages {
        out.extend((message.len() as u32).to_le_bytes());
        out.extend(*message);
    }
    out
}

#[test]
fn messages_are_the_same_wherever_the_stream_is_cut() {
    let samples = [
        framed([0, 1, 2, 200], &[b"one", b"", b"two and more", &[7; 300]]),
        framed([255, 0, 3, 90], &[&[1; 1_000], b"x"]),
    ];
    fuzz!("frames", &samples, |input: &Input| {
        let Some((sizes, bytes)) = input.bytes.split_first_chunk::<4>() else {
            return;
        };
        for bound in [FRAME_BYTES_MAX, 256] {
            let mut reader = FrameReader::bounded(Cut { bytes, sizes, at: 0 }, bound);
            let (messages, ends) = messages(bytes, bound);
            for message in messages {
                assert_eq!(now(reader.next()).expect("it is whole").as_deref(), Some(message));
            }
            match now(reader.next()) {
                Ok(end) => assert!(ends && end.is_none(), "a message too many"),
                Err(_) => assert!(!ends, "an end between two messages is no error"),
            }
        }
    });
}
