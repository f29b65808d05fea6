//! Risk tests: valuations, who is under them, how short it may be, and when less.
use causeway_fx::Currency;
use causeway_message::action::{Action, Valuation};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::Origin;
use crate::apply::Ledger;
use crate::due::Due;
use crate::limits::PAY_INS_PER_ACCOUNT;
use crate::outcome::{Notice, Outcome};
use crate::risk::{Deadline, PayIn, Tested};

impl Ledger {
    pub(super) fn judge_valuation(&self, valuation: &Valuation) -> Result<(), Status> {
        self.judge_currency(valuation.currency)?;
        let risk = &self.accounts.risk;
        let others = risk.valuations.values().any(|other| other.unit != valuation.unit);
        let in_use = risk.tested.values().any(|tested| tested.on);
        let itself = valuation.currency == valuation.unit;
        let one =
            Some(valuation.rate) == 10_u64.checked_pow(u32::from(valuation.scale)) && valuation.haircut == 0;
        let known = Currency::from_numeric(valuation.unit).is_some();
        if valuation.rate == 0 || !known || (others && in_use) || (itself && !one) {
            return Err(Status::ValuationInvalid);
        }
        Ok(())
    }

    pub(super) fn set_valuation(&mut self, valuation: &Valuation, out: &mut Outcome) -> Result<(), Status> {
        self.judge_valuation(valuation)?;
        let risk = &mut self.accounts.risk;
        // Another unit of account: what was valued in the old one has no value any more.
        risk.valuations.retain(|_, other| other.unit == valuation.unit);
        risk.valuations.insert(valuation.currency, *valuation);
        let tested = risk.tested.iter().filter(|(_, tested)| tested.on);
        let tested: Vec<u32> = tested.map(|(who, _)| *who).collect();
        for who in tested {
            self.wake_all_of(who);
        }
        self.release(out);
        Ok(())
    }

    fn wake_all_of(&mut self, participant: u32) {
        let accounts: Vec<u32> = self.accounts.of(participant).collect();
        for id in accounts {
            self.wake(id);
        }
    }

    pub(super) fn judge_set_tests(&self, who: ParticipantId, tested: bool) -> Result<(), Status> {
        self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let ends = !tested && self.accounts.risk.is_tested(who.0);
        let mut accounts = self.accounts.of(who.0).map(|id| self.accounts.get(id));
        if ends && accounts.any(|account| account.position() < -i128::from(account.cap)) {
            return Err(Status::ValuationInvalid);
        }
        Ok(())
    }

    pub(super) fn set_tests(
        &mut self,
        who: ParticipantId,
        tested: bool,
        aggregate: u64,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        self.judge_set_tests(who, tested)?;
        let on = tested;
        self.accounts.risk.tested.insert(who.0, Tested { on, aggregate });
        let accounts: Vec<u32> = self.accounts.of(who.0).collect();
        for id in accounts {
            self.accounts.get_mut(id).tested = tested;
        }
        self.wake_all_of(who.0);
        self.release(out);
        Ok(())
    }

    pub(super) fn set_short_limit(
        &mut self,
        who: ParticipantId,
        currency: u16,
        limit: u64,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let account = self.account_of(who, currency)?;
        self.accounts.risk.limits.insert((who.0, currency), limit);
        self.credited(account, out);
        Ok(())
    }

    pub(super) fn judge_pay_in(
        &self,
        who: ParticipantId,
        currency: u16,
        deadline: u32,
    ) -> Result<(), Status> {
        self.account_of(who, currency)?;
        if Timestamp::from_seconds(deadline) <= self.time {
            return Err(Status::TimeInvalid);
        }
        let key = |second| (who.0, currency, second);
        let own = self.accounts.risk.pay_ins.range(key(0)..=key(u32::MAX));
        let others = own
            .filter(|((.., second), _)| *second != deadline && Timestamp::from_seconds(*second) > self.time);
        if others.count() >= PAY_INS_PER_ACCOUNT {
            return Err(Status::ValuationInvalid);
        }
        Ok(())
    }

    pub(super) fn set_pay_in(
        &mut self,
        (who, currency, deadline): (ParticipantId, u16, u32),
        allowed: u64,
        proposed: &Origin,
    ) -> Result<(), Status> {
        self.judge_pay_in(who, currency, deadline)?;
        let key = (who.0, currency, deadline);
        let pay_in = PayIn {
            allowed,
            proposer: proposed.proposer,
            id: proposed.id,
            entry: proposed.entry,
            ordinal: proposed.ordinal,
        };
        self.accounts.risk.pay_ins.insert(key, pay_in);
        self.due.add(Timestamp::from_seconds(deadline), Due::PayIn(key));
        Ok(())
    }

    /// A pay-in deadline has come.
    pub(crate) fn judge_deadline(&mut self, key: Deadline, out: &mut Outcome) {
        let Some(pay_in) = self.accounts.risk.pay_ins.remove(&key) else {
            return;
        };
        let (who, currency, deadline) = key;
        self.accounts.risk.asked.insert((who, currency), pay_in.allowed);
        let participant = ParticipantId(who);
        let Ok(account) = self.account_of(participant, currency) else {
            return;
        };
        let state = self.accounts.get(account);
        if !state.tested || state.position() >= -i128::from(pay_in.allowed) {
            return;
        }
        out.notices.push(Notice {
            proposer: pay_in.proposer,
            subject: Some(participant).filter(|subject| *subject != pay_in.proposer),
            id: pay_in.id,
            entry: pay_in.entry,
            ordinal: pay_in.ordinal,
            status: Status::PayInMissed,
            amount: 0,
            action: Action::SetPayIn {
                participant,
                currency,
                deadline,
                allowed: pay_in.allowed,
            },
        });
    }

    /// The day of an account is over: what deadlines asked of it is no longer asked.
    pub(crate) fn forget_pay_in(&mut self, account: u32) {
        let state = self.accounts.get(account);
        let key = (state.participant, state.currency);
        if self.accounts.risk.asked.remove(&key).is_some() {
            self.wake(account);
        }
    }
}
