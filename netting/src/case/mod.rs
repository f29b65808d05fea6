//! What is to be netted: accounts with what they may spend, and items that wait in the queues of the accounts that
//! they debit.
//!
//! A case is built once ([`Builder`]) and then only read. Everything is numbered from 0: accounts, items (in order of
//! arrival), queues. An account's queue has the account's number, but a participant under risk tests has one queue
//! for all its accounts, under the number of its first. In a queue urgent items stand before high ones, these before
//! normal ones, each class in order of arrival.
mod build;
mod bytes;
pub mod csv;
mod error;
mod read;

pub use build::Builder;
pub use error::{CaseError, FileError, Wrong};
pub use read::{Named, read, read_arrivals};

/// Class of an item in a queue: comes before arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before all others; no sender limit binds it.
    Urgent,
    /// Before normal ones; no sender limit binds it.
    High,
    /// Last.
    Normal,
}

impl Priority {
    /// All, in order of the queue.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::High, Self::Normal];
}

/// One participant's money in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Number of the participant.
    pub participant: u32,
    /// Number of the currency.
    pub currency: u16,
    /// Minor units; below zero if overdrawn.
    pub balance: i128,
    /// How far below zero the balance may go, in minor units; not negative.
    pub limit: i128,
    /// True if later items of a class may pass earlier ones here.
    pub bypass: bool,
}

/// One movement of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Account that pays.
    pub debtor: u32,
    /// Account that gets; in the same currency.
    pub creditor: u32,
    /// Minor units; above zero.
    pub amount: u64,
    /// Class in the queue of the debtor.
    pub priority: Priority,
}

/// Against whom a sender limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// One participant (bilateral).
    One(u32),
    /// All that have no limit of their own in the account (multilateral).
    Others,
}

/// A bound which the holder of an account sets on what it sends with normal priority: normal payments towards those
/// it counts against, less all payments from them, are at most `room`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderLimit {
    /// Account that sends.
    pub account: u32,
    /// Against whom.
    pub against: Against,
    /// Amount of the limit less its present use, in minor units; below zero where it was set below its use. Then
    /// nothing normal leaves, until enough comes in.
    pub room: i128,
}

/// One place of a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// What a payment moves; for a trade its number.
    pub amount: u64,
    /// Who gets it; [`TRADE`] for an item that is no single payment.
    pub creditor: u32,
    pub item: u32,
}

/// Stands for the creditor of an item with several legs.
pub(crate) const TRADE: u32 = u32::MAX;

/// Accounts, items and queues, in arrays.
#[derive(Debug, Clone)]
pub struct Case {
    pub(crate) accounts: Vec<Account>,
    /// Value of one minor unit, by number of the currency.
    pub(crate) weights: Vec<u64>,
    pub(crate) legs: Vec<Leg>,
    /// Where the legs of each item begin, and the end.
    pub(crate) item_legs: Vec<u32>,
    /// Queue of each account.
    pub(crate) queue_of: Vec<u32>,
    pub(crate) entries: Vec<Entry>,
    /// Where each queue begins, and the end.
    pub(crate) queue_start: Vec<u32>,
    /// Where in each queue the high and the normal class begin, counted from its first entry.
    pub(crate) class_start: Vec<[u32; 2]>,
    /// Queue and place of each trade, and where those of each trade begin.
    pub(crate) trade_places: Vec<(u32, u32)>,
    pub(crate) trade_start: Vec<u32>,
    pub(crate) limits: Vec<SenderLimit>,
    /// Where the limits of each account begin, and the end; empty if there are none at all.
    pub(crate) limit_start: Vec<u32>,
    /// Participants under risk tests, in order, and their accounts.
    pub(crate) tested: Vec<(u32, Vec<u32>)>,
    /// Place in `tested` of the queue's owner, [`UNTESTED`] for all others; empty if nobody is under tests.
    pub(crate) tested_queue: Vec<u32>,
    /// What each account could spend if every item settled: balance + limit + credits − debits.
    pub(crate) all_settled: Vec<i128>,
}

pub(crate) const UNTESTED: u32 = u32::MAX;

