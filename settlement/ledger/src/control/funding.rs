//! Funding and defunding: money enters and leaves against the settlement agent's liability, never otherwise.
use causeway_message::action::DefaultState;
use causeway_message::extension::is_reference;
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::outcome::Outcome;
use crate::proposal::Defund;

impl Ledger {
    pub(crate) fn judge_reference(&self, reference: &str) -> Result<(), Status> {
        if is_reference(reference.as_bytes()) {
            Ok(())
        } else {
            Err(Status::ReferenceInvalid)
        }
    }

    fn judge_unused(&self, currency: u16, paid_out: bool, reference: &str) -> Result<(), Status> {
        let used = self
            .references
            .contains(&(currency, paid_out, reference.to_owned()));
        if used && !mutated!(ReferenceTwice) {
            Err(Status::ReferenceUsed)
        } else {
            Ok(())
        }
    }

    /// A defunding that may be confirmed with this reference.
    pub(super) fn judge_confirm(
        &self,
        agent: ParticipantId,
        id: InstructionId,
        reference: &str,
    ) -> Result<Defund, Status> {
        self.judge_reference(reference)?;
        let defund = self.defund_in_progress(agent, id)?;
        self.judge_unused(self.accounts.get(defund.account).currency, true, reference)?;
        Ok(defund)
    }

    pub(super) fn judge_fund(
        &self,
        who: ParticipantId,
        currency: u16,
        amount: u64,
        reference: &str,
    ) -> Result<u32, Status> {
        if amount == 0 {
            return Err(Status::AmountZero);
        }
        let account = self.account_of(who, currency)?;
        self.judge_reference(reference)?;
        self.judge_unused(currency, false, reference)?;
        Ok(account)
    }

    pub(super) fn fund(
        &mut self,
        who: ParticipantId,
        currency: u16,
        amount: u64,
        reference: &str,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let account = self.judge_fund(who, currency, amount, reference)?;
        self.references.insert((currency, false, reference.to_owned()));
        self.issue(account, i128::from(amount));
        self.credited(account, out);
        Ok(())
    }

    /// Credits an account and its agent's liability, or with a negative amount takes both back.
    fn issue(&mut self, account: u32, amount: i128) {
        let state = self.accounts.get_mut(account);
        state.balance += amount;
        let frozen = state.frozen;
        let currency = state.currency;
        let stirs = amount > 0 && state.quoting != 0;
        self.accounts.stirred |= stirs;
        if frozen {
            self.accounts.renew_cap(account);
        }
        let book = self.accounts.book(currency);
        assert!(book.is_some(), "an account's currency is open");
        if let Some(book) = book {
            self.accounts.book_mut(book).liability -= amount;
        }
    }

    pub(super) fn judge_defund(&self, who: ParticipantId, currency: u16, amount: u64) -> Result<u32, Status> {
        if amount == 0 {
            return Err(Status::AmountZero);
        }
        let account = self.account_of(who, currency)?;
        if self.default_of(who) == DefaultState::Declared && !mutated!(PaysInDefault) {
            return Err(Status::DebtorSuspended);
        }
        // Only money of its own leaves, never credit.
        if self.accounts.own(account) < i128::from(amount) {
            return Err(Status::DefundUncovered);
        }
        Ok(account)
    }

    pub(super) fn defund(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        who: ParticipantId,
        currency: u16,
        amount: u64,
    ) -> Result<(), Status> {
        let account = self.judge_defund(who, currency, amount)?;
        if !mutated!(ReserveNothing) {
            self.accounts.get_mut(account).reserved += i128::from(amount);
        }
        self.defunds.insert((agent, id), Defund { account, amount });
        Ok(())
    }

    pub(super) fn defund_in_progress(
        &self,
        agent: ParticipantId,
        id: InstructionId,
    ) -> Result<Defund, Status> {
        self.defunds
            .get(&(agent, id))
            .copied()
            .ok_or(Status::DefundUnknown)
    }

    fn end_defund(&mut self, agent: ParticipantId, id: InstructionId) -> Result<Defund, Status> {
        let defund = self.defund_in_progress(agent, id)?;
        self.accounts.get_mut(defund.account).reserved -= i128::from(defund.amount);
        self.defunds.remove(&(agent, id));
        Ok(defund)
    }

    pub(super) fn confirm_defund(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        reference: &str,
    ) -> Result<(), Status> {
        let currency = self
            .accounts
            .get(self.judge_confirm(agent, id, reference)?.account)
            .currency;
        let defund = self.end_defund(agent, id)?;
        self.references.insert((currency, true, reference.to_owned()));
        self.issue(defund.account, -i128::from(defund.amount));
        Ok(())
    }

    pub(super) fn release_defund(
        &mut self,
        agent: ParticipantId,
        id: InstructionId,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let defund = self.end_defund(agent, id)?;
        self.credited(defund.account, out);
        Ok(())
    }

    /// Whose money a defunding in progress holds, and how much.
    pub(super) fn defund_concerns(
        &self,
        agent: ParticipantId,
        id: InstructionId,
    ) -> (Option<ParticipantId>, u64) {
        match self.defund_in_progress(agent, id) {
            Ok(defund) => (
                Some(ParticipantId(self.accounts.get(defund.account).participant)),
                defund.amount,
            ),
            Err(_) => (None, 0),
        }
    }
}
