//! Quote locks (PROTOCOL §24.2): the best quotes for one payment, with the providers' money set aside.
use causeway_message::action::Phase;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::due::Due;
use super::quotes::number_of;
use super::route::{Deal, via};
use super::{Caused, Key, Model, Origin, Place};
use crate::audit::input::Paper;

/// Live locks of a participant.
const LOCKS: usize = 256;
/// Seconds that a lock lives at most.
const LIFE: u64 = 300;

/// A lock that is live.
#[derive(Debug, Clone)]
pub(super) struct Lock {
    paper: Paper,
    pub who: ParticipantId,
    origin: Origin,
    pub deal: Deal,
    /// When base had closed last by then, for each part.
    closed: Vec<Timestamp>,
}

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// The side of an exchange that its record fixes.
pub(super) fn fixed_amount(record: &Instruction) -> u64 {
    if record.flags.get() & flags::FIXED_TARGET != 0 {
        record.counter_amount.get()
    } else {
        record.amount.get()
    }
}

/// The fixed side, and what is paid or may be paid at most, are above 0.
pub(super) fn lacks_amount(record: &Instruction) -> bool {
    fixed_amount(record) == 0 || record.amount.get() == 0
}

impl Lock {
    fn end(&self) -> Timestamp {
        Timestamp::from_seconds(self.paper.record.expires_at.get())
    }

    const fn key(&self) -> Key {
        (self.who, self.paper.record.id())
    }

    /// What is set aside in which account of a provider.
    pub fn aside(&self) -> impl Iterator<Item = (Place, u64)> + '_ {
        let hops = self.deal.exchange.hops.iter();
        hops.map(|hop| ((hop.provider.0, hop.to.0), hop.to.1))
    }
}

impl Model {
    /// What stands against a record of kind 13 whose form holds.
    pub(super) fn judge_lock(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let end = record.expires_at.get();
        let far = u64::from(end) * 1_000_000_000 > self.time.0 + LIFE * 1_000_000_000;
        refuse(far, Status::TimeInvalid)?;
        refuse(record.debtor.get() != who.0, Status::NotAuthorised)?;
        refuse(lacks_amount(record), Status::AmountZero)?;
        self.judge_two_accounts(record)?;
        refuse(self.is_suspended(who.0), Status::DebtorSuspended)?;
        let open = |currency: u16| self.days.phase(currency) == Phase::Open;
        let both = open(record.currency.get()) && open(record.counter_currency.get());
        refuse(!both, Status::RejectedCutOff)?;
        refuse(self.has_come(Timestamp::from_seconds(end)), Status::Expired)?;
        refuse(!self.has_effects_left(), Status::EntryFull)?;
        let own = self.locks.values().filter(|lock| lock.who == who).count();
        refuse(own >= LOCKS || !self.has_place_for(1), Status::QueueFull)?;
        let deal = self.deal(paper, Some(Timestamp::from_seconds(end)));
        refuse(deal.is_none(), Status::NoQuote)
    }

    /// Locks the best quotes (kind 13).
    pub(super) fn carry_out_lock(
        &mut self,
        who: ParticipantId,
        paper: &Paper,
        origin: Origin,
        caused: &mut Caused,
    ) -> Status {
        let end = Timestamp::from_seconds(paper.record.expires_at.get());
        let Some(mut deal) = self.deal(paper, Some(end)) else {
            return Status::NoQuote;
        };
        let number = number_of(origin);
        deal.exchange.lock = number;
        self.take_of_quotes(&deal);
        let closed = deal.parts.iter().map(|part| self.days.closed_at(part.desk.1));
        let lock = Lock {
            paper: paper.clone(),
            who,
            origin,
            closed: closed.collect(),
            deal,
        };
        for (place, amount) in lock.aside() {
            self.money
                .change(place, |account| account.reserved += i128::from(amount));
        }
        self.due.insert((end, Due::Lock(number)));
        self.dealt = Some(lock.deal.exchange.clone());
        self.effects += 1;
        self.tell_of_lock(&lock, Status::SetAside, caused);
        self.locks.insert(number, lock);
        Status::SetAside
    }

