//! Both legs or none: what moved was debited once and credited once, with the amount that was signed, or as parts of
//! it. And nobody but the debtor that signed was debited.
use std::collections::BTreeMap;

use causeway_message::record::Kind;

use super::seen::{Leg, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};

pub fn check(seen: &Seen) -> Result<(), Fault> {
    let (debits, credits) = (by_origin(&seen.debits), by_origin(&seen.credits));
    let counts = |legs: &BTreeMap<Origin, Vec<&Leg>>| {
        let count = |(origin, all): (&Origin, &Vec<&Leg>)| (*origin, all.len());
        legs.iter().map(count).collect::<Vec<_>>()
    };
    same(Rule::BothLegs, &counts(&debits), &counts(&credits), || {
        format!("log entry {}: debits and credits", seen.entry)
    })?;
    for (debits, credits) in debits.values().zip(credits.values()) {
        for (debit, credit) in debits.iter().zip(credits) {
            check_pair(seen.entry, debits.len(), debit, credit)?;
        }
    }
    let (mut paid, mut collected) = (seen.paid.clone(), seen.collected.clone());
    paid.sort_unstable();
    collected.sort_unstable();
    same(Rule::BothLegs, &paid, &collected, || {
        format!("log entry {}: fees paid and collected", seen.entry)
    })
}

fn check_pair(entry: u64, count: usize, debit: &Leg, credit: &Leg) -> Result<(), Fault> {
    let at = || format!("log entry {entry}, payment {:?}", debit.origin);
    let bodies = (debit.record, &debit.extensions) == (credit.record, &credit.extensions);
    hold(bodies, Rule::BothLegs, || format!("{}: another record", at()))?;
    let record = &debit.record;
    // Only money that was set aside moves in parts.
    if record.kind == Kind::Conditional as u8 {
        same(Rule::BothLegs, &debit.amount, &credit.amount, at)?;
    } else {
        same(Rule::BothLegs, &1, &count, at)?;
        let signed = (record.amount.get(), record.amount.get());
        same(Rule::BothLegs, &signed, &(debit.amount, credit.amount), at)?;
    }
    let debtor = (record.debtor.get(), record.currency.get());
    same(Rule::Authority, &debtor, &debit.place, || {
        format!("{}: account debited", at())
    })?;
    let creditor = (record.creditor.get(), record.currency.get());
    same(Rule::Authority, &creditor, &credit.place, || {
        format!("{}: account credited", at())
    })
}

fn by_origin(legs: &[Leg]) -> BTreeMap<Origin, Vec<&Leg>> {
    let mut all: BTreeMap<Origin, Vec<&Leg>> = BTreeMap::new();
    for leg in legs {
        all.entry(leg.origin).or_default().push(leg);
    }
    all
}
