//! The days of trades (PROTOCOL §23.1): when one begins, all that waits for one is looked at.
use causeway_message::Status;
use causeway_message::time::Timestamp;

use super::classes::Spot;
use super::sweep::Sweep;
use super::{Caused, Model, Origin};

impl Model {
    /// The first entry of a UTC day, while there is a currency whose business date it is.
    pub(super) fn begin_day(&mut self, before: Timestamp) {
        if self.is_third() && before.days() < self.time.days() && self.has_utc_dates() {
            self.sweeps.push_back(Sweep::Review(None));
        }
    }

    /// True if there is a currency that has no days yet.
    fn has_utc_dates(&self) -> bool {
        let mut currencies = self.money.currencies().iter();
        currencies.any(|currency| !self.days.has_any(currency.code))
    }

    /// The next midnight, if it may bring something to what waits.
    pub(super) fn next_day(&self) -> Option<Timestamp> {
        let waits = self.next_of_trades(None, |_| true).is_some();
        let seconds = u32::try_from(86_400 * (self.time.days() + 1)).ok()?;
        (waits && self.has_utc_dates()).then(|| Timestamp::from_seconds(seconds))
    }

    /// Looks at the next side of a trade: what is over ends, what is ready joins.
    pub(super) fn next_review(&mut self, last: Option<Origin>, caused: &mut Caused) -> Option<Sweep> {
        let next = self.next_of_trades(last, |_| true)?;
        let items = self.chain_of(next);
        let item = items.iter().find(|item| item.origin == next)?;
        let record = item.record();
        let date = u64::from(record.value_date.get());
        let passed = [record.currency.get(), record.counter_currency.get()]
            .into_iter()
            .any(|currency| date < self.business_date(currency));
        if passed {
            self.end_at_close(next, caused);
        } else if item.spot == Spot::Beside && self.is_ready(item) {
            if self.is_over(&items) {
                self.end_trade(next, Status::Expired, caused);
            } else if self.may_enter(&items) {
                self.settle_trade(&items, caused);
            } else {
                self.put(&items, Spot::Queue, caused);
                items.iter().for_each(|item| self.wake(item.place()));
            }
        }
        self.spend(1);
        Some(Sweep::Review(Some(next)))
    }
}
