//! Accounts: participant × currency, one cache line each, and the currencies' liabilities.
use std::collections::BTreeMap;

use causeway_fx::Currency;
use causeway_hash::prefetch;
use causeway_message::action::Phase;
use causeway_message::record::Priority;
use causeway_message::{ParticipantId, Status, mutated};

use crate::credit::Credit;
use crate::desk::{Against, Desk};
use crate::risk::{Risk, Test};

/// No account, no queue item.
pub(crate) const NONE: u32 = u32::MAX;

/// One account. Minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Account {
    pub balance: i128,
    /// Set aside for defunding in progress and for conditional payments: neither spent nor free.
    pub reserved: i128,
    /// How far below zero the balance may go: net debit cap and credit line together.
    pub cap: u64,
    /// Payments in its queues.
    pub queued: u32,
    /// Place of its desk, or [`NONE`].
    pub desk: u32,
    pub participant: u32,
    pub currency: u16,
    /// Nothing flows out: its participant is not active.
    pub suspended: bool,
    /// Nothing flows in by payments.
    pub refuses: bool,
    /// Held: what it pays and what it is paid waits.
    pub held: bool,
    /// Its participant is under the risk tests.
    pub tested: bool,
    /// Its credit line was not repaid at close: it gives nothing until it is.
    pub frozen: bool,
    /// Live quotes that may pay out of it.
    pub quoting: u32,
}

const _: () = assert!(size_of::<Account>() == 64);

/// What keeps a payment from settling, and how much is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Short {
    /// Balance and cap; under risk tests cash and what they leave.
    Funds(i128),
    /// Funds are there, but kept for higher classes.
    Reserved(i128),
    /// A sender limit against one participant.
    Bilateral(i128),
    /// The sender limit against all others.
    Multilateral(i128),
    /// A risk test of a party to a trade.
    Test(Test),
}

impl Short {
    /// The status of a payment that was not to wait for this.
    pub const fn refusal(self) -> Status {
        match self {
            Self::Bilateral(_) | Self::Multilateral(_) => Status::LimitExceeded,
            Self::Funds(_) | Self::Reserved(_) | Self::Test(_) => Status::InsufficientLiquidity,
        }
    }
}

impl Account {
    /// What may flow out now.
    #[inline]
    pub fn available(&self) -> i128 {
        if mutated!(SkipCap) {
            return i128::MAX;
        }
        self.balance + i128::from(self.cap) - self.reserved
    }

    /// What it holds or owes, without what is set aside.
    pub const fn position(&self) -> i128 {
        self.balance - self.reserved
    }
}

/// A currency of the ledger: every unit on accounts is its settlement agent's liability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Book {
    pub currency: u16,
    pub agent: ParticipantId,
    /// Balance of the agent's liability: minus the sum of all accounts.
    pub liability: i128,
    pub phase: Phase,
    /// Its customer cut-off has passed.
    pub customers_out: bool,
    /// Business date in days since 2000-01-01; zero before the first day was opened.
    pub date: u16,
    /// How often it closed.
    pub closes: u32,
}

/// All accounts, found by participant and currency in two loads.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    all: Vec<Account>,
    desks: Vec<Desk>,
    books: Vec<Book>,
    /// ISO 4217 numeric code → place in `books`, or `u8::MAX`.
    book_of: Vec<u8>,
    /// participant × book → account, in rows of `stride`.
    places: Vec<u32>,
    /// Books that a row has room for.
    stride: usize,
    pub risk: Risk,
    /// Credit, of accounts that have any.
    pub credit: BTreeMap<u32, Credit>,
    /// An account was credited out of which live quotes may pay.
    pub stirred: bool,
}

/// Most currencies: more than ISO 4217 has.
const BOOKS_MAX: usize = 192;

impl Accounts {
    /// Opens a currency.
    pub fn open_book(&mut self, currency: u16, agent: ParticipantId) -> bool {
        if self.book(currency).is_some() || Currency::from_numeric(currency).is_none() {
            return false;
        }
        if self.books.len() == BOOKS_MAX {
            return false;
        }
        if self.book_of.is_empty() {
            self.book_of = vec![u8::MAX; 1_000];
        }
        self.widen();
        self.book_of[usize::from(currency)] = self.books.len() as u8;
        self.books.push(Book {
            currency,
            agent,
            liability: 0,
            phase: Phase::Open,
            customers_out: false,
            date: 0,
            closes: 0,
        });
        true
    }

    /// Makes room for one more book in every row: rows stay short, so that the table stays in cache.
    fn widen(&mut self) {
        if self.books.len() < self.stride {
            return;
        }
        let wider = (self.stride * 2).clamp(8, BOOKS_MAX);
        let rows = self.places.len() / self.stride.max(1);
        let mut places = vec![NONE; rows * wider];
        for row in 0..rows {
            places[row * wider..row * wider + self.stride]
                .copy_from_slice(&self.places[row * self.stride..(row + 1) * self.stride]);
        }
        self.places = places;
        self.stride = wider;
    }