    /// Locks that live, and their records.
    pub fn live_locks(&self) -> impl Iterator<Item = (u64, Instruction)> + '_ {
        self.locks
            .iter()
            .map(|(number, lock)| (*number, lock.paper.record))
    }

    /// The lock that a payment names, as long as its time is not over.
    pub(super) fn lock_of(&self, record: &Instruction) -> Option<&Lock> {
        let lock = self.locks.get(&record.quote.get())?;
        let own = lock.who.0 == record.debtor.get();
        (own && !self.has_come(lock.end())).then_some(lock)
    }

    /// The lock that a payment names is its debtor's, and for the same exchange.
    pub(super) fn judge_named_lock(&self, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        if record.quote.get() == 0 {
            return Ok(());
        }
        let lock = self.lock_of(record).ok_or(Status::QuoteUnknown)?;
        let terms = |of: &Instruction| {
            (
                of.currency.get(),
                of.counter_currency.get(),
                of.flags.get() & flags::FIXED_TARGET,
                fixed_amount(of),
            )
        };
        let same = terms(record) == terms(&lock.paper.record) && via(paper).is_none();
        refuse(!same, Status::QuoteMismatch)
    }

    /// A lock is used: what was set aside is free, to be paid. The lock's own submitter's fee accrues.
    pub(super) fn use_lock(&mut self, number: u64, caused: &mut Caused) {
        let Some(lock) = self.end_lock(number, Status::Executed, caused) else {
            return;
        };
        let place = (lock.who.0, lock.paper.record.currency.get());
        self.fees.accrue(place, Kind::QuoteLock as u8, 0);
    }

    /// The lock behind a number.
    pub(super) fn next_lock(&self, last: Option<u64>) -> Option<u64> {
        let behind = |number: &&u64| last.is_none_or(|last| **number > last);
        self.locks.keys().find(behind).copied()
    }

    /// True if a participant asked for the lock, or provides for it.
    pub(super) fn is_party_to_lock(&self, number: u64, who: u32) -> bool {
        let lock = self.locks.get(&number);
        lock.is_some_and(|lock| lock.who.0 == who || lock.aside().any(|(place, _)| place.0 == who))
    }

    /// The time of a lock is over, or a party to it defaulted: all is as if there had been none.
    pub(super) fn give_up_lock(&mut self, number: u64, status: Status, caused: &mut Caused) {
        let Some(lock) = self.end_lock(number, status, caused) else {
            return;
        };
        for (part, closed) in lock.deal.parts.iter().zip(&lock.closed) {
            self.quotes.restore(part.number, part.base);
            if self.days.closed_at(part.desk.1) == *closed {
                self.quotes.expose(part.desk, -part.bought);
            }
        }
        for (place, _) in lock.aside() {
            self.wake(place);
        }
        self.quotes.stirred = true;
    }

    fn end_lock(&mut self, number: u64, status: Status, caused: &mut Caused) -> Option<Lock> {
        let lock = self.locks.remove(&number)?;
        self.due.remove(&(lock.end(), Due::Lock(number)));
        for (place, amount) in lock.aside() {
            self.money
                .change(place, |account| account.reserved -= i128::from(amount));
        }
        let (who, id) = lock.key();
        self.memory.change(who, id, (status, 0), self.index);
        self.effects += 1;
        self.tell_of_lock(&lock, status, caused);
        Some(lock)
    }

    /// Its submitter and each provider are told what becomes of a lock.
    fn tell_of_lock(&self, lock: &Lock, status: Status, caused: &mut Caused) {
        Self::tell_exchange(
            &lock.paper,
            lock.origin,
            status,
            &lock.deal.exchange,
            false,
            caused,
        );
    }
}
