//! A hash table that grows by a bucket or two per insert (linear hashing, Litwin 1980): no insert pays for all others.
//!
//! It is never iterated, so the order of its chains decides nothing. Values keep their place until they are removed.
use std::ops::{Index, IndexMut};

use super::pages::Pages;

/// No place.
pub(super) const NIL: u32 = u32::MAX;

/// Buckets for each value: chains stay so short that a look-up seldom reads a slot in vain.
const BUCKETS_PER_VALUE: u32 = 2;

/// On a cache line of its own: a look-up reads all of it.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slot<T> {
    hash: u128,
    /// The next in the chain, or the next that is free.
    next: u32,
    value: T,
}

/// The table.
#[derive(Debug, Clone)]
pub(super) struct Table<T> {
    heads: Pages<u32>,
    slots: Pages<Slot<T>>,
    free: u32,
    len: u32,
}

impl<T> Table<T> {
    pub fn new() -> Self {
        let mut heads = Pages::new();
        heads.push(NIL);
        Self {
            heads,
            slots: Pages::new(),
            free: NIL,
            len: 0,
        }
    }

    /// The bucket of a hash: that of the present round of splitting if it is there already, else that of the last.
    #[inline]
    fn bucket(&self, hash: u128) -> u32 {
        let count = self.heads.len();
        let mask = count.next_power_of_two() - 1;
        let at = hash as u32 & mask;
        if at < count { at } else { at & (mask >> 1) }
    }

    /// Place of the value with this hash for which `same` holds.
    #[inline]
    pub fn find(&self, hash: u128, same: impl Fn(&T) -> bool) -> Option<u32> {
        let mut at = self.heads[self.bucket(hash)];
        while at != NIL {
            let slot = &self.slots[at];
            if slot.hash == hash && same(&slot.value) {
                return Some(at);
            }
            at = slot.next;
        }
        None
    }

    /// Puts a value in that is not there; returns its place.
    pub fn insert(&mut self, hash: u128, value: T) -> u32 {
        self.len += 1;
        while self.heads.len() < self.len.saturating_mul(BUCKETS_PER_VALUE) {
            self.split();
        }
        let bucket = self.bucket(hash);
        let slot = Slot {
            hash,
            next: self.heads[bucket],
            value,
        };
        let at = match self.free {
            NIL => self.slots.push(slot),
            at => {
                self.free = self.slots[at].next;
                self.slots[at] = slot;
                at
            }
        };
        self.heads[bucket] = at;
        at
    }

    /// Takes out what is at this place.
    pub fn remove(&mut self, at: u32) {
        let Slot { hash, next, .. } = self.slots[at];
        let bucket = self.bucket(hash);
        let mut before = self.heads[bucket];
        if before == at {
            self.heads[bucket] = next;
        } else {
            while self.slots[before].next != at {
                before = self.slots[before].next;
            }
            self.slots[before].next = next;
        }
        self.slots[at].next = self.free;
        self.free = at;
        self.len -= 1;
    }

    /// Adds a bucket and moves there what belongs there, all from one other bucket.
    fn split(&mut self) {
        let count = self.heads.len();
        let from = count - (1 << count.ilog2());
        self.heads.push(NIL);
        let mut at = std::mem::replace(&mut self.heads[from], NIL);
        while at != NIL {
            let bucket = self.bucket(self.slots[at].hash);
            let slot = &mut self.slots[at];
            let next = std::mem::replace(&mut slot.next, self.heads[bucket]);
            self.heads[bucket] = at;
            at = next;
        }
    }

    /// Values in it.
    #[cfg(test)]
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Buckets and values for which there is memory.
    #[cfg(test)]
    pub fn reserved(&self) -> usize {
        self.heads.reserved() + self.slots.reserved()
    }
}

impl<T> Index<u32> for Table<T> {
    type Output = T;

    #[inline]
    fn index(&self, at: u32) -> &T {
        &self.slots[at].value
    }
}

impl<T> IndexMut<u32> for Table<T> {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut T {
        &mut self.slots[at].value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::key::scatter;

    fn hash(value: u64) -> u128 {
        scatter(1, [value, 0, 0, 0])
    }

    #[test]
    fn every_value_is_found_at_its_place_until_it_is_removed() {
        let mut table = Table::new();
        let find = |table: &Table<u64>, value| table.find(hash(value), |found| *found == value);
        let places: Vec<u32> = (0..10_000).map(|v| table.insert(hash(v), v)).collect();
        for (value, place) in (0..).zip(&places) {
            assert_eq!(find(&table, value), Some(*place));
            assert_eq!(table[*place], value);
        }
        for place in places.iter().skip(1).step_by(2) {
            table.remove(*place);
        }
        for (value, place) in (0..).zip(&places) {
            assert_eq!(find(&table, value), (value % 2 == 0).then_some(*place));
        }
        assert_eq!(table.len(), 5_000);
        let reserved = table.reserved();
        for value in 20_000..25_000 {
            let place = table.insert(hash(value), value);
            assert_eq!(find(&table, value), Some(place));
        }
        assert_eq!(table.reserved(), reserved, "places are used again");
    }

    #[test]
    fn equal_hashes_are_told_apart() {
        let mut table = Table::new();
        let places: Vec<u32> = (0..100).map(|value| table.insert(7, value)).collect();
        for (value, place) in (0..100).zip(&places) {
            assert_eq!(table.find(7, |found| *found == value), Some(*place));
        }
        for value in [0_usize, 99, 50, 49] {
            table.remove(places[value]);
            assert_eq!(table.find(7, |found| *found == value), None);
        }
        assert_eq!(table.find(7, |found| *found == 51), Some(places[51]));
        assert_eq!(table.find(7, |found| *found == 100), None);
    }

    #[test]
    fn chains_stay_short_while_it_grows() {
        let mut table = Table::new();
        for value in 0..50_000 {
            table.insert(hash(value), value);
            let buckets = table.heads.len();
            assert!(buckets >= table.len() * BUCKETS_PER_VALUE && buckets <= table.len() * 2 + 1);
        }
        for bucket in 0..table.heads.len() {
            let (mut at, mut length) = (table.heads[bucket], 0);
            while at != NIL {
                (at, length) = (table.slots[at].next, length + 1);
            }
            assert!(length < 12, "{length} in one bucket");
        }
    }
}
