//! A feed as its reader sees it: verified entries without gaps.
use std::collections::VecDeque;
use std::sync::Arc;

use causeway_message::digest::Digest;
use causeway_message::event::{self, Event};
use causeway_message::frame::{self, Template};
use causeway_message::leaf::Leaf;
use causeway_message::wire::{FeedPage, read_refusal, write_number};

use super::link::{Backoff, Link};
use crate::error::ClientError;
use crate::framing::FrameReader;

/// The participant's events of one log entry, proven to stand in the log.
#[derive(Debug, Clone)]
pub struct VerifiedEntry {
    /// The entry's leaf.
    pub leaf: Leaf,
    /// Number of the first event.
    pub first: u64,
    /// Root of the tree it was proven under.
    pub root: Digest,
    events: Vec<u8>,
    skip: u64,
}

impl VerifiedEntry {
    /// The events with their numbers.
    pub fn events(&self) -> impl Iterator<Item = (u64, Event<'_>)> {
        event::each(&self.events)
            .zip(0..)
            .map(|(event, at): (_, u64)| (self.first.saturating_add(at), event))
            .skip(self.skip as usize)
    }
}

/// A subscription that goes on by itself after the connection was lost.
#[derive(Debug)]
pub struct FeedStream {
    link: Arc<Link>,
    next: u64,
    // The sending side stays open: when it ends, so does the feed.
    stream: Option<(quinn::SendStream, FrameReader)>,
    ready: VecDeque<VerifiedEntry>,
    backoff: Backoff,
}

impl FeedStream {
    pub(super) fn new(link: Arc<Link>, from: u64) -> Self {
        Self {
            link,
            next: from.max(1),
            stream: None,
            ready: VecDeque::new(),
            backoff: Backoff::new(),
        }
    }

    /// Number of the event that comes next.
    pub const fn next_number(&self) -> u64 {
        self.next
    }

    /// The next entry. Waits as long as it takes, also for the node to come back.
    ///
    /// # Errors
    /// If the node refuses, or shows what its log does not prove.
    pub async fn next(&mut self) -> Result<VerifiedEntry, ClientError> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(entry);
            }
            match self.page().await {
                Ok(()) => self.backoff = Backoff::new(),
                Err(error) if error.is_connection() => {
                    self.stream = None;
                    self.backoff.wait().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn page(&mut self) -> Result<(), ClientError> {
        let (_, frames) = match &mut self.stream {
            Some(stream) => stream,
            None => self.stream.insert(
                self.link
                    .open(write_number(Template::Subscribe, self.next))
                    .await?,
            ),
        };
        let message = frames
            .next()
            .await?
            .ok_or_else(|| ClientError::Connection("the feed's stream ended".into()))?;
        let (template, reader) = frame::open(&message)?;
        match template {
            Template::FeedPage => self.verify(FeedPage::read(reader)?),
            Template::Refused => {
                let refusal = read_refusal(reader)?;
                if refusal.code.may_retry() {
                    return Err(ClientError::Connection(refusal.to_string()));
                }
                Err(refusal.into())
            }
            _ => Err(ClientError::Unproven("the feed sent another message")),
        }
    }

    /// Checks each entry of a page against its checkpoint, and that no event is missing in between.
    fn verify(&mut self, page: FeedPage) -> Result<(), ClientError> {
        let checkpoint = self.link.log().observe(&page.checkpoint)?;
        let mut next = page.first;
        for entry in page.entries {
            if entry.group.participant != self.link.config().participant {
                return Err(ClientError::Unproven(
                    "the feed shows another participant's events",
                ));
            }
            let end = entry.group.first.checked_add(u64::from(entry.group.count));
            let follows = entry.group.first == next && next <= self.next;
            let Some(end) = end.filter(|end| follows && *end > self.next) else {
                return Err(ClientError::Unproven("the feed left events out"));
            };
            if !entry.holds(&checkpoint)? {
                return Err(ClientError::Unproven("a feed entry is not under its checkpoint"));
            }
            self.ready.push_back(VerifiedEntry {
                leaf: entry.leaf,
                first: entry.group.first,
                root: checkpoint.root,
                skip: self.next - entry.group.first,
                events: entry.events,
            });
            self.next = end;
            next = end;
        }
        if next != page.next {
            return Err(ClientError::Unproven("the feed's page is not what it says"));
        }
        Ok(())
    }
}
