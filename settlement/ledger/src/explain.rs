//! Why a payment waits: which rule holds it and how much is missing, judged as its turn would judge it now. Reading
//! changes nothing.
use causeway_message::action::Phase;
use causeway_message::extension::ExtensionType;
use causeway_message::reason::Reason;
use causeway_message::record::Priority;
use causeway_message::time::Timestamp;
use causeway_message::wire::{Explanation, Obstacle};
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::account::{NONE, Short};
use crate::apply::Ledger;
use crate::chain::Part;
use crate::credit::Credit;
use crate::desk::Against;
use crate::due::instant;
use crate::instruction::Way;
use crate::queue::{Seat, Waiting};
use crate::risk::Test;

/// Who asks: what holds say is for few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The submitter: holds are not shown.
    Own,
    /// Operator, regulator, screener.
    All,
}

/// What stops one payment.
struct Hindrance {
    reason: Reason,
    missing: i128,
    /// Of what, where a risk test names a currency.
    currency: Option<u16>,
    /// Whom it is about.
    party: u32,
    /// The payment that stands in the way.
    other: u32,
    ahead: u32,
}

impl Hindrance {
    const fn of(reason: Reason) -> Self {
        Self {
            reason,
            missing: 0,
            currency: None,
            party: 0,
            other: NONE,
            ahead: 0,
        }
    }
}

impl Ledger {
    /// Why an instruction waits; `None` if it is not remembered.
    pub fn explain(&self, submitter: ParticipantId, id: InstructionId, sight: Sight) -> Option<Explanation> {
        let status = self.remembered(submitter, id)?.status;
        let say = |reason| Explanation::new(self.index, status, reason);
        if status.is_final() {
            return Some(say(Reason::Nothing));
        }
        if let Some(place) = self.queue.find(submitter, id) {
            return self.explain_waiting(place, sight, say(Reason::Turn));
        }
        if let Some(found) = self.conditionals.get(&(submitter, id)) {
            let mut told = self.placed(&found.payment, say(Reason::Condition));
            told.amount = found.left;
            return Some(told);
        }
        if status == Status::SetAside {
            let pay_in = self.pay_in_of(submitter, id);
            return Some(pay_in.map_or(say(Reason::Lock), |pay_in| {
                self.placed(pay_in, say(Reason::Window))
            }));
        }
        let Some(question) = self.questions.get(&(submitter, id)) else {
            return Some(say(Reason::Approval));
        };
        let mut told = self.placed(&question.asked, say(Reason::Answer));
        told.party = ParticipantId(question.asked.record.creditor.get());
        Some(told)
    }

    fn explain_waiting(&self, place: u32, sight: Sight, blank: Explanation) -> Option<Explanation> {
        let waiting = self.queue.get(place)?;
        let mut told = self.placed(waiting, blank);
        let found = self.hindrance(place, waiting, sight);
        (told.reason, told.missing, told.ahead) = (found.reason, found.missing, found.ahead);
        told.missing_currency = found
            .currency
            .filter(|other| *other != told.currency)
            .unwrap_or(0);
        told.party = ParticipantId(found.party);
        if waiting.is_trade() && found.reason == Reason::ValueDate {
            told.until = Timestamp::midnight(waiting.record.value_date.get().into()).0;
        }
        if found.reason == Reason::Window {
            let window = self.windows.get(&waiting.window());
            told.until = window.map_or(0, |window| Timestamp::from_seconds(window.grant.ends).0);
        }
        if waiting.seat == Seat::Date
            && let Some(day) = self
                .days
                .row(told.currency, waiting.record.value_date.get(), self.time)
        {
            told.until = Timestamp::from_seconds(day.open).0;
        }
        if found.reason == Reason::FromTime {
            let from = instant(&waiting.extensions, ExtensionType::FromTime).unwrap_or(0);
            told.until = Timestamp::from_seconds(from).0;
        }
        told.obstacle = self.queue.get(found.other).map(|other| {
            // Of what stands in the way only the head's own reason is told, not whole rows of them.
            let own = match found.reason {
                Reason::Chain => self.alone(found.other, other, sight),
                _ => self.hindrance(found.other, other, sight),
            };
            Obstacle {
                id: other.record.id(),
                reason: own.reason,
                // No field says that it is of another currency.
                missing: if own.currency.is_none_or(|of| of == told.currency) {
                    own.missing
                } else {
                    0
                },
            }
        });
        if let (Reason::Chain, Some(obstacle)) = (told.reason, &mut told.obstacle)
            && found.missing != 0
        {
            // What the whole chain lacks there, not the record alone.
            obstacle.missing = found.missing;
        }
        Some(told)
    }

