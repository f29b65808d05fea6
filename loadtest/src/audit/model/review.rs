//! The days of trades (PROTOCOL §23.1): when one begins, all that waits for one is looked at.
use causeway_message::time::Timestamp;

use super::classes::Spot;
use super::sweep::Sweep;
use super::{Caused, Model, Origin};

impl Model {
    /// The first entry of a UTC day, while there is a currency whose business date it is.
    pub(super) fn begin_day(&mut self, before: Timestamp) {
        let begins = before.days() < self.time.days();
        let currencies = self.money.currencies().iter();
        let any = currencies
            .filter(|currency| !self.days.has_any(currency.code))
            .count();
        if self.is_third() && begins && any > 0 {
            self.sweeps.push_back(Sweep::Review(None));
        }
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
        let mut steps = 1;
        if passed {
            steps = self.end_at_close(next, caused);
        } else if item.spot == Spot::Beside && self.is_ready(item) {
            if self.may_enter(&items) {
                self.settle_trade(&items, caused);
                steps = items.len();
            } else {
                self.put(&items, Spot::Queue, caused);
                items.iter().for_each(|item| self.wake(item.place()));
            }
        }
        self.spend(steps);
        Some(Sweep::Review(Some(next)))
    }
}
