//! Quotes of liquidity providers, what they may take on, reference rates, and locks.
use std::collections::{BTreeMap, BTreeSet};

use causeway_fx::quotes::{Fill, Fixed, Quotes, Request};
use causeway_fx::{Currency, Rate};
use causeway_message::action::{Action, FeeGrant, Phase};
pub(crate) use causeway_message::exchange::number_of;
use causeway_message::exchange::{Exchange, Hop, Hops, Priced, Reference, SOURCE_BYTES_MAX};
use causeway_message::record::{Instruction, Kind, Priority, flags};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::lifecycle::{Event, step};
use crate::outcome::{Audience, Outcome};
use crate::queue::Waiting;
use crate::trade::deferred_of;

/// A pair as it is quoted: base, counter.
pub(crate) type Pair = (u16, u16);

/// What a provider may take on in a pair. Minor units of base.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Exposure {
    pub limit: u64,
    /// Bought less sold since base last closed.
    pub net: i128,
}

/// A reference rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fixing {
    pub base: u16,
    pub counter: u16,
    pub rate: u64,
    pub scale: u8,
    pub time: u32,
    pub source: [u8; SOURCE_BYTES_MAX],
}

impl Fixing {
    /// What an action says of a reference rate.
    pub const fn of(action: &Action) -> Option<Self> {
        match action {
            Action::SetReference {
                base,
                counter,
                rate,
                scale,
                time,
                source,
            } => Some(Self {
                base: *base,
                counter: *counter,
                rate: *rate,
                scale: *scale,
                time: *time,
                source: *source,
            }),
            _ => None,
        }
    }
}

/// What one provider keeps for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The account in which what it pays is set aside.
    pub account: u32,
    pub amount: u64,
    pub quote: u64,
    pub provider: u32,
    pub pair: Pair,
    /// What its exposure rose by. Minor units of base.
    pub change: i128,
    /// How often base had closed.
    pub closes: u32,
}

/// A lock that is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The lock record, with the submitter's accounts in both currencies.
    pub asked: Waiting,
    pub exchange: Exchange,
    /// Who gets the fee, where there is one.
    pub collector: ParticipantId,
    pub kept: Hops<Kept>,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Market {
    pub quotes: Quotes,
    /// Numbers of live quotes by who published them, and under which id.
    pub by_id: BTreeMap<(u32, InstructionId), u64>,
    /// The same the other way round.
    pub ids: BTreeMap<u64, InstructionId>,
    pub exposures: BTreeMap<(u32, Pair), Exposure>,
    /// By pair, the smaller number first.
    pub fixings: BTreeMap<Pair, Fixing>,
    /// By number.
    pub locks: BTreeMap<u64, Lock>,
    /// Numbers of live locks by who asked for them.
    pub locks_of: BTreeSet<(u32, u64)>,
    /// Something happened since payments that await a quote were last looked at.
    pub stirred: bool,
}

/// What a payment comes to at the best quotes, or at those of its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub exchange: Exchange,
    /// Who gets the fee, where there is one.
    pub collector: ParticipantId,
    /// What each hop takes of its quote, in minor units of base; nothing for a lock.
    pub takes: Hops<Kept>,
}

/// Both currencies of an exchange, what is paid in first.
pub(crate) fn pair_of(record: &Instruction) -> Pair {
    (record.currency.get(), record.counter_currency.get())
}

/// True if what arrives is fixed.
pub(crate) fn is_fixed_target(record: &Instruction) -> bool {
    record.flags.get() & flags::FIXED_TARGET != 0
}

impl Ledger {
    /// The schedule of the fee that moves with a payment, unless its debtor is the collector.
    fn fee_of(&self, debtor: u32, currency: u16) -> Option<&FeeGrant> {
        let grant = self.fees.schedule.get(&(currency, Kind::FxPayment as u8));
        grant.filter(|grant| grant.collector.0 != debtor && !mutated!(ForgetFee))
    }

