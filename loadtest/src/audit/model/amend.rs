//! Amendments (PROTOCOL §22.1): a payment that waits gets another class, or another place in its class.
use causeway_message::Status;
use causeway_message::record::{Instruction, flags};

use super::Model;
use super::cancel::related;
use super::classes::Spot;

impl Model {
    /// The payment stands in a queue. Without a place that it is given, it must be given another class.
    pub(super) fn judge_amend(&self, record: &Instruction) -> Result<(), Status> {
        let key = related(record);
        self.status_of(key).ok_or(Status::OriginalUnknown)?;
        let item = self.waiting_of(key).ok_or(Status::NotWaiting)?;
        if item.place().1 != record.currency.get() {
            return Err(Status::OriginalMismatch);
        }
        let placed = record.flags.get() & (flags::FRONT | flags::BACK) != 0;
        if item.spot != Spot::Queue || !placed && item.class == record.priority {
            return Err(Status::NotWaiting);
        }
        Ok(())
    }

    /// Moves a payment, and its chain with it (kind 7).
    pub(super) fn carry_out_amend(&mut self, record: &Instruction) {
        let Some(origin) = self.waiting_of(related(record)).map(|item| item.origin) else {
            return;
        };
        // Of a trade the own leg moves alone.
        let mut items = self.chain_of(origin);
        items.retain(|item| !item.is_trade() || item.origin == origin);
        let front = record.flags.get() & flags::FRONT != 0;
        for item in &items {
            self.lift(item.origin);
        }
        // At the front the last comes first, so that they stand in their order.
        let order: Vec<_> = if front {
            items.iter().rev().collect()
        } else {
            items.iter().collect()
        };
        for item in order {
            let mut moved = item.clone();
            moved.class = record.priority;
            self.wait(moved, Spot::Queue, front);
        }
        self.wake_debited(&items);
    }
}
