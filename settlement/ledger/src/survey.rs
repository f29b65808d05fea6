//! What stands in the whole ledger, counted some participants at a time, for those who watch it from outside.
use causeway_fx::Currency;
use causeway_message::ParticipantId;
use causeway_message::action::Standing::Closed;
use causeway_message::action::{DefaultState, Hours, Phase};
use causeway_message::wire::WindowStage;

use crate::apply::Ledger;
use crate::desk::Desk;
use crate::limits::{SURVEYED_PER_STEP, UNMATCHED_LOOKED_AT};
use crate::queue::{Seat, Waiting};

/// What bounds an account's outflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Net debit cap.
    Cap,
    /// Sender limit against one participant.
    Bilateral,
    /// Sender limit against all others.
    Multilateral,
    /// Liquidity kept for a class.
    Reservation,
}

impl Bound {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Cap, Self::Bilateral, Self::Multilateral, Self::Reservation];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Bilateral => "bilateral",
            Self::Multilateral => "multilateral",
            Self::Reservation => "reservation",
        }
    }
}

/// The ISO 4217 code of a currency, for those who watch.
pub fn currency_code(numeric: u16) -> &'static str {
    Currency::from_numeric(numeric).map_or("unknown", Currency::alpha)
}

/// How many bounds of one kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// That are set.
    pub set: u64,
    /// That are less than what is in use, or for a reservation more than what is free.
    pub below_use: u64,
}

/// One currency. Minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyStanding {
    /// ISO 4217 code.
    pub code: &'static str,
    /// Count and value of the payments in the queues, by number of their class.
    pub queued: [(u64, i128); 3],
    /// Money set aside: for conditional payments, and for defunding in progress.
    pub set_aside: i128,
    /// Fees that have accrued and are not billed.
    pub fees: i128,
    /// By number of the [`Bound`].
    pub bounds: [Bounds; 4],
    /// What counts of all collateral.
    pub collateral: i128,
    /// Credit in use.
    pub credit_in_use: i128,
    /// Accounts whose credit was not repaid at the last close, nor since.
    pub credit_frozen: u64,
    /// What all net creditors of open netting windows together get.
    pub window_positions: i128,
    /// Where its business day stands.
    pub phase: Phase,
    /// Instants of the present day, if a schedule opened it.
    pub hours: Option<Hours>,
    /// Days ahead in its schedule.
    pub days_ahead: u64,
    /// Payments that wait for their value date.
    pub dated: u64,
}

/// The whole ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// In the order in which they were opened.
    pub currencies: Vec<CurrencyStanding>,
    /// Participants that are held.
    pub held_participants: u64,
    /// Members in default, declared or confirmed, that are not closed.
    pub defaulted_participants: u64,
    /// Payments that a hold keeps beside the queues.
    pub held_payments: u64,
    /// Payments that wait for their from-time or their value date.
    pub warehoused: u64,
    /// Chains that wait.
    pub chains: u64,
    /// Instructions of trades that no other matches yet.
    pub unmatched: u64,
    /// How long the oldest of them has waited, looked for among the [`UNMATCHED_LOOKED_AT`] oldest of all trades.
    pub oldest_unmatched_seconds: u64,
    /// Matched trades that wait.
    pub matched: u64,
    /// FX payments that await a quote.
    pub awaiting_quote: u64,
    /// Live quotes.
    pub quotes: u64,
    /// Live locks.
    pub locks: u64,
    /// Conditional payments whose money is set aside.
    pub conditionals: u64,
    /// Questions about settled payments that nobody has answered.
    pub questions: u64,
    /// Netting windows that are open, in the order of their stages' numbers.
    pub windows: [u64; WindowStage::ALL.len()],
}

/// A count under way. The ledger may move between two steps: what is counted then is true of each participant at the step
/// that came to it.
#[derive(Debug, Default)]
pub struct Survey {
    next: u32,
    found: Standing,
}

