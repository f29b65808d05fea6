//! Both legs or none: each payment that settled was debited once and credited once, with the amount that was signed.
//! And nobody but the debtor that signed was debited.
use std::collections::BTreeMap;

use super::seen::{Leg, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};

pub fn check(seen: &Seen) -> Result<(), Fault> {
    let (debits, credits) = (once(seen.entry, &seen.debits)?, once(seen.entry, &seen.credits)?);
    let origins = |legs: &BTreeMap<Origin, &Leg>| legs.keys().copied().collect::<Vec<_>>();
    same(Rule::BothLegs, &origins(&debits), &origins(&credits), || {
        format!("log entry {}: debits and credits", seen.entry)
    })?;
    for (origin, debit) in &debits {
        let Some(credit) = credits.get(origin) else {
            continue;
        };
        let at = || format!("log entry {}, payment {origin:?}", seen.entry);
        let bodies = (debit.record, &debit.extensions) == (credit.record, &credit.extensions);
        hold(bodies, Rule::BothLegs, || format!("{}: another record", at()))?;
        let record = &debit.record;
        let signed = (record.amount.get(), record.amount.get());
        same(Rule::BothLegs, &signed, &(debit.amount, credit.amount), at)?;
        let debtor = (record.debtor.get(), record.currency.get());
        same(Rule::Authority, &debtor, &debit.place, || {
            format!("{}: account debited", at())
        })?;
        let creditor = (record.creditor.get(), record.currency.get());
        same(Rule::Authority, &creditor, &credit.place, || {
            format!("{}: account credited", at())
        })?;
    }
    Ok(())
}

fn once(entry: u64, legs: &[Leg]) -> Result<BTreeMap<Origin, &Leg>, Fault> {
    let mut all = BTreeMap::new();
    for leg in legs {
        hold(all.insert(leg.origin, leg).is_none(), Rule::BothLegs, || {
            format!(
                "log entry {entry}: payment {:?} stands twice on one side",
                leg.origin
            )
        })?;
    }
    Ok(all)
}
