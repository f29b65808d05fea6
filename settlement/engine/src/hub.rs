//! Who listens to which feed, and the pages that wait for them.
//!
//! A subscriber that keeps up is handed pages as they are published. One that does not loses its place among the
//! listeners and reads the log instead until it has caught up: a slow reader costs bounded memory.
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use causeway_message::{ParticipantId, mutated};

use crate::limits::{FEED_RING, FEED_RING_BYTES};
use crate::publish::feeds::Feeds;

/// A page as it goes on the wire.
#[derive(Debug, Clone)]
pub struct Page {
    /// Number of its first event.
    pub first: u64,
    /// Number of the event behind its last.
    pub next: u64,
    /// The message.
    pub bytes: Arc<Vec<u8>>,
}

#[derive(Debug)]
struct Waiting {
    pages: VecDeque<Page>,
    bytes: usize,
    /// True while published pages are handed over directly.
    live: bool,
    /// Number of the event that is wanted next.
    next: u64,
}

/// Wakes whoever writes the subscriber's stream.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// One subscription.
pub struct Subscriber {
    participant: ParticipantId,
    waiting: Mutex<Waiting>,
    wake: Wake,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("participant", &self.participant)
            .finish_non_exhaustive()
    }
}

/// What a subscriber gets when it asks.
#[derive(Debug)]
pub enum Next {
    /// The next page.
    Page(Page),
    /// Nothing yet: it will be woken.
    Wait,
    /// It must read the log from this number.
    Behind(u64),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Subscriber {
    /// Whose feed it is.
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// Takes what comes next.
    pub fn take(&self) -> Next {
        let mut waiting = lock(&self.waiting);
        match waiting.pages.pop_front() {
            Some(page) => {
                waiting.bytes -= page.bytes.len();
                Next::Page(page)
            }
            None if waiting.live => Next::Wait,
            None => Next::Behind(waiting.next),
        }
    }

    /// Notes what was read from the log.
    pub fn advance(&self, next: u64) {
        lock(&self.waiting).next = next;
    }

    fn push(&self, page: Page) {
        let mut waiting = lock(&self.waiting);
        if !waiting.live {
            return;
        }
        if page.next <= waiting.next {
            return;
        }
        let full = waiting.pages.len() >= FEED_RING || waiting.bytes + page.bytes.len() > FEED_RING_BYTES;
        if full && !waiting.pages.is_empty() || page.first != waiting.next {
            waiting.live = false;
        } else {
            waiting.next = page.next;
            waiting.bytes += page.bytes.len();
            waiting.pages.push_back(page);
        }
        drop(waiting);
        (self.wake)();
    }
}

#[derive(Debug, Default)]
struct State {
    /// Next number of each participant's feed, as published.
    next: Vec<u64>,
    listeners: HashMap<ParticipantId, Vec<Weak<Subscriber>>>,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
    listened: RwLock<Vec<bool>>,
}

impl Hub {
    /// Notes where the feeds of the first `participants` stand, before anybody listens.
    pub fn resume(&self, feeds: &Feeds, participants: usize) {
        lock(&self.state).next = (0..participants as u32).map(|who| feeds.next(who)).collect();
    }

    /// Number of the next event that a participant's feed will get.
    pub fn next(&self, participant: ParticipantId) -> u64 {
        lock(&self.state)
            .next
            .get(participant.0 as usize)
            .copied()
            .unwrap_or(1)
    }

    /// True if anybody may listen to this feed.
    pub fn listens(&self, participant: ParticipantId) -> bool {
        let listened = self.listened.read().unwrap_or_else(PoisonError::into_inner);
        listened.get(participant.0 as usize).copied().unwrap_or(false)
    }

