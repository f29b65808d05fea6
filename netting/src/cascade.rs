//! Gross release in FIFO order: a credit lets the head of a queue settle, which credits another account, and so on.
//!
//! Work is bounded per call and the place where it stopped is kept, so that a long cascade goes on with the next
//! log entry. No account is passed over: the outcome does not depend on where the bound fell.
use std::collections::{BTreeSet, VecDeque};

/// What the cascade needs to know of the ledger, and what it asks it to do.
pub trait Book {
    /// Looks at the queue of `account` and moves what stands first, if it can. Other accounts whose queue may be able
    /// to move because of that are added to `woken`, in order.
    fn step(&mut self, account: u32, woken: &mut Vec<u32>) -> Step;
}

/// What became of what stood first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many items left the queue.
    Moved(usize),
    /// It stays, and what stands behind it comes next.
    Passed,
    /// It stays, and so does what stands behind it.
    Blocked,
}

/// Accounts whose queue may be able to move, in the order in which they were told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cascade {
    work: VecDeque<u32>,
    listed: BTreeSet<u32>,
}

impl Cascade {
    /// Restores a cascade from the accounts it had left.
    pub fn restore(accounts: impl IntoIterator<Item = u32>) -> Self {
        let mut cascade = Self::default();
        accounts.into_iter().for_each(|account| cascade.wake(account));
        cascade
    }

    /// Accounts left to look at, in order.
    pub fn pending(&self) -> impl Iterator<Item = u32> + '_ {
        self.work.iter().copied()
    }

    /// True if nothing is left to look at.
    pub fn is_idle(&self) -> bool {
        self.work.is_empty()
    }

    /// Notes that the queue of `account` may be able to move.
    pub fn wake(&mut self, account: u32) {
        if self.listed.insert(account) {
            self.work.push_back(account);
        }
    }

    /// True if the account is on the list.
    pub fn lists(&self, account: u32) -> bool {
        self.listed.contains(&account)
    }

    /// Runs until nothing moves or `budget` items left their queues or were passed; returns how many did. What
    /// leaves together is never cut: the last step may go beyond the budget.
    pub fn run(&mut self, book: &mut impl Book, budget: usize) -> usize {
        let mut steps = 0;
        let mut woken = Vec::new();
        while steps < budget {
            let Some(account) = self.work.front().copied() else {
                break;
            };
            match book.step(account, &mut woken) {
                Step::Blocked => {
                    self.work.pop_front();
                    self.listed.remove(&account);
                }
                Step::Moved(items) => steps += items,
                Step::Passed => steps += 1,
            }
            woken.drain(..).for_each(|account| self.wake(account));
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Balances and queues of `(amount, creditor)`.
    #[derive(Clone)]
    struct Toy {
        balance: Vec<i128>,
        queue: Vec<VecDeque<(i128, u32)>>,
    }

    impl Book for Toy {
        fn step(&mut self, account: u32, woken: &mut Vec<u32>) -> Step {
            let own = account as usize;
            match self.queue[own].front().copied() {
                Some((amount, creditor)) if self.balance[own] >= amount => {
                    self.queue[own].pop_front();
                    self.balance[own] -= amount;
                    self.balance[creditor as usize] += amount;
                    woken.push(creditor);
                    Step::Moved(1)
                }
                _ => Step::Blocked,
            }
        }
    }

    fn chain() -> Toy {
        let queue = (0..5u32).map(|i| VecDeque::from([(10, (i + 1) % 5)])).collect();
        Toy {
            balance: vec![10, 0, 0, 0, 0],
            queue,
        }
    }

    #[test]
    fn one_credit_runs_through_a_chain() {
        let mut toy = chain();
        let mut cascade = Cascade::restore([0]);
        assert_eq!(cascade.run(&mut toy, 100), 5);
        assert!(cascade.is_idle());
        assert_eq!(toy.balance, [10, 0, 0, 0, 0]);
    }

    #[test]
    fn a_bound_delays_and_changes_nothing() {
        let (mut whole, mut cut) = (chain(), chain());
        Cascade::restore([0]).run(&mut whole, 100);
        let mut cascade = Cascade::restore([0]);
        while !cascade.is_idle() {
            assert!(cascade.run(&mut cut, 1) <= 1);
            cascade = Cascade::restore(cascade.pending().collect::<Vec<_>>());
        }
        assert_eq!(whole.balance, cut.balance);
        assert_eq!(whole.queue, cut.queue);
    }

    #[test]
    fn a_blocked_head_stops_its_queue() {
        let queue = vec![VecDeque::from([(20, 1), (1, 1)]), VecDeque::new()];
        let mut toy = Toy {
            balance: vec![10, 0],
            queue,
        };
        assert_eq!(Cascade::restore([0]).run(&mut toy, 100), 0);
        assert_eq!(toy.queue[0].len(), 2);
    }
}
