//! What waits for a value date ahead, found by currency and date: kept beside the rest, and made anew by every start.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;

use super::Queue;
use super::waiting::{Origin, Seat, Waiting};
use crate::duplicate::fingerprint;

/// A value date, and what came when with it: the order in which what is dated is looked at.
pub(crate) type DatedAt = (u16, Origin);

/// All that is dated.
#[derive(Debug, Default)]
pub(super) struct Dated {
    /// By currency, value date and arrival: the place.
    all: BTreeMap<(u16, DatedAt), u32>,
    /// How many in each currency that has any.
    counts: BTreeMap<u16, u32>,
    /// Of each submitter: payments, and FX payments among them.
    of: BTreeMap<ParticipantId, (u32, u32)>,
    /// By [fingerprint](crate::duplicate::fingerprint): how many.
    prints: BTreeMap<u64, u32>,
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
            *self.prints.entry(fingerprint(&waiting.record)).or_insert(0) += 1;
            let own = self.of.entry(waiting.submitter).or_insert((0, 0));
            *own = (own.0 + 1, own.1 + u32::from(waiting.is_fx()));
        }
    }

    /// The same when it leaves the seat.
    pub fn remove(&mut self, waiting: &Waiting) {
        if waiting.seat != Seat::Date || self.all.remove(&key(waiting)).is_none() {
            return;
        }
        let print = fingerprint(&waiting.record);
        let alike = self.prints.remove(&print).unwrap_or(0);
        if alike > 1 {
            self.prints.insert(print, alike - 1);
        }
        let (all, fx) = self.of.remove(&waiting.submitter).unwrap_or((0, 0));
        if all > 1 {
            self.of
                .insert(waiting.submitter, (all - 1, fx - u32::from(waiting.is_fx())));
        }
        let currency = waiting.record.currency.get();
        let left = self.count(currency).saturating_sub(1);
        if left == 0 {
            self.counts.remove(&currency);
        } else {
            self.counts.insert(currency, left);
        }
    }

    /// Payments of a submitter, and FX payments among them.
    pub fn of(&self, submitter: ParticipantId) -> (u32, u32) {
        self.of.get(&submitter).copied().unwrap_or((0, 0))
    }

    /// True if one that is dated has this fingerprint.
    #[inline]
    pub fn is_alike(&self, print: u64) -> bool {
        !self.prints.is_empty() && self.prints.contains_key(&print)
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

impl Queue {
    /// What is dated in a currency, by date and then in the order in which it came, behind another or from the first.
    pub fn dated_after(&self, currency: u16, last: Option<DatedAt>) -> Option<(DatedAt, u32)> {
        self.dated.after(currency, last)
    }

    /// How much of a submitter is dated: payments, and FX payments among them.
    pub fn dated_of(&self, submitter: ParticipantId) -> (u32, u32) {
        self.dated.of(submitter)
    }

    /// True if what waits for its value date has this fingerprint.
    #[inline]
    pub fn is_dated_alike(&self, print: u64) -> bool {
        self.dated.is_alike(print)
    }

    /// How many are dated in a currency.
    pub fn dated_in(&self, currency: u16) -> u32 {
        self.dated.count(currency)
    }

    /// True if all that is dated is found by its date, and nothing else.
    pub fn dates_are_kept(&self) -> bool {
        let mut dated = 0;
        let mut aside = self.aside().filter(|waiting| waiting.seat == Seat::Date);
        let kept = aside.all(|waiting| {
            dated += 1;
            self.dated.holds(waiting)
        });
        kept && dated == self.dated.len()
    }
}
