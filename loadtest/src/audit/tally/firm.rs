//! Firm quotes: each hop is at a price of a quote that was published and lives; no more is taken of a quote than it
//! has; a lock is used once, by its owner, as it was made.
use std::collections::BTreeMap;

use causeway_fx::quotes::Tiers;
use causeway_message::action::Action;
use causeway_message::event::Role;
use causeway_message::exchange::{Exchange, Hop};
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, Status};

use super::Tally;
use super::exchanges::aside;
use super::seen::{Heard, Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};

/// Provider, base, counter.
pub type Desk = (u32, u16, u16);

/// A quote that was published.
#[derive(Debug, Clone)]
struct Quote {
    desk: Desk,
    id: InstructionId,
    tiers: Tiers,
    left: u64,
    end: Timestamp,
    /// The entry in which it was withdrawn, or its provider's right ended.
    gone: bool,
}

/// A lock that is live.
#[derive(Debug, Clone)]
struct Lock {
    made: Mark,
    exchange: Exchange,
}

/// Quotes by their numbers, and locks.
#[derive(Debug, Default)]
pub struct Firm {
    quotes: BTreeMap<u64, Quote>,
    locks: BTreeMap<u64, Lock>,
}

fn number(origin: Origin) -> u64 {
    origin.0 * 8_192 + u64::from(origin.1)
}

/// The desk that a hop's quote is of, and how much base it moves.
pub fn desk(hop: &Hop) -> (Desk, u64) {
    if hop.priced.base_is_from {
        ((hop.provider.0, hop.from.0, hop.to.0), hop.from.1)
    } else {
        ((hop.provider.0, hop.to.0, hop.from.0), hop.to.1)
    }
}

impl Firm {
    /// What locks set aside.
    pub fn set_aside(&self) -> impl Iterator<Item = (crate::audit::model::Place, i128)> + '_ {
        self.locks.values().flat_map(|lock| aside(&lock.exchange))
    }

    fn publish(&mut self, mark: &Mark) {
        let record = &mark.record;
        let own = (
            mark.submitter.0,
            record.currency.get(),
            record.counter_currency.get(),
        );
        let withdraws = mark.has(flags::DECLINE);
        let named = (record.related != [0; 16]).then_some(InstructionId(record.related));
        if withdraws || named.is_some() {
            let meant = self.quotes.values_mut().filter(|quote| quote.desk == own);
            meant
                .filter(|quote| named.is_none_or(|id| quote.id == id))
                .for_each(|quote| quote.gone = true);
        }
        let bytes = mark.extension(ExtensionType::Tiers);
        let tiers = bytes.and_then(|bytes| Tiers::decode(bytes).ok());
        if let Some(tiers) = tiers.filter(|_| !withdraws) {
            let quote = Quote {
                desk: own,
                id: mark.id,
                tiers,
                left: mark.amount(),
                end: Timestamp::from_seconds(record.expires_at.get()),
                gone: false,
            };
            self.quotes.insert(number(mark.origin), quote);
        }
    }

    /// Takes a hop's amount off its quote, which must live, at its price.
    fn take(&mut self, hop: &Hop, time: Timestamp, at: impl Fn() -> String) -> Result<(), Fault> {
        let (own, base) = desk(hop);
        let quote = self.quotes.get_mut(&hop.quote);
        let Some(quote) = quote.filter(|quote| quote.desk == own && quote.end > time) else {
            let what = format!("{}: no such quote of {own:?} lives", at());
            return Err(Fault::new(Rule::FirmQuote, what));
        };
        let tier = quote.tiers.as_slice().iter().find(|tier| base <= tier.up_to);
        let price = tier.map(|tier| {
            if hop.priced.base_is_from {
                tier.bid
            } else {
                tier.ask
            }
        });
        let own = (price.unwrap_or(0), quote.tiers.scale());
        same(Rule::FirmQuote, &own, &(hop.priced.rate, hop.priced.scale), &at)?;
        hold(base <= quote.left, Rule::QuoteUsed, || {
            format!("{}: of {} left", at(), quote.left)
        })?;
        quote.left -= base;
        Ok(())
    }
}

