//! Money comes in against a confirmed credit, once for each reference, and goes out in two steps (DESIGN §5).
use causeway_message::action::DefaultState;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::payment::is_reference;
use super::{Caused, Model, Place};

/// A defunding in progress.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defund {
    pub place: Place,
    pub amount: u64,
}

impl Model {
    pub(super) fn judge_reference(reference: &str) -> Result<(), Status> {
        if is_reference(reference.as_bytes()) {
            Ok(())
        } else {
            Err(Status::ReferenceInvalid)
        }
    }

    fn judge_unused(&self, currency: u16, paid_out: bool, reference: &str) -> Result<(), Status> {
        let reference = (currency, paid_out, reference.to_owned());
        if self.references.contains(&reference) {
            Err(Status::ReferenceUsed)
        } else {
            Ok(())
        }
    }

    pub(super) fn judge_fund(&self, place: Place, amount: u64, reference: &str) -> Result<(), Status> {
        if amount == 0 {
            return Err(Status::AmountZero);
        }
        self.judge_account(place)?;
        Self::judge_reference(reference)?;
        self.judge_unused(place.1, false, reference)
    }

    pub(super) fn fund(&mut self, place: Place, amount: u64, reference: &str, caused: &mut Caused) {
        self.references.insert((place.1, false, reference.to_owned()));
        self.money.issue(place, i128::from(amount));
        self.credited(place);
        self.freed(place, caused);
    }

    /// Only money of its own may go out, never credit.
    pub(super) fn judge_defund(&self, place: Place, amount: u64) -> Result<(), Status> {
        if amount == 0 {
            return Err(Status::AmountZero);
        }
        self.judge_account(place)?;
        if self.default_of(place.0) == DefaultState::Declared {
            return Err(Status::DebtorSuspended);
        }
        let own = if self.risk.is_tested(place.0) {
            self.free(place)
        } else {
            self.position(place)
        };
        if own >= i128::from(amount) {
            Ok(())
        } else {
            Err(Status::DefundUncovered)
        }
    }

    pub(super) fn set_money_aside(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        place: Place,
        amount: u64,
    ) {
        self.money
            .change(place, |account| account.reserved += i128::from(amount));
        self.defunds.insert((agent, id), Defund { place, amount });
    }

    pub(super) fn defund(&self, agent: ParticipantId, id: InstructionId) -> Result<Defund, Status> {
        self.defunds
            .get(&(agent, id))
            .copied()
            .ok_or(Status::DefundUnknown)
    }

    pub(super) fn judge_confirm(
        &self,
        agent: ParticipantId,
        id: InstructionId,
        reference: &str,
    ) -> Result<Defund, Status> {
        Self::judge_reference(reference)?;
        let defund = self.defund(agent, id)?;
        self.judge_unused(defund.place.1, true, reference)?;
        Ok(defund)
    }

    fn end_defund(&mut self, agent: ParticipantId, id: InstructionId) -> Result<Defund, Status> {
        let defund = self.defund(agent, id)?;
        self.defunds.remove(&(agent, id));
        self.money.change(defund.place, |account| {
            account.reserved -= i128::from(defund.amount)
        });
        Ok(defund)
    }

    pub(super) fn pay_out(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        reference: &str,
    ) -> Result<(), Status> {
        let defund = self.end_defund(agent, id)?;
        self.references
            .insert((defund.place.1, true, reference.to_owned()));
        self.money.issue(defund.place, -i128::from(defund.amount));
        Ok(())
    }

    pub(super) fn release_defund(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        caused: &mut Caused,
    ) -> Result<(), Status> {
        let defund = self.end_defund(agent, id)?;
        self.freed(defund.place, caused);
        Ok(())
    }
}
