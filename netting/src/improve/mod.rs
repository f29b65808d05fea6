//! More than strict order allows, where accounts opted in: later items of a class pass earlier ones that cannot be
//! paid. Begins with the FIFO set and only ever takes what is better, so it may be stopped at any time.
//!
//! Payments that nothing but money binds form a network, on which the best flow in part is found exactly and then
//! made whole; everything else comes and goes one by one, each time held to all rules.
mod dive;
mod exact;
mod network;
mod order;
mod round;
mod single;
mod tree;

use crate::case::{Case, Leg};
use crate::chosen::Chosen;
use crate::fixpoint::fifo;
use crate::standing::Standing;
use crate::tests::Tests;

use dive::Search;
pub(crate) use network::{Arc, Network};
use order::Order;
pub(crate) use order::misordered;

/// What settles if later items may pass earlier ones of their class in accounts that opted in: at least the value of
/// [`fifo`], and nothing that could be added. `go_on` is asked now and then; once it says no, the best so far is
/// completed and returned. With the same answers the outcome is the same.
pub fn bypass(case: &Case, tests: &impl Tests, go_on: &mut dyn FnMut() -> bool) -> Chosen {
    let seed = fifo(case, tests).chosen(case);
    let mut improver = Improver::new(case, tests, seed);
    improver.fill();
    let mut open = go_on();
    while open {
        let before = improver.value();
        improver.flow(go_on);
        improver.fill();
        improver.exchange(go_on);
        improver.exact(go_on);
        improver.fill();
        open = improver.value() > before && go_on();
    }
    improver.chosen
}

pub(crate) struct Improver<'a, T> {
    case: &'a Case,
    tests: &'a T,
    standing: Standing<'a>,
    order: Order<'a>,
    chosen: Chosen,
    /// All items, the most valuable first.
    by_value: Vec<u32>,
}

impl<'a, T: Tests> Improver<'a, T> {
    fn new(case: &'a Case, tests: &'a T, chosen: Chosen) -> Self {
        let mut by_value: Vec<u32> = (0..case.items() as u32).collect();
        by_value.sort_by_key(|item| std::cmp::Reverse(case.value(*item)));
        let mut standing = Standing::new(case);
        chosen.iter().for_each(|item| standing.add(item));
        let order = Order::new(case, &chosen);
        Self {
            case,
            tests,
            standing,
            order,
            chosen,
            by_value,
        }
    }

    fn value(&self) -> u128 {
        self.chosen.value(self.case)
    }

    fn take(&mut self, item: u32) {
        self.standing.add(item);
        self.order.note(item, true);
        self.chosen.insert(item);
    }

    fn leave(&mut self, item: u32) {
        self.standing.remove(item);
        self.order.note(item, false);
        self.chosen.remove(item);
    }

    /// True if nothing but money binds a payment, so that it is an arc of the network.
    fn is_arc(&self, leg: &Leg) -> bool {
        let case = self.case;
        let holder = |account: u32| case.accounts[account as usize].participant;
        let unbound = |one: u32, other: u32| case.limit_towards(one, holder(other)).is_none();
        self.order.passes(case.queue_of[leg.debtor as usize])
            && case.tests_of(case.queue_of[leg.creditor as usize]).is_none()
            && unbound(leg.debtor, leg.creditor)
            && unbound(leg.creditor, leg.debtor)
            && (self.standing.free[leg.debtor as usize] >= 0)
    }

    /// Searches the payments that may come or go, all others staying as they are.
    fn flow(&mut self, go_on: &mut dyn FnMut() -> bool) {
        let mut items = Vec::new();
        let mut arcs = Vec::new();
        let mut spendable = self.standing.free.clone();
        for item in 0..self.case.items() as u32 {
            let [leg] = self.case.legs(item) else {
                continue;
            };
            let full = self.chosen.contains(item);
            let free = if full {
                self.order.at_front(item)
            } else {
                self.order.may_come(item)
            };
            if !free || !self.is_arc(leg) {
                continue;
            }
            if full {
                spendable[leg.debtor as usize] += i128::from(leg.amount);
                spendable[leg.creditor as usize] -= i128::from(leg.amount);
            }
            items.push(item);
            let weight = self.case.weight(self.case.accounts[leg.debtor as usize].currency);
            arcs.push(Arc {
                from: leg.debtor,
                to: leg.creditor,
                amount: leg.amount,
                weight,
                full,
            });
        }
        if arcs.is_empty() {
            return;
        }
        for (account, most) in spendable.iter_mut().enumerate() {
            // Who is short pays nothing here, and may get what it likes; tests have taken the place of money.
            if self.standing.free[account] < 0 {
                *most = (*most).max(0);
            }
        }
        let best = Search::new(Network::new(&spendable, &arcs), go_on).run();
        for (item, made) in items.iter().zip(&best) {
            if !made && self.chosen.contains(*item) {
                self.leave(*item);
            }
        }
        for (item, made) in items.into_iter().zip(best) {
            if made && !self.chosen.contains(item) {
                self.take(item);
            }
        }
    }
}
