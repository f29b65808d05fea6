//! The queues of a day as they stand: what has arrived and not settled, with the money of the accounts.
use std::collections::VecDeque;

use crate::case::{Case, Leg};

/// Balances and queues of a day under way.
#[derive(Debug)]
pub(super) struct Queues<'a> {
    case: &'a Case,
    /// Items below this number have arrived.
    arrived: u32,
    settled: Vec<bool>,
    /// First place of each class of each queue that may wait still.
    first: Vec<[u32; 3]>,
    pub balances: Vec<i128>,
    /// Lowest balance of each account so far.
    pub lowest: Vec<i128>,
    /// Queues to be looked at, each once.
    work: VecDeque<u32>,
    listed: Vec<bool>,
}

impl<'a> Queues<'a> {
    pub fn new(case: &'a Case) -> Self {
        let balances: Vec<i128> = case.accounts().iter().map(|account| account.balance).collect();
        let first = case
            .class_start
            .iter()
            .map(|[high, normal]| [0, *high, *normal])
            .collect();
        Self {
            case,
            arrived: 0,
            settled: vec![false; case.items()],
            first,
            lowest: balances.clone(),
            work: VecDeque::new(),
            listed: vec![false; balances.len()],
            balances,
        }
    }

    pub fn has_settled(&self, item: u32) -> bool {
        self.settled[item as usize]
    }

    /// The next item arrives and has its queues looked at.
    pub fn arrive(&mut self, item: u32) {
        self.arrived = item + 1;
        let case = self.case;
        case.queues_of(item).for_each(|queue| self.list(queue));
    }

    /// What waits first in a queue. A class stands in order of arrival: what has not arrived ends it.
    fn head(&mut self, queue: u32) -> Option<u32> {
        let entries = self.case.queue_entries(queue);
        let [high, normal] = self.case.class_start[queue as usize];
        let ends = [high, normal, entries.len() as u32];
        for (first, end) in self.first[queue as usize].iter_mut().zip(ends) {
            while *first < end && self.settled[entries[*first as usize].item as usize] {
                *first += 1;
            }
            if *first < end && entries[*first as usize].item < self.arrived {
                return Some(entries[*first as usize].item);
            }
        }
        None
    }

    /// Settles what can settle alone, one after another, in the queues that are to be looked at and in those that
    /// this brings money to. Each step settles an item or takes a queue off the list.
    pub fn settle_heads(&mut self, mut note: impl FnMut(u32)) {
        while let Some(queue) = self.work.pop_front() {
            self.listed[queue as usize] = false;
            while let Some(item) = self.head(queue) {
                if !self.is_first(item) || !self.pays(item) {
                    break;
                }
                self.mark(item);
                note(item);
            }
        }
    }

    fn is_first(&mut self, item: u32) -> bool {
        let case = self.case;
        case.queues_of(item).all(|queue| self.head(queue) == Some(item))
    }

    /// Moves the money of an item if all that it debits have it.
    fn pays(&mut self, item: u32) -> bool {
        let case = self.case;
        let legs = case.legs(item);
        self.move_all(legs, 1);
        let has = |leg: &Leg| {
            let at = leg.debtor as usize;
            self.balances[at] >= -case.accounts()[at].limit
        };
        let all = legs.iter().all(has);
        if all {
            self.note_lowest(legs);
        } else {
            self.move_all(legs, -1);
        }
        all
    }

    fn move_all(&mut self, legs: &[Leg], sign: i128) {
        for leg in legs {
            let amount = i128::from(leg.amount) * sign;
            self.balances[leg.debtor as usize] -= amount;
            self.balances[leg.creditor as usize] += amount;
        }
    }

    fn note_lowest(&mut self, legs: &[Leg]) {
        for leg in legs {
            let at = leg.debtor as usize;
            self.lowest[at] = self.lowest[at].min(self.balances[at]);
        }
    }

    /// Notes an item whose money has moved as settled; the queues that it leaves and those whose accounts it
    /// credits are to be looked at.
    fn mark(&mut self, item: u32) {
        self.settled[item as usize] = true;
        for leg in self.case.legs(item) {
            self.list(leg.debtor);
            self.list(leg.creditor);
        }
    }

    fn list(&mut self, queue: u32) {
        if !std::mem::replace(&mut self.listed[queue as usize], true) {
            self.work.push_back(queue);
        }
    }

    /// Settles items at once that netting chose.
    pub fn settle_together(&mut self, items: &[u32]) {
        let case = self.case;
        items.iter().for_each(|item| self.move_all(case.legs(*item), 1));
        for item in items {
            self.note_lowest(case.legs(*item));
            self.mark(*item);
        }
    }
}
