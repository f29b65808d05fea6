//! Fees: what instructions cost, accrued by account until the currency closes. They never change what settles.
use std::collections::BTreeMap;

use causeway_message::action::{DefaultState, FeeGrant};
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::outcome::{FeePosting, Outcome};

/// Schedules and what has accrued.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fees {
    pub schedule: BTreeMap<(u16, u8), FeeGrant>,
    /// By account; missing ones owe nothing. Minor units.
    pub accrued: Vec<u64>,
}

impl Fees {
    #[inline]
    fn add(&mut self, account: u32, currency: u16, kind: u8, amount: u64) {
        let Some(grant) = self.schedule.get(&(currency, kind)) else {
            return;
        };
        let fee = grant.on(amount);
        let at = account as usize;
        if self.accrued.len() <= at {
            self.accrued.resize(at + 1, 0);
        }
        self.accrued[at] = self.accrued[at].saturating_add(fee);
    }

    pub fn of(&self, account: u32) -> u64 {
        self.accrued.get(account as usize).copied().unwrap_or(0)
    }
}

impl Ledger {
    /// What a settled payment costs its debtor.
    #[inline]
    pub(crate) fn accrue(&mut self, account: u32, kind: u8, amount: u64) {
        if !self.fees.schedule.is_empty() {
            let currency = self.accounts.get(account).currency;
            self.fees.add(account, currency, kind, amount);
        }
    }

    /// What an executed instruction that moves nothing costs its submitter.
    pub(crate) fn accrue_executed(&mut self, submitter: ParticipantId, currency: u16, kind: u8) {
        if self.fees.schedule.is_empty() {
            return;
        }
        let account = self
            .accounts
            .book(currency)
            .and_then(|book| self.accounts.find(submitter.0, book));
        if let Some(account) = account {
            self.fees.add(account, currency, kind, 0);
        }
    }

    pub(crate) fn judge_fee(&self, grant: &FeeGrant) -> Result<(), Status> {
        self.judge_currency(grant.currency)?;
        if Kind::from_number(grant.kind).is_none_or(|kind| kind.since() > self.rules)
            || (grant.max != 0 && grant.min > grant.max)
        {
            return Err(Status::FeeInvalid);
        }
        self.account_of(grant.collector, grant.currency)
            .map(|_| ())
            .map_err(|_| Status::FeeInvalid)
    }

    pub(crate) fn set_fee(&mut self, grant: &FeeGrant) -> Result<(), Status> {
        self.judge_fee(grant)?;
        self.fees.schedule.insert((grant.currency, grant.kind), *grant);
        Ok(())
    }

    /// Bills what an account owes, as far as what is free without credit goes.
    pub(crate) fn bill(&mut self, account: u32, date: u16, out: &mut Outcome) {
        let owed = self.fees.of(account);
        if owed == 0 {
            return;
        }
        let state = self.accounts.get(account);
        let (payer, currency) = (ParticipantId(state.participant), state.currency);
        // Of a member in default nothing is taken.
        if self.default_of(payer) != DefaultState::None {
            return;
        }
        let free = u64::try_from(self.accounts.free_without_line(account).max(0)).unwrap_or(u64::MAX);
        // One posting, to the collector of the first kind that costs something here.
        let mut grants = self.fees.schedule.range((currency, 0)..=(currency, u8::MAX));
        let Some((_, grant)) = grants.next() else { return };
        let Ok(to) = self.account_of(grant.collector, currency) else {
            return;
        };
        let (amount, collector) = (owed.min(free), grant.collector);
        if amount == 0 || to == account {
            return;
        }
        self.fees.accrued[account as usize] -= if mutated!(BilledTwice) { 0 } else { amount };
        self.accounts.transfer(account, to, amount);
        out.fees.push(FeePosting {
            payer,
            collector,
            currency,
            date,
            amount,
        });
        // Nothing waits in what has closed; under risk tests it may elsewhere.
        self.wake(to);
    }
}
