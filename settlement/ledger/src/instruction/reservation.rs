//! A reservation: liquidity that payments of lower classes do not take.
use causeway_message::Status;
use causeway_message::answer::answer_flags;
use causeway_message::record::Kind;

use super::payment::class_of;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::desk::Reservation;
use crate::outcome::Outcome;

impl Ledger {
    pub(super) fn reserve(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let account = self.judge_own(batch, Kind::Reservation, came)?;
        let amount = record.amount.get();
        let free = self.accounts.free(account);
        let desk = self.accounts.desk_mut(account);
        if let Some(kept) = desk.reservation_mut(class_of(record)) {
            *kept = Reservation {
                set: amount,
                left: amount,
            };
        }
        self.credited(account, out);
        let mut placed = Placed::new(Status::Executed);
        if amount != 0 && i128::from(amount) > free {
            placed.flags = answer_flags::BELOW_USE;
        }
        Ok(placed)
    }
}
