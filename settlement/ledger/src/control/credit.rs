//! Collateral and credit limits.
use causeway_message::{ParticipantId, Status};

use super::Origin;
use crate::apply::Ledger;
use crate::credit::{Asset, Granted};
use crate::limits::ASSETS_PER_ACCOUNT;
use crate::outcome::Outcome;

impl Ledger {
    pub(super) fn judge_collateral(
        &self,
        who: ParticipantId,
        currency: u16,
        asset: &str,
        value: u64,
    ) -> Result<u32, Status> {
        let account = self.account_of(who, currency)?;
        let assets = self.accounts.credit.get(&account).map(|credit| &credit.assets);
        let known = assets.is_some_and(|assets| assets.contains_key(asset));
        let full = assets.is_some_and(|assets| assets.len() >= ASSETS_PER_ACCOUNT);
        if !known && (value == 0 || full) {
            return Err(Status::CollateralInvalid);
        }
        Ok(account)
    }

    pub(super) fn set_collateral(
        &mut self,
        (who, currency): (ParticipantId, u16),
        asset: &str,
        (value, haircut): (u64, u32),
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let account = self.judge_collateral(who, currency, asset, value)?;
        self.accounts.change_credit(account, |credit| {
            if value == 0 {
                credit.assets.remove(asset);
            } else {
                credit.assets.insert(asset.to_owned(), Asset { value, haircut });
            }
        });
        self.credited(account, out);
        Ok(())
    }

    pub(super) fn set_credit(
        &mut self,
        (who, currency): (ParticipantId, u16),
        limit: u64,
        proposed: &Origin,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let account = self.account_of(who, currency)?;
        self.accounts.change_credit(account, |credit| {
            credit.limit = limit;
            credit.granted = Some(Granted {
                proposer: proposed.proposer,
                id: proposed.id,
                entry: proposed.entry,
                ordinal: proposed.ordinal,
            });
        });
        self.credited(account, out);
        Ok(())
    }
}
