//! Feeds as their readers see them: every page checked, every event numbered.
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use causeway_engine::Engine;
use causeway_engine::hub::{Next, Page, Subscriber};
use causeway_engine::publish::cold;
use causeway_message::ParticipantId;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::event::{self, Event, EventHead};
use causeway_message::frame::{Template, expect};
use causeway_message::wire::FeedPage;

use super::World;

/// One event of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub number: u64,
    /// Log index of the entry that caused it.
    pub entry: u64,
    pub head: EventHead,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn event(&self) -> Event<'_> {
        Event {
            head: &self.head,
            body: &self.body,
        }
    }
}

impl World {
    /// Checks a page as the bank would and notes its events; moves `next` behind them.
    pub fn read_page(&self, who: ParticipantId, page: &Page, next: &mut u64, seen: &mut Vec<Seen>) {
        let (first, end) = (page.first, page.next);
        let reader = expect(&page.bytes, Template::FeedPage).expect("a page");
        let page = FeedPage::read(reader).expect("the page has its form");
        assert_eq!((page.first, page.next), (first, end));
        let origin = origin(self.genesis.ledger_id());
        let checkpoint =
            Checkpoint::verify(&page.checkpoint, &origin, &self.log_key()).expect("the pinned key signed");
        assert_eq!(page.entries[0].group.first, first);
        assert!(first <= *next && *next < end, "{first}..{end} holds {next}");
        let mut expected = first;
        for entry in &page.entries {
            assert!(
                entry.holds(&checkpoint).expect("events"),
                "the entry stands in the log"
            );
            assert_eq!(entry.group.participant, who);
            assert_eq!(entry.group.first, expected, "no gap");
            for (number, event) in (expected..).zip(event::each(&entry.events)) {
                if number >= *next {
                    seen.push(Seen {
                        number,
                        entry: entry.leaf.index,
                        head: *event.head,
                        body: event.body.to_vec(),
                    });
                }
            }
            expected += u64::from(entry.group.count);
        }
        assert_eq!(expected, end);
        *next = end;
    }
}

/// Everything published of a feed from a number on, read from the log.
pub fn cold(world: &World, engine: &Engine, who: ParticipantId, from: u64) -> Vec<Seen> {
    let (mut next, mut seen) = (from, Vec::new());
    let end = engine.hub().next(who);
    while next < end {
        let head = engine.tree_head().expect("a tree head");
        match cold::page(engine.archive(), who, next, &head).expect("a readable log") {
            Some(page) => world.read_page(who, &page, &mut next, &mut seen),
            // The publish thread counts a moment before it writes.
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    seen
}

/// A subscriber that reads as the transport does.
pub struct LiveReader {
    pub subscriber: Arc<Subscriber>,
    woken: Receiver<()>,
    pub next: u64,
    pub seen: Vec<Seen>,
    pub live_pages: usize,
    pub cold_pages: usize,
}

impl LiveReader {
    pub fn new(engine: &Engine, who: ParticipantId, from: u64) -> Self {
        let (wake, woken) = channel();
        let wake = std::sync::Mutex::new(wake);
        let subscriber = engine.hub().subscribe(
            who,
            from,
            Box::new(move || {
                let _ = wake.lock().expect("the waker").send(());
            }),
        );
        Self {
            subscriber,
            woken,
            next: from,
            seen: Vec::new(),
            live_pages: 0,
            cold_pages: 0,
        }
    }

    /// Reads until it has everything below `end`.
    pub fn until(&mut self, world: &World, engine: &Engine, end: u64) {
        while self.next < end {
            self.step(world, engine);
        }
    }

    /// Reads until nothing is left that was published, and listens.
    pub fn catch_up(&mut self, world: &World, engine: &Engine) {
        while !matches!(self.subscriber.take(), Next::Wait) {
            self.step(world, engine);
        }
    }

    fn step(&mut self, world: &World, engine: &Engine) {
        let who = self.subscriber.participant();
        match self.subscriber.take() {
            Next::Page(page) => {
                self.live_pages += 1;
                assert_eq!(page.first, self.next, "a live page begins where the last ended");
                world.read_page(who, &page, &mut self.next, &mut self.seen);
            }
            Next::Wait => {
                self.woken.recv_timeout(Duration::from_secs(10)).expect("woken");
            }
            Next::Behind(from) => {
                assert_eq!(from, self.next, "it goes on where it stopped");
                if engine.hub().attach(&self.subscriber) {
                    return;
                }
                let head = engine.tree_head().expect("a tree head");
                match cold::page(engine.archive(), who, from, &head).expect("a readable log") {
                    Some(page) => {
                        self.cold_pages += 1;
                        world.read_page(who, &page, &mut self.next, &mut self.seen);
                        self.subscriber.advance(self.next);
                    }
                    None => std::thread::sleep(Duration::from_millis(1)),
                }
            }
        }
    }
}
