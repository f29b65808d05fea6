//! The matcher and the oracle side by side: what one is told the other is told, and both must say the same.
use causeway_netting::{Matcher, Terms};

use super::oracle::Oracle;

/// Matchers that must agree with the oracle, and handles for the next instructions.
#[derive(Debug, Clone)]
pub struct Pair {
    pub matchers: Vec<Matcher>,
    pub oracle: Oracle,
    free: Vec<u32>,
    used: u32,
    /// Pairs by equal amounts, and by amounts within both tolerances.
    pub exact: usize,
    pub near: usize,
}

impl Pair {
    pub fn new(matchers: Vec<Matcher>) -> Self {
        Self {
            matchers,
            oracle: Oracle::default(),
            free: Vec::new(),
            used: 0,
            exact: 0,
            near: 0,
        }
    }

    /// Submits under a free handle, the one that was given back last if there is one.
    pub fn submit(&mut self, terms: &Terms) {
        let item = self.free.pop().unwrap_or(self.used);
        self.used = self.used.max(item + 1);
        let before = self.oracle.standing.clone();
        let expected = self.oracle.submit(item, terms);
        for matcher in &mut self.matchers {
            assert_eq!(
                matcher.submit(item, terms),
                expected,
                "{terms:?} among {before:?}"
            );
            assert_eq!(matcher.len(), self.oracle.standing.len());
            assert_eq!(matcher.terms(item), expected.is_none().then_some(terms));
        }
        if let Some(partner) = expected {
            let other = before.iter().find(|(other, _)| *other == partner);
            let equal = other.is_some_and(|(_, other)| {
                other.pays.amount == terms.gets.amount && other.gets.amount == terms.pays.amount
            });
            self.exact += usize::from(equal);
            self.near += usize::from(!equal);
            // In this order a handle is not used again at once in most cases.
            self.free.insert(0, item);
            self.free.push(partner);
        }
    }

    /// Withdraws the instruction that stands at this place of the order of arrival.
    pub fn withdraw(&mut self, place: usize) -> Terms {
        let (item, terms) = self.oracle.standing[place];
        assert!(self.oracle.withdraw(item));
        for matcher in &mut self.matchers {
            assert_eq!(matcher.terms(item), Some(&terms));
            assert!(matcher.withdraw(item));
            assert!(!matcher.withdraw(item));
            assert_eq!(matcher.terms(item), None);
            assert_eq!(matcher.len(), self.oracle.standing.len());
        }
        self.free.push(item);
        terms
    }

    /// Withdraws it and submits other terms under another handle.
    pub fn amend(&mut self, place: usize, change: impl FnOnce(&mut Terms)) {
        let mut terms = self.withdraw(place);
        change(&mut terms);
        let item = self.free.pop();
        self.free.push(self.used);
        self.used += 1;
        self.submit(&terms);
        self.free.extend(item);
    }

    /// Every handle answers for what stands under it.
    pub fn check(&self) {
        for matcher in &self.matchers {
            let stand = (0..self.used).filter(|item| matcher.terms(*item).is_some());
            assert_eq!(stand.count(), self.oracle.standing.len());
            for (item, terms) in &self.oracle.standing {
                assert_eq!(matcher.terms(*item), Some(terms));
            }
            assert_eq!(matcher.is_empty(), self.oracle.standing.is_empty());
        }
    }

    /// Makes a matcher anew out of what stands, in order of arrival.
    pub fn restored(&self, seed: u64) -> Matcher {
        let mut matcher = Matcher::new(seed);
        for (item, terms) in &self.oracle.standing {
            matcher.keep(*item, terms);
        }
        assert_eq!(matcher.len(), self.oracle.standing.len());
        matcher
    }
}