    /// Fills in where a payment stands: its account, and the limit that applies to it.
    fn placed(&self, waiting: &Waiting, mut told: Explanation) -> Explanation {
        let account = self.accounts.get(waiting.debtor);
        told.class = waiting.class;
        told.currency = waiting.record.currency.get();
        told.phase = self.phase(told.currency);
        told.amount = waiting.amount();
        told.until = Self::expiry(&waiting.record).map_or(0, |at| at.0);
        (told.balance, told.set_aside) = (account.balance, account.reserved);
        told.cap = self.accounts.granted_cap(waiting.debtor);
        told.free = self.accounts.free(waiting.debtor);
        let Some(desk) = self.accounts.desk(waiting.debtor) else {
            return told;
        };
        told.kept = desk.kept_from(waiting.class);
        told.free -= told.kept;
        let creditor = self.accounts.get(waiting.creditor).participant;
        if waiting.class == Priority::Normal
            && let Some(limit) = desk.limit(desk.against(creditor))
        {
            (told.limit, told.used) = (limit.amount, limit.used);
        }
        told
    }

    /// What stops a payment where it stands.
    fn hindrance(&self, place: u32, waiting: &Waiting, sight: Sight) -> Hindrance {
        match waiting.seat {
            Seat::Warehoused => return Hindrance::of(Reason::FromTime),
            Seat::Order if sight == Sight::All => return Hindrance::of(Reason::PaymentHeld),
            Seat::Party(party) if sight == Sight::All => {
                return Hindrance {
                    party,
                    ..Hindrance::of(Reason::ParticipantHeld)
                };
            }
            Seat::Order | Seat::Party(_) => return Hindrance::of(Reason::Pending),
            Seat::Unmatched => {
                return Hindrance {
                    party: waiting.record.creditor.get(),
                    ..Hindrance::of(Reason::Unmatched)
                };
            }
            Seat::ValueDate | Seat::Date => return Hindrance::of(Reason::ValueDate),
            Seat::Quote => return Hindrance::of(Reason::Quote),
            Seat::Window => return Hindrance::of(Reason::Window),
            Seat::Queued => {}
        }
        if let Some(stopped) = self.stopped(waiting, sight) {
            return stopped;
        }
        let places = self.queue.together(place);
        if let Some(before) = self.before(waiting, &places) {
            return before;
        }
        if waiting.is_fx() {
            return self.hindrance_of_fx(waiting);
        }
        if waiting.is_trade() {
            return self.hindrance_of_trade(place, waiting, &places);
        }
        if waiting.chain.is_none() {
            return self.short_of(waiting, i128::from(waiting.amount()));
        }
        // A chain needs its turn in every account it debits, and then fits whole.
        for other in &places {
            let Some(record) = self.queue.get(*other) else {
                continue;
            };
            if self.stopped(record, sight).is_some() || self.before(record, &places).is_some() {
                return Hindrance {
                    other: *other,
                    ..Hindrance::of(Reason::Chain)
                };
            }
        }
        match self.parts_fit(&self.parts_of(&places)) {
            Ok(()) => Hindrance::of(Reason::Turn),
            Err((at, short)) => Hindrance {
                missing: lacking(short).missing,
                other: places.get(at).copied().unwrap_or(NONE),
                ..Hindrance::of(Reason::Chain)
            },
        }
    }

    /// What stops an FX payment whose turn it is.
    fn hindrance_of_fx(&self, waiting: &Waiting) -> Hindrance {
        match self.way_of(waiting) {
            Way::Short(short) => self.lacking(waiting.debtor, short),
            Way::Await(_) | Way::Unlocked | Way::Late => Hindrance::of(Reason::Quote),
            Way::Held(_) | Way::Settles(_) => Hindrance::of(Reason::Turn),
        }
    }

    /// What stops a matched trade whose own leg could have its turn. Of the other party's account nothing is told.
    fn hindrance_of_trade(&self, place: u32, waiting: &Waiting, places: &[u32]) -> Hindrance {
        let counterparty = Hindrance {
            party: waiting.record.creditor.get(),
            ..Hindrance::of(Reason::Counterparty)
        };
        if !self.is_ready(&waiting.record) {
            return Hindrance::of(Reason::ValueDate);
        }
        let legs = self.parts_of(places);
        let fits = self.legs_fit(&legs);
        match fits {
            Err((at, short)) if places.get(at) == Some(&place) => self.lacking(waiting.debtor, short),
            // A hold is not shown: it is told what would be without it.
            Ok(())
                if legs
                    .iter()
                    .all(|leg| self.is_first(leg, places) || self.is_held(leg)) =>
            {
                Hindrance::of(Reason::Turn)
            }
            _ => counterparty,
        }
    }

