//! Limits: what leaves an account is covered by its balance, its cap and its line, less what is set aside.
use std::collections::BTreeMap;

use super::Tally;
use crate::audit::fault::{Fault, Rule, hold, same};

impl Tally {
    /// Looks at the accounts that the entry drew on. A cap lowered below present use stops outflow, no more; so an
    /// account is held to the widest cap that it had in the entry. Under risk tests a cap says nothing.
    pub(super) fn check_limits(&self, entry: u64) -> Result<(), Fault> {
        for place in &self.touched {
            let Some(account) = self.accounts.get(place) else {
                continue;
            };
            hold(account.reserved >= 0, Rule::Reservations, || {
                format!(
                    "log entry {entry}: account {place:?} has {} reserved",
                    account.reserved
                )
            })?;
            if self.risk.was_tested(place.0) {
                continue;
            }
            let line = i128::from(self.credits.widest(*place));
            let available = account.balance + i128::from(account.widest_cap) + line - account.reserved;
            hold(!account.drawn || available >= 0, Rule::Limits, || {
                format!(
                    "log entry {entry}: account {place:?} has balance {}, cap {}, reserved {}",
                    account.balance, account.widest_cap, account.reserved
                )
            })?;
        }
        Ok(())
    }

    pub(super) fn check_reservations(&self, entry: u64) -> Result<(), Fault> {
        let mut sums = BTreeMap::new();
        for defund in self.defunds.values() {
            *sums.entry(defund.place).or_insert(0) += i128::from(defund.amount);
        }
        for aside in self.asides.values() {
            *sums.entry(aside.place).or_insert(0) += i128::from(aside.left);
        }
        for (place, amount) in self.firm.set_aside() {
            *sums.entry(place).or_insert(0) += amount;
        }
        for (place, account) in &self.accounts {
            let sum = sums.get(place).copied().unwrap_or(0);
            same(Rule::Reservations, &sum, &account.reserved, || {
                format!("account {place:?} after log entry {entry}")
            })?;
        }
        Ok(())
    }
}