    /// Place of a currency's book.
    #[inline]
    pub fn book(&self, currency: u16) -> Option<usize> {
        match self.book_of.get(usize::from(currency)) {
            Some(&u8::MAX) | None => None,
            Some(&place) => Some(usize::from(place)),
        }
    }

    pub fn books(&self) -> &[Book] {
        &self.books
    }

    pub fn book_mut(&mut self, place: usize) -> &mut Book {
        &mut self.books[place]
    }

    /// The account of a participant in a book.
    #[inline]
    pub fn find(&self, participant: u32, book: usize) -> Option<u32> {
        match self.places.get(participant as usize * self.stride + book) {
            Some(&NONE) | None => None,
            Some(&place) => Some(place),
        }
    }

    /// Asks for the account that a transfer will read.
    #[inline]
    pub fn prefetch(&self, participant: u32, currency: u16) {
        if let Some(id) = self.book(currency).and_then(|book| self.find(participant, book)) {
            prefetch(&self.all, id as usize);
        }
    }

    /// Opens an account; `None` if it exists or the currency is not open.
    pub fn open(&mut self, participant: u32, currency: u16, cap: u64) -> Option<u32> {
        let book = self.book(currency)?;
        if self.find(participant, book).is_some() {
            return None;
        }
        let place = participant as usize * self.stride + book;
        if self.places.len() <= place {
            self.places.resize((participant as usize + 1) * self.stride, NONE);
        }
        let id = self.all.len() as u32;
        self.all.push(Account {
            balance: 0,
            reserved: 0,
            cap,
            queued: 0,
            desk: NONE,
            participant,
            currency,
            suspended: false,
            refuses: false,
            held: false,
            tested: self.risk.is_tested(participant),
            frozen: false,
            quoting: 0,
        });
        self.places[place] = id;
        Some(id)
    }

    #[inline]
    pub fn get(&self, id: u32) -> &Account {
        &self.all[id as usize]
    }

    #[inline]
    pub fn get_mut(&mut self, id: u32) -> &mut Account {
        &mut self.all[id as usize]
    }

    pub fn all(&self) -> &[Account] {
        &self.all
    }

    /// The desk of an account, if it ever needed one.
    #[inline]
    pub fn desk(&self, id: u32) -> Option<&Desk> {
        self.desks.get(self.get(id).desk as usize)
    }

    /// The desk of an account; it gets one if it has none.
    pub fn desk_mut(&mut self, id: u32) -> &mut Desk {
        let account = &mut self.all[id as usize];
        if account.desk == NONE {
            account.desk = self.desks.len() as u32;
            self.desks.push(Desk::default());
        }
        &mut self.desks[account.desk as usize]
    }

    /// What keeps a payment of a class to a participant from settling: `total` of the account's funds, `counted` of
    /// the limit that applies.
    #[inline]
    pub fn fits(
        &self,
        id: u32,
        class: Priority,
        counterparty: u32,
        total: i128,
        counted: i128,
    ) -> Result<(), Short> {
        let free = self.free(id);
        if free < total {
            return Err(Short::Funds(total - free));
        }
        let Some(desk) = self.desk(id) else { return Ok(()) };
        let left = free - desk.kept_from(class);
        if left < total {
            return Err(Short::Reserved(total - left));
        }
        self.within_limit(id, class, counterparty, counted)
    }

    /// What may flow out now.
    #[inline]
    pub fn free(&self, id: u32) -> i128 {
        let account = self.get(id);
        if account.tested {
            self.payable(id)
        } else {
            account.available()
        }
    }

    /// What of that is money of its own, not credit.
    pub fn own(&self, id: u32) -> i128 {
        let account = self.get(id);
        if account.tested {
            self.payable(id)
        } else {
            account.position()
        }
    }

    /// What keeps the sender limit that applies from letting `counted` through.
    pub fn within_limit(
        &self,
        id: u32,
        class: Priority,
        counterparty: u32,
        counted: i128,
    ) -> Result<(), Short> {
        if class != Priority::Normal {
            return Ok(());
        }
        let Some(desk) = self.desk(id) else { return Ok(()) };
        let against = desk.against(counterparty);
        let room = desk
            .limit(against)
            .map(|limit| i128::from(limit.amount) - limit.used);
        match room {
            Some(room) if room < counted && !mutated!(SkipLimit) => {
                let missing = counted - room;
                Err(match against {
                    Against::One(_) => Short::Bilateral(missing),
                    Against::Others => Short::Multilateral(missing),
                })
            }
            _ => Ok(()),
        }
    }

