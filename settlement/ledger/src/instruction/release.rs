//! Payments that leave their queue later: released by a credit, expired, or refused.
use causeway_message::time::Timestamp;
use causeway_message::{Status, mutated};
use causeway_netting::{Book, Cascade, Step};

use crate::account::NONE;
use crate::apply::Ledger;
use crate::due::Due;
use crate::outcome::{Deferred, Outcome};

/// The ledger as the cascade sees it.
struct Releases<'a> {
    ledger: &'a mut Ledger,
    out: &'a mut Outcome,
}

impl Book for Releases<'_> {
    fn step(&mut self, account: u32) -> Step {
        let state = self.ledger.accounts.get(account);
        let place = state.queue_head;
        if place == NONE || state.suspended {
            return Step::Blocked;
        }
        let available = state.available();
        let Some(head) = self.ledger.queue.get(place) else {
            return Step::Blocked;
        };
        if self.ledger.is_over(&head.record) && !mutated!(NeverExpire) {
            self.ledger.leave(place, Status::Expired, self.out);
            return Step::Removed;
        }
        let (amount, creditor) = (head.record.amount.get(), head.creditor);
        if self.ledger.accounts.get(creditor).suspended {
            self.ledger.leave(place, Status::CreditorSuspended, self.out);
            return Step::Removed;
        }
        if available + i128::from(mutated!(ReleaseShort)) < i128::from(amount) {
            return Step::Blocked;
        }
        self.ledger.accounts.transfer(account, creditor, amount);
        self.ledger.leave(place, Status::Settled, self.out);
        Step::Credited(creditor)
    }
}

impl Ledger {
    /// Notes a credit and releases what it can.
    #[inline]
    pub(crate) fn credited(&mut self, account: u32, out: &mut Outcome) {
        if self.accounts.get(account).queued != 0 && !mutated!(NeverRelease) {
            self.cascade.wake(account);
            self.release(out);
        }
    }

    /// Releases queued payments while the entry's budget lasts; what is left goes on with the next entry.
    pub(crate) fn release(&mut self, out: &mut Outcome) {
        if self.cascade.is_idle() {
            return;
        }
        let mut cascade: Cascade = std::mem::take(&mut self.cascade);
        let budget = self.budget;
        let moved = cascade.run(&mut Releases { ledger: self, out }, budget);
        self.budget -= moved;
        self.cascade = cascade;
    }

    /// Takes a payment out of its queue with a final status.
    fn leave(&mut self, place: u32, status: Status, out: &mut Outcome) {
        let Some(gone) = self.queue.remove(&mut self.accounts, place) else {
            return;
        };
        if gone.record.expires_at.get() != 0 {
            self.due.remove(
                Timestamp::from_seconds(gone.record.expires_at.get()),
                Due::payment(&gone, place),
            );
        }
        let known = self
            .ids
            .settle(gone.submitter, gone.record.id(), status, self.index);
        assert!(known, "a payment that waits is remembered");
        out.deferred.push(Deferred {
            record: gone.record,
            extensions: gone.extensions,
            submitter: gone.submitter,
            entry: gone.entry,
            ordinal: gone.ordinal,
            status,
        });
    }

    /// Expires a payment whose time is over; the queue behind it may move now.
    pub(crate) fn expire_payment(&mut self, place: u32, out: &mut Outcome) {
        let Some(account) = self.queue.get(place).map(|waiting| waiting.debtor) else {
            return;
        };
        if mutated!(NeverExpire) {
            return;
        }
        self.leave(place, Status::Expired, out);
        self.cascade.wake(account);
    }
}
