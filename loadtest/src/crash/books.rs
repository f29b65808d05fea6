//! What a bank knows by its book, held to the rules as it is read: one outcome for each payment, no gap in the feed.
use std::collections::BTreeMap;

use causeway_message::event::Role;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::bank::book::{Heard, Line, Order, Told};
use super::place::CURRENCIES;

/// A payment of the bank and what it was told of it.
#[derive(Debug, Clone)]
pub struct Known {
    /// As ordered.
    pub order: Order,
    /// Its first answer.
    pub answered: Option<Status>,
    /// Entry and place of the instruction, where an answer told.
    pub origin: Option<(u64, u32)>,
    /// What the feed told later, of a payment that waited.
    pub later: Option<Status>,
}

impl Known {
    /// The status that it must have once all is quiet.
    pub fn status(&self) -> Option<Status> {
        self.later.or(self.answered)
    }

    fn waits(&self) -> bool {
        self.status() == Some(Status::Queued)
    }
}

/// A batch in the book.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The lane that sends it.
    pub lane: u64,
    /// Its payments.
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
    /// Payments ordered.
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
    /// Payments that wait in each currency, as far as the bank was told.
    pub queues: BTreeMap<u16, usize>,
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
            let known = Known {
                order,
                answered: None,
                origin: None,
                later: None,
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

    fn answers(&mut self, number: u64, told: &[Told]) -> Result<(), String> {
        let batch = self
            .batches
            .get_mut(&number)
            .ok_or("answers to a batch that nobody sent")?;
        if batch.ids.len() != told.len() {
            return Err(format!("batch {number}: {} answers", told.len()));
        }
        batch.answered = true;
        for (id, Told(status, first, origin)) in batch.ids.iter().zip(told) {
            let status = Status::from_number(*status).ok_or("an unknown status")?;
            if !first && !batch.again {
                return Err(format!(
                    "instruction {id}: taken for known when it was sent first"
                ));
            }
            self.replayed += u64::from(!first);
            let known = self.orders.get_mut(id).ok_or("an answer about nothing")?;
            let waited = known.waits();
            known
                .answer(status, *first, *origin)
                .map_err(|what| format!("instruction {id}: {what}"))?;
            if known.waits() && !waited {
                *self.queues.entry(known.order.2).or_default() += 1;
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
        let Heard(number, role, status, debtor, id, currency, amount) = event;
        let status = Status::from_number(*status).ok_or("an unknown status")?;
        if status == Status::Executed {
            *self.funded.entry(*currency).or_default() += i128::from(*amount);
            return Ok(());
        }
        let id = InstructionId::from_hex(id).ok_or("an event about an id without its form")?;
        let wrong = |what: &str| Err(format!("event {number}, instruction {id}: {what}"));
        if status != Status::Settled {
            return wrong(status.name());
        }
        if *role != Role::Debtor as u8 {
            return match self.credits.insert((*debtor, id), (*currency, *amount)) {
                None => Ok(()),
                Some(_) => wrong("received twice"),
            };
        }
        let Some(known) = self.orders.get_mut(&id) else {
            return wrong("released, but never ordered");
        };
        if known.order.3 != *amount || known.order.2 != *currency {
            return wrong("released with another amount");
        }
        if known.waits()
            && let Some(queue) = self.queues.get_mut(currency)
        {
            *queue -= 1;
        }
        if known.later.replace(status).is_some() {
            return wrong("released twice");
        }
        Ok(())
    }

    /// What the accounts must hold: funded, less what settled, and what was received.
    pub fn balances(&self) -> BTreeMap<u16, i128> {
        let mut sums: BTreeMap<u16, i128> = CURRENCIES.iter().map(|(currency, _)| (*currency, 0)).collect();
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
        sums
    }

    /// Payments that settled.
    pub fn settled(&self) -> impl Iterator<Item = &Known> {
        self.orders
            .values()
            .filter(|known| known.status() == Some(Status::Settled))
    }

    /// How many wait in a currency.
    pub fn waiting(&self, currency: u16) -> usize {
        self.queues.get(&currency).copied().unwrap_or(0)
    }
}

impl Known {
    fn answer(&mut self, status: Status, first: bool, origin: Option<(u64, u32)>) -> Result<(), String> {
        if !matches!(status, Status::Settled | Status::Queued) {
            return Err(format!("answered {}, which nothing here leads to", status.name()));
        }
        if let Some(before) = self.origin
            && origin.is_some_and(|now| now != before)
        {
            return Err(format!("stands at {before:?} and at {origin:?}"));
        }
        self.origin = self.origin.or(origin);
        let Some(before) = self.answered else {
            self.answered = Some(status);
            return Ok(());
        };
        if first {
            return Err("took effect a second time".into());
        }
        if before == Status::Settled && status != Status::Settled {
            return Err(format!("was {} and is {}", before.name(), status.name()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "000102030405060708090a0b0c0d0e0f";

    fn sent() -> Books {
        let mut books = Books::new(ParticipantId(2));
        let orders = vec![Order(ID.into(), 3, 978, 50)];
        books
            .take(Line::Intent {
                batch: 1,
                lane: 1,
                orders,
            })
            .expect("an intent");
        books
    }

    fn told(status: Status, first: bool) -> Line {
        Line::Answers {
            batch: 1,
            told: vec![Told(status as u16, first, Some((9, 0)))],
        }
    }

    fn event(role: Role, debtor: u32) -> Line {
        let heard = vec![Heard(
            1,
            role as u8,
            Status::Settled as u16,
            debtor,
            ID.into(),
            978,
            50,
        )];
        Line::Feed {
            first: 1,
            next: 2,
            heard,
        }
    }

    #[test]
    fn a_payment_that_waited_and_was_released_is_settled_once() {
        let mut books = sent();
        books.take(told(Status::Queued, true)).expect("an answer");
        assert_eq!(books.waiting(978), 1);
        books.take(event(Role::Debtor, 2)).expect("a release");
        assert_eq!((books.waiting(978), books.balances()[&978]), (0, -50));
    }

    #[test]
    fn what_cannot_be_is_found() {
        let mut books = sent();
        assert!(books.take(told(Status::Settled, false)).is_err(), "known at once");
        let mut books = sent();
        books.take(told(Status::Settled, true)).expect("an answer");
        assert!(
            books.clone().take(told(Status::Settled, true)).is_err(),
            "a second effect"
        );
        books.take(Line::Again { batch: 1 }).expect("again");
        assert!(
            books.clone().take(told(Status::Queued, false)).is_err(),
            "unsettled"
        );
        books.take(told(Status::Settled, false)).expect("the same again");
        books.take(event(Role::Creditor, 3)).expect("a credit");
        assert!(books.take(event(Role::Creditor, 3)).is_err(), "a repeated event");
    }

    #[test]
    fn a_gap_in_the_feed_and_a_second_credit_are_found() {
        let later = |first| Line::Feed {
            first,
            next: first + 1,
            heard: vec![Heard(first, Role::Creditor as u8, 1, 3, ID.into(), 978, 50)],
        };
        let mut books = Books::new(ParticipantId(2));
        assert!(books.clone().take(later(2)).is_err(), "a gap");
        books.take(later(1)).expect("the first");
        assert!(books.take(later(2)).is_err(), "the same credit again");
    }
}
