//! Whether the log thread knows that something waits in a ring, and how much its participant has under way.
//!
//! The one lock-free protocol of the engine's own. Three sides share it: those who submit, the log thread that takes,
//! and whoever answers. Each first changes what is there to see, then the flag; so whichever comes last sees the
//! other's change, and a submission that could be taken is never left unlisted. The same text is run under a model
//! checker (`settlement/engine/tests/listing.rs`), which is why the atomics come from the module above.
use super::atomics::{AtomicBool, AtomicUsize, Ordering};

/// Of one ring.
#[derive(Debug)]
pub(super) struct Listing {
    /// True while the log thread knows that something waits here.
    listed: AtomicBool,
    /// What the participant has in the stages behind, taken and not answered.
    under_way: AtomicUsize,
}

impl Listing {
    /// Nothing waits, nothing is under way.
    pub fn new() -> Self {
        Self {
            listed: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
        }
    }

    /// After something was put into the ring: tells the log thread, unless it knows.
    pub fn list(&self, tell: impl FnOnce()) {
        if !self.listed.swap(true, Ordering::AcqRel) {
            tell();
        }
    }

    /// The log thread's turn: takes what `take` gives, unless the participant has `most` under way, and is told again if
    /// there is more. `waits` says whether the ring holds anything.
    pub fn turn<T>(
        &self,
        most: usize,
        waits: impl Fn() -> bool,
        take: impl FnOnce() -> Option<(T, usize)>,
        tell: impl FnOnce(),
    ) -> Option<T> {
        let has_turn = || waits() && self.under_way.load(Ordering::Acquire) < most;
        let taken = if has_turn() { take() } else { None };
        let taken = taken.map(|(taken, cost)| {
            self.under_way.fetch_add(cost, Ordering::AcqRel);
            taken
        });
        // Off the list first, then look: a push or an answer in between lists the ring again. A swap, for a plain
        // store may still be under way while the look finds nothing, and then neither side lists the ring.
        self.listed.swap(false, Ordering::AcqRel);
        if has_turn() {
            self.list(tell);
        }
        taken
    }

    /// Something under way was answered or given up: what waits behind it may have its turn.
    pub fn end(&self, cost: usize, waits: impl FnOnce() -> bool, tell: impl FnOnce()) {
        self.under_way.fetch_sub(cost, Ordering::AcqRel);
        if waits() {
            self.list(tell);
        }
    }
}
