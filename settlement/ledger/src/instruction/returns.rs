//! A return: a payment that pays back a settled one, or part of it.
use causeway_message::record::{Instruction, Kind};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use super::form::related;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::outcome::Outcome;

impl Ledger {
    pub(super) fn pay_back(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let accounts = self.judge_return(batch, came, 0)?;
        let placed = self.pay(batch, came, accounts, out)?;
        self.count_return(came.record);
        Ok(placed)
    }

    /// Every rule of a return but liquidity. `before` is what returns of the same original take that stand before it
    /// in its chain.
    pub(super) fn judge_return(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        before: u64,
    ) -> Result<(u32, u32), Status> {
        let record = came.record;
        let accounts = self.judge_payment(batch, Kind::Return, came)?;
        let key = original_of(record);
        let found = self.original(batch, key.0, key.1);
        if found == Err(Status::EntryFull) {
            // What can be judged without looking has its place before that.
            self.judge_day_of(record)?;
        }
        let (original, status) = found?;
        let original = original.record;
        let pays = matches!(
            Kind::from_number(original.kind),
            Some(Kind::Payment | Kind::Conditional | Kind::Obligation)
        );
        if !pays || (status != Status::Settled && !mutated!(ReturnUnsettled)) {
            return Err(Status::OriginalUnknown);
        }
        let reversed = original.debtor == record.creditor
            && original.creditor == record.debtor
            && original.currency == record.currency;
        if !reversed {
            return Err(Status::OriginalMismatch);
        }
        let returned = self
            .returned
            .get(&key)
            .copied()
            .unwrap_or(0)
            .saturating_add(before);
        let exceeds = returned.saturating_add(record.amount.get()) > original.amount.get();
        if exceeds && !mutated!(ReturnMore) {
            return Err(Status::ReturnExceeds);
        }
        self.judge_day_of(record)?;
        Ok(accounts)
    }

    /// Counts a return that settled or waits against its original.
    pub(super) fn count_return(&mut self, record: &Instruction) {
        let returned = self.returned.entry(original_of(record)).or_insert(0);
        *returned = returned.saturating_add(record.amount.get());
    }

    /// A return that waited ended unsettled: its amount may be returned again.
    pub(crate) fn forget_return(&mut self, record: &Instruction) {
        if record.kind != Kind::Return as u8 {
            return;
        }
        let key = original_of(record);
        let left = self
            .returned
            .get(&key)
            .map_or(0, |sum| sum.saturating_sub(record.amount.get()));
        if left == 0 {
            self.returned.remove(&key);
        } else {
            self.returned.insert(key, left);
        }
    }
}

/// Who submitted the original of a return, and under which id.
pub(super) const fn original_of(record: &Instruction) -> (ParticipantId, InstructionId) {
    (ParticipantId(record.creditor.get()), related(record))
}
