//! The fixpoint where nothing but money says what settles: no sender limits, nobody under tests.
use super::{Prefixes, is_trade, places};
use crate::case::Case;

/// Memory of the fixpoint, for callers that run it again and again: it grows to what the largest case needs.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// What each account could spend if all that is kept settled.
    free: Vec<i128>,
    keep: Vec<u32>,
    /// Most that a queue may keep, because a trade was dropped elsewhere.
    most: Vec<u32>,
    work: Vec<u32>,
    dropped: Vec<bool>,
}

impl Workspace {
    /// The FIFO fixpoint of a case without sender limits and tests, which are not looked at. Starts from the sums
    /// that the case keeps, so that only accounts that fall short cost time.
    pub fn run(&mut self, case: &Case) -> &[u32] {
        self.free.clone_from(&case.all_settled);
        self.keep.clear();
        self.keep
            .extend(case.queue_start.windows(2).map(|ends| ends[1] - ends[0]));
        self.most.clone_from(&self.keep);
        self.dropped.clear();
        self.dropped.resize(case.trade_start.len(), false);
        self.work.clear();
        self.work.extend(
            (0..case.queues())
                .rev()
                .filter(|queue| self.free[*queue as usize] < 0),
        );
        while let Some(queue) = self.work.pop() {
            self.cut(case, queue);
        }
        &self.keep
    }

    /// Drops from the end of a queue what its account cannot pay.
    fn cut(&mut self, case: &Case, queue: u32) {
        let own = queue as usize;
        let entries = case.queue_entries(queue);
        let mut keep = self.keep[own] as usize;
        let mut free = self.free[own];
        while keep > 0 && (free < 0 || keep > self.most[own] as usize) {
            keep -= 1;
            let entry = &entries[keep];
            if is_trade(entry.creditor) {
                self.free[own] = free;
                self.drop_trade(case, entry.amount, entry.item);
                free = self.free[own];
                continue;
            }
            let amount = i128::from(entry.amount);
            free += amount;
            let other = &mut self.free[entry.creditor as usize];
            // Who falls short now was not on the list; who was short before is.
            let was_fine = *other >= 0;
            *other -= amount;
            if was_fine && *other < 0 {
                self.work.push(entry.creditor);
            }
        }
        self.free[own] = free;
        self.keep[own] = keep as u32;
        self.most[own] = keep as u32;
    }

    fn drop_trade(&mut self, case: &Case, trade: u64, item: u32) {
        if std::mem::replace(&mut self.dropped[trade as usize], true) {
            return;
        }
        for leg in case.legs(item) {
            let amount = i128::from(leg.amount);
            self.free[leg.debtor as usize] += amount;
            self.free[leg.creditor as usize] -= amount;
            if self.free[leg.creditor as usize] < 0 {
                self.work.push(leg.creditor);
            }
        }
        for (queue, place) in places(case, trade) {
            let most = &mut self.most[*queue as usize];
            if *place < *most {
                *most = *place;
                self.work.push(*queue);
            }
        }
    }

    /// How many items each queue keeps.
    pub fn into_prefixes(self) -> Prefixes {
        Prefixes { keep: self.keep }
    }
}
