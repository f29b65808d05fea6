//! Who may quote which pair, and the reference rates that exchanges are compared with.
use causeway_fx::Currency;
use causeway_message::{ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::market::{Fixing, Pair, ordered};

impl Ledger {
    pub(super) fn judge_exposure(&self, who: ParticipantId, (base, counter): Pair) -> Result<(), Status> {
        self.account_of(who, base)?;
        self.account_of(who, counter)?;
        if base == counter {
            return Err(Status::ExposureInvalid);
        }
        Ok(())
    }

    pub(super) fn set_exposure(&mut self, who: ParticipantId, pair: Pair, limit: u64) -> Result<(), Status> {
        self.judge_exposure(who, pair)?;
        self.market.exposures.entry((who.0, pair)).or_default().limit = limit;
        if limit == 0 {
            for quote in self.market.quotes.withdraw_all(who.0, pair.0, pair.1) {
                self.forget_quote(quote.number, quote.provider, pair);
            }
        }
        self.market.stirred = true;
        Ok(())
    }

    pub(super) fn judge_reference_rate(&self, fixing: &Fixing) -> Result<(), Status> {
        let known = [fixing.base, fixing.counter].map(|code| Currency::from_numeric(code).is_some());
        if known != [true; 2] || fixing.base == fixing.counter || fixing.rate == 0 {
            return Err(Status::ExposureInvalid);
        }
        Ok(())
    }

    pub(super) fn set_reference_rate(&mut self, fixing: Fixing) -> Result<(), Status> {
        self.judge_reference_rate(&fixing)?;
        let pair = ordered((fixing.base, fixing.counter));
        self.market.fixings.insert(pair, fixing);
        Ok(())
    }

    /// Exposures in the currency of an account begin anew.
    pub(crate) fn renew_exposures(&mut self, account: u32) {
        let state = self.accounts.get(account);
        let (who, currency) = (state.participant, state.currency);
        let own = self
            .market
            .exposures
            .range_mut((who, (currency, 0))..=(who, (currency, u16::MAX)));
        own.filter(|_| !mutated!(ExposureOutlives))
            .for_each(|(_, exposure)| exposure.net = 0);
    }
}
