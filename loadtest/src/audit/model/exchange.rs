//! FX payments (PROTOCOL §24.3): on entry, in their turn, and beside the queues while there is no quote.
use causeway_message::action::Phase;
use causeway_message::event::Role;
use causeway_message::exchange::Exchange;
use causeway_message::record::flags;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::classes::{Placed, Spot, Waiting};
use super::lock::lacks_amount;
use super::route::Deal;
use super::sweep::Sweep;
use super::tell::Told;
use super::{Billed, Caused, Model, Origin};
use crate::audit::input::Paper;

/// Payments of one debtor, and of all, that may await a quote.
const AWAITING: usize = 64;
const AWAITING_IN_ALL: usize = 1_024;
/// Steps that a look at one of them is.
const STEPS_OF_LOOK: usize = 8;

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// What stands in the way of an FX payment.
enum Way {
    /// Nothing does.
    Free(Box<Deal>),
    /// What waits before it, or the account is stopped.
    Blocked,
    /// The lock that it names is no more.
    LockGone,
    /// Its value date has passed in the other currency.
    Late,
    /// The other currency is not open.
    NotOpen,
    NoRoute,
    /// Funds, or a sender limit.
    Unfit(Status),
}

impl Model {
    /// What stands against a record of kind 12 whose form holds.
    pub(super) fn judge_exchange(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        let (currency, counter) = (record.currency.get(), record.counter_currency.get());
        refuse(debtor != who.0, Status::NotAuthorised)?;
        refuse(lacks_amount(record), Status::AmountZero)?;
        self.judge_currency(currency)?;
        self.judge_currency(counter)?;
        refuse(
            self.money.get((debtor, currency)).is_none(),
            Status::DebtorUnknown,
        )?;
        refuse(
            self.money.get((creditor, counter)).is_none(),
            Status::CreditorUnknown,
        )?;
        refuse(self.is_suspended(debtor), Status::DebtorSuspended)?;
        self.judge_payee(creditor)?;
        let late = self.days.phase(currency) != Phase::Open || self.is_late_customer(record);
        refuse(late && !self.lies_ahead(record), Status::RejectedCutOff)?;
        self.judge_value_date(record)?;
        self.judge_date_there(record)?;
        let end = record.expires_at.get();
        let over = end != 0 && self.has_come(Timestamp::from_seconds(end));
        refuse(over, Status::Expired)?;
        self.judge_duplicate(record)?;
        self.judge_named_lock(paper)
    }

    /// What the payment comes to now: at its lock, or at the best quotes.
    fn terms(&self, paper: &Paper) -> Result<Deal, Way> {
        let record = &paper.record;
        let lock = self.lock_of(record);
        if record.quote.get() != 0 && lock.is_none() {
            return Err(Way::LockGone);
        }
        let (counter, date) = (record.counter_currency.get(), u64::from(record.value_date.get()));
        if date != 0 && date < self.business_date(counter) {
            return Err(Way::Late);
        }
        if self.days.phase(counter) != Phase::Open || self.is_too_early_there(record) {
            return Err(Way::NotOpen);
        }
        let Some(lock) = lock else {
            return self.deal(paper, None).ok_or(Way::NoRoute);
        };
        let deal = lock.deal.clone();
        let (paid, received) = (deal.exchange.paid(), deal.exchange.received());
        let fixed_target = record.flags.get() & flags::FIXED_TARGET != 0;
        let within = if fixed_target {
            paid <= record.amount.get()
        } else {
            received >= record.counter_amount.get()
        };
        let mut between = deal.exchange.hops.iter().map(|hop| hop.to.0);
        let open = between.all(|currency| !self.days.is_closed(currency));
        let stopped = |who: u32| self.is_suspended(who) || self.is_held(who);
        let stands = !deal.exchange.hops.iter().any(|hop| stopped(hop.provider.0));
        if within && open && stands {
            Ok(deal)
        } else {
            Err(Way::NoRoute)
        }
    }

    /// What stands in the way, if nothing waits before it.
    fn way_of_exchange(&self, item: &Waiting) -> Way {
        let deal = match self.terms(&item.paper) {
            Ok(deal) => deal,
            Err(way) => return way,
        };
        let mut leg = item.clone();
        leg.paper.record.amount = deal.exchange.paid().into();
        match self.fit(&[leg]) {
            Ok(()) => Way::Free(Box::new(deal)),
            Err((_, status)) => Way::Unfit(status),
        }
    }

    /// The same on entry.
    fn way_in(&self, item: &Waiting) -> Way {
        if self.is_stopped(item.place()) || self.waits_before(item.place(), item.class) {
            Way::Blocked
        } else {
            self.way_of_exchange(item)
        }
    }

