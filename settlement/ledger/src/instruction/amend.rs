//! An amendment: another class or place for a payment that waits in its queue.
use causeway_message::Status;
use causeway_message::record::{Kind, flags};

use super::form::related;
use super::payment::class_of;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::outcome::Outcome;
use crate::queue::Seat;

impl Ledger {
    pub(super) fn amend(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_own(batch, Kind::Amend, came)?;
        let Some(place) = self.queue.find(batch.submitter, related(record)) else {
            return Err(match self.ids.get(batch.submitter, related(record)) {
                Some(_) => Status::NotWaiting,
                None => Status::OriginalUnknown,
            });
        };
        let Some(waiting) = self.queue.get(place) else {
            return Err(Status::NotWaiting);
        };
        if waiting.record.currency != record.currency {
            return Err(Status::OriginalMismatch);
        }
        if waiting.seat != Seat::Queued {
            return Err(Status::NotWaiting);
        }
        let (class, set) = (class_of(record), record.flags.get());
        if set == 0 && class == waiting.class {
            return Err(Status::NotWaiting);
        }
        let front = set & flags::FRONT != 0;
        // Of a trade the own leg moves, not the other party's.
        let places = if waiting.is_trade() {
            vec![place]
        } else {
            self.queue.together(place)
        };
        // To the front the last goes first, so that they stand in their order.
        for at in 0..places.len() {
            let at = if front { places.len() - 1 - at } else { at };
            self.queue.rank(&mut self.accounts, places[at], class, front);
        }
        for place in places {
            if let Some(account) = self.queue.get(place).map(|waiting| waiting.debtor) {
                self.wake(account);
            }
        }
        self.release(out);
        Ok(Placed::new(Status::Executed))
    }
}