    fn is_held(&self, leg: &Part) -> bool {
        self.accounts.get(leg.debtor).held
    }

    /// What stops a record of a chain alone.
    fn alone(&self, place: u32, waiting: &Waiting, sight: Sight) -> Hindrance {
        let places = self.queue.together(place);
        if let Some(found) = self
            .stopped(waiting, sight)
            .or_else(|| self.before(waiting, &places))
        {
            return found;
        }
        match self.parts_fit(&self.parts_of(&places)) {
            Err((at, short)) if places.get(at) == Some(&place) => self.lacking(waiting.debtor, short),
            _ => Hindrance::of(Reason::Turn),
        }
    }

    /// What stops the whole account.
    fn stopped(&self, waiting: &Waiting, sight: Sight) -> Option<Hindrance> {
        let account = self.accounts.get(waiting.debtor);
        if account.suspended {
            return Some(Hindrance::of(Reason::DebtorSuspended));
        }
        if self.phase(account.currency) == Phase::Closed {
            return Some(Hindrance::of(Reason::CurrencyClosed));
        }
        (account.held && sight == Sight::All).then(|| Hindrance {
            party: account.participant,
            ..Hindrance::of(Reason::ParticipantHeld)
        })
    }

    /// What stands before a payment, or before its chain, in its account's queue.
    fn before(&self, waiting: &Waiting, together: &[u32]) -> Option<Hindrance> {
        let desk = self.accounts.desk(waiting.debtor)?;
        let top = desk.top()?;
        if desk.bypass && top == waiting.class {
            return None;
        }
        let mut ahead = 0;
        for other in self.queue.of(&self.accounts, waiting.debtor) {
            let same = (waiting.chain.is_some() && other.chain == waiting.chain)
                || other.origin() == waiting.origin();
            if same || (desk.bypass && other.class == waiting.class) {
                break;
            }
            ahead += 1;
        }
        let head = desk.queues[top as usize].head;
        (ahead != 0 && !together.contains(&head)).then(|| Hindrance {
            other: head,
            ahead,
            ..Hindrance::of(Reason::QueueHead)
        })
    }

    /// What a payment lacks if its turn is now.
    fn short_of(&self, waiting: &Waiting, amount: i128) -> Hindrance {
        let creditor = self.accounts.get(waiting.creditor).participant;
        let fits = self
            .accounts
            .fits(waiting.debtor, waiting.class, creditor, amount, amount);
        let Err(short) = fits else {
            return Hindrance::of(Reason::Turn);
        };
        let found = self.lacking(waiting.debtor, short);
        let against = self
            .accounts
            .desk(waiting.debtor)
            .map_or(Against::Others, |desk| desk.against(creditor));
        Hindrance {
            party: match (found.reason, against) {
                (Reason::BilateralLimit, Against::One(party)) => party,
                _ => 0,
            },
            ..found
        }
    }

    /// What an item lacks in an account.
    fn lacking(&self, account: u32, short: Short) -> Hindrance {
        let mut found = lacking(short);
        let line = self.accounts.credit.get(&account).map(Credit::line);
        if self.accounts.get(account).frozen
            && found.reason == Reason::Funds
            && line.is_some_and(|line| found.missing <= i128::from(line))
        {
            found.reason = Reason::CreditFrozen;
        }
        found
    }
}

/// What an item that does not fit lacks.
const fn lacking(short: Short) -> Hindrance {
    let (reason, missing, currency) = match short {
        Short::Funds(missing) => (Reason::Funds, missing, None),
        Short::Reserved(missing) => (Reason::Reserved, missing, None),
        Short::Bilateral(missing) => (Reason::BilateralLimit, missing, None),
        Short::Multilateral(missing) => (Reason::MultilateralLimit, missing, None),
        Short::Test(Test::NetPositiveValue) => (Reason::NetPositiveValue, 0, None),
        Short::Test(Test::ShortPosition(currency, missing)) => {
            (Reason::ShortPosition, missing, Some(currency))
        }
        Short::Test(Test::AggregateShortPosition) => (Reason::AggregateShortPosition, 0, None),
        Short::Test(Test::PayIn(currency, missing)) => (Reason::PayIn, missing, Some(currency)),
    };
    Hindrance {
        missing,
        currency,
        ..Hindrance::of(reason)
    }
}
