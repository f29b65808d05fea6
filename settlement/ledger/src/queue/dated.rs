//! What waits for a value date ahead, found by currency and date: kept beside the rest, and made anew by every start.
use std::collections::BTreeMap;

use super::waiting::{Origin, Seat, Waiting};

/// A value date, and what came when with it: the order in which what is dated is looked at.
pub(crate) type DatedAt = (u16, Origin);

/// All that is dated.
#[derive(Debug, Default)]
pub(super) struct Dated {
    /// By currency, value date and arrival: the place.
    all: BTreeMap<(u16, DatedAt), u32>,
    /// How many in each currency that has any.
    counts: BTreeMap<u16, u32>,
}

const fn key(waiting: &Waiting) -> (u16, DatedAt) {
    let record = &waiting.record;
    (record.currency.get(), (record.value_date.get(), waiting.origin()))
}

impl Dated {
    /// Notes what takes this seat; anything else is none of its business.
    pub fn add(&mut self, waiting: &Waiting, place: u32) {
        if waiting.seat == Seat::Date && self.all.insert(key(waiting), place).is_none() {
            *self.counts.entry(waiting.record.currency.get()).or_insert(0) += 1;
        }
    }

    /// The same when it leaves the seat.
    pub fn remove(&mut self, waiting: &Waiting) {
        if waiting.seat != Seat::Date || self.all.remove(&key(waiting)).is_none() {
            return;
        }
        let currency = waiting.record.currency.get();
        let left = self.count(currency).saturating_sub(1);
        if left == 0 {
            self.counts.remove(&currency);
        } else {
            self.counts.insert(currency, left);
        }
    }

    /// How many are dated in a currency.
    pub fn count(&self, currency: u16) -> u32 {
        self.counts.get(&currency).copied().unwrap_or(0)
    }

    /// True if this is found by its date.
    pub fn holds(&self, waiting: &Waiting) -> bool {
        self.all.contains_key(&key(waiting))
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The next one in a currency behind another, or the first.
    pub fn after(&self, currency: u16, last: Option<DatedAt>) -> Option<(DatedAt, u32)> {
        use std::ops::Bound::{Excluded, Included};
        let from = last.map_or(Included((currency, FIRST)), |last| Excluded((currency, last)));
        let mut rest = self.all.range((from, Included((currency, LAST))));
        rest.next().map(|((_, at), place)| (*at, *place))
    }
}

const FIRST: DatedAt = (0, (0, 0));
const LAST: DatedAt = (u16::MAX, (u64::MAX, u16::MAX));
