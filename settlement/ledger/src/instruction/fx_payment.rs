//! A payment that arrives in another currency: at the best quotes within its limit, or at those of its lock.
use causeway_message::action::Phase;
use causeway_message::answer::{AnswerDetail, answer_flags};
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Kind, flags};
use causeway_message::{ParticipantId, Status, mutated};
use causeway_netting::Step;

use super::{Batch, Came, Placed};
use crate::account::Short;
use crate::apply::Ledger;
use crate::lifecycle::{Event, next, step};
use crate::limits::{AWAITING_MAX, AWAITING_PER_PARTICIPANT};
use crate::market::{Offer, is_fixed_target, pair_of};
use crate::outcome::{Audience, FeePosting, Outcome};
use crate::queue::{Seat, Waiting};
use crate::trade::deferred_of;

/// What becomes of an FX payment now.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives for one look; a box would cost each payment one"
)]
pub(crate) enum Way {
    /// Its lock is no more.
    Unlocked,
    /// The business date of the other currency has passed its value date.
    Late,
    /// No route within its limit, or the other currency is not open.
    Await(Status),
    /// Its debtor's leg does not fit.
    Short(Short),
    /// Its creditor is held: this participant.
    Held(u32),
    Settles(Offer),
}

/// Accounts that one exchange credits, in order: those of two providers, the creditor's and the collector's.
#[derive(Debug, Clone, Copy, Default)]
struct Credited {
    accounts: [u32; 4],
    count: usize,
}

impl Credited {
    fn push(&mut self, account: u32) {
        if let Some(place) = self.accounts.get_mut(self.count) {
            *place = account;
            self.count += 1;
        }
    }

    fn all(self) -> impl Iterator<Item = u32> {
        self.accounts.into_iter().take(self.count)
    }
}

impl Ledger {
    pub(super) fn fx_payment(
        &mut self,
        batch: &Batch<'_>,
        came: &Came<'_>,
        out: &mut Outcome,
    ) -> Result<Placed, Status> {
        let record = came.record;
        let accounts = self.judge_fx(batch, came)?;
        self.judge_effects(out)?;
        let origin = (self.index, came.ordinal);
        let waiting = Waiting::new(record, came.extensions, batch.submitter, origin, accounts);
        if self.is_dated(record) {
            self.judge_room(1)?;
            self.judge_dated(batch.submitter, true)?;
            return Ok(self.wait(waiting.seated(Seat::Date)));
        }
        // What stands behind others is not priced yet.
        let way = self
            .may_enter(accounts.0, waiting.class)
            .then(|| self.way_of(&waiting));
        let (seat, refusal) = match way {
            None => (Seat::Queued, Status::InsufficientLiquidity),
            Some(Way::Settles(offer)) => {
                self.accept(record);
                let placed = self.priced(came.ordinal, &offer.exchange, Status::Settled, out);
                self.market_settles(&waiting, offer, None, out);
                self.release(out);
                return Ok(placed);
            }
            Some(Way::Unlocked) => return Err(Status::QuoteUnknown),
            Some(Way::Late) => return Err(Status::ValueDateClosed),
            Some(Way::Await(status)) => (Seat::Quote, status),
            Some(Way::Short(short)) => (Seat::Queued, short.refusal()),
            Some(Way::Held(party)) => (Seat::Party(party), Status::InsufficientLiquidity),
        };
        if record.flags.get() & flags::SETTLE_OR_REJECT != 0 {
            return Err(refusal);
        }
        self.judge_room(1)?;
        if seat == Seat::Quote {
            let (all, own) = self.queue.awaiting(batch.submitter);
            if all >= AWAITING_MAX || own >= AWAITING_PER_PARTICIPANT {
                return Err(Status::QueueFull);
            }
        }
        Ok(self.wait(waiting.seated(seat)))
    }

    /// Every rule of the record but liquidity and price; the debtor's account, and the creditor's in the other currency.
    fn judge_fx(&self, batch: &Batch<'_>, came: &Came<'_>) -> Result<(u32, u32), Status> {
        let record = came.record;
        self.judge_form(Kind::FxPayment, record, came.extensions)?;
        if record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        if record.amount.get() == 0 || (is_fixed_target(record) && record.counter_amount.get() == 0) {
            return Err(Status::AmountZero);
        }
        let (from, to) = pair_of(record);
        self.judge_currency(from)?;
        self.judge_currency(to)?;
        let find = |who: u32, currency| self.accounts.find(who, self.accounts.book(currency)?);
        let debtor = find(record.debtor.get(), from).ok_or(Status::DebtorUnknown)?;
        let creditor = find(record.creditor.get(), to).ok_or(Status::CreditorUnknown)?;
        self.judge_standing((debtor, creditor))?;
        self.judge_value_date(record)?;
        self.judge_counter_date(record)?;
        if self.is_over(record) && !mutated!(LiveOn) {
            return Err(Status::Expired);
        }
        let meant = record.flags.get() & flags::DUPLICATE != 0;
        if !meant && self.is_suspected(record) {
            return Err(Status::DuplicateSuspected);
        }
        self.judge_locked(record, came.extensions)?;
        Ok((debtor, creditor))
    }

