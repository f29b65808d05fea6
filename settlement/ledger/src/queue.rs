//! Payments that wait: one slab; first-in-first-out lists for each account and class threaded through it; what stands
//! beside the queues; and where each is found by its id.
mod dated;
mod places;
mod waiting;

use std::collections::BTreeMap;

use causeway_message::record::Priority;
use causeway_message::{InstructionId, ParticipantId};

use dated::Dated;
pub(crate) use dated::DatedAt;
use places::Places;
pub(crate) use waiting::{Origin, Seat, Waiting};

use crate::account::{Accounts, NONE};

/// All payments that wait.
#[derive(Debug)]
pub(crate) struct Queue {
    slab: Vec<Option<Waiting>>,
    free: Vec<u32>,
    len: u32,
    by_id: Places,
    /// Beside the queues: warehoused and pending, in the order in which they came.
    aside: BTreeMap<Origin, u32>,
    chains: BTreeMap<Origin, Vec<u32>>,
    /// Sides of trades, wherever they stand, in the order in which they came.
    trades: BTreeMap<Origin, u32>,
    /// What awaits a quote, in the order in which it came; and how many of each submitter.
    awaiting: BTreeMap<Origin, u32>,
    awaiting_of: BTreeMap<ParticipantId, usize>,
    /// What netting windows hold, by window, in the order in which it came.
    collected: BTreeMap<InstructionId, BTreeMap<Origin, u32>>,
    /// What waits for a value date ahead.
    dated: Dated,
    /// By account and class: count and value of the queued payments to it.
    inbound: Vec<[(u32, i128); 3]>,
    /// Payments that a hold keeps beside the queues.
    held: u32,
    /// Chains that are trades.
    matched: usize,
    /// Ranks given so far, at the ends of lists and before their heads.
    last_rank: i64,
    first_rank: i64,
    /// Where something joined a queue or left one, if anybody wants to know.
    moves: Option<Vec<u32>>,
}

impl Queue {
    /// Nothing waits. `seed` only scatters what is found by its id.
    pub fn new(seed: u64) -> Self {
        Self {
            slab: Vec::new(),
            free: Vec::new(),
            len: 0,
            by_id: Places::new(seed),
            aside: BTreeMap::new(),
            chains: BTreeMap::new(),
            trades: BTreeMap::new(),
            awaiting: BTreeMap::new(),
            awaiting_of: BTreeMap::new(),
            collected: BTreeMap::new(),
            dated: Dated::default(),
            inbound: Vec::new(),
            held: 0,
            matched: 0,
            last_rank: 0,
            first_rank: 0,
            moves: None,
        }
    }

    pub const fn len(&self) -> u32 {
        self.len
    }

    pub fn get(&self, place: u32) -> Option<&Waiting> {
        self.slab.get(place as usize)?.as_ref()
    }

