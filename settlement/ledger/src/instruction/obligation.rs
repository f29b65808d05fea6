//! An obligation: a payment that a netting window collects. It moves nothing, and takes nothing of what others may use.
use causeway_message::Status;
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;

use super::form::related;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::limits::OBLIGATIONS_PER_WINDOW;
use crate::queue::{Seat, Waiting};

impl Ledger {
    pub(super) fn obligation(&mut self, batch: &Batch<'_>, came: &Came<'_>) -> Result<Placed, Status> {
        let record = came.record;
        let accounts = self.judge_payment(batch, Kind::Obligation, came)?;
        let id = related(record);
        let window = self.window_for(id, record.currency.get())?;
        if Timestamp::from_seconds(window.grant.close) <= self.time {
            return Err(Status::RejectedCutOff);
        }
        self.judge_day_of(record)?;
        if self.queue.collected_by(id) >= OBLIGATIONS_PER_WINDOW {
            return Err(Status::QueueFull);
        }
        self.judge_room(1)?;
        let origin = (self.index, came.ordinal);
        let waiting = Waiting::new(record, came.extensions, batch.submitter, origin, accounts);
        let waiting = waiting.seated(Seat::Window);
        self.join_window(&waiting);
        Ok(self.wait(waiting))
    }
}
