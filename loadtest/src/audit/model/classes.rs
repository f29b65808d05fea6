//! Classes and the queue (PROTOCOL §22.1): where a payment waits, what stands in its way, and how it comes in.
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, extension};

use super::due::Due;
use super::{Caused, Key, Model, Origin, Place};
use crate::audit::input::Paper;

/// Where a payment waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// In the queue of the account it debits.
    Queue,
    /// Until its from-time.
    Warehouse,
    /// Held by an order.
    Held,
    /// Until the hold of this participant ends: the first that it, or its chain, pays and that is held.
    Parked(u32),
    /// Until the other side of the trade arrives.
    Unmatched,
    /// Matched, until the trade is ready.
    Beside,
    /// Until a quote covers it.
    Quote,
    /// Collected by a netting window.
    Window,
    /// Until the day that it is dated for opens.
    Dated,
}

/// A payment that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub paper: Paper,
    pub submitter: ParticipantId,
    /// Its entry and its place there.
    pub origin: Origin,
    /// Its class; an amendment may give it another than the record names.
    pub class: u8,
    /// All records of its chain in order, or both sides of its trade, itself among them; itself alone, outside of them.
    pub links: Vec<Origin>,
    pub spot: Spot,
}

/// What a record became in its own entry, and its place in the queue if it waits there.
pub type Placed = (Status, u32);

/// A record that stands in the way of its chain, and what it becomes if it may not wait.
pub type Obstacle = (usize, Status);

impl Waiting {
    /// A record as it comes in.
    pub fn new(paper: &Paper, submitter: ParticipantId, origin: Origin, links: Vec<Origin>) -> Self {
        Self {
            paper: paper.clone(),
            submitter,
            origin,
            class: paper.record.priority,
            links,
            spot: Spot::Queue,
        }
    }

    pub const fn record(&self) -> &Instruction {
        &self.paper.record
    }

    pub fn amount(&self) -> u64 {
        self.paper.record.amount.get()
    }

    pub const fn creditor(&self) -> u32 {
        self.paper.record.creditor.get()
    }

    /// The account that it debits.
    pub const fn place(&self) -> Place {
        (self.paper.record.debtor.get(), self.paper.record.currency.get())
    }

    pub fn key(&self) -> Key {
        (self.submitter, self.paper.record.id())
    }

    /// True for one side of a trade.
    pub const fn is_trade(&self) -> bool {
        self.paper.record.kind == Kind::Pvp as u8
    }

    /// True for an FX payment.
    pub const fn is_exchange(&self) -> bool {
        self.paper.record.kind == Kind::FxPayment as u8
    }

    /// The status that says where it waits.
    pub const fn status(&self) -> Status {
        match self.spot {
            Spot::Queue if self.is_trade() => Status::Matched,
            Spot::Queue => Status::Queued,
            Spot::Warehouse | Spot::Dated => Status::Warehoused,
            Spot::Held | Spot::Parked(_) => Status::Pending,
            Spot::Unmatched => Status::Unmatched,
            Spot::Beside => Status::Matched,
            Spot::Quote => Status::AwaitingQuote,
            Spot::Window => Status::Collected,
        }
    }

    /// The instant at which it is over.
    pub fn end(&self) -> Option<Timestamp> {
        let expires = self.paper.record.expires_at.get();
        (expires != 0).then(|| Timestamp::from_seconds(expires))
    }

    /// The instant before which it does not settle.
    pub fn earliest(&self) -> Option<Timestamp> {
        self.paper.instant(extension::ExtensionType::FromTime)
    }

    /// The instant at which its submitter is told that it waits still.
    pub fn till_time(&self) -> Option<Timestamp> {
        self.paper.instant(extension::ExtensionType::TillTime)
    }

    /// Everything that is due wherever it waits.
    pub(super) fn dues(&self) -> Vec<(Timestamp, Due)> {
        let (origin, place) = (self.origin, self.place());
        let end = self.end().map(|end| (end, Due::Payment { origin, place }));
        let till = self.till_time().map(|till| (till, Due::Till(origin)));
        end.into_iter().chain(till).collect()
    }

    /// Its from-time, while it waits for that.
    fn stored_until(&self) -> Option<(Timestamp, Due)> {
        let from = self.earliest().filter(|_| self.spot == Spot::Warehouse)?;
        Some((from, Due::From(self.origin)))
    }
}

/// What all others of a chain become, and the one that was meant.
pub fn failed(count: usize, culprit: Obstacle) -> Vec<Placed> {
    let of = |place| {
        if place == culprit.0 {
            culprit.1
        } else {
            Status::ChainFailed
        }
    };
    (0..count).map(|place| (of(place), 0)).collect()
}