    /// An FX payment that broke no rule comes in.
    pub(super) fn enter_exchange(&mut self, item: Waiting, caused: &mut Caused) -> Placed {
        if !self.has_effects_left() {
            return (Status::EntryFull, 0);
        }
        let never_waits = item.record().flags.get() & flags::SETTLE_OR_REJECT != 0;
        if self.lies_ahead(item.record()) {
            if !self.has_place_for(1) || !self.may_date(&item) {
                return (Status::QueueFull, 0);
            }
            self.due.extend(item.dues());
            return self.wait(item, Spot::Dated, false);
        }
        let held = self.held_creditor(std::slice::from_ref(&item));
        let (spot, refused) = match self.way_in(&item) {
            Way::Free(deal) => match held {
                Some(held) => (Spot::Parked(held), Status::InsufficientLiquidity),
                None => {
                    self.settle_exchange(&item, &deal, caused);
                    self.effects += 1;
                    self.dealt = Some(deal.exchange.clone());
                    return (Status::Settled, 0);
                }
            },
            Way::Blocked => (Spot::Queue, Status::InsufficientLiquidity),
            Way::LockGone => return (Status::QuoteUnknown, 0),
            Way::Late => return (Status::ValueDateClosed, 0),
            Way::NotOpen => (Spot::Quote, Status::RejectedCutOff),
            Way::NoRoute => (Spot::Quote, Status::NoQuote),
            Way::Unfit(status) => (Spot::Queue, status),
        };
        if never_waits {
            return (refused, 0);
        }
        if !self.has_place_for(1) || spot == Spot::Quote && !self.may_await(item.place().0) {
            return (Status::QueueFull, 0);
        }
        self.due.extend(item.dues());
        self.wait(item, spot, false)
    }

    /// One more of a debtor may await a quote.
    fn may_await(&self, debtor: u32) -> bool {
        let awaiting = || self.waits.values().filter(|item| item.spot == Spot::Quote);
        let own = awaiting().filter(|item| item.place().0 == debtor);
        own.count() < AWAITING && awaiting().count() < AWAITING_IN_ALL
    }

    /// The turn of an FX payment has come: it ends, settles, waits elsewhere, or stays (false).
    pub(super) fn exchange_may_move(&mut self, item: &Waiting, caused: &mut Caused) -> bool {
        let items = std::slice::from_ref(item);
        if self.ends_before_it_moves(item, caused) {
            return true;
        }
        if !self.is_its_turn(item) {
            return false;
        }
        let way = self.way_of_exchange(item);
        let held = self.held_creditor(items);
        match (way, held) {
            (Way::Unfit(_) | Way::Blocked, _) => return false,
            (Way::LockGone, _) => {
                self.end_chain(items, (0, Status::QuoteUnknown), Status::ChainFailed, caused)
            }
            (Way::Late, _) => self.end_chain(items, (0, Status::RejectedClose), Status::ChainFailed, caused),
            (Way::NotOpen | Way::NoRoute, _) => self.move_aside(items, Spot::Quote, caused),
            (Way::Free(_), Some(held)) => self.move_aside(items, Spot::Parked(held), caused),
            (Way::Free(deal), None) => self.settle_exchange_later(item, &deal, caused),
        }
        true
    }

    fn move_aside(&mut self, items: &[Waiting], spot: Spot, caused: &mut Caused) {
        self.put(items, spot, caused);
        self.wake_debited(items);
    }

    fn ends_before_it_moves(&mut self, item: &Waiting, caused: &mut Caused) -> bool {
        let items = std::slice::from_ref(item);
        let status = if self.is_over(items) {
            Status::Expired
        } else if self.suspended_creditor(items).is_some() {
            Status::CreditorSuspended
        } else {
            return false;
        };
        self.end_chain(items, (0, status), Status::ChainFailed, caused);
        true
    }

    /// An FX payment joins, from outside its queue.
    pub(super) fn exchange_comes_back(&mut self, item: &Waiting, caused: &mut Caused) {
        let items = std::slice::from_ref(item);
        if self.is_over(items) {
            return self.end_chain(items, (0, Status::Expired), Status::ChainFailed, caused);
        }
        let deal = match self.way_in(item) {
            Way::Free(deal) => deal,
            Way::Blocked | Way::Unfit(_) => {
                self.put(items, Spot::Queue, caused);
                return self.wake(item.place());
            }
            Way::LockGone => {
                return self.end_chain(items, (0, Status::QuoteUnknown), Status::ChainFailed, caused);
            }
            Way::Late => {
                return self.end_chain(items, (0, Status::RejectedClose), Status::ChainFailed, caused);
            }
            Way::NotOpen | Way::NoRoute => return self.put(items, Spot::Quote, caused),
        };
        if self.suspended_creditor(items).is_some() {
            return self.end_chain(items, (0, Status::CreditorSuspended), Status::ChainFailed, caused);
        }
        if let Some(held) = self.held_creditor(items) {
            return self.put(items, Spot::Parked(held), caused);
        }
        self.settle_exchange_later(item, &deal, caused);
    }