impl Survey {
    /// Counts some more participants; the whole, once all are counted, after which it begins anew.
    pub fn step(&mut self, ledger: &Ledger) -> Option<Standing> {
        let known = self.found.currencies.len();
        let opened = ledger.accounts.books().iter().skip(known);
        self.found.currencies.extend(opened.map(|book| CurrencyStanding {
            code: currency_code(book.currency),
            queued: Default::default(),
            set_aside: 0,
            fees: 0,
            bounds: Default::default(),
            collateral: 0,
            credit_in_use: 0,
            credit_frozen: 0,
            window_positions: 0,
            phase: book.phase,
            hours: None,
            days_ahead: 0,
            dated: 0,
        }));
        let until = self.next.saturating_add(SURVEYED_PER_STEP);
        while self.next < until {
            let Some(participant) = ledger.registry.get(ParticipantId(self.next)) else {
                return Some(self.finish(ledger));
            };
            self.found.held_participants += u64::from(participant.held);
            let defaulted = participant.default != DefaultState::None && participant.standing != Closed;
            self.found.defaulted_participants += u64::from(defaulted);
            self.count_accounts(ledger);
            self.next += 1;
        }
        None
    }

    fn count_accounts(&mut self, ledger: &Ledger) {
        for (book, standing) in self.found.currencies.iter_mut().enumerate() {
            let Some(id) = ledger.accounts.find(self.next, book) else {
                continue;
            };
            let account = ledger.accounts.get(id);
            let free = ledger.accounts.free(id);
            standing.set_aside += account.reserved;
            standing.fees += i128::from(ledger.fees.of(id));
            if let Some(credit) = ledger.accounts.credit.get(&id) {
                standing.collateral += credit.collateral() as i128;
                standing.credit_in_use += ledger.accounts.credit_in_use(id);
                standing.credit_frozen += u64::from(account.frozen);
            }
            let inbound = ledger.queue.inbound_by_class(id);
            for (all, own) in standing.queued.iter_mut().zip(inbound) {
                *all = (all.0 + u64::from(own.0), all.1 + own.1);
            }
            let mut count = |bound: Bound, below_use: bool| {
                let bounds = &mut standing.bounds[bound as usize];
                bounds.set += 1;
                bounds.below_use += u64::from(below_use);
            };
            if !account.tested && (ledger.accounts.granted_cap(id) != 0 || free < 0) {
                count(Bound::Cap, free < 0);
            }
            if let Some(desk) = ledger.accounts.desk(id) {
                count_desk(desk, free, count);
            }
        }
    }

    fn finish(&mut self, ledger: &Ledger) -> Standing {
        let mut standing = std::mem::take(self).found;
        for (book, told) in ledger.accounts.books().iter().zip(&mut standing.currencies) {
            told.phase = book.phase;
            told.hours = ledger.days.hours(book.currency).copied();
            told.dated = ledger.queue.dated_in(book.currency).into();
            told.days_ahead = ledger.days.ahead(book.currency, ledger.time).count() as u64;
        }
        let (warehoused, held) = ledger.queue.beside();
        (standing.warehoused, standing.held_payments) = (warehoused.into(), held.into());
        standing.chains = ledger.queue.chains() as u64;
        standing.unmatched = ledger.matcher.len() as u64;
        standing.matched = ledger.queue.matched() as u64;
        let unmatched = |waiting: &&Waiting| waiting.seat == Seat::Unmatched;
        let oldest = ledger
            .queue
            .trades_aside()
            .take(UNMATCHED_LOOKED_AT)
            .find(unmatched);
        standing.oldest_unmatched_seconds = oldest.map_or(0, |oldest| {
            ledger.time.seconds().saturating_sub(oldest.since.seconds())
        });
        standing.awaiting_quote = ledger.queue.awaiting(ParticipantId(0)).0 as u64;
        standing.quotes = ledger.market.quotes.len() as u64;
        standing.locks = ledger.market.locks.len() as u64;
        standing.conditionals = ledger.conditionals.len() as u64;
        standing.questions = ledger.questions.len() as u64;
        for window in ledger.windows.values() {
            let stages = WindowStage::ALL.iter().zip(&mut standing.windows);
            stages.for_each(|(stage, count)| *count += u64::from(*stage == window.stage));
            for (account, net) in &window.positions {
                let book = ledger.accounts.book(ledger.accounts.get(*account).currency);
                let told = book.and_then(|book| standing.currencies.get_mut(book));
                if let Some(told) = told {
                    told.window_positions += net.position.max(0);
                }
            }
        }
        standing
    }
}

fn count_desk(desk: &Desk, free: i128, mut count: impl FnMut(Bound, bool)) {
    for limit in desk.bilateral.values() {
        count(Bound::Bilateral, i128::from(limit.amount) < limit.used);
    }
    if let Some(limit) = desk.others {
        count(Bound::Multilateral, i128::from(limit.amount) < limit.used);
    }
    for kept in desk.reservations.iter().filter(|kept| kept.set != 0) {
        count(Bound::Reservation, i128::from(kept.left) > free);
    }
}
