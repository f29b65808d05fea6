//! Which payments were accepted lately: what tells a payment that was sent twice under two ids.
//!
//! Sixty-four bits stand for (debtor, creditor, kind, UETR), mixed by a function that is fixed for ever: every replica
//! must find the same. Among a hundred million payments two differ and look alike once in some thousand days, and what
//! is suspected may be sent with a flag. Content is rebuilt from the log.
use causeway_hash::prefetch;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;

use crate::limits::DUPLICATE_WINDOW_SECONDS;

const SHARDS: usize = 1 << 12;
const SHARD_MIN: usize = 16;

/// A set of fingerprints, in shards that grow at different times.
#[derive(Debug, Default)]
struct Set {
    shards: Vec<Vec<u64>>,
    lens: Vec<u32>,
    len: u64,
}

/// The fingerprint of a payment: never zero.
#[inline]
pub(crate) fn fingerprint(record: &Instruction) -> u64 {
    let uetr = u128::from_le_bytes(record.uetr);
    let parties = u64::from(record.debtor.get()) << 32 | u64::from(record.creditor.get());
    // Multiply and fold, twice: each bit of the UETR and of the parties reaches each bit of the result.
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let first = fold(
        uetr as u64 ^ 0x9e37_79b9_7f4a_7c15,
        (uetr >> 64) as u64 ^ 0xc2b2_ae3d_27d4_eb4f,
    );
    let second = fold(first ^ parties, 0xd6e8_feb8_6659_fd93 ^ u64::from(record.kind));
    second.max(1)
}

impl Set {
    fn shard(&self, print: u64) -> &[u64] {
        self.shards
            .get(print as usize % SHARDS)
            .map_or(&[], Vec::as_slice)
    }

    #[inline]
    fn prefetch(&self, print: u64) {
        let slots = self.shard(print);
        prefetch(slots, place(print, slots.len()));
    }

    #[inline]
    fn holds(&self, print: u64) -> bool {
        let slots = self.shard(print);
        let mut at = place(print, slots.len());
        while let Some(found) = slots.get(at) {
            if *found == print {
                return true;
            }
            if *found == 0 {
                return false;
            }
            at = if at + 1 == slots.len() { 0 } else { at + 1 };
        }
        false
    }

    fn insert(&mut self, print: u64) {
        if self.shards.is_empty() {
            self.shards = vec![Vec::new(); SHARDS];
            self.lens = vec![0; SHARDS];
        }
        let shard = print as usize % SHARDS;
        let slots = &mut self.shards[shard];
        // At three quarters a search is short.
        if (self.lens[shard] as usize + 1) * 4 > slots.len() * 3 {
            // Shards begin at different sizes, so that they do not all grow at once: what one leaves, another takes.
            let size = match slots.len() {
                0 => SHARD_MIN + shard % SHARD_MIN,
                n => n + n / 2,
            };
            let wider = vec![0; size];
            for print in std::mem::replace(slots, wider) {
                if print != 0 {
                    put(slots, print);
                }
            }
        }
        if put(slots, print) {
            self.lens[shard] += 1;
            self.len += 1;
        }
    }
}

/// Where a fingerprint belongs: its upper half spread over the slots without a division.
#[inline]
const fn place(print: u64, slots: usize) -> usize {
    (((print >> 32) * slots as u64) >> 32) as usize
}

/// Puts a fingerprint into its shard; false if it is there.
fn put(slots: &mut [u64], print: u64) -> bool {
    let mut at = place(print, slots.len());
    while slots[at] != 0 {
        if slots[at] == print {
            return false;
        }
        at = if at + 1 == slots.len() { 0 } else { at + 1 };
    }
    slots[at] = print;
    true
}

/// What was accepted in the present window and in the one before.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    /// When the present window began; zero before the first.
    pub began: Timestamp,
    /// When the window before began.
    pub before: Timestamp,
    present: Set,
    past: Set,
}

impl Duplicates {
    /// Begins the next window where the time has come.
    pub fn turn(&mut self, now: Timestamp) {
        let end = self
            .began
            .0
            .saturating_add(DUPLICATE_WINDOW_SECONDS * 1_000_000_000);
        if self.began.0 == 0 {
            self.began = now;
        } else if now.0 >= end {
            (self.before, self.began) = (self.began, now);
            self.past = std::mem::take(&mut self.present);
        }
    }

    /// Asks for what [`Self::seen`] will read.
    #[inline]
    pub fn prefetch(&self, print: u64) {
        self.present.prefetch(print);
        self.past.prefetch(print);
    }

    #[inline]
    pub fn seen(&self, print: u64) -> bool {
        self.present.holds(print) || (self.past.len != 0 && self.past.holds(print))
    }

    pub fn accept(&mut self, print: u64) {
        self.present.insert(print);
    }

    /// Puts back what was accepted at an earlier time, where it still counts.
    pub fn restore(&mut self, print: u64, at: Timestamp) {
        if self.began.0 == 0 {
            return;
        }
        if at >= self.began {
            self.present.insert(print);
        } else if self.before.0 != 0 && at >= self.before {
            self.past.insert(print);
        }
    }

    /// How many are remembered, in the present window and in the one before.
    pub const fn len(&self) -> (u64, u64) {
        (self.present.len, self.past.len)
    }
}
