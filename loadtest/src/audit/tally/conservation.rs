//! Conservation: what stands on all accounts of a currency is what was funded less what was paid out.
use std::collections::BTreeSet;

use super::Tally;
use crate::audit::fault::{Fault, Rule, same};

impl Tally {
    pub(super) fn check_conservation(&self, entry: u64) -> Result<(), Fault> {
        let currencies: BTreeSet<u16> = self.touched.iter().map(|place| place.1).collect();
        for currency in currencies {
            let issued = self.issued.get(&currency).copied().unwrap_or(0);
            let posted = self.posted.get(&currency).copied().unwrap_or(0);
            same(Rule::Conservation, &issued, &posted, || {
                format!("currency {currency} after log entry {entry}: issued, and on accounts")
            })?;
        }
        Ok(())
    }
}