    fn settle_exchange_later(&mut self, item: &Waiting, deal: &Deal, caused: &mut Caused) {
        self.take(item.origin);
        self.settle_exchange(item, deal, caused);
        let (who, id) = item.key();
        let paid = deal.exchange.paid();
        self.memory.change(who, id, (Status::Settled, paid), self.index);
        self.effects += 1;
        self.wake_debited(std::slice::from_ref(item));
    }

    /// All legs move.
    fn settle_exchange(&mut self, item: &Waiting, deal: &Deal, caused: &mut Caused) {
        let exchange = &deal.exchange;
        if exchange.lock != 0 {
            self.use_lock(exchange.lock, caused);
        } else {
            self.take_of_quotes(deal);
        }
        let (place, creditor) = (item.place(), item.creditor());
        self.reservations.take(place, item.class, exchange.paid());
        if item.class == 0 {
            self.limits.count(place, creditor, i128::from(exchange.paid()));
        }
        self.leg(place.0, exchange.hops[0].provider.0, exchange.hops[0].from);
        for (at, hop) in exchange.hops.iter().enumerate() {
            let next = exchange.hops.get(at + 1).map(|next| next.provider.0);
            self.leg(hop.provider.0, next.unwrap_or(creditor), hop.to);
        }
        if let Some(collector) = deal.collector.filter(|_| exchange.fee > 0) {
            self.leg(place.0, collector, (place.1, exchange.fee));
            caused.billed.push(Billed {
                payer: ParticipantId(place.0),
                collector: ParticipantId(collector),
                currency: place.1,
                date: self.business_date(place.1) as u16,
                amount: exchange.fee,
            });
        }
        Self::tell_exchange(&item.paper, item.origin, Status::Settled, exchange, true, caused);
    }

    /// One leg; between one account and itself nothing moves.
    fn leg(&mut self, from: u32, to: u32, (currency, amount): (u16, u64)) {
        if from != to {
            let to = (to, currency);
            self.money.transfer((from, currency), to, amount);
            self.credited(to);
            self.wake(to);
        }
    }

    /// Quotes have so much less left, and their providers are exposed to it.
    pub(super) fn take_of_quotes(&mut self, deal: &Deal) {
        for part in &deal.parts {
            self.quotes.take(part.number, part.base);
            self.quotes.expose(part.desk, part.bought);
        }
    }

    /// The submitter, the creditor of a payment, and each provider are told what an exchange comes to.
    pub(super) fn tell_exchange(
        paper: &Paper,
        origin: Origin,
        status: Status,
        exchange: &Exchange,
        pays: bool,
        caused: &mut Caused,
    ) {
        let mut whom = vec![(Role::Debtor, ParticipantId(paper.record.debtor.get()))];
        whom.extend(pays.then(|| (Role::Creditor, paper.creditor())));
        for hop in &exchange.hops {
            if !whom.contains(&(Role::Provider, hop.provider)) {
                whom.push((Role::Provider, hop.provider));
            }
        }
        for (role, whom) in whom {
            caused.later.push(Told {
                whom,
                role,
                paper: paper.clone(),
                origin,
                status,
                amount: if pays { exchange.paid() } else { 0 },
                counter: if pays { exchange.received() } else { 0 },
                exchange: Some(exchange.clone()),
            });
        }
    }

    /// At the end of an entry: if something happened that may give those a quote that await one, they are looked at.
    pub(super) fn begin_looks(&mut self) -> bool {
        if self.sweeps.iter().any(|sweep| matches!(sweep, Sweep::Looks(_))) {
            return false;
        }
        let awaits = self.waits.values().any(|item| item.spot == Spot::Quote);
        let looks = std::mem::take(&mut self.quotes.stirred) && awaits;
        if looks {
            self.sweeps.push_back(Sweep::Looks(None));
        }
        looks
    }

    /// Looks at the next that awaits a quote.
    pub(super) fn next_look(&mut self, last: Option<Origin>, caused: &mut Caused) -> Option<Sweep> {
        let next = self.next_waiting(last, |item| item.spot == Spot::Quote)?;
        let covered = self
            .waits
            .get(&next)
            .is_some_and(|item| matches!(self.terms(&item.paper), Ok(_) | Err(Way::LockGone | Way::Late)));
        if covered {
            self.come_back(next, caused);
        }
        self.spend(STEPS_OF_LOOK);
        Some(Sweep::Looks(Some(next)))
    }
}
