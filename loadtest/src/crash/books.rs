//! What a bank knows by its book, held to the rules as it is read: one outcome for each payment, no gap in the feed.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::event::Role;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::bank::book::{Heard, Line, Order, Told};
use super::days;
use super::place::ACCOUNTS;
use super::trades::Alleged;

/// A payment of the bank or its side of a trade, and what it was told of it.
#[derive(Debug, Clone)]
pub struct Known {
    /// As ordered.
    pub order: Order,
    /// Its first answer.
    pub answered: Option<Status>,
    /// Entry and place of the instruction, where an answer told.
    pub origin: Option<(u64, u32)>,
    /// What the feed told last: of a payment that waited, or of a trade.
    pub later: Option<Status>,
    /// Log index of the entry that caused it, of a trade.
    pub cause: Option<u64>,
    /// Whether the feed told that it was matched before it ended.
    pub waited: bool,
}

/// Where an order waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// In the queue of the account that it debits.
    Queued,
    /// Beside it, for the other side.
    Beside,
    /// Not at all.
    No,
}

impl Known {
    /// The status that it must have once all is quiet.
    pub fn status(&self) -> Option<Status> {
        self.later.or(self.answered)
    }

    fn waits(&self) -> Waits {
        match self.status() {
            Some(Status::Queued | Status::Matched) => Waits::Queued,
            Some(Status::Unmatched) => Waits::Beside,
            _ => Waits::No,
        }
    }
}

/// A batch in the book.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The lane that sends it.
    pub lane: u64,
    /// What it holds.
    pub ids: Vec<InstructionId>,
    /// Whether it was answered.
    pub answered: bool,
    /// Whether it was sent in more than one life, so that an answer may tell what happened before.
    pub again: bool,
}

/// A payment received: currency and amount.
pub type Credit = (u16, u64);

/// A bank's books.
#[derive(Debug, Clone)]
pub struct Books {
    /// Whose.
    pub own: ParticipantId,
    /// Payments and sides of trades ordered.
    pub orders: BTreeMap<InstructionId, Known>,
    /// Batches by their number in the book.
    pub batches: BTreeMap<u64, Batch>,
    /// Payments received, by debtor and id: each must come once.
    pub credits: BTreeMap<(u32, InstructionId), Credit>,
    /// Money that came in by funding.
    pub funded: BTreeMap<u16, i128>,
    /// Number of the event that must come next.
    pub next_event: u64,
    /// Answers that told what had happened before.
    pub replayed: u64,
    /// Batches sent in more than one life.
    pub resent: u64,
    /// How many wait in each currency's queue, as far as the bank was told.
    pub queues: BTreeMap<u16, usize>,
    /// Sides of trades that wait, in queues and beside them.
    pub trades_waiting: usize,
    /// Of these, sides that end only with their value date.
    pub endless_waiting: usize,
    /// Instructions of others that were alleged, by debtor and id: each must come once.
    pub alleged: BTreeMap<(u32, InstructionId), Alleged>,
    /// Those of them that wait and are not answered yet.
    pub unmirrored: BTreeSet<(u32, InstructionId)>,
}

impl Books {
    /// Empty ones.
    pub fn new(own: ParticipantId) -> Self {
        Self {
            own,
            orders: BTreeMap::new(),
            batches: BTreeMap::new(),
            credits: BTreeMap::new(),
            funded: BTreeMap::new(),
            next_event: 1,
            replayed: 0,
            resent: 0,
            queues: BTreeMap::new(),
            trades_waiting: 0,
            endless_waiting: 0,
            alleged: BTreeMap::new(),
            unmirrored: BTreeSet::new(),
        }
    }

    /// Batches without an answer, in order.
    pub fn unanswered(&self) -> impl Iterator<Item = (u64, &Batch)> {
        let open = self.batches.iter().filter(|(_, batch)| !batch.answered);
        open.map(|(number, batch)| (*number, batch))
    }

    /// The orders of a batch.
    pub fn orders_of(&self, batch: &Batch) -> Vec<Order> {
        let known = batch.ids.iter().filter_map(|id| self.orders.get(id));
        known.map(|known| known.order.clone()).collect()
    }

