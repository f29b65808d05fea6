//! A feed: pages to one subscriber, live while it keeps up, from the log while it does not.
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::refusal::{Refusal, RefusalCode};
use quinn::SendStream;
use tokio::sync::Notify;

use super::connection::Stream;
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::service::FeedNext;

struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

async fn send_page(send: &mut SendStream, page: Arc<Vec<u8>>) -> Result<(), ClientError> {
    metrics::counter!("causeway_transport_feed_pages_total").increment(1);
    write(send, Bytes::from_owner(Shared(page))).await
}

pub(super) async fn serve(
    stream: &Stream,
    from: u64,
    mut send: SendStream,
    mut frames: FrameReader,
) -> Result<(), ClientError> {
    let woken = Arc::new(Notify::new());
    let wake = woken.clone();
    let feed = stream
        .state
        .node
        .subscribe(stream.participant.id, from, Box::new(move || wake.notify_one()));
    loop {
        match feed.take() {
            FeedNext::Page(page) => send_page(&mut send, page).await?,
            FeedNext::Behind => {
                let (reading, question) = (feed.clone(), stream.participant.question().await);
                let read = tokio::task::spawn_blocking(move || reading.read_log()).await;
                drop(question);
                match read.unwrap_or_else(|_| Err(Refusal::new(RefusalCode::Internal, ""))) {
                    Ok(Some(page)) => send_page(&mut send, page).await?,
                    Ok(None) => {}
                    Err(refusal) => return stream.refuse(&mut send, &refusal).await,
                }
            }
            FeedNext::Wait => {
                tokio::select! {
                    () = woken.notified() => {}
                    // A subscriber says nothing more; when its side ends, so does the feed.
                    ended = frames.next() => {
                        ended?;
                        send.finish()?;
                        return Ok(());
                    }
                }
            }
        }
    }
}
