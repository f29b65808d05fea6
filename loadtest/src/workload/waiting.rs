//! Payments that wait, by two banks: one pays more than it has, the other lets go what waits, and no more.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts by pairs of banks, shared by all banks of a run. Clones count together.
#[derive(Debug, Clone)]
pub struct Waiting(Arc<[AtomicU64]>);

impl Waiting {
    /// Of so many banks; one without a neighbour has nothing that waits.
    pub fn new(banks: usize) -> Self {
        Self((0..banks / 2).map(|_| AtomicU64::new(0)).collect())
    }

    /// Whether payments of this bank wait.
    pub fn waits(&self, bank: usize) -> bool {
        bank.is_multiple_of(2) && bank / 2 < self.0.len()
    }

    /// Whether this bank lets its neighbour's payments go.
    pub fn lets_go(&self, bank: usize) -> bool {
        !bank.is_multiple_of(2) && bank / 2 < self.0.len()
    }

    /// So many more payments of a bank were answered as waiting.
    pub fn add(&self, bank: usize, count: u64) {
        if let Some(pair) = self.0.get(bank / 2).filter(|_| self.waits(bank)) {
            pair.fetch_add(count, Ordering::AcqRel);
        }
    }

    /// So many of them this bank lets go now, `most` at most.
    pub(super) fn take(&self, bank: usize, most: u64) -> u64 {
        let Some(pair) = self.0.get(bank / 2).filter(|_| self.lets_go(bank)) else {
            return 0;
        };
        let taken = pair.load(Ordering::Acquire).min(most);
        // Only this bank takes.
        pair.fetch_sub(taken, Ordering::AcqRel);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_waits_is_let_go_and_once() {
        let waiting = Waiting::new(5);
        waiting.add(0, 7);
        waiting.add(1, 100);
        waiting.add(4, 100);
        assert_eq!(
            [waiting.take(0, 9), waiting.take(3, 9), waiting.take(5, 9)],
            [0; 3]
        );
        assert_eq!([5, 5, 5].map(|most| waiting.take(1, most)), [5, 2, 0]);
        assert!(!waiting.waits(4) && !waiting.lets_go(5), "without a neighbour");
    }
}