    /// What becomes of an FX payment whose turn it is, or that nothing stands before.
    pub(crate) fn way_of(&self, waiting: &Waiting) -> Way {
        let record = &waiting.record;
        let (_, to) = pair_of(record);
        let locked = record.quote.get() != 0;
        if locked && self.lock_of(record).is_none() {
            return Way::Unlocked;
        }
        let date = u64::from(record.value_date.get());
        if date != 0 && date < self.date_of(to) {
            return Way::Late;
        }
        if self.is_early_there(record) || (self.phase(to) != Phase::Open && !mutated!(PaysWhenClosed)) {
            return Way::Await(Status::RejectedCutOff);
        }
        let offer = if locked {
            self.locked_offer(record)
        } else {
            self.offer(record, via(&waiting.extensions), self.time.seconds())
        };
        let Some(offer) = offer else {
            return Way::Await(Status::NoQuote);
        };
        let payee = self.accounts.get(waiting.creditor);
        let paid = i128::from(offer.exchange.paid());
        let fits = self
            .accounts
            .fits(waiting.debtor, waiting.class, payee.participant, paid, paid);
        match fits {
            Err(short) => Way::Short(short),
            Ok(()) if payee.held && !mutated!(HeldIsPaid) => Way::Held(payee.participant),
            Ok(()) => Way::Settles(offer),
        }
    }

    /// Moves all legs of an exchange. Whom it credits is woken, or noted in `woken` where a cascade is under way.
    fn market_settles(
        &mut self,
        waiting: &Waiting,
        offer: Offer,
        mut woken: Option<&mut Vec<u32>>,
        out: &mut Outcome,
    ) {
        let (record, exchange) = (&waiting.record, offer.exchange);
        let lock = self.end_lock(record.quote.get());
        self.take_offer(&offer.takes);
        let mut credited = Credited::default();
        let mut from = waiting.debtor;
        for (at, hop) in exchange.hops.iter().enumerate() {
            let account = |ledger: &Self, currency| {
                let book = ledger.accounts.book(currency)?;
                ledger.accounts.find(hop.provider.0, book)
            };
            let (Some(got), Some(pays)) = (account(self, hop.from.0), account(self, hop.to.0)) else {
                continue;
            };
            // What a lock had set aside was judged when it was made: the cap may have been lowered since.
            let kept = |provider_pays: bool| provider_pays && lock.is_some();
            if from != got {
                self.accounts.pay_leg(from, got, hop.from.1, kept(at > 0));
                credited.push(got);
            }
            from = pays;
            let last = at + 1 == exchange.hops.len();
            if last && waiting.creditor != pays && !mutated!(HalfExchange) {
                self.accounts
                    .pay_leg(pays, waiting.creditor, hop.to.1, kept(true));
                credited.push(waiting.creditor);
            }
        }
        if let Some(account) = self.charge(waiting, exchange.fee, offer.collector, out) {
            credited.push(account);
        }
        let payee = self.accounts.get(waiting.creditor).participant;
        self.accounts
            .consume(waiting.debtor, waiting.class, payee, exchange.paid());
        if let Some(lock) = lock {
            self.tell_lock(&lock, step(Status::SetAside, Event::Use), out);
        }
        let mut told = deferred_of(waiting);
        told.status = Status::Settled;
        (told.amount, told.counter_amount) = (exchange.paid(), exchange.received());
        let (submitter, creditor) = (true, true);
        told.told = Audience {
            submitter,
            creditor,
            approver: None,
        };
        out.tell_exchange(told, exchange);
        for account in credited.all() {
            match woken.as_deref_mut() {
                Some(woken) => self.note_credit(account, woken),
                None => self.wake(account),
            }
        }
    }

