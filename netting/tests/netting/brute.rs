//! The rules once more, in the plainest way, and exhaustive search over them. Shares nothing with the library but
//! the draft of a case.
use std::collections::BTreeSet;

use causeway_netting::case::{Against, Leg, Priority};
use causeway_netting::{Position, Tests};

use super::random::Draft;

/// A test like those of settlement in several currencies: all positions, valued, short ones dearer, are not below
/// zero; none is shorter than a limit; payments leave no account short.
pub struct Shorts {
    pub most: i128,
}

impl Tests for Shorts {
    fn passes(&self, _participant: u32, positions: &[Position]) -> bool {
        let value = |after: i128| if after < 0 { after * 11 } else { after * 9 };
        positions
            .iter()
            .map(|position| value(position.after))
            .sum::<i128>()
            >= 0
            && positions.iter().all(|position| position.after >= -self.most)
            && positions
                .iter()
                .all(|position| position.paid_out == 0 || position.after >= 0)
    }
}

impl Draft {
    /// Queues by what they are called: an account, or all of a participant under tests.
    pub fn queue_of(&self, account: u32) -> u32 {
        let holder = self.accounts[account as usize].participant;
        let same = |number: &u32| self.accounts[*number as usize].participant == holder;
        if self.tested.contains(&holder) {
            (0..self.accounts.len() as u32)
                .find(same)
                .expect("the account itself")
        } else {
            account
        }
    }

    pub fn class_in(&self, item: usize, queue: u32) -> Option<Priority> {
        let own = self.items[item]
            .iter()
            .filter(|leg| self.queue_of(leg.debtor) == queue);
        own.map(|leg| leg.priority).min()
    }

    /// Items of a queue, first to last.
    pub fn queue(&self, queue: u32) -> Vec<usize> {
        let own = |item: usize| Some((self.class_in(item, queue)?, item));
        let mut items: Vec<(Priority, usize)> = (0..self.items.len()).filter_map(own).collect();
        items.sort_unstable();
        items.into_iter().map(|(_, item)| item).collect()
    }

    pub fn queues(&self) -> BTreeSet<u32> {
        (0..self.accounts.len() as u32)
            .map(|account| self.queue_of(account))
            .collect()
    }

    pub fn balances(&self, chosen: &[bool]) -> Vec<i128> {
        let mut balances: Vec<i128> = self.accounts.iter().map(|account| account.balance).collect();
        for leg in self.legs(chosen) {
            balances[leg.debtor as usize] -= i128::from(leg.amount);
            balances[leg.creditor as usize] += i128::from(leg.amount);
        }
        balances
    }

    fn legs<'a>(&'a self, chosen: &'a [bool]) -> impl Iterator<Item = &'a Leg> {
        self.items
            .iter()
            .zip(chosen)
            .filter(|(_, chosen)| **chosen)
            .flat_map(|(legs, _)| legs)
    }

    /// True if everyone can do what is chosen, whatever the order.
    pub fn affordable(&self, chosen: &[bool], tests: &impl Tests) -> bool {
        let balances = self.balances(chosen);
        let pays = |account: u32| self.legs(chosen).any(|leg| leg.debtor == account);
        let owner_pays = |queue: u32| self.legs(chosen).any(|leg| self.queue_of(leg.debtor) == queue);
        let cash = |number: usize| balances[number] + self.accounts[number].limit >= 0;
        let tested = |number: usize| self.tested.contains(&self.accounts[number].participant);
        let cash_fits =
            (0..balances.len()).all(|number| tested(number) || !pays(number as u32) || cash(number));
        let tests_fit = self.tested.iter().all(|participant| {
            let own = |number: &usize| self.accounts[*number].participant == *participant;
            let numbers: Vec<usize> = (0..balances.len()).filter(own).collect();
            let position = |number: &usize| Position {
                account: *number as u32,
                currency: self.accounts[*number].currency,
                before: self.accounts[*number].balance,
                after: balances[*number],
                paid_out: self.paid_out(chosen, *number as u32),
            };
            let positions: Vec<Position> = numbers.iter().map(position).collect();
            !owner_pays(self.queue_of(numbers[0] as u32)) || tests.passes(*participant, &positions)
        });
        cash_fits && tests_fit && self.within_limits(chosen)
    }

    fn paid_out(&self, chosen: &[bool], account: u32) -> i128 {
        let single = self
            .items
            .iter()
            .zip(chosen)
            .filter(|(legs, chosen)| **chosen && legs.len() == 1);
        single
            .map(|(legs, _)| legs[0])
            .filter(|leg| leg.debtor == account)
            .map(|leg| i128::from(leg.amount))
            .sum()
    }

    fn within_limits(&self, chosen: &[bool]) -> bool {
        self.limits.iter().all(|limit| {
            let own = |other: u32| {
                let own = Against::One(other);
                self.limits
                    .iter()
                    .any(|other| other.account == limit.account && other.against == own)
            };
            let counts = |account: u32| {
                let other = self.accounts[account as usize].participant;
                limit.against == Against::One(other) || (limit.against == Against::Others && !own(other))
            };
            let sent = |leg: &&Leg| {
                leg.debtor == limit.account && counts(leg.creditor) && leg.priority == Priority::Normal
            };
            let got = |leg: &&Leg| leg.creditor == limit.account && counts(leg.debtor);
            let sum = |legs: Vec<&Leg>| legs.iter().map(|leg| i128::from(leg.amount)).sum::<i128>();
            let sent: Vec<&Leg> = self.legs(chosen).filter(sent).collect();
            let idle = sent.is_empty();
            idle || sum(sent) - sum(self.legs(chosen).filter(got).collect()) <= limit.room
        })
    }

    /// True if what is chosen is a prefix of every queue.
    pub fn prefixes(&self, chosen: &[bool]) -> bool {
        self.queues().into_iter().all(|queue| {
            let items = self.queue(queue);
            items.windows(2).all(|pair| chosen[pair[0]] || !chosen[pair[1]])
        })
    }

    /// True if priority holds everywhere, and arrival where the account did not opt in.
    pub fn in_order(&self, chosen: &[bool]) -> bool {
        self.queues().into_iter().all(|queue| {
            let account = &self.accounts[queue as usize];
            let passes = account.bypass && !self.tested.contains(&account.participant);
            let items = self.queue(queue);
            let class = |item: usize| self.class_in(item, queue);
            let may = |ahead: usize, behind: usize| passes && class(ahead) == class(behind);
            let fine = |ahead: usize, behind: usize| chosen[ahead] || !chosen[behind] || may(ahead, behind);
            (0..items.len()).all(|at| items[at + 1..].iter().all(|behind| fine(items[at], *behind)))
        })
    }

    pub fn subsets(&self) -> impl Iterator<Item = Vec<bool>> + use<> {
        let items = self.items.len();
        (0..1u32 << items).map(move |bits| (0..items).map(|item| bits >> item & 1 == 1).collect())
    }

    pub fn value(&self, chosen: &[bool]) -> u128 {
        self.legs(chosen).map(|leg| u128::from(leg.amount)).sum()
    }
}