    /// All that waits, in no order that says anything.
    pub fn all(&self) -> impl Iterator<Item = &Waiting> + '_ {
        self.slab.iter().flatten()
    }

    pub fn find(&self, submitter: ParticipantId, id: InstructionId) -> Option<u32> {
        self.by_id.get((submitter, id))
    }

    /// What stands beside the queues, after one that came earlier.
    pub fn aside_after(&self, last: Option<Origin>) -> Option<u32> {
        let from = last.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut rest = self.aside.range((from, std::ops::Bound::Unbounded));
        rest.next().map(|(_, place)| *place)
    }

    /// All that stands beside the queues, in the order in which it came.
    pub fn aside(&self) -> impl Iterator<Item = &Waiting> + '_ {
        self.aside.values().filter_map(|place| self.get(*place))
    }

    /// A side of a trade, after one that came earlier.
    pub fn trade_after(&self, last: Option<Origin>) -> Option<u32> {
        let from = last.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut rest = self.trades.range((from, std::ops::Bound::Unbounded));
        rest.next().map(|(_, place)| *place)
    }

    /// A payment that awaits a quote, after one that came earlier.
    pub fn awaiting_after(&self, last: Option<Origin>) -> Option<u32> {
        let from = last.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let mut rest = self.awaiting.range((from, std::ops::Bound::Unbounded));
        rest.next().map(|(_, place)| *place)
    }

    /// How many payments await a quote, of all and of one submitter.
    pub fn awaiting(&self, who: ParticipantId) -> (usize, usize) {
        let own = self.awaiting_of.get(&who).copied();
        (self.awaiting.len(), own.unwrap_or(0))
    }

    /// What a netting window holds, in the order in which it came.
    pub fn collected(&self, window: InstructionId) -> impl Iterator<Item = u32> + '_ {
        let own = self.collected.get(&window).into_iter();
        own.flat_map(|own| own.values().copied())
    }

    /// How many obligations a netting window holds.
    pub fn collected_by(&self, window: InstructionId) -> usize {
        self.collected.get(&window).map_or(0, BTreeMap::len)
    }

    /// Netting windows that hold something.
    pub fn collecting(&self) -> impl Iterator<Item = InstructionId> + '_ {
        self.collected.keys().copied()
    }

    fn count_collected(&mut self, place: u32, joins: bool) {
        let Some(waiting) = self.get(place).filter(|waiting| waiting.seat == Seat::Window) else {
            return;
        };
        let (window, origin) = (waiting.window(), waiting.origin());
        let own = self.collected.entry(window).or_default();
        if joins {
            own.insert(origin, place);
        } else {
            own.remove(&origin);
        }
        if own.is_empty() {
            self.collected.remove(&window);
        }
    }

    /// What is kept of a seat beside the queues that is found otherwise than in order of arrival.
    fn note_seat(&mut self, place: u32, joins: bool) {
        let waiting = self.slab.get(place as usize).and_then(Option::as_ref);
        let Some(waiting) = waiting else { return };
        match (waiting.seat, joins) {
            (Seat::Quote, _) => {}
            (Seat::Window, _) => return self.count_collected(place, joins),
            (_, true) => return self.dated.add(waiting, place),
            (_, false) => return self.dated.remove(waiting),
        }
        let (origin, who) = (waiting.origin(), waiting.submitter);
        let own = self.awaiting_of.entry(who).or_insert(0);
        if joins {
            *own += 1;
            self.awaiting.insert(origin, place);
        } else {
            *own -= 1;
            if *own == 0 {
                self.awaiting_of.remove(&who);
            }
            self.awaiting.remove(&origin);
        }
    }

    /// Sides of trades that stand in no queue, in the order in which they came.
    pub fn trades_aside(&self) -> impl Iterator<Item = &Waiting> + '_ {
        let all = self.trades.values().filter_map(|place| self.get(*place));
        all.filter(|waiting| waiting.seat != Seat::Queued)
    }

    /// How many sides of trades wait.
    pub fn trades(&self) -> usize {
        self.trades.len()
    }

    /// Makes one item of two sides that match; the earlier one comes first.
    pub fn pair(&mut self, earlier: u32, later: u32) {
        let Some(key) = self.get(earlier).map(Waiting::origin) else {
            return;
        };
        for place in [earlier, later] {
            if let Some(waiting) = self.slot(place) {
                waiting.chain = Some(key);
            }
        }
        self.chains.insert(key, vec![earlier, later]);
        self.matched += 1;
    }

    /// The places of the chain that a payment belongs to, in order of its records; of one without a chain, its own.
    pub fn together(&self, place: u32) -> Vec<u32> {
        let chain = self.get(place).and_then(|waiting| waiting.chain);
        let chain = chain.and_then(|chain| self.chains.get(&chain));
        chain.cloned().unwrap_or_else(|| vec![place])
    }

    /// Puts the records of each chain in their order, after they were taken in out of it.
    pub fn sort_chains(&mut self) {
        let slab = &self.slab;
        for places in self.chains.values_mut() {
            places.sort_by_key(|place| {
                slab.get(*place as usize)
                    .and_then(|slot| Some(slot.as_ref()?.origin()))
            });
        }
    }

    /// Takes a payment in where its seat says: at the end of its class, or beside the queues.
    pub fn enter(&mut self, accounts: &mut Accounts, waiting: Waiting) -> u32 {
        let place = self.free.pop().unwrap_or(self.slab.len() as u32);
        self.by_id.insert((waiting.submitter, waiting.record.id()), place);
        if let Some(chain) = waiting.chain {
            let places = self.chains.entry(chain).or_default();
            self.matched += usize::from(places.is_empty() && waiting.is_trade());
            places.push(place);
        }
        let (seat, origin, is_trade) = (waiting.seat, waiting.origin(), waiting.is_trade());
        match self.slab.get_mut(place as usize) {
            Some(slot) => *slot = Some(waiting),
            None => self.slab.push(Some(waiting)),
        }
        self.len += 1;
        if is_trade {
            self.trades.insert(origin, place);
        }
        if seat == Seat::Queued {
            self.link(accounts, place, false);
        } else if !is_trade {
            self.aside.insert(origin, place);
            self.held += u32::from(seat.is_held());
            self.note_seat(place, true);
        }
        place
    }

    /// Takes a payment out, wherever it stands.
    pub fn remove(&mut self, accounts: &mut Accounts, place: u32) -> Option<Waiting> {
        self.get(place)?;
        self.unseat(accounts, place);
        let waiting = self.slab.get_mut(place as usize)?.take()?;
        self.by_id.remove((waiting.submitter, waiting.record.id()));
        if waiting.is_trade() {
            self.trades.remove(&waiting.origin());
        }
        if let Some(chain) = waiting.chain
            && let Some(places) = self.chains.get_mut(&chain)
        {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.matched -= usize::from(waiting.is_trade());
                self.chains.remove(&chain);
            }
        }
        self.free.push(place);
        self.len -= 1;
        Some(waiting)
    }

    /// Notes that the submitter of a payment was told of its till-time.
    pub fn remind(&mut self, place: u32) {
        if let Some(waiting) = self.slot(place) {
            waiting.reminded = true;
        }
    }

    /// Moves a payment to another seat; into a queue at its end.
    pub fn seat(&mut self, accounts: &mut Accounts, place: u32, seat: Seat) {
        self.unseat(accounts, place);
        let Some(waiting) = self.slot(place) else { return };
        waiting.seat = seat;
        let (origin, is_trade) = (waiting.origin(), waiting.is_trade());
        if seat == Seat::Queued {
            self.link(accounts, place, false);
        } else if !is_trade {
            self.aside.insert(origin, place);
            self.held += u32::from(seat.is_held());
            self.note_seat(place, true);
        }
    }

    /// Gives a payment that is queued another class, and a place at one end of it.
    pub fn rank(&mut self, accounts: &mut Accounts, place: u32, class: Priority, front: bool) {
        self.unseat(accounts, place);
        if let Some(waiting) = self.slot(place) {
            waiting.class = class;
        }
        self.link(accounts, place, front);
    }

    fn unseat(&mut self, accounts: &mut Accounts, place: u32) {
        let Some(waiting) = self.get(place) else { return };
        if waiting.seat == Seat::Queued {
            self.unlink(accounts, place);
        } else if !waiting.is_trade() {
            let (origin, held) = (waiting.origin(), waiting.seat.is_held());
            self.note_seat(place, false);
            self.aside.remove(&origin);
            self.held -= u32::from(held);
        }
    }

    fn link(&mut self, accounts: &mut Accounts, place: u32, front: bool) {
        let Some(waiting) = self.get(place) else { return };
        let (debtor, class) = (waiting.debtor, waiting.class as usize);
        let list = &mut accounts.desk_mut(debtor).queues[class];
        let neighbour = if front { list.head } else { list.tail };
        list.len += 1;
        if front || list.tail == NONE {
            list.head = place;
        }
        if !front || list.tail == NONE {
            list.tail = place;
        }
        accounts.get_mut(debtor).queued += 1;
        self.count_inbound(place, true);
        self.join(neighbour, place, front);
        let rank = if front {
            self.first_rank -= 1;
            self.first_rank
        } else {
            self.last_rank += 1;
            self.last_rank
        };
        if let Some(waiting) = self.slot(place) {
            waiting.rank = rank;
        }
        self.note_move(place);
    }

    /// Makes two payments neighbours: `place` before or behind `neighbour`.
    fn join(&mut self, neighbour: u32, place: u32, front: bool) {
        if let Some(waiting) = self.slot(place) {
            (waiting.prev, waiting.next) = if front {
                (NONE, neighbour)
            } else {
                (neighbour, NONE)
            };
        }
        if let Some(other) = self.slot(neighbour) {
            *(if front { &mut other.prev } else { &mut other.next }) = place;
        }
    }

    fn unlink(&mut self, accounts: &mut Accounts, place: u32) {
        let Some(waiting) = self.get(place) else { return };
        let (debtor, class, prev, next) =
            (waiting.debtor, waiting.class as usize, waiting.prev, waiting.next);
        accounts.get_mut(debtor).queued -= 1;
        self.count_inbound(place, false);
        self.note_move(place);
        let desk = accounts.desk_mut(debtor);
        // A pass over the queue goes on behind what leaves it.
        if desk.cursor == place {
            desk.cursor = next;
        }
        let list = &mut desk.queues[class];
        list.len -= 1;
        if prev == NONE {
            list.head = next;
        }
        if next == NONE {
            list.tail = prev;
        }
        if let Some(other) = self.slot(prev) {
            other.next = next;
        }
        if let Some(other) = self.slot(next) {
            other.prev = prev;
        }
    }

    fn note_move(&mut self, place: u32) {
        if let Some(moves) = &mut self.moves {
            moves.push(place);
        }
    }

    /// Begins to note where something joins a queue or leaves one.
    pub fn watch(&mut self) {
        self.moves.get_or_insert_default();
    }

    /// Where something joined a queue or left one since the last time, in order; a place may stand there often.
    pub fn take_moves(&mut self) -> Vec<u32> {
        self.moves.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Places that were ever used.
    pub const fn places(&self) -> usize {
        self.slab.len()
    }

    /// Count and value of the queued payments to an account, by class.
    pub fn inbound_by_class(&self, account: u32) -> [(u32, i128); 3] {
        self.inbound.get(account as usize).copied().unwrap_or_default()
    }

    /// Count and value of the queued payments to an account.
    pub fn inbound(&self, account: u32) -> (u32, i128) {
        let classes = self.inbound_by_class(account);
        classes
            .iter()
            .fold((0, 0), |all, class| (all.0 + class.0, all.1 + class.1))
    }

    /// How many chains wait, without those that are trades.
    pub fn chains(&self) -> usize {
        self.chains.len() - self.matched
    }

    /// How many matched trades wait.
    pub const fn matched(&self) -> usize {
        self.matched
    }

    /// How many payments stand beside the queues: for their from-time or value date, and because of a hold.
    pub fn beside(&self) -> (u32, u32) {
        let collected: usize = self.collected.values().map(BTreeMap::len).sum();
        let others = self.held + (self.awaiting.len() + collected) as u32;
        (self.aside.len() as u32 - others, self.held)
    }

    fn count_inbound(&mut self, place: u32, joins: bool) {
        let Some(waiting) = self.get(place) else { return };
        let (creditor, amount) = (waiting.creditor as usize, i128::from(waiting.expected()));
        let class = waiting.class as usize;
        if self.inbound.len() <= creditor {
            self.inbound.resize(creditor + 1, Default::default());
        }
        let Some((count, value)) = self.inbound.get_mut(creditor).map(|classes| &mut classes[class]) else {
            return;
        };
        if joins {
            (*count, *value) = (*count + 1, *value + amount);
        } else {
            (*count, *value) = (*count - 1, *value - amount);
        }
    }

    fn slot(&mut self, place: u32) -> Option<&mut Waiting> {
        self.slab.get_mut(place as usize)?.as_mut()
    }

    /// Payments of one account's queue, the highest class first, head first.
    pub fn of<'a>(&'a self, accounts: &'a Accounts, account: u32) -> impl Iterator<Item = &'a Waiting> {
        let heads = accounts
            .desk(account)
            .map(|desk| desk.queues.map(|list| list.head));
        heads
            .into_iter()
            .flat_map(|heads| heads.into_iter().rev())
            .flat_map(move |head| {
                let mut at = head;
                std::iter::from_fn(move || {
                    let waiting = self.get(at)?;
                    at = waiting.next;
                    Some(waiting)
                })
            })
    }
}