    /// The best route within the limit of a payment or a lock; quotes have to last until `until`, in seconds.
    pub(crate) fn offer(&self, record: &Instruction, via: Option<u16>, until: u64) -> Option<Offer> {
        let (debtor, (from, to)) = (record.debtor.get(), pair_of(record));
        let target = is_fixed_target(record);
        let grant = self.fee_of(debtor, from);
        let fee_on = |amount| grant.map_or(0, |grant| grant.on(amount));
        let (fixed, given) = if target {
            (Fixed::Target(record.counter_amount.get()), 0)
        } else {
            let amount = record.amount.get();
            let given = fee_on(amount);
            (
                Fixed::Source(amount.checked_sub(given).filter(|left| *left != 0)?),
                given,
            )
        };
        let now = self.time.seconds() * u64::from(!mutated!(QuoteOutlives));
        // Nothing settles in what is closed.
        let via = via.filter(|via| self.phase(*via) != Phase::Closed);
        let request = Request {
            from,
            to,
            via,
            fixed,
            now,
            until: until * u64::from(!mutated!(QuoteOutlives)),
        };
        let mut may = |_: &[Fill], fill: &Fill| self.may_fill(debtor, fill);
        let route = self.market.quotes.best(&request, &mut may)?;
        let fee = if target { fee_on(route.from().1) } else { given };
        let paid = route.from().1.checked_add(fee)?;
        let (amount, least) = (record.amount.get(), record.counter_amount.get());
        let holds = if target {
            paid <= amount
        } else {
            route.to().1 >= least
        };
        if !holds && !mutated!(IgnoreQuoteLimit) {
            return None;
        }
        let exchange = Exchange {
            fixed_target: target,
            fee,
            lock: 0,
            hops: route.hops().map(|fill| self.hop(fill)).collect(),
        };
        Some(Offer {
            exchange,
            collector: grant.map_or(ParticipantId(debtor), |grant| grant.collector),
            takes: route.hops().filter_map(|fill| self.kept(fill)).collect(),
        })
    }

    fn hop(&self, fill: &Fill) -> Hop {
        let priced = Priced {
            rate: fill.price.mantissa(),
            scale: fill.price.scale(),
            base_is_from: fill.base_is_from,
        };
        let given = u64::from(mutated!(GiveRemainder) && fill.remainder.millionths() != 0);
        Hop {
            provider: ParticipantId(fill.provider),
            from: fill.from,
            to: (fill.to.0, fill.to.1 + given),
            quote: fill.quote,
            priced,
            remainder: fill.remainder.millionths(),
            reference: self.reference(fill),
        }
    }

    fn reference(&self, fill: &Fill) -> Option<Reference> {
        let fixing = self.market.fixings.get(&ordered((fill.from.0, fill.to.0)))?;
        let [base, counter] = [fixing.base, fixing.counter].map(Currency::from_numeric);
        let rate = Rate::of_digits(fixing.rate, fixing.scale, base?, counter?).ok()?;
        let priced = Priced {
            rate: fixing.rate,
            scale: fixing.scale,
            base_is_from: fixing.base == fill.from.0,
        };
        Some(Reference {
            priced,
            time: fixing.time,
            source: fixing.source,
            spread: fill.spread(&rate).unwrap_or(0) + i64::from(mutated!(WrongSpread)),
        })
    }

    /// What a fill takes of its quote, its provider's exposure and its account.
    fn kept(&self, fill: &Fill) -> Option<Kept> {
        let pair = if fill.base_is_from {
            (fill.from.0, fill.to.0)
        } else {
            (fill.to.0, fill.from.0)
        };
        let base = i128::from(fill.base_amount);
        let book = self.accounts.book(pair.0)?;
        Some(Kept {
            account: self
                .accounts
                .find(fill.provider, self.accounts.book(fill.to.0)?)?,
            amount: fill.to.1,
            quote: fill.quote,
            provider: fill.provider,
            pair,
            change: if fill.base_is_from { base } else { -base },
            closes: self.accounts.books()[book].closes,
        })
    }

    /// Whether a provider stands by its quote for this: it may take the exposure on, and it can pay.
    fn may_fill(&self, debtor: u32, fill: &Fill) -> bool {
        let other =
            |_: &Kept| fill.provider != debtor && !(mutated!(WorseQuote) && fill.provider.is_multiple_of(2));
        let Some(kept) = self.kept(fill).filter(other) else {
            return false;
        };
        let account = self.accounts.get(kept.account);
        if (account.suspended || account.held) && !mutated!(HeldProvides) {
            return false;
        }
        let exposure = self.market.exposures.get(&(kept.provider, kept.pair));
        let exposure = exposure.copied().unwrap_or_default();
        let after = (exposure.net + kept.change).unsigned_abs();
        let after = after * u128::from(!mutated!(SkipExposure));
        if after > u128::from(exposure.limit) && after >= exposure.net.unsigned_abs() {
            return false;
        }
        let higher = self.accounts.desk(kept.account);
        let higher = higher.map_or(0, |desk| desk.kept_from(Priority::Normal));
        self.accounts.free(kept.account) - higher >= i128::from(kept.amount)
    }