    /// Takes a line.
    ///
    /// # Errors
    /// What contradicts what is known already.
    pub fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Life(_) => {
                // What the last life left open is sent again.
                for batch in self.batches.values_mut().filter(|batch| !batch.answered) {
                    self.resent += u64::from(!batch.again);
                    batch.again = true;
                }
                Ok(())
            }
            Line::Intent { batch, lane, orders } => self.intend(batch, lane, orders),
            Line::Again { batch } => {
                let known = self.batches.get_mut(&batch).ok_or("a batch that nobody sent")?;
                known.again = true;
                self.resent += 1;
                Ok(())
            }
            Line::Answers { batch, told } => self.answers(batch, &told),
            Line::Feed { first, next, heard } => self.feed(first, next, &heard),
        }
    }

    fn intend(&mut self, number: u64, lane: u64, orders: Vec<Order>) -> Result<(), String> {
        let mut ids = Vec::with_capacity(orders.len());
        for order in orders {
            let id = order.id().ok_or("an id without its form")?;
            self.mirror(&order)?;
            let known = Known {
                order,
                answered: None,
                origin: None,
                later: None,
                cause: None,
                waited: false,
            };
            if self.orders.insert(id, known).is_some() {
                return Err(format!("instruction {id}: ordered twice"));
            }
            ids.push(id);
        }
        let batch = Batch {
            lane,
            ids,
            answered: false,
            again: false,
        };
        match self.batches.insert(number, batch) {
            None => Ok(()),
            Some(_) => Err(format!("batch {number}: stands twice in the book")),
        }
    }

    /// Notes that an order answers what was alleged, if it does: each once.
    fn mirror(&mut self, order: &Order) -> Result<(), String> {
        let Some(mirrors) = order.4.as_ref().and_then(|trade| trade.mirrors.as_ref()) else {
            return Ok(());
        };
        let id = InstructionId::from_hex(mirrors).ok_or("an id without its form")?;
        let alleged = self.alleged.get_mut(&(order.1, id));
        let alleged = alleged.filter(|alleged| alleged.fits(order));
        let alleged = alleged.ok_or_else(|| format!("instruction {id}: answered as it was not alleged"))?;
        self.unmirrored.remove(&(order.1, id));
        if std::mem::replace(&mut alleged.answered, true) {
            return Err(format!("instruction {id}: alleged once and answered twice"));
        }
        Ok(())
    }

    fn answers(&mut self, number: u64, told: &[Told]) -> Result<(), String> {
        let batch = self
            .batches
            .get_mut(&number)
            .ok_or("answers to a batch that nobody sent")?;
        if batch.ids.len() != told.len() {
            return Err(format!("batch {number}: {} answers", told.len()));
        }
        batch.answered = true;
        let (ids, again) = (batch.ids.clone(), batch.again);
        for (id, Told(status, first, origin)) in ids.iter().zip(told) {
            let status = Status::from_number(*status).ok_or("an unknown status")?;
            if !first && !again {
                return Err(format!(
                    "instruction {id}: taken for known when it was sent first"
                ));
            }
            self.replayed += u64::from(!first);
            self.change(id, |known| known.answer(status, *first, *origin))
                .map_err(|what| format!("instruction {id}: {what}"))?;
        }
        Ok(())
    }

    /// Changes what is known of an order, and counts what waits.
    fn change(
        &mut self,
        id: &InstructionId,
        change: impl FnOnce(&mut Known) -> Result<(), String>,
    ) -> Result<(), String> {
        let known = self.orders.get_mut(id).ok_or("told of, but never ordered")?;
        let before = known.waits();
        change(known)?;
        let after = known.waits();
        let queue = self.queues.entry(known.order.2).or_default();
        *queue = *queue + usize::from(after == Waits::Queued) - usize::from(before == Waits::Queued);
        if let Some(trade) = &known.order.4 {
            let (waits, waited) = (after != Waits::No, before != Waits::No);
            let recount = |count: usize| count + usize::from(waits) - usize::from(waited);
            self.trades_waiting = recount(self.trades_waiting);
            if trade.terms.ends == 0 {
                self.endless_waiting = recount(self.endless_waiting);
            }
        }
        Ok(())
    }

    fn feed(&mut self, first: u64, next: u64, heard: &[Heard]) -> Result<(), String> {
        if first != self.next_event || next <= first {
            return Err(format!(
                "feed: events {first} to {next} came where {} was due",
                self.next_event
            ));
        }
        self.next_event = next;
        heard.iter().try_for_each(|event| self.hear(event))
    }

    fn hear(&mut self, event: &Heard) -> Result<(), String> {
        let Heard(number, role, status, debtor, id, currency, amount, side) = event;
        let status = Status::from_number(*status).ok_or("an unknown status")?;
        if status == Status::Executed {
            *self.funded.entry(*currency).or_default() += i128::from(*amount);
            return Ok(());
        }
        let id = InstructionId::from_hex(id).ok_or("an event about an id without its form")?;
        let own = *role == Role::Debtor as u8;
        let told = match side {
            Some(side) if own => self.change(&id, |known| {
                known.told_of_trade((*currency, *amount), side, status)
            }),
            Some(side) => self.allege((*debtor, id), Alleged::new(*currency, side), status),
            None if own && status == Status::RejectedClose => self.change(&id, Known::closed),
            None if status != Status::Settled => Err(status.name().into()),
            None if own => self.change(&id, |known| known.released(status, (*currency, *amount))),
            None => match self.credits.insert((*debtor, id), (*currency, *amount)) {
                None => Ok(()),
                Some(_) => Err("received twice".into()),
            },
        };
        told.map_err(|what| format!("event {number}, instruction {id}: {what}"))
    }

    /// An instruction of another is alleged, or such a one ended.
    fn allege(&mut self, key: (u32, InstructionId), alleged: Alleged, status: Status) -> Result<(), String> {
        match status {
            Status::Alleged if self.alleged.insert(key, alleged).is_some() => Err("alleged twice".into()),
            Status::Alleged => {
                self.unmirrored.insert(key);
                Ok(())
            }
            Status::Expired | Status::RejectedClose => {
                self.unmirrored.remove(&key);
                let known = self.alleged.get_mut(&key).ok_or("ended, but never alleged")?;
                let before = known.ended.replace(status);
                before.map_or(Ok(()), |before| {
                    Err(format!("{} after it was {}", status.name(), before.name()))
                })
            }
            other => Err(format!("{}, which nothing here leads to", other.name())),
        }
    }

    /// What the accounts must hold: funded, less what settled, and what was received or got by trades.
    pub fn balances(&self) -> BTreeMap<u16, i128> {
        let mut sums: BTreeMap<u16, i128> = ACCOUNTS.iter().map(|(currency, _)| (*currency, 0)).collect();
        let mut add = |currency: u16, amount: i128| *sums.entry(currency).or_default() += amount;
        self.funded
            .iter()
            .for_each(|(currency, sum)| add(*currency, *sum));
        for (currency, amount) in self.credits.values() {
            add(*currency, i128::from(*amount));
        }
        for known in self.settled() {
            add(known.order.2, -i128::from(known.order.3));
        }
        for (pays, gets) in self.settled_trades() {
            add(pays.0, -i128::from(pays.1));
            add(gets.0, i128::from(gets.1));
        }
        sums
    }

    /// Payments that settled.
    pub fn settled(&self) -> impl Iterator<Item = &Known> {
        let settled = self.orders.values();
        settled.filter(|known| known.order.4.is_none() && known.status() == Some(Status::Settled))
    }

    /// What own sides of trades paid and got.
    fn settled_trades(&self) -> impl Iterator<Item = (Credit, Credit)> {
        self.orders.values().filter_map(|known| {
            let trade = known.order.4.as_ref()?;
            let pays = (known.order.2, known.order.3);
            (known.status() == Some(Status::Settled)).then_some((pays, trade.terms.gets))
        })
    }

    /// How many wait in the queue of a currency.
    pub fn waiting(&self, currency: u16) -> usize {
        self.queues.get(&currency).copied().unwrap_or(0)
    }
}

