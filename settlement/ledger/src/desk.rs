//! What few accounts have: queues by class, reservations, sender limits, discipline.
use std::collections::BTreeMap;

use causeway_message::mutated;
use causeway_message::record::Priority;

use crate::account::NONE;

/// A first-in-first-out list through the slab of waiting payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub head: u32,
    pub tail: u32,
    pub len: u32,
}

impl Default for List {
    fn default() -> Self {
        Self {
            head: NONE,
            tail: NONE,
            len: 0,
        }
    }
}

/// Liquidity kept for a class and those above it. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub set: u64,
    /// What payments of the class have not taken yet.
    pub left: u64,
}

/// A sender limit. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub amount: u64,
    /// Net outflow that counts towards it; below zero after inflow.
    pub used: i128,
}

/// Whom a sender limit is against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Against {
    /// One participant.
    One(u32),
    /// All that have no limit of their own.
    Others,
}

/// The desk of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Desk {
    /// By number of the class.
    pub queues: [List; 3],
    /// For high and for urgent payments.
    pub reservations: [Reservation; 2],
    pub others: Option<Limit>,
    pub bilateral: BTreeMap<u32, Limit>,
    /// Payments of one class may overtake each other.
    pub bypass: bool,
    /// The class that a pass of payments that may overtake each other is under way in.
    pub pass: Option<Priority>,
    /// What the pass looks at next.
    pub cursor: u32,
    /// The account was woken during the pass: another one follows.
    pub again: bool,
}

impl Desk {
    /// The highest class in which something waits.
    pub fn top(&self) -> Option<Priority> {
        Priority::ALL
            .into_iter()
            .rev()
            .find(|class| self.queues[*class as usize].len != 0)
    }

    /// True if something waits that a payment of `class` may not overtake.
    pub fn stands_before(&self, class: Priority) -> bool {
        self.top()
            .is_some_and(|top| (top > class && !mutated!(IgnoreClasses)) || (top == class && !self.bypass))
    }

    /// What lower classes may not take from a payment of `class`.
    pub fn kept_from(&self, class: Priority) -> i128 {
        if mutated!(EatReserved) {
            return 0;
        }
        self.reservations
            .iter()
            .skip(class as usize)
            .map(|kept| i128::from(kept.left))
            .sum()
    }

    /// The reservation that payments of a class take from.
    pub fn reservation_mut(&mut self, class: Priority) -> Option<&mut Reservation> {
        (class as usize)
            .checked_sub(1)
            .and_then(|place| self.reservations.get_mut(place))
    }

    /// Which limit payments to a participant count towards.
    pub fn against(&self, counterparty: u32) -> Against {
        if self.bilateral.contains_key(&counterparty) {
            Against::One(counterparty)
        } else {
            Against::Others
        }
    }

    pub fn limit(&self, against: Against) -> Option<&Limit> {
        match against {
            Against::One(counterparty) => self.bilateral.get(&counterparty),
            Against::Others => self.others.as_ref(),
        }
    }

    /// Counts an outflow towards a participant, or with a negative amount an inflow.
    pub fn count(&mut self, counterparty: u32, amount: i128) {
        let limit = match self.bilateral.get_mut(&counterparty) {
            Some(limit) => Some(limit),
            None => self.others.as_mut(),
        };
        if let Some(limit) = limit {
            limit.used += amount;
        }
    }

    /// Begins the day anew: no use, and reservations as they were set.
    pub fn renew(&mut self) {
        self.others.iter_mut().for_each(|limit| limit.used = 0);
        self.bilateral.values_mut().for_each(|limit| limit.used = 0);
        self.reservations.iter_mut().for_each(|kept| kept.left = kept.set);
    }
}