    /// Takes what an offer needs out of quotes and exposures.
    pub(crate) fn take_offer(&mut self, takes: &[Kept]) {
        for take in takes {
            if let Some(exposure) = self.market.exposures.get_mut(&(take.provider, take.pair)) {
                exposure.net += take.change;
            }
            let base = u64::try_from(take.change.unsigned_abs()).unwrap_or(u64::MAX);
            let base = base * u64::from(!mutated!(UseQuoteTwice));
            let taken = self.market.quotes.take(take.quote, base);
            assert!(
                taken.is_ok(),
                "a quote that was found gives what it was found for"
            );
            if taken == Ok(0) {
                self.forget_quote(take.quote, take.provider, take.pair);
            }
        }
    }

    /// A quote is no longer live.
    pub(crate) fn forget_quote(&mut self, number: u64, provider: u32, pair: Pair) {
        if let Some(id) = self.market.ids.remove(&number) {
            self.market.by_id.remove(&(provider, id));
        }
        self.count_quote(provider, pair, false);
    }

    /// Counts the live quotes that may pay out of an account.
    pub(crate) fn count_quote(&mut self, provider: u32, (base, counter): Pair, more: bool) {
        for currency in [base, counter] {
            let book = self.accounts.book(currency);
            if let Some(id) = book.and_then(|book| self.accounts.find(provider, book)) {
                let account = self.accounts.get_mut(id);
                account.quoting = if more {
                    account.quoting + 1
                } else {
                    account.quoting.saturating_sub(1)
                };
            }
        }
    }

    /// Ends quotes whose time is over, some at a time.
    pub(crate) fn end_quotes(&mut self) {
        if self.market.quotes.is_empty() || mutated!(QuoteOutlives) {
            return;
        }
        let now = self.time.seconds();
        for quote in self.market.quotes.expired(now, crate::limits::DUE_PER_ENTRY) {
            self.forget_quote(quote.number, quote.provider, (quote.base, quote.counter));
        }
    }

    /// A lock is live no longer; what providers had set aside for it is free.
    pub(crate) fn end_lock(&mut self, number: u64) -> Option<Lock> {
        let lock = self.market.locks.remove(&number)?;
        self.market.locks_of.remove(&(lock.asked.submitter.0, number));
        if let Some(at) = Self::expiry(&lock.asked.record) {
            self.due.remove(at, crate::due::Due::Lock(number));
        }
        for kept in &lock.kept {
            self.accounts.get_mut(kept.account).reserved -= i128::from(kept.amount);
        }
        Some(lock)
    }

    /// The time of a lock is over, or a party to it is in default: quotes and exposures are as if there had been none.
    pub(crate) fn give_up_lock(&mut self, number: u64, event: Event, out: &mut Outcome) {
        let Some(lock) = self.end_lock(number) else { return };
        for kept in &lock.kept {
            let base = u64::try_from(kept.change.unsigned_abs()).unwrap_or(u64::MAX);
            let base = base * u64::from(!mutated!(LoseRestore));
            self.market.quotes.give_back(kept.quote, base);
            let closes = self
                .accounts
                .book(kept.pair.0)
                .map(|book| self.accounts.books()[book].closes);
            let exposure = self.market.exposures.get_mut(&(kept.provider, kept.pair));
            let closes = closes.filter(|_| !mutated!(ExposureStays));
            if let Some(exposure) = exposure.filter(|_| closes == Some(kept.closes)) {
                exposure.net -= kept.change;
            }
        }
        self.tell_lock(&lock, step(Status::SetAside, event), out);
        self.market.stirred = true;
        for kept in &lock.kept {
            self.wake(kept.account);
        }
    }

    /// Tells whoever asked for a lock, and its providers, of a later status of it.
    pub(crate) fn tell_lock(&mut self, lock: &Lock, status: Status, out: &mut Outcome) {
        let id = lock.asked.record.id();
        let known = self.ids.settle(lock.asked.submitter, id, status, self.index);
        assert!(known, "a lock that is live is remembered");
        let mut told = deferred_of(&lock.asked);
        told.status = status;
        told.told = Audience {
            submitter: true,
            ..Audience::default()
        };
        out.tell_exchange(told, lock.exchange.clone());
        if status == Status::Executed {
            let record = &lock.asked.record;
            self.accrue_executed(lock.asked.submitter, record.currency.get(), record.kind);
        }
    }
}

/// A pair, the smaller number first.
pub(crate) const fn ordered((one, other): Pair) -> Pair {
    if one < other { (one, other) } else { (other, one) }
}