impl Known {
    fn answer(&mut self, status: Status, first: bool, origin: Option<(u64, u32)>) -> Result<(), String> {
        let possible = match &self.order.4 {
            None => match status {
                Status::Settled | Status::Queued => true,
                Status::RejectedCutOff => days::turns(self.order.2),
                Status::RejectedClose => days::turns(self.order.2) && !first,
                _ => false,
            },
            Some(trade) => match status {
                Status::Unmatched | Status::Matched | Status::Settled | Status::ValueDateClosed => true,
                Status::Expired => trade.terms.ends != 0,
                Status::RejectedClose => !first,
                _ => false,
            },
        };
        if !possible {
            return Err(format!("answered {}, which nothing here leads to", status.name()));
        }
        if let Some(before) = self.origin
            && origin.is_some_and(|now| now != before)
        {
            return Err(format!("stands at {before:?} and at {origin:?}"));
        }
        self.origin = self.origin.or(origin);
        if let Some(later) = self.later.filter(|later| later.is_final())
            && status.is_final()
            && status != later
        {
            return Err(format!("was {} and is {}", later.name(), status.name()));
        }
        let Some(before) = self.answered else {
            self.answered = Some(status);
            return Ok(());
        };
        if first {
            return Err("took effect a second time".into());
        }
        let back = before == Status::Matched && status == Status::Unmatched;
        if back || before.is_final() && status != before {
            return Err(format!("was {} and is {}", before.name(), status.name()));
        }
        Ok(())
    }

    /// The currency of a payment that waited closed.
    fn closed(&mut self) -> Result<(), String> {
        if !days::turns(self.order.2) {
            return Err("rejected at a close, where no day turns".into());
        }
        match self.later.replace(Status::RejectedClose) {
            None => Ok(()),
            Some(before) => Err(format!("was {} and is rejected at close", before.name())),
        }
    }

    /// A payment that waited settled.
    fn released(&mut self, status: Status, moved: Credit) -> Result<(), String> {
        if self.order.4.is_some() || (self.order.2, self.order.3) != moved {
            return Err("released as another than was ordered".into());
        }
        match self.later.replace(status) {
            None => Ok(()),
            Some(_) => Err("released twice".into()),
        }
    }
}

#[cfg(test)]
mod tests;
