//! The listing of intake rings under a model checker: every order of the three sides that the memory model allows, for
//! two submissions of which one may be under way at a time. None is left where the log thread never looks.
use std::collections::VecDeque;

use loom::sync::{Arc, Mutex};
use loom::thread;

mod atomics {
    pub use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

#[path = "../src/intake/listing.rs"]
mod listing;

use listing::Listing;

/// Cost of one submission, and most that may be under way: the second waits for the first one's answer.
const COST: usize = 1;

struct Ring {
    listing: Listing,
    queue: Mutex<VecDeque<u32>>,
    /// What the log thread was told and has not looked at.
    told: Mutex<u32>,
}

impl Ring {
    fn new() -> Self {
        Self {
            listing: Listing::new(),
            queue: Mutex::new(VecDeque::new()),
            told: Mutex::new(0),
        }
    }

    fn tell(&self) {
        *self.told.lock().expect("a lock") += 1;
    }

    fn waits(&self) -> bool {
        !self.queue.lock().expect("a lock").is_empty()
    }

    fn submit(&self, number: u32) {
        self.queue.lock().expect("a lock").push_back(number);
        self.listing.list(|| self.tell());
    }

    /// Looks if it was told of anything; what it took.
    fn look(&self) -> Option<u32> {
        {
            let mut told = self.told.lock().expect("a lock");
            *told = told.checked_sub(1)?;
        }
        let take = || {
            self.queue
                .lock()
                .expect("a lock")
                .pop_front()
                .map(|number| (number, COST))
        };
        self.listing.turn(COST, || self.waits(), take, || self.tell())
    }

    fn answer(&self) {
        self.listing.end(COST, || self.waits(), || self.tell());
    }
}

#[test]
fn a_submission_beside_a_turn_is_taken_or_told_of() {
    loom::model(|| {
        let ring = Arc::new(Ring::new());
        ring.submit(1);
        let submitter = {
            let ring = ring.clone();
            thread::spawn(move || ring.submit(2))
        };
        let mut taken: Vec<u32> = ring.look().into_iter().collect();
        submitter.join().expect("it ends");
        if !taken.is_empty() {
            ring.answer();
        }
        // Nobody submits any more: whatever is left must be found by what was told.
        while let Some(number) = ring.look() {
            taken.push(number);
            ring.answer();
        }
        assert_eq!(taken, [1, 2]);
    });
}

#[test]
fn an_answer_beside_a_turn_that_found_no_room_lets_the_next_one_in() {
    loom::model(|| {
        let ring = Arc::new(Ring::new());
        ring.submit(1);
        assert_eq!(ring.look(), Some(1));
        ring.submit(2);
        let answerer = {
            let ring = ring.clone();
            thread::spawn(move || ring.answer())
        };
        let early = ring.look();
        answerer.join().expect("it ends");
        let taken = early.or_else(|| ring.look());
        assert_eq!(taken, Some(2), "what waited was forgotten");
    });
}
