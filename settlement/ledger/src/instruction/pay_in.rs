//! A pay-in: own money set aside for one netting window.
use causeway_message::Status;
use causeway_message::record::Kind;

use super::form::related;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::limits::{PAY_INS_PER_MEMBER, PAY_INS_PER_WINDOW};
use crate::queue::Waiting;

impl Ledger {
    pub(super) fn pay_in(&mut self, batch: &Batch<'_>, came: &Came<'_>) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_form(Kind::PayIn, record, came.extensions)?;
        if record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        let amount = record.amount.get();
        if amount == 0 {
            return Err(Status::AmountZero);
        }
        let (account, _) = self.judge_parties(record, true)?;
        if self.accounts.get(account).suspended {
            return Err(Status::DebtorSuspended);
        }
        let id = related(record);
        let window = self.window_for(id, record.currency.get())?;
        let full = window.pay_ins.len() >= PAY_INS_PER_WINDOW || window.times(account) >= PAY_INS_PER_MEMBER;
        if self.accounts.own(account) < i128::from(amount) {
            return Err(Status::InsufficientLiquidity);
        }
        if full {
            return Err(Status::QueueFull);
        }
        self.judge_room(1)?;
        let origin = (self.index, came.ordinal);
        let waiting = Waiting::new(
            record,
            came.extensions,
            batch.submitter,
            origin,
            (account, account),
        );
        self.take_pay_in(id, waiting);
        Ok(Placed::new(Status::SetAside))
    }
}
