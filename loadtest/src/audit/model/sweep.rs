//! Work that may take more than one entry: what waits when a currency closes, and when a participant's hold ends.
use std::collections::VecDeque;

use causeway_message::Status;
use causeway_message::time::Timestamp;

use super::classes::Spot;
use super::{Caused, Model, Origin, Place};

/// A sweep under way.
#[derive(Debug, Clone)]
pub(super) enum Sweep {
    /// A currency closed.
    Close(Close),
    /// The hold of this participant ended: what waited for that, in the order in which it came.
    EndOfHold(u32, VecDeque<Origin>),
}

/// What is left to do of a close.
#[derive(Debug, Clone)]
pub(super) struct Close {
    pub currency: u16,
    date: u16,
    /// When it closed.
    at: Timestamp,
    /// Accounts whose queues are still to be emptied.
    queues: VecDeque<Place>,
    /// Accounts that are still to be billed.
    bills: VecDeque<Place>,
}

impl Close {
    pub fn new(currency: u16, date: u16, at: Timestamp, accounts: VecDeque<Place>) -> Self {
        Self {
            currency,
            date,
            at,
            queues: accounts.clone(),
            bills: accounts,
        }
    }
}

impl Model {
    /// Goes on with what was begun first, as far as one entry goes.
    pub(super) fn sweep(&mut self, caused: &mut Caused) {
        while self.budget > 0 {
            let Some(first) = self.sweeps.front().cloned() else {
                return;
            };
            let goes_on = match first {
                Sweep::Close(close) => self.step_of_close(close, caused),
                Sweep::EndOfHold(_, parked) => self.next_parked(parked, caused),
            };
            if !goes_on {
                self.sweeps.pop_front();
            }
        }
    }

    /// Ends the next payment that waits, or visits the next account; false when all is done.
    fn step_of_close(&mut self, mut close: Close, caused: &mut Caused) -> bool {
        if let Some(place) = close.queues.front().copied() {
            if let Some(next) = self.next_in(place) {
                self.end_at_close(next, close.at, caused);
                return true;
            }
            close.queues.pop_front();
        } else if let Some(next) = self.next_outside(close.currency) {
            self.end_at_close(next, close.at, caused);
            return true;
        } else if let Some(place) = close.bills.pop_front() {
            self.bill(place, close.date, caused);
        } else {
            return false;
        }
        self.budget -= 1;
        if let Some(front) = self.sweeps.front_mut() {
            *front = Sweep::Close(close);
        }
        true
    }

    /// The first payment of an account's highest class.
    fn next_in(&self, place: Place) -> Option<Origin> {
        let account = self.money.get(place)?;
        let class = account.highest()?;
        account.queues[usize::from(class)].front().copied()
    }

    /// The first payment in a currency that waits outside a queue.
    fn next_outside(&self, currency: u16) -> Option<Origin> {
        let mut outside = self.waits.values().filter(|item| item.spot != Spot::Queue);
        outside
            .find(|item| item.place().1 == currency)
            .map(|item| item.origin)
    }

    /// A payment ends because its currency closed, and all of its chain as it does.
    pub(super) fn end_at_close(&mut self, origin: Origin, closed: Timestamp, caused: &mut Caused) {
        let items = self.chain_of(origin);
        let over = items
            .iter()
            .any(|item| item.end().is_some_and(|end| end <= closed));
        let (status, others) = if over {
            (Status::Expired, Status::ChainFailed)
        } else {
            (Status::RejectedClose, Status::RejectedClose)
        };
        self.end_chain(&items, (0, status), others, caused);
        self.budget = self.budget.saturating_sub(items.len());
    }
}