    /// Subscribes from a number on.
    pub fn subscribe(&self, participant: ParticipantId, from: u64, wake: Wake) -> Arc<Subscriber> {
        let waiting = Waiting {
            pages: VecDeque::new(),
            bytes: 0,
            live: false,
            next: from.max(1),
        };
        let subscriber = Arc::new(Subscriber {
            participant,
            waiting: Mutex::new(waiting),
            wake,
        });
        {
            let mut listened = self.listened.write().unwrap_or_else(PoisonError::into_inner);
            let at = participant.0 as usize;
            if listened.len() <= at {
                listened.resize(at + 1, false);
            }
            listened[at] = true;
        }
        let mut state = lock(&self.state);
        let listeners = state.listeners.entry(participant).or_default();
        listeners.retain(|known| known.strong_count() > 0);
        listeners.push(Arc::downgrade(&subscriber));
        subscriber
    }

    /// Puts a subscriber that has read everything published back among the listeners; false if more was published.
    pub fn attach(&self, subscriber: &Subscriber) -> bool {
        let state = lock(&self.state);
        let published = state
            .next
            .get(subscriber.participant.0 as usize)
            .copied()
            .unwrap_or(1);
        let mut waiting = lock(&subscriber.waiting);
        // The log holds an entry a moment before its pages are handed out: a reader may be ahead of what is
        // published, and is handed nothing that it has read.
        waiting.live = waiting.next >= published;
        waiting.live
    }

    /// Hands pages to those who listen; each participant's next number is noted in the same step.
    pub fn publish(&self, pages: Vec<(ParticipantId, u64, Option<Page>)>) {
        let mut state = lock(&self.state);
        for (participant, next, page) in pages {
            let page = page.filter(|_| !mutated!(ForgetPage) || next % 5 != 0);
            if mutated!(ForgetPage) && page.is_none() {
                continue;
            }
            let at = participant.0 as usize;
            if state.next.len() <= at {
                state.next.resize(at + 1, 1);
            }
            state.next[at] = next;
            let Some(listeners) = state.listeners.get_mut(&participant) else {
                continue;
            };
            listeners.retain(|listener| match (listener.upgrade(), &page) {
                (Some(listener), Some(page)) => {
                    listener.push(page.clone());
                    if mutated!(RepeatPage) {
                        let mut waiting = lock(&listener.waiting);
                        waiting.bytes += page.bytes.len();
                        waiting.pages.push_back(page.clone());
                    }
                    true
                }
                // A page was not built for somebody who came in between: it reads the log.
                (Some(listener), None) => {
                    lock(&listener.waiting).live = false;
                    (listener.wake)();
                    true
                }
                (None, _) => false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: ParticipantId = ParticipantId(0);

    fn page(first: u64, next: u64) -> Vec<(ParticipantId, u64, Option<Page>)> {
        let bytes = Arc::default();
        vec![(BANK, next, Some(Page { first, next, bytes }))]
    }

    fn reads(subscriber: &Subscriber, first: u64) -> bool {
        matches!(subscriber.take(), Next::Page(page) if page.first == first)
    }

    #[test]
    fn what_was_read_from_the_log_is_not_handed_out_again() {
        let hub = Hub::default();
        hub.publish(page(1, 3));
        let subscriber = hub.subscribe(BANK, 1, Box::new(|| {}));
        assert!(matches!(subscriber.take(), Next::Behind(1)));
        // The log holds events 3 and 4 already; their page is about to be published.
        subscriber.advance(5);
        assert!(hub.attach(&subscriber));
        hub.publish(page(3, 5));
        assert!(matches!(subscriber.take(), Next::Wait));
        hub.publish(page(5, 6));
        assert!(reads(&subscriber, 5));
    }

    #[test]
    fn a_page_of_which_the_log_was_read_in_part_sends_its_reader_back_to_the_log() {
        let hub = Hub::default();
        let subscriber = hub.subscribe(BANK, 1, Box::new(|| {}));
        subscriber.advance(3);
        assert!(hub.attach(&subscriber));
        hub.publish(page(1, 5));
        assert!(matches!(subscriber.take(), Next::Behind(3)));
        assert!(!hub.attach(&subscriber), "more was published");
        subscriber.advance(5);
        assert!(hub.attach(&subscriber));
        hub.publish(page(5, 6));
        assert!(reads(&subscriber, 5));
    }
}
