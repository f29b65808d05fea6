//! Messages off a stream, within a participant's memory and within time.
use std::time::Duration;

use causeway_message::refusal::{Refusal, RefusalCode};
use tokio::time::timeout;

use super::participants::{Participant, Share};
use crate::error::ClientError;
use crate::framing::FrameReader;
use crate::limits::{BUSY_RETRY_MS, LARGE_FRAME_BYTES};

/// A message with the memory that it takes.
#[derive(Debug)]
pub(super) struct Frame {
    pub message: Vec<u8>,
    pub share: Share,
}

/// What is done again later is refused with a time to wait.
pub(super) fn busy(text: &str) -> Refusal {
    let mut busy = Refusal::new(RefusalCode::Busy, text);
    busy.retry_after_ms = BUSY_RETRY_MS;
    busy
}

/// Something within a time, or a refusal that says what did not come.
pub(super) async fn in_time<T>(
    time: Duration,
    what: &str,
    does: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    timeout(time, does)
        .await
        .unwrap_or_else(|_| Err(Refusal::new(RefusalCode::TooSlow, what).into()))
}

/// The next message of a session. The stream may be silent between two for as long as it likes; what began must go
/// on. `spare` gives a buffer for a large one. `holds` says that the stream holds memory already: it does not wait for more without end.
pub(super) async fn next(
    frames: &mut FrameReader,
    participant: &Participant,
    time: Duration,
    holds: bool,
    spare: impl FnOnce(usize) -> Option<Vec<u8>>,
) -> Result<Option<Frame>, ClientError> {
    if !frames.begins().await? {
        return Ok(None);
    }
    let what = "a message began and did not go on";
    let length = in_time(time, what, frames.length()).await?;
    let room = participant.share(length);
    let share = if holds {
        timeout(time, room)
            .await
            .map_err(|_| busy("too many documents wait for their batches"))?
    } else {
        room.await
    };
    let share = share.ok_or(ClientError::Closed)?;
    if length >= LARGE_FRAME_BYTES
        && let Some(buffer) = spare(length)
    {
        frames.lend(buffer);
    }
    let message = in_time(time, what, frames.message()).await?;
    Ok(Some(Frame { message, share }))
}
