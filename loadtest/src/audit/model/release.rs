//! Queued payments that leave: a change tells an account, its head may move, and that tells the account credited.
use causeway_message::{ParticipantId, Status};

use super::due::{Due, end_of};
use super::{Caused, Model, Place};
use crate::audit::input::Paper;

/// A payment that left its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The instruction.
    pub(in crate::audit) paper: Paper,
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Its entry and its place there.
    pub origin: (u64, u16),
    /// The status reached.
    pub status: Status,
}

impl Model {
    /// Notes that something may move in an account; it keeps its turn if it was told before.
    pub(super) fn tell(&mut self, place: Place) {
        if !self.told.contains(&place) {
            self.told.push_back(place);
        }
    }

    /// An account got money or room: what waits there may move, and all that was told before.
    pub(super) fn freed(&mut self, place: Place, caused: &mut Caused) {
        if self
            .money
            .get(place)
            .is_some_and(|account| !account.queue.is_empty())
        {
            self.tell(place);
            self.release(caused);
        }
    }

    /// Moves what can move until nothing does or the entry has released enough; what is left keeps its turn.
    pub(super) fn release(&mut self, caused: &mut Caused) {
        while self.budget > 0 {
            let Some(place) = self.told.front().copied() else {
                return;
            };
            if self.move_head(place, caused) {
                self.budget -= 1;
            } else {
                self.told.pop_front();
            }
        }
    }

    /// Moves the first payment that waits in an account; false if it stays.
    fn move_head(&mut self, place: Place, caused: &mut Caused) -> bool {
        let Some(account) = self.money.get(place) else {
            return false;
        };
        let Some(head) = account.queue.front() else {
            return false;
        };
        if self.is_suspended(place.0) {
            return false;
        }
        let (origin, amount, creditor) = (head.origin, head.paper.record.amount.get(), head.creditor());
        let is_over = end_of(head).is_some_and(|end| end <= self.time);
        let covered = account.available() >= head.amount();
        if is_over {
            self.leave(place, origin, Status::Expired, caused);
        } else if self.is_suspended(creditor) {
            self.leave(place, origin, Status::CreditorSuspended, caused);
        } else if covered {
            self.money.transfer(place, (creditor, place.1), amount);
            self.leave(place, origin, Status::Settled, caused);
            self.tell((creditor, place.1));
        } else {
            return false;
        }
        true
    }

    /// Takes a payment out of its queue with its final status.
    pub(super) fn leave(&mut self, place: Place, origin: (u64, u16), status: Status, caused: &mut Caused) {
        let Some(gone) = self.money.dequeue(place, origin) else {
            return;
        };
        if let Some(end) = end_of(&gone) {
            self.due.remove(&(end, Due::Payment { origin, place }));
        }
        self.memory
            .settle(gone.submitter, gone.paper.record.id(), status, self.index);
        caused.left.push(Left {
            paper: gone.paper,
            submitter: gone.submitter,
            origin,
            status,
        });
    }
}
