//! What a choice of items leaves in each account, and whether the account may do that.
use crate::case::{Case, Leg, Priority};
use crate::tests::{Position, Tests};

/// Sums over the chosen items, kept as items come and go.
#[derive(Debug, Clone)]
pub(crate) struct Standing<'a> {
    case: &'a Case,
    /// Balance and limit, and what the chosen items move; without the limit under tests.
    pub free: Vec<i128>,
    /// How many chosen legs debit each queue.
    pub debits: Vec<u32>,
    /// Use of each sender limit by chosen items.
    used: Vec<i128>,
    /// How many chosen legs of normal class each sender limit binds.
    bound: Vec<u32>,
    /// What single payments take out of each account.
    paid_out: Vec<i128>,
}

impl<'a> Standing<'a> {
    /// Nothing chosen.
    pub fn new(case: &'a Case) -> Self {
        let spendable = |(number, account): (usize, &crate::case::Account)| {
            let tested = case.tests_of(case.queue_of[number]).is_some();
            account.balance + if tested { 0 } else { account.limit }
        };
        Self {
            case,
            free: case.accounts.iter().enumerate().map(spendable).collect(),
            debits: vec![0; case.accounts.len()],
            used: vec![0; case.limits.len()],
            bound: vec![0; case.limits.len()],
            paid_out: vec![
                0;
                if case.tested.is_empty() {
                    0
                } else {
                    case.accounts.len()
                }
            ],
        }
    }

    /// Everything chosen.
    pub fn all(case: &'a Case) -> Self {
        let mut all = Self::new(case);
        (0..case.items() as u32).for_each(|item| all.add(item));
        all
    }

    pub fn add(&mut self, item: u32) {
        self.change(item, true);
    }

    pub fn remove(&mut self, item: u32) {
        self.change(item, false);
    }

    fn change(&mut self, item: u32, add: bool) {
        let legs = self.case.legs(item);
        for leg in legs {
            let (debtor, creditor) = (leg.debtor as usize, leg.creditor as usize);
            let amount = signed(leg.amount, add);
            self.free[debtor] -= amount;
            self.free[creditor] += amount;
            count(&mut self.debits[self.case.queue_of[debtor] as usize], add);
            if legs.len() == 1 && !self.paid_out.is_empty() {
                self.paid_out[debtor] += amount;
            }
            if !self.used.is_empty() {
                self.change_limits(leg, add);
            }
        }
    }

    fn change_limits(&mut self, leg: &Leg, add: bool) {
        let amount = signed(leg.amount, add);
        let holder = |account: u32| self.case.accounts[account as usize].participant;
        if leg.priority == Priority::Normal
            && let Some(limit) = self.case.limit_towards(leg.debtor, holder(leg.creditor))
        {
            self.used[limit] += amount;
            count(&mut self.bound[limit], add);
        }
        if let Some(limit) = self.case.limit_towards(leg.creditor, holder(leg.debtor)) {
            self.used[limit] -= amount;
        }
    }

    /// True if the owner of a queue may do what is chosen. Who pays nothing always may.
    pub fn fits(&self, queue: u32, tests: &impl Tests) -> bool {
        if self.debits[queue as usize] == 0 {
            return true;
        }
        match self.case.tests_of(queue) {
            None => self.free[queue as usize] >= 0 && self.within_limits(queue),
            Some(place) => self.passes(place, tests),
        }
    }

    fn within_limits(&self, account: u32) -> bool {
        let mut limits = self.case.limits_of(account);
        limits.all(|limit| self.bound[limit] == 0 || self.used[limit] <= self.case.limits[limit].room)
    }

    fn passes(&self, place: usize, tests: &impl Tests) -> bool {
        let (participant, accounts) = &self.case.tested[place];
        let position = |account: &u32| {
            let at = *account as usize;
            let held = &self.case.accounts[at];
            Position {
                account: *account,
                currency: held.currency,
                before: held.balance,
                after: self.free[at],
                paid_out: self.paid_out[at],
            }
        };
        let positions: Vec<Position> = accounts.iter().map(position).collect();
        accounts.iter().all(|account| self.within_limits(*account)) && tests.passes(*participant, &positions)
    }

    /// True if every queue that an item stands in may do what is chosen.
    pub fn fits_item(&self, item: u32, tests: &impl Tests) -> bool {
        self.case.queues_of(item).all(|queue| self.fits(queue, tests))
    }

    /// The first queue whose owner may not do what is chosen.
    pub fn misfit(&self, tests: &impl Tests) -> Option<u32> {
        (0..self.case.queues()).find(|queue| !self.fits(*queue, tests))
    }
}

fn signed(amount: u64, add: bool) -> i128 {
    let amount = i128::from(amount);
    if add { amount } else { -amount }
}

fn count(counter: &mut u32, add: bool) {
    *counter = if add { *counter + 1 } else { *counter - 1 };
}

/// Use of each sender limit by chosen items.
pub(crate) fn uses(case: &Case, chosen: &crate::chosen::Chosen) -> Vec<i128> {
    let mut standing = Standing::new(case);
    chosen.iter().for_each(|item| standing.add(item));
    standing.used
}
