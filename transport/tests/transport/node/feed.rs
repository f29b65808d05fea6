//! A subscription: from the log until it has caught up, then live.
use std::fmt;
use std::sync::{Arc, Mutex};

use causeway_message::ParticipantId;
use causeway_message::refusal::Refusal;
use causeway_transport::service::{Feed, FeedNext, WakeFn};

use super::{FakeNode, Inner};

struct State {
    next: u64,
    live: bool,
}

pub struct FakeFeed {
    node: FakeNode,
    participant: ParticipantId,
    wake: WakeFn,
    state: Mutex<State>,
}

impl fmt::Debug for FakeFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeFeed")
    }
}

impl FakeFeed {
    pub fn new(node: FakeNode, participant: ParticipantId, from: u64, wake: WakeFn) -> Self {
        Self {
            node,
            participant,
            wake,
            state: Mutex::new(State {
                next: from,
                live: false,
            }),
        }
    }

    pub fn wake(&self) {
        (self.wake)();
    }

    fn page(&self, state: &mut State) -> Option<Arc<Vec<u8>>> {
        let mut inner = self.node.lock();
        let mut page = inner.log.page(self.participant, state.next)?;
        state.next = page.next;
        let Inner { log, tricks, .. } = &mut *inner;
        if let Some(twist) = &mut tricks.page {
            twist(&mut page, log);
        }
        Some(Arc::new(page.write()))
    }
}

impl Feed for FakeFeed {
    fn take(&self) -> FeedNext {
        let mut state = self.state.lock().expect("no feed panics");
        if !state.live {
            return FeedNext::Behind;
        }
        self.page(&mut state).map_or(FeedNext::Wait, FeedNext::Page)
    }

    fn read_log(&self) -> Result<Option<Arc<Vec<u8>>>, Refusal> {
        let mut state = self.state.lock().expect("no feed panics");
        if let Some(refusal) = self.node.lock().tricks.feed.clone() {
            return Err(refusal);
        }
        let page = self.page(&mut state);
        state.live = page.is_none();
        Ok(page)
    }
}