    /// Takes an outflow from the reservation of its class and counts it towards the sender limit that applies.
    #[inline]
    pub fn consume(&mut self, id: u32, class: Priority, counterparty: u32, amount: u64) {
        let place = self.get(id).desk;
        let Some(desk) = self.desks.get_mut(place as usize) else {
            return;
        };
        if let Some(kept) = desk.reservation_mut(class) {
            kept.left = kept.left.saturating_sub(amount);
        }
        if class == Priority::Normal {
            desk.count(counterparty, i128::from(amount));
        }
    }

    /// Takes an inflow, or what was set aside and is given back, out of the use of the sender limit that applies.
    #[inline]
    pub fn relieve(&mut self, id: u32, counterparty: u32, amount: u64) {
        let place = self.get(id).desk;
        if let Some(desk) = self.desks.get_mut(place as usize).filter(|_| !mutated!(UseStays)) {
            desk.count(counterparty, -i128::from(amount));
        }
    }

    /// Settles a payment: moves the amount, and counts it at both ends.
    #[inline]
    pub fn settle(&mut self, debtor: u32, creditor: u32, class: Priority, amount: u64) {
        self.transfer(debtor, creditor, amount);
        self.count_both(debtor, creditor, class, amount);
    }

    /// Moves the leg of a trade, and counts it at both ends: what its party may owe is what the risk tests say.
    pub fn settle_leg(&mut self, debtor: u32, creditor: u32, class: Priority, amount: u64) {
        if self.get(debtor).tested {
            self.post(debtor, creditor, amount);
        } else {
            self.transfer(debtor, creditor, amount);
        }
        self.count_both(debtor, creditor, class, amount);
    }

    /// Moves what a plan settles, and counts it at both ends: only after all of it does an account hold what it may.
    pub fn settle_planned(&mut self, debtor: u32, creditor: u32, class: Priority, amount: u64) {
        self.post(debtor, creditor, amount);
        self.count_both(debtor, creditor, class, amount);
    }

    #[inline]
    fn count_both(&mut self, debtor: u32, creditor: u32, class: Priority, amount: u64) {
        let (payer, payee) = (self.get(debtor), self.get(creditor));
        if payer.desk & payee.desk == NONE {
            return;
        }
        let (payer, payee) = (payer.participant, payee.participant);
        self.consume(debtor, class, payee, amount);
        self.relieve(creditor, payer, amount);
    }

    /// Accounts of one participant, in order of its currencies' opening.
    pub fn of(&self, participant: u32) -> impl Iterator<Item = u32> + '_ {
        (0..self.books.len()).filter_map(move |book| self.find(participant, book))
    }

    /// Accounts of the participant that an account belongs to, in order of its currencies' opening.
    pub fn siblings(&self, account: u32) -> Vec<u32> {
        self.of(self.get(account).participant).collect()
    }

    /// Moves an amount between two accounts of one currency: one debit, one credit.
    #[inline]
    pub fn transfer(&mut self, debtor: u32, creditor: u32, amount: u64) {
        self.post(debtor, creditor, amount);
        let payer = self.get(debtor);
        let left = if payer.tested {
            payer.position()
        } else {
            payer.available()
        };
        assert!(left >= 0, "an account passed its limit");
    }

    /// A leg of an exchange; of one that was `kept` for it what is free stays as it was before it was set aside.
    pub fn pay_leg(&mut self, debtor: u32, creditor: u32, amount: u64, kept: bool) {
        if kept {
            self.post(debtor, creditor, amount);
        } else {
            self.transfer(debtor, creditor, amount);
        }
    }

    /// Moves an amount that was set aside. The cap may have been lowered since: what is free stays as it is.
    pub fn transfer_set_aside(&mut self, debtor: u32, creditor: u32, amount: u64) {
        let from = self.get_mut(debtor);
        from.reserved -= i128::from(amount);
        assert!(from.reserved >= 0, "more was released than was set aside");
        self.post(debtor, creditor, amount);
    }

    /// Adds what a netting window leaves an account: all of them together sum to zero.
    pub fn post_net(&mut self, id: u32, amount: i128) {
        let account = self.get_mut(id);
        account.balance += amount;
        let (stirs, frozen) = (amount > 0 && account.quoting != 0, account.frozen);
        self.stirred |= stirs;
        if frozen {
            self.renew_cap(id);
        }
    }

    #[inline]
    fn post(&mut self, debtor: u32, creditor: u32, amount: u64) {
        let amount = i128::from(amount);
        let from = &mut self.all[debtor as usize];
        from.balance -= if mutated!(DebitTwice) { 2 * amount } else { amount };
        let currency = from.currency;
        let to = &mut self.all[creditor as usize];
        assert!(to.currency == currency, "a transfer crossed currencies");
        to.balance += if mutated!(DropCredit) { 0 } else { amount };
        self.stirred |= to.quoting != 0;
        if to.frozen {
            self.renew_cap(creditor);
        }
    }
}