impl Tally {
    pub(super) fn follow_quotes(&mut self, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        let quotes = &mut self.firm.quotes;
        quotes.retain(|_, quote| !quote.gone && quote.left > 0);
        for mark in seen.first.iter().filter(|mark| mark.kind() == Some(Kind::Quote)) {
            if mark.status == Status::Executed {
                self.firm.publish(mark);
            }
        }
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            if let Action::SetExposure {
                participant,
                base,
                counter,
                limit: 0,
            } = ended.action
            {
                let own = (participant.0, base, counter);
                let quotes = self.firm.quotes.values_mut();
                quotes
                    .filter(|quote| quote.desk == own)
                    .for_each(|quote| quote.gone = true);
            }
        }
        // What is over gives back before anything else happens; what ends with a default, before others may use it.
        let over = |told: &&Heard| matches!(told.mark.status, Status::Expired | Status::Defaulted);
        let own = || seen.heard.iter().filter(|told| told.role == Role::Debtor);
        for told in own().filter(over) {
            self.end_lock(told, time, seen.entry)?;
        }
        for told in own().filter(|told| !over(told)) {
            match told.mark.status {
                Status::SetAside => self.begin_lock(told, time, seen.entry)?,
                Status::Settled if told.exchange.lock == 0 => {
                    for hop in &told.exchange.hops {
                        let at = || format!("log entry {}: exchange {:?}", seen.entry, told.mark.origin);
                        self.firm.take(hop, time, at)?;
                    }
                }
                Status::Settled => self.check_used_lock(told, seen, time)?,
                _ => {}
            }
        }
        for told in own().filter(|told| told.mark.status == Status::Executed) {
            self.end_lock(told, time, seen.entry)?;
        }
        Ok(())
    }

    fn begin_lock(&mut self, told: &Heard, time: Timestamp, entry: u64) -> Result<(), Fault> {
        let at = || format!("log entry {entry}: lock {:?}", told.mark.origin);
        let own = number(told.mark.origin);
        same(Rule::LockOnce, &own, &told.exchange.lock, at)?;
        let end = Timestamp::from_seconds(told.mark.record.expires_at.get());
        for hop in &told.exchange.hops {
            self.firm.take(hop, time, at)?;
            let lives = self
                .firm
                .quotes
                .get(&hop.quote)
                .is_some_and(|quote| quote.end >= end);
            hold(lives, Rule::FirmQuote, || {
                format!("{}: quote {} ends before it", at(), hop.quote)
            })?;
        }
        for (place, amount) in aside(&told.exchange) {
            let account = self.account(place, entry)?;
            account.reserved += amount;
            account.drawn = true;
        }
        let lock = Lock {
            made: told.mark.clone(),
            exchange: told.exchange.clone(),
        };
        self.firm.locks.insert(own, lock);
        Ok(())
    }

    /// The lock that a payment used is its submitter's, is used up by it, and says the same.
    fn check_used_lock(&self, told: &Heard, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        let at = || format!("log entry {}: exchange {:?}", seen.entry, told.mark.origin);
        same(
            Rule::LockOnce,
            &told.mark.record.quote.get(),
            &told.exchange.lock,
            at,
        )?;
        let Some(lock) = self.firm.locks.get(&told.exchange.lock) else {
            let what = format!("{}: lock {} is no more", at(), told.exchange.lock);
            return Err(Fault::new(Rule::LockOnce, what));
        };
        let end = Timestamp::from_seconds(lock.made.record.expires_at.get());
        let own = lock.made.submitter == told.mark.submitter && end > time;
        let same_hops = lock.exchange == told.exchange;
        hold(own && same_hops, Rule::LockOnce, || format!("{}: {lock:?}", at()))?;
        let used = |other: &&Heard| {
            let executed = other.mark.status == Status::Executed && other.mark.origin == lock.made.origin;
            executed && other.role == Role::Debtor
        };
        let users = |other: &&Heard| {
            let settles = other.mark.status == Status::Settled && other.role == Role::Debtor;
            settles && other.exchange.lock == told.exchange.lock
        };
        let counts = (
            seen.heard.iter().filter(used).count(),
            seen.heard.iter().filter(users).count(),
        );
        same(Rule::LockOnce, &(1, 1), &counts, || {
            format!("{}: how often its lock ends, and is used", at())
        })
    }

    /// A lock ends: used by a payment of this entry, or at its time.
    fn end_lock(&mut self, told: &Heard, time: Timestamp, entry: u64) -> Result<(), Fault> {
        let at = || {
            format!(
                "log entry {entry}: lock {:?} is {:?}",
                told.mark.origin, told.mark.status
            )
        };
        let Some(lock) = self.firm.locks.remove(&number(told.mark.origin)) else {
            return Err(Fault::new(Rule::LockOnce, format!("{}: it is no more", at())));
        };
        hold(lock.exchange == told.exchange, Rule::LockOnce, || {
            format!("{}: {:?}", at(), lock.exchange)
        })?;
        let end = Timestamp::from_seconds(lock.made.record.expires_at.get());
        let defaulted = told.mark.status == Status::Defaulted;
        let expired = told.mark.status == Status::Expired;
        same(Rule::LockOnce, &(end <= time && !defaulted), &expired, at)?;
        for (place, amount) in aside(&lock.exchange) {
            self.account(place, entry)?.reserved -= amount;
        }
        for hop in lock.exchange.hops.iter().filter(|_| expired || defaulted) {
            if let Some(quote) = self.firm.quotes.get_mut(&hop.quote) {
                quote.left += desk(hop).1;
            }
        }
        Ok(())
    }
}