impl Model {
    /// Records that broke no rule come in, one alone or a whole chain: they settle, wait, or are refused.
    pub(super) fn enter(&mut self, items: Vec<Waiting>, caused: &mut Caused) -> Vec<Placed> {
        let never_waits = items
            .iter()
            .any(|item| item.record().flags.get() & flags::SETTLE_OR_REJECT != 0);
        let later = items
            .iter()
            .any(|item| item.earliest().is_some_and(|from| from > self.time));
        let held = self.held_creditor(&items);
        let spot = if items.iter().any(|item| self.lies_ahead(item.record())) {
            Spot::Dated
        } else if later {
            Spot::Warehouse
        } else {
            match self.way(&items) {
                Ok(()) if held.is_none() => {
                    let aside = items
                        .iter()
                        .any(|item| item.record().kind == Kind::Conditional as u8);
                    if aside && !self.has_effects_left() {
                        return failed(items.len(), (0, Status::EntryFull));
                    }
                    if aside && !self.has_place_for(items.len()) {
                        return failed(items.len(), (0, Status::QueueFull));
                    }
                    return self.settle_at_once(&items, caused);
                }
                Ok(()) if never_waits => return failed(items.len(), (0, Status::InsufficientLiquidity)),
                Ok(()) => held.map_or(Spot::Queue, Spot::Parked),
                Err(obstacle) if never_waits => return failed(items.len(), obstacle),
                Err(_) => Spot::Queue,
            }
        };
        let dated = spot != Spot::Dated || items.iter().all(|item| self.may_date(item));
        if !self.has_place_for(items.len()) || !dated {
            return failed(items.len(), (0, Status::QueueFull));
        }
        items
            .into_iter()
            .map(|item| {
                self.due.extend(item.dues());
                self.wait(item, spot, false)
            })
            .collect()
    }

    /// What waits, money set aside and open questions are bounded together.
    pub(super) fn has_place_for(&self, more: usize) -> bool {
        let paid_in: usize = self.net_windows.values().map(super::window::Window::holds).sum();
        let aside = self.conditionals.len() + self.locks.len() + paid_in;
        let all = self.waits.len() + aside + self.questions.len();
        all + more <= self.queue_capacity as usize
    }

    fn settle_at_once(&mut self, items: &[Waiting], caused: &mut Caused) -> Vec<Placed> {
        let done = self.execute(items);
        let mut all = Vec::new();
        for (item, (status, amount)) in items.iter().zip(done) {
            // Who is paid at once is told before everything else that happens.
            let told = if status == Status::Settled {
                &mut caused.own
            } else {
                self.effects += 1;
                &mut caused.later
            };
            Self::tell_others(told, &item.paper, item.origin, status, amount);
            all.push((status, 0));
        }
        all
    }

    /// Puts a payment where it waits; returns its status and its place in the queue.
    pub(super) fn wait(&mut self, mut item: Waiting, spot: Spot, front: bool) -> Placed {
        item.spot = spot;
        let mut position = 0;
        if spot == Spot::Queue {
            position = self
                .money
                .enqueue(item.place(), item.class, item.origin, item.amount(), front);
        }
        let status = item.status();
        self.due.extend(item.stored_until());
        self.waits.insert(item.origin, item);
        (status, position)
    }

    /// How many sides of trades stand in the queue of an account.
    pub fn sides_queued(&self, place: Place) -> usize {
        let queues = self.money.get(place).map(|account| &account.queues);
        let all = queues.into_iter().flat_map(|queues| queues.iter().flatten());
        all.filter_map(|origin| self.waits.get(origin))
            .filter(|item| item.is_trade())
            .count()
    }

    /// What waits in the queue of an account, the next to go first, with the amounts.
    pub fn queue_of(&self, place: Place) -> Vec<(Origin, u64)> {
        let queues = self.money.get(place).map(|account| &account.queues);
        let all = queues
            .into_iter()
            .flat_map(|queues| queues.iter().rev().flatten());
        all.filter_map(|origin| self.waits.get(origin))
            .filter(|item| item.spot == Spot::Queue && item.place() == place)
            .map(|item| (item.origin, item.amount()))
            .collect()
    }

    /// Takes a payment away from where it waits, to put it elsewhere.
    pub(super) fn lift(&mut self, origin: Origin) -> Option<Waiting> {
        let item = self.waits.remove(&origin)?;
        if let Some(stored) = item.stored_until() {
            self.due.remove(&stored);
        }
        if item.spot == Spot::Queue {
            self.money
                .dequeue(item.place(), item.class, item.origin, item.amount());
        }
        Some(item)
    }

    /// Takes a payment away for good: nothing of it is due any more.
    pub(super) fn take(&mut self, origin: Origin) -> Option<Waiting> {
        let item = self.lift(origin)?;
        for due in item.dues() {
            self.due.remove(&due);
        }
        Some(item)
    }

