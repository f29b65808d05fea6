//! Queued payments that move: a change wakes an account, what waits there may move, and that wakes the account
//! credited (PROTOCOL §22.1).
use std::collections::BTreeSet;

use causeway_message::Status;

use super::classes::{Spot, Waiting};
use super::{Caused, Model, Origin, Place};

/// The turn of an account that was woken.
#[derive(Debug, Clone)]
pub struct Turn {
    place: Place,
    /// Where payments may overtake each other: the pass under way.
    pass: Option<Pass>,
}

/// A pass through the classes of an account, each payment at most once.
#[derive(Debug, Clone)]
struct Pass {
    class: u8,
    tried: BTreeSet<Origin>,
    /// It was woken since the pass began.
    again: bool,
}

/// What came of an account's next step.
enum Step {
    /// A payment left, or was passed over: so many records.
    Took(usize),
    /// The account has nothing more to do.
    Over,
}

impl Model {
    /// Notes that something may move in an account; of a participant under risk tests, in all of its accounts.
    pub(super) fn wake(&mut self, place: Place) {
        if self.risk.is_tested(place.0) {
            self.money
                .of(place.0)
                .into_iter()
                .for_each(|own| self.wake_alone(own));
        } else {
            self.wake_alone(place);
        }
    }

    /// An account keeps its turn if it was woken before.
    fn wake_alone(&mut self, place: Place) {
        let empty = self.money.get(place).is_none_or(|account| account.queued() == 0);
        // Under version 1 an account is woken whatever waits there.
        if empty && self.is_second() {
            return;
        }
        match self.woken.iter_mut().find(|turn| turn.place == place) {
            Some(turn) => {
                if let Some(pass) = &mut turn.pass {
                    pass.again = true;
                }
            }
            None => self.woken.push_back(Turn { place, pass: None }),
        }
    }

    /// An account got money or room: what waits there may move, and all that was woken before.
    pub(super) fn freed(&mut self, place: Place, caused: &mut Caused) {
        let waits = self.money.get(place).is_some_and(|account| account.queued() > 0);
        if waits || self.risk.is_tested(place.0) {
            self.wake(place);
            self.release(caused);
        }
    }

    /// Moves what can move until nothing does or the entry has no steps left; what is left keeps its turn.
    pub(super) fn release(&mut self, caused: &mut Caused) {
        while self.budget > 0 {
            let Some(turn) = self.woken.front().cloned() else {
                return;
            };
            self.turn = Some(turn.place);
            let before = self.effects;
            let step = if self.bypass.contains(&turn.place) {
                self.step_of_pass(turn, caused)
            } else {
                self.step_of_head(turn.place, caused)
            };
            self.turn = None;
            match step {
                Step::Took(records) => self.spend(records.max(self.effects - before)),
                Step::Over => drop(self.woken.pop_front()),
            }
        }
    }

    /// The head of the highest class moves, or the account has nothing more to do.
    fn step_of_head(&mut self, place: Place, caused: &mut Caused) -> Step {
        let Some(account) = self.money.get(place) else {
            return Step::Over;
        };
        let head = account
            .highest()
            .and_then(|class| account.queues[usize::from(class)].front().copied());
        let Some(head) = head.filter(|_| !self.is_stopped(place)) else {
            return Step::Over;
        };
        let records = self.chain_of(head);
        if self.may_move(&records, caused) {
            Step::Took(records.len())
        } else {
            Step::Over
        }
    }

    /// The next payment of the pass is tried.
    fn step_of_pass(&mut self, mut turn: Turn, caused: &mut Caused) -> Step {
        let place = turn.place;
        let Some(account) = self.money.get(place).filter(|_| !self.is_stopped(place)) else {
            return Step::Over;
        };
        let Some(highest) = account.highest() else {
            return Step::Over;
        };
        let pass = turn.pass.get_or_insert_with(|| Pass {
            class: highest,
            tried: BTreeSet::new(),
            again: false,
        });
        if account.queues[usize::from(pass.class)].is_empty() {
            // The class came to its end, and nothing of it waits: on with the next below it.
            let below = (0..pass.class)
                .rev()
                .find(|class| !account.queues[usize::from(*class)].is_empty());
            let Some(below) = below else {
                return self.end_of_pass(&turn);
            };
            // That is a pass of its own: what woke the account before is behind it.
            pass.class = below;
            pass.again = false;
        }
        let queue = &account.queues[usize::from(pass.class)];
        let next = queue.iter().find(|origin| !pass.tried.contains(origin)).copied();
        let Some(next) = next else {
            return self.end_of_pass(&turn);
        };
        let records = self.chain_of(next);
        let here = records.iter().filter(|item| item.place() == place);
        pass.tried.extend(here.clone().map(|item| item.origin));
        let passed = here.count();
        if let Some(front) = self.woken.front_mut() {
            *front = turn;
        }
        let moved = self.may_move(&records, caused);
        Step::Took(if moved { records.len() } else { passed })
    }

    /// A pass is over: another follows if the account was woken meanwhile.
    fn end_of_pass(&mut self, turn: &Turn) -> Step {
        let again = turn.pass.as_ref().is_some_and(|pass| pass.again);
        match self.woken.front_mut() {
            Some(front) if again => {
                front.pass = None;
                Step::Took(0)
            }
            _ => Step::Over,
        }
    }

    /// The turn of a payment, or of its chain, has come: it ends, settles, waits elsewhere, or stays (false).
    fn may_move(&mut self, items: &[Waiting], caused: &mut Caused) -> bool {
        if items.iter().any(Waiting::is_trade) {
            return self.trade_may_move(items, caused);
        }
        if let [item] = items
            && item.is_exchange()
        {
            return self.exchange_may_move(item, caused);
        }
        let over = items
            .iter()
            .position(|item| item.end().is_some_and(|end| end <= self.time));
        if let Some(culprit) = over {
            self.end_chain(items, (culprit, Status::Expired), Status::ChainFailed, caused);
            return true;
        }
        if let Some(culprit) = self.suspended_creditor(items) {
            self.end_chain(
                items,
                (culprit, Status::CreditorSuspended),
                Status::ChainFailed,
                caused,
            );
            return true;
        }
        if !items.iter().all(|item| self.is_its_turn(item)) || self.fit(items).is_err() {
            return false;
        }
        if let Some(held) = self.held_creditor(items) {
            self.put(items, Spot::Parked(held), caused);
            self.wake_debited(items);
            return true;
        }
        self.settle_later(items, caused);
        true
    }

    /// True if nothing that the record must not pass stands before it in its own account.
    pub(super) fn is_its_turn(&self, item: &Waiting) -> bool {
        let place = item.place();
        let Some(account) = self.money.get(place).filter(|_| !self.is_stopped(place)) else {
            return false;
        };
        let first = account.queues[usize::from(item.class)].front();
        account.highest() == Some(item.class)
            && (self.bypass.contains(&place) || first.is_some_and(|first| item.links.contains(first)))
    }
}
