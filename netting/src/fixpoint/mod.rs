//! The FIFO fixpoint (after Bech and Soramäki 2001): start from everything queued; while an account is short, drop
//! the last item that its queue still keeps; what is left is the greatest set of prefixes that settles at once.
//!
//! It is unique: the union of two feasible sets of prefixes is feasible, as each account pays what it pays in one of
//! them and gets at least as much. So the order in which accounts are looked at changes nothing. A trade stands in
//! the queue of every account that it debits, and dropping it cuts all of them there.
mod careful;
mod plain;

use crate::case::{Case, TRADE};
use crate::chosen::Chosen;
use crate::tests::Tests;

pub use plain::Workspace;

/// How many items each queue keeps, from its first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefixes {
    pub(crate) keep: Vec<u32>,
}

impl Prefixes {
    /// Length of the prefix of each account's queue; of a participant under tests at its first account, 0 at the
    /// others.
    pub fn lengths(&self) -> &[u32] {
        &self.keep
    }

    /// The items of all prefixes. Looks at each of them once.
    pub fn chosen(&self, case: &Case) -> Chosen {
        let mut chosen = Chosen::none(case.items());
        for (queue, keep) in self.keep.iter().enumerate().take(case.accounts.len()) {
            let entries = case.queue_entries(queue as u32);
            for entry in &entries[..(*keep as usize).min(entries.len())] {
                chosen.insert(entry.item);
            }
        }
        chosen
    }
}

/// The FIFO fixpoint of a case: the unique greatest set of items that is a prefix of every queue and leaves nobody
/// short. Each item is looked at once at most, and only those of accounts that fall short.
pub fn fifo(case: &Case, tests: &impl Tests) -> Prefixes {
    if case.is_plain() {
        let mut workspace = Workspace::default();
        workspace.run(case);
        return workspace.into_prefixes();
    }
    careful::run(case, tests, full(case))
}

/// The FIFO fixpoint inside given prefixes: the greatest set of which no queue keeps more than it says. A trade that
/// one of its queues leaves out is out.
pub fn fifo_within(case: &Case, tests: &impl Tests, most: &Prefixes) -> Prefixes {
    let mut keep = full(case);
    for (keep, most) in keep
        .iter_mut()
        .zip(most.keep.iter().copied().chain(std::iter::repeat(0)))
    {
        *keep = (*keep).min(most);
    }
    careful::run(case, tests, keep)
}

fn full(case: &Case) -> Vec<u32> {
    (0..case.queues())
        .map(|queue| case.queue_entries(queue).len() as u32)
        .collect()
}

/// Places of a trade, by its number.
pub(crate) fn places(case: &Case, trade: u64) -> &[(u32, u32)] {
    let at = trade as usize;
    &case.trade_places[case.trade_start[at] as usize..case.trade_start[at + 1] as usize]
}

pub(crate) const fn is_trade(creditor: u32) -> bool {
    creditor == TRADE
}