    /// Moves the fee of an exchange to its collector; the account that is credited.
    fn charge(
        &mut self,
        waiting: &Waiting,
        fee: u64,
        collector: ParticipantId,
        out: &mut Outcome,
    ) -> Option<u32> {
        if fee == 0 {
            return None;
        }
        let currency = waiting.record.currency.get();
        let account = self.account_of(collector, currency).ok()?;
        self.accounts.transfer(waiting.debtor, account, fee);
        out.fees.push(FeePosting {
            payer: waiting.submitter,
            collector,
            currency,
            date: u16::try_from(self.date_of(currency)).unwrap_or(0),
            amount: fee,
        });
        Some(account)
    }

    /// The answer of an exchange, with its detail.
    pub(super) fn priced(
        &self,
        ordinal: u16,
        exchange: &Exchange,
        status: Status,
        out: &mut Outcome,
    ) -> Placed {
        let only = exchange.hops.first().filter(|_| exchange.hops.len() == 1);
        out.details.push(AnswerDetail {
            record: ordinal.into(),
            origin_ordinal: ordinal.into(),
            rate_scale: only.map_or(0, |hop| u32::from(hop.priced.scale)).into(),
            origin_entry: self.index.into(),
            balance: 0.into(),
            rate: only.map_or(0, |hop| hop.priced.rate).into(),
            fee: exchange.fee.into(),
            reserved: 0.into(),
            reserved2: 0.into(),
        });
        Placed {
            flags: answer_flags::DETAILED,
            ..Placed::new(status)
        }
    }

    /// The turn of an FX payment in its queue.
    pub(crate) fn take_turn_of_fx(&mut self, place: u32, woken: &mut Vec<u32>, out: &mut Outcome) -> Step {
        let Some(waiting) = self.queue.get(place).cloned() else {
            return Step::Blocked;
        };
        match self.way_of(&waiting) {
            Way::Unlocked => {
                self.finish(place, Event::LoseLock, out);
            }
            Way::Late => {
                self.finish(place, Event::Close, out);
            }
            Way::Await(_) => self.move_to(place, Seat::Quote, out),
            Way::Short(_) => return Step::Blocked,
            Way::Held(party) => self.move_to(place, Seat::Party(party), out),
            Way::Settles(offer) => self.settle_fx(place, offer, Some(woken), out),
        }
        Step::Moved(1)
    }

    /// An FX payment that stood beside the queue goes on. Returns how many did.
    pub(crate) fn join_fx(&mut self, place: u32, out: &mut Outcome) -> usize {
        let Some(waiting) = self.queue.get(place).cloned() else {
            return 0;
        };
        let (debtor, creditor) = (waiting.debtor, waiting.creditor);
        let queue = |ledger: &mut Self, out: &mut Outcome| {
            ledger.move_to(place, Seat::Queued, out);
            ledger.wake(debtor);
        };
        if !self.may_enter(debtor, waiting.class) {
            queue(self, out);
            return 1;
        }
        match self.way_of(&waiting) {
            Way::Unlocked => return self.end(place, Event::LoseLock, false, out),
            Way::Late => return self.end(place, Event::Close, false, out),
            Way::Await(_) => self.move_to(place, Seat::Quote, out),
            Way::Short(_) => queue(self, out),
            Way::Held(_) | Way::Settles(_) if self.accounts.get(creditor).refuses => {
                return self.end(place, Event::Suspend, false, out);
            }
            Way::Held(party) => self.move_to(place, Seat::Party(party), out),
            Way::Settles(offer) => self.settle_fx(place, offer, None, out),
        }
        1
    }

    fn settle_fx(&mut self, place: u32, offer: Offer, woken: Option<&mut Vec<u32>>, out: &mut Outcome) {
        let Some(gone) = self.take_out(place) else { return };
        let status = gone.status();
        let joined = next(status, Event::Join).unwrap_or(status);
        let known = self.ids.settle(
            gone.submitter,
            gone.record.id(),
            step(joined, Event::Settle),
            self.index,
        );
        assert!(known, "an instruction that waits is remembered");
        self.market_settles(&gone, offer, woken, out);
    }

    /// Looks at a payment that awaits a quote. Returns the steps that took.
    pub(crate) fn look_for_quote(&mut self, place: u32, out: &mut Outcome) -> usize {
        let Some(waiting) = self.queue.get(place) else {
            return STEPS_PER_LOOK;
        };
        if !matches!(self.way_of(waiting), Way::Await(_)) {
            self.join(place, out);
        }
        STEPS_PER_LOOK
    }
}

/// Steps that it takes to look for a route: it may look at hundreds of quotes.
const STEPS_PER_LOOK: usize = 8;

/// The vehicle currency that an instruction allows.
pub(super) fn via(extensions: &[u8]) -> Option<u16> {
    if extensions.is_empty() {
        return None;
    }
    extension::find(extensions, ExtensionType::Via).and_then(extension::currency)
}
