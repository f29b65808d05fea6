//! A sender limit: how much more a bank pays one participant, or all others, in normal payments than it gets back.
use causeway_message::Status;
use causeway_message::answer::answer_flags;
use causeway_message::record::{Kind, flags};

use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::desk::Limit;
use crate::outcome::Outcome;

impl Ledger {
    pub(super) fn limit(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let account = self.judge_own(batch, Kind::Limit, came)?;
        let amount = record.amount.get();
        let removed = record.flags.get() & flags::DECLINE != 0;
        let counterparty = Some(record.creditor.get()).filter(|creditor| *creditor != record.debtor.get());
        let desk = self.accounts.desk_mut(account);
        let present = match counterparty {
            Some(counterparty) => desk.bilateral.get(&counterparty),
            None => desk.others.as_ref(),
        };
        let used = present.map_or(0, |limit| limit.used);
        let limit = (!removed).then_some(Limit { amount, used });
        match (counterparty, limit) {
            (None, limit) => desk.others = limit,
            (Some(counterparty), Some(limit)) => {
                desk.bilateral.insert(counterparty, limit);
            }
            (Some(counterparty), None) => {
                desk.bilateral.remove(&counterparty);
            }
        }
        self.credited(account, out);
        let mut placed = Placed::new(Status::Executed);
        if !removed && used > i128::from(amount) {
            placed.flags = answer_flags::BELOW_USE;
        }
        Ok(placed)
    }
}
