//! An account of the book: its money, its limits and what it keeps, and the order of what waits in it.
use std::collections::BTreeMap;

use super::book::Key;

#[derive(Debug, Clone, Default)]
pub struct Account {
    pub balance: i128,
    pub cap: u64,
    pub aside: i128,
    /// Its cap was lowered below its use.
    pub lowered: bool,
    /// Amount and use, by counterparty; against all others under `None`.
    pub limits: BTreeMap<Option<u32>, (u64, i128)>,
    /// Set and left, for high and urgent.
    pub kept: [(u64, u64); 2],
    pub bypass: bool,
    /// By class, the first in front.
    pub queues: [Vec<Key>; 3],
}

impl Account {
    pub fn free(&self) -> i128 {
        self.balance + i128::from(self.cap) - self.aside
    }

    pub fn against(&self, other: u32) -> Option<u32> {
        Some(other).filter(|other| self.limits.contains_key(&Some(*other)))
    }

    /// What keeps a payment of a class from settling.
    pub fn lacks(&self, class: usize, other: u32, amount: i128) -> Option<&'static str> {
        let kept: u64 = self.kept.iter().skip(class).map(|(_, left)| left).sum();
        if self.free() < amount {
            return Some("funds");
        }
        if self.free() - i128::from(kept) < amount {
            return Some("what is kept for higher classes");
        }
        let limit = self.limits.get(&self.against(other));
        let passed = limit.is_some_and(|(limit, used)| used + amount > i128::from(*limit));
        (class == 0 && passed).then_some("a sender limit")
    }

    pub fn count(&mut self, other: u32, amount: i128) {
        let against = self.against(other);
        if let Some((_, used)) = self.limits.get_mut(&against) {
            *used += amount;
        }
    }

    pub fn consume(&mut self, class: usize, other: u32, amount: u64) {
        if class == 0 {
            self.count(other, i128::from(amount));
        } else {
            let (_, left) = &mut self.kept[class - 1];
            *left = left.saturating_sub(amount);
        }
    }

    pub fn top(&self) -> Option<usize> {
        (0..3).rev().find(|class| !self.queues[*class].is_empty())
    }
}