    /// The records of a payment's chain, in order.
    pub(super) fn chain_of(&self, origin: Origin) -> Vec<Waiting> {
        let links = self.waits.get(&origin).map(|item| item.links.clone());
        links
            .unwrap_or_default()
            .iter()
            .filter_map(|link| self.waits.get(link).cloned())
            .collect()
    }

    /// The payment of this id, if it waits.
    pub(super) fn waiting_of(&self, key: Key) -> Option<&Waiting> {
        let known = self.memory.get(key.0, key.1)?;
        self.waits.get(&known.origin()).filter(|item| item.key() == key)
    }

    /// What stands in the way of records that come in (entry rule), or that come back from outside their queue: the
    /// first of them that does not settle.
    pub(super) fn way(&self, items: &[Waiting]) -> Result<(), Obstacle> {
        let blocked =
            |item: &Waiting| self.is_stopped(item.place()) || self.waits_before(item.place(), item.class);
        let blocked = items.iter().position(blocked);
        match (blocked, self.fit(items)) {
            (Some(blocked), Err(unfit)) if unfit.0 < blocked => Err(unfit),
            (Some(blocked), _) => Err((blocked, Status::InsufficientLiquidity)),
            (None, fits) => fits,
        }
    }

    /// True if something waits in the account that a payment of this class does not pass on entry.
    pub(super) fn waits_before(&self, place: Place, class: u8) -> bool {
        let highest = self.money.get(place).and_then(super::account::Account::highest);
        let overtakes = self.bypass.contains(&place);
        highest.is_some_and(|highest| highest > class || highest == class && !overtakes)
    }

    /// True if nothing leaves the account, whatever it holds.
    pub(super) fn is_stopped(&self, place: Place) -> bool {
        self.is_suspended(place.0) || self.is_held(place.0) || self.days.is_closed(place.1)
    }

    /// The first creditor of records that is held.
    pub(super) fn held_creditor(&self, items: &[Waiting]) -> Option<u32> {
        let mut creditors = items.iter().map(Waiting::creditor);
        creditors.find(|creditor| self.is_held(*creditor))
    }

    /// The first record whose creditor is not paid.
    pub(super) fn suspended_creditor(&self, items: &[Waiting]) -> Option<usize> {
        items
            .iter()
            .position(|item| self.judge_payee(item.creditor()).is_err())
    }

    /// Records that come back from outside their queue settle as on entry, or join the end of their class.
    pub(super) fn come_back(&mut self, origin: Origin, caused: &mut Caused) {
        let items = self.chain_of(origin);
        if let [item] = items.as_slice()
            && item.links.len() == 1
            && self.date_decides(item, caused)
        {
            return;
        }
        if let Some(closed) = items.iter().find(|item| self.days.is_closed(item.place().1)) {
            self.end_at_close(closed.origin, caused);
            return;
        }
        if self.is_paid_by_defaulted(&items) && !self.is_over(&items) {
            self.end_by_default(origin, caused);
            return;
        }
        if let [item] = items.as_slice()
            && item.is_exchange()
        {
            return self.exchange_comes_back(item, caused);
        }
        // They end at one instant: the first stands for all.
        let over = |item: &Waiting| item.end().is_some_and(|end| self.has_come(end));
        if items.iter().any(over) {
            return self.end_chain(&items, (0, Status::Expired), Status::ChainFailed, caused);
        }
        if items
            .iter()
            .any(|item| item.earliest().is_some_and(|from| from > self.time))
        {
            return self.put(&items, Spot::Warehouse, caused);
        }
        if self.way(&items).is_err() {
            self.put(&items, Spot::Queue, caused);
            return items.iter().for_each(|item| self.wake(item.place()));
        }
        if let Some(culprit) = self.suspended_creditor(&items) {
            return self.end_chain(
                &items,
                (culprit, Status::CreditorSuspended),
                Status::ChainFailed,
                caused,
            );
        }
        if let Some(held) = self.held_creditor(&items) {
            return self.put(&items, Spot::Parked(held), caused);
        }
        self.settle_later(&items, caused);
    }

    /// Moves records from where they wait to where they wait from now on.
    pub(super) fn put(&mut self, items: &[Waiting], spot: Spot, caused: &mut Caused) {
        for item in items {
            let before = item.status();
            let Some(moved) = self.lift(item.origin) else {
                continue;
            };
            let (status, _) = self.wait(moved, spot, false);
            if status != before {
                self.tell_later(item, status, 0, caused);
            }
        }
    }

    /// Opts in to overtaking inside a class, or out of it (kind 10).
    pub(super) fn set_discipline(&mut self, record: &Instruction) {
        let place = (record.debtor.get(), record.currency.get());
        if record.flags.get() & flags::BYPASS != 0 {
            self.bypass.insert(place);
        } else {
            self.bypass.remove(&place);
        }
        self.wake(place);
    }
}
