//! A lock: the best quotes now, kept for one payment of who asks, with the providers' money set aside.
use causeway_message::action::Phase;
use causeway_message::exchange::{Hop, Hops};
use causeway_message::record::{Instruction, Kind};
use causeway_message::{Status, mutated};

use super::fx_payment::via;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::due::Due;
use crate::limits::{LOCK_SECONDS_MAX, LOCKS_PER_PARTICIPANT};
use crate::market::{Kept, Lock, Offer, is_fixed_target, number_of, pair_of};
use crate::outcome::{Audience, Outcome};
use crate::queue::Waiting;
use crate::trade::deferred_of;

impl Ledger {
    pub(super) fn quote_lock(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        self.judge_form(Kind::QuoteLock, record, came.extensions)?;
        self.judge_horizon(record, LOCK_SECONDS_MAX, false)?;
        if is_fixed_target(record)
            && record.counter_amount.get() == 0
            && record.debtor.get() == batch.submitter.0
        {
            return Err(Status::AmountZero);
        }
        let accounts = self.judge_lock_day(batch, record)?;
        self.judge_effects(out)?;
        let who = batch.submitter.0;
        let own = self.market.locks_of.range((who, 0)..=(who, u64::MAX));
        if own.count() >= LOCKS_PER_PARTICIPANT {
            return Err(Status::QueueFull);
        }
        self.judge_room(1)?;
        let until = u64::from(record.expires_at.get());
        let mut offer = self
            .offer(record, via(came.extensions), until)
            .ok_or(Status::NoQuote)?;
        let number = number_of(self.index, came.ordinal);
        offer.exchange.lock = number;
        self.take_offer(&offer.takes);
        for kept in &mut offer.takes {
            kept.amount *= u64::from(!mutated!(LockNothing));
            self.accounts.get_mut(kept.account).reserved += i128::from(kept.amount);
        }
        if let Some(at) = Self::expiry(record) {
            self.due.add(at, Due::Lock(number));
        }
        let origin = (self.index, came.ordinal);
        let asked = Waiting::new(record, came.extensions, batch.submitter, origin, accounts);
        let mut told = deferred_of(&asked);
        told.status = Status::SetAside;
        told.told = Audience {
            submitter: true,
            ..Audience::default()
        };
        out.tell_exchange(told, offer.exchange.clone());
        let placed = self.priced(came.ordinal, &offer.exchange, Status::SetAside, out);
        let (exchange, collector, kept) = (offer.exchange, offer.collector, offer.takes);
        self.market.locks_of.insert((who, number));
        self.market.locks.insert(
            number,
            Lock {
                asked,
                exchange,
                collector,
                kept,
            },
        );
        Ok(placed)
    }

    fn judge_lock_day(&self, batch: &Batch<'_>, record: &Instruction) -> Result<(u32, u32), Status> {
        let accounts = self.judge_own_pair(batch, record);
        let (from, to) = pair_of(record);
        let closed = self.phase(from) != Phase::Open || self.phase(to) != Phase::Open;
        match accounts {
            // The day is judged before the record's own end.
            Ok(_) | Err(Status::Expired) if closed => Err(Status::RejectedCutOff),
            other => other,
        }
    }

    /// The lock that a payment names, if it is its own and its time is not over.
    pub(super) fn lock_of(&self, record: &Instruction) -> Option<&Lock> {
        let lock = self.market.locks.get(&record.quote.get())?;
        let own = lock.asked.submitter.0 == record.debtor.get() || mutated!(LockForAll);
        (own && !self.is_over(&lock.asked.record)).then_some(lock)
    }

    /// That a payment asks for what its lock is for.
    pub(super) fn judge_locked(&self, record: &Instruction, extensions: &[u8]) -> Result<(), Status> {
        if record.quote.get() == 0 {
            return Ok(());
        }
        let locked = &self.lock_of(record).ok_or(Status::QuoteUnknown)?.asked.record;
        let fixed = |record: &Instruction| {
            if is_fixed_target(record) {
                record.counter_amount.get()
            } else {
                record.amount.get()
            }
        };
        let same = pair_of(locked) == pair_of(record)
            && is_fixed_target(locked) == is_fixed_target(record)
            && (fixed(locked) == fixed(record) || mutated!(LockForMore));
        if same && via(extensions).is_none() {
            Ok(())
        } else {
            Err(Status::QuoteMismatch)
        }
    }

    /// What a payment comes to by its lock, if that is within its limit.
    pub(super) fn locked_offer(&self, record: &Instruction) -> Option<Offer> {
        let lock = self.lock_of(record)?;
        let exchange = &lock.exchange;
        let holds = if is_fixed_target(record) {
            exchange.paid() <= record.amount.get()
        } else {
            exchange.received() >= record.counter_amount.get()
        };
        // Nothing settles in what is closed.
        let open = |hop: &Hop| self.phase(hop.to.0) != Phase::Closed;
        // A hold or a suspension stops what a provider pays, as it stops its quotes.
        let stands = |kept: &Kept| {
            let account = self.accounts.get(kept.account);
            !account.suspended && !account.held
        };
        let stands = exchange.hops.iter().all(open) && lock.kept.iter().all(stands);
        (holds && stands).then(|| Offer {
            exchange: exchange.clone(),
            collector: lock.collector,
            takes: Hops::new(),
        })
    }
}