impl Case {
    /// All accounts, by number.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// How many items wait.
    pub fn items(&self) -> usize {
        self.item_legs.len() - 1
    }

    /// Movements of an item; empty for a number that no item has.
    pub fn legs(&self, item: u32) -> &[Leg] {
        let at = item as usize;
        match (self.item_legs.get(at), self.item_legs.get(at + 1)) {
            (Some(from), Some(to)) => &self.legs[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// All sender limits, by account.
    pub fn sender_limits(&self) -> &[SenderLimit] {
        &self.limits
    }

    /// Participants under risk tests, in order.
    pub fn under_tests(&self) -> impl Iterator<Item = u32> + '_ {
        self.tested.iter().map(|(participant, _)| *participant)
    }

    /// Value that one minor unit of a currency counts for; 1 if none was given.
    pub fn weight(&self, currency: u16) -> u64 {
        self.weights.get(usize::from(currency)).copied().unwrap_or(1)
    }

    /// What an item counts for: all its amounts, each by the weight of its currency.
    pub fn value(&self, item: u32) -> u128 {
        self.legs(item).iter().map(|leg| self.leg_value(leg)).sum()
    }

    pub(crate) fn leg_value(&self, leg: &Leg) -> u128 {
        let currency = self.accounts[leg.debtor as usize].currency;
        u128::from(leg.amount) * u128::from(self.weight(currency))
    }

    /// Items in the queue of an account, first to last; for one of a participant under tests all of the participant.
    pub fn queue(&self, account: u32) -> impl Iterator<Item = u32> + '_ {
        let queue = self.queue_of.get(account as usize).copied();
        queue
            .map_or(&[][..], |queue| self.queue_entries(queue))
            .iter()
            .map(|entry| entry.item)
    }

    pub(crate) fn queue_entries(&self, queue: u32) -> &[Entry] {
        let at = queue as usize;
        &self.entries[self.queue_start[at] as usize..self.queue_start[at + 1] as usize]
    }

    pub(crate) fn queues(&self) -> u32 {
        self.accounts.len() as u32
    }

    /// Class of a place in a queue.
    pub(crate) fn class_at(&self, queue: u32, place: u32) -> Priority {
        let [high, normal] = self.class_start[queue as usize];
        match place {
            place if place < high => Priority::Urgent,
            place if place < normal => Priority::High,
            _ => Priority::Normal,
        }
    }

    /// True if nothing but money says what settles.
    pub(crate) fn is_plain(&self) -> bool {
        self.limits.is_empty() && self.tested.is_empty()
    }

    pub(crate) fn limits_of(&self, account: u32) -> std::ops::Range<usize> {
        let at = account as usize;
        match (self.limit_start.get(at), self.limit_start.get(at + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }

    /// Limit of an account that counts what moves between it and a participant.
    pub(crate) fn limit_towards(&self, account: u32, participant: u32) -> Option<usize> {
        let range = self.limits_of(account);
        let own = &self.limits[range.clone()];
        let last = own.len().checked_sub(1)?;
        let found = own
            .binary_search_by_key(&Against::One(participant), |limit| limit.against)
            .ok();
        let others = || (own[last].against == Against::Others).then_some(last);
        found.or_else(others).map(|at| range.start + at)
    }

    /// Place in `tested` of the owner of a queue, if it is under tests.
    pub(crate) fn tests_of(&self, queue: u32) -> Option<usize> {
        let at = *self.tested_queue.get(queue as usize)?;
        (at != UNTESTED).then_some(at as usize)
    }

    /// Queues that an item stands in, each once.
    pub(crate) fn queues_of(&self, item: u32) -> impl Iterator<Item = u32> + '_ {
        let legs = self.legs(item);
        let queue = move |leg: &Leg| self.queue_of[leg.debtor as usize];
        let first =
            move |(at, leg): &(usize, &Leg)| !legs[..*at].iter().any(|other| queue(other) == queue(leg));
        legs.iter()
            .enumerate()
            .filter(first)
            .map(move |(_, leg)| queue(leg))
    }
}
