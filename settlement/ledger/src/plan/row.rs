//! What a plan keeps of one account's queue, and whether the account is short with it.
use std::collections::BTreeMap;

use causeway_message::mutated;
use causeway_message::record::Priority;

use crate::account::NONE;
use crate::apply::Ledger;
use crate::desk::Against;

/// Of one account.
#[derive(Debug)]
pub(super) struct Row {
    pub account: u32,
    /// What is named of its queue, in the order of the queue.
    pub line: Vec<u32>,
    bypass: bool,
    /// By class: something of it is not kept. Without bypass the line is cut instead.
    broken: [bool; 3],
    /// What is kept and debits it, by class, and what credits it. Minor units.
    debits: [i128; 3],
    credits: i128,
    /// By sender limit, if there are any: normal debits and all credits that count towards it.
    limits: Option<BTreeMap<Against, (i128, i128)>>,
}

impl Row {
    pub fn of(ledger: &Ledger, account: u32) -> Self {
        let desk = ledger.accounts.desk(account);
        let limited = desk.is_some_and(|desk| desk.others.is_some() || !desk.bilateral.is_empty());
        Self {
            account,
            line: Vec::new(),
            bypass: desk.is_some_and(|desk| desk.bypass),
            broken: [false; 3],
            debits: [0; 3],
            credits: 0,
            limits: limited.then(BTreeMap::new),
        }
    }

    /// How much of the line, from its begin, has nothing before it in the queue that is not in the line.
    pub fn begin(
        &mut self,
        ledger: &Ledger,
        place: impl Fn(u32) -> u32,
        class: impl Fn(u32) -> Priority,
    ) -> usize {
        let Some(desk) = ledger.accounts.desk(self.account) else {
            return 0;
        };
        if self.bypass {
            for level in Priority::ALL.into_iter().rev() {
                let there = self.line.iter().filter(|at| class(**at) == level).count();
                if there < desk.queues[level as usize].len as usize {
                    self.broken[level as usize] = true;
                    return self.line.partition_point(|at| class(*at) >= level);
                }
            }
            return self.line.len();
        }
        let mut heads = desk.queues.iter().rev().map(|list| list.head);
        let mut next = NONE;
        let stands = |at: &&u32| {
            while next == NONE {
                let Some(head) = heads.next() else { return false };
                next = head;
            }
            let here = next;
            next = ledger.queue.get(here).map_or(NONE, |waiting| waiting.following());
            here == place(**at)
        };
        self.line.iter().take_while(stands).count()
    }

    /// From where on the line falls because something of it does.
    pub fn lose(&mut self, at: usize, level: Priority, class: impl Fn(u32) -> Priority) -> usize {
        if !self.bypass {
            return at.min(self.line.len());
        }
        if std::mem::replace(&mut self.broken[level as usize], true) {
            return self.line.len();
        }
        self.line.partition_point(|at| class(*at) >= level)
    }

    /// Counts what debits the account, or with a negative amount takes it out.
    pub fn debit(&mut self, ledger: &Ledger, class: Priority, counterparty: u32, amount: i128) {
        self.debits[class as usize] += amount;
        if let Some(limits) = self.limits.as_mut().filter(|_| class == Priority::Normal) {
            let against = ledger
                .accounts
                .desk(self.account)
                .map(|desk| desk.against(counterparty));
            limits.entry(against.unwrap_or(Against::Others)).or_default().0 += amount;
        }
    }

    /// Counts what credits the account, or with a negative amount takes it out.
    pub fn credit(&mut self, ledger: &Ledger, counterparty: u32, amount: i128) {
        self.credits += amount;
        if let Some(limits) = &mut self.limits {
            let against = ledger
                .accounts
                .desk(self.account)
                .map(|desk| desk.against(counterparty));
            limits.entry(against.unwrap_or(Against::Others)).or_default().1 += amount;
        }
    }

    /// True if the account may not pay what is kept with what it has and gets.
    pub fn is_short(&self, ledger: &Ledger) -> bool {
        let funds = ledger.accounts.get(self.account).available();
        let funds = funds.saturating_add(self.credits);
        let desk = ledger.accounts.desk(self.account);
        let (mut paid, mut reserved) = (i128::from(mutated!(PlanOverdraws)) * -1_000, 0);
        for class in Priority::ALL.into_iter().rev() {
            let debits = self.debits[class as usize];
            paid += debits;
            if debits > 0 && paid + reserved > funds {
                return true;
            }
            let place = (class as usize).checked_sub(1);
            let own = place.and_then(|place| desk?.reservations.get(place).copied());
            let left = own.map_or(0, |own| i128::from(own.left) - debits);
            reserved += if mutated!(EatReserved) { 0 } else { left.max(0) };
        }
        let (Some(limits), Some(desk)) = (&self.limits, desk) else {
            return false;
        };
        limits.iter().any(|(against, (debits, credits))| {
            let limit = desk.limit(*against);
            let room = limit.map(|limit| i128::from(limit.amount) - limit.used);
            *debits > 0 && room.is_some_and(|room| debits - credits > room) && !mutated!(SkipLimit)
        })
    }
}
