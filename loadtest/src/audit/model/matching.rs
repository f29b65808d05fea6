//! Which instructions make a trade (PROTOCOL §23.1): those that mirror each other, or nearly do, first come, first
//! served.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::Instruction;

use super::classes::Waiting;
use super::{Model, Origin};

/// Instructions with a tolerance that are looked at for one that has come.
const LOOKED_AT: usize = 64;

/// Debtor, creditor, value date, what is paid in and what is got in.
type Pact = (u32, u32, u16, u16, u16);

/// What stays unmatched, by what it says.
#[derive(Debug, Default)]
pub(super) struct Unmatched(BTreeMap<Pact, BTreeSet<Origin>>);

const fn pact(record: &Instruction) -> Pact {
    (
        record.debtor.get(),
        record.creditor.get(),
        record.value_date.get(),
        record.currency.get(),
        record.counter_currency.get(),
    )
}

/// What the other side would say.
const fn mirrored((debtor, creditor, date, pays, gets): Pact) -> Pact {
    (creditor, debtor, date, gets, pays)
}

impl Unmatched {
    pub fn insert(&mut self, item: &Waiting) {
        self.0.entry(pact(item.record())).or_default().insert(item.origin);
    }

    pub fn remove(&mut self, item: &Waiting) {
        let pact = pact(item.record());
        if let Some(all) = self.0.get_mut(&pact) {
            all.remove(&item.origin);
            if all.is_empty() {
                self.0.remove(&pact);
            }
        }
    }

    /// How many of one participant against another.
    pub fn count(&self, debtor: u32, creditor: u32) -> usize {
        let first = (debtor, creditor, 0, 0, 0);
        let last = (debtor, creditor, u16::MAX, u16::MAX, u16::MAX);
        self.0.range(first..=last).map(|(_, all)| all.len()).sum()
    }
}

/// How far what it gets may differ.
fn tolerance(item: &Waiting) -> Option<u64> {
    extension::find(&item.paper.extensions, ExtensionType::Tolerance).and_then(extension::amount)
}

/// Two references are the same, or one of them is none.
fn references_fit(one: &Instruction, other: &Instruction) -> bool {
    let none = [0; 16];
    one.related == other.related || one.related == none || other.related == none
}

/// What each pays is what the other gets.
fn mirrors(one: &Instruction, other: &Instruction) -> bool {
    one.amount == other.counter_amount && other.amount == one.counter_amount
}

/// What each pays is within the other's tolerance of what that gets.
fn nearly(one: &Waiting, other: &Waiting) -> bool {
    let within = |pays: &Waiting, gets: &Waiting| {
        let differs = pays.amount().abs_diff(gets.record().counter_amount.get());
        tolerance(gets).is_some_and(|most| differs <= most)
    };
    within(one, other) && within(other, one)
}

impl Model {
    /// The unmatched instruction with which one that comes makes a trade.
    pub(super) fn counterpart(&self, item: &Waiting) -> Option<Origin> {
        let all = self.unmatched.0.get(&mirrored(pact(item.record())))?;
        let fit = |other: &&Waiting| {
            let over = other.end().is_some_and(|end| self.has_come(end));
            !over && references_fit(item.record(), other.record())
        };
        let others = || all.iter().filter_map(|origin| self.waits.get(origin)).filter(fit);
        let same = others().find(|other| mirrors(item.record(), other.record()));
        let near = || {
            tolerance(item)?;
            let mut some = others()
                .filter(|other| tolerance(other).is_some())
                .take(LOOKED_AT);
            some.find(|other| nearly(item, other))
        };
        same.or_else(near).map(|other| other.origin)
    }
}
