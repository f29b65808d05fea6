//! A naive ledger, written from the rules and sharing no code with the real one: plain lists that are searched
//! from the front, and nothing kept that can be counted.
use std::collections::BTreeMap;

/// What an instruction became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Settled,
    Queued,
    Expired,
    DebtorSuspended,
    CreditorSuspended,
    Insufficient,
    AmountZero,
    SameParty,
    IdReused,
}

/// Bank and currency.
pub type Place = (usize, usize);

/// A payment as a bank asks for it. Times are seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: u64,
    pub debtor: usize,
    pub creditor: usize,
    pub currency: usize,
    pub amount: u64,
    pub expires: Option<u64>,
    pub settle_or_reject: bool,
    pub show: bool,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub fate: Fate,
    pub replayed: bool,
    /// How many wait in the account, this one included.
    pub position: u32,
    /// Balance of the debtor, where it was asked for.
    pub balance: Option<i128>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub balance: i128,
    pub reserved: i128,
    pub cap: i128,
}

/// The naive ledger. `waiting` holds all payments that wait, in the order in which they came.
#[derive(Debug, Default)]
pub struct Model {
    pub accounts: BTreeMap<Place, Account>,
    pub waiting: Vec<Payment>,
    pub suspended: Vec<bool>,
    known: BTreeMap<(usize, u64), (Payment, Fate)>,
    /// Accounts that were told of a change, first told first.
    told: Vec<Place>,
    now: u64,
    /// What earlier records reached in this entry.
    pub effects: Vec<(usize, u64, Fate)>,
}

impl Model {
    pub fn new(banks: usize, currencies: usize) -> Self {
        let places = (0..banks).flat_map(|bank| (0..currencies).map(move |currency| (bank, currency)));
        Self {
            accounts: places.map(|place| (place, Account::default())).collect(),
            suspended: vec![false; banks],
            ..Self::default()
        }
    }

    fn free(&self, place: Place) -> i128 {
        let account = &self.accounts[&place];
        account.balance + account.cap - account.reserved
    }

    fn change(&mut self, place: Place, change: impl FnOnce(&mut Account)) {
        change(self.accounts.get_mut(&place).expect("an account of the model"));
    }

    pub fn queue(&self, place: Place) -> impl Iterator<Item = &Payment> {
        self.waiting
            .iter()
            .filter(move |p| (p.debtor, p.currency) == place)
    }

    /// An entry begins: what is over leaves, the earliest first, and of one instant in order of arrival.
    pub fn begin(&mut self, now: u64) {
        self.now = now;
        self.effects.clear();
        let mut over: Vec<Payment> = self.waiting.iter().filter(|p| self.is_over(p)).cloned().collect();
        over.sort_by_key(|p| p.expires);
        for payment in over {
            self.leave(&payment, Fate::Expired);
            self.tell((payment.debtor, payment.currency));
        }
    }

    /// An entry ends: whatever was set in motion comes to rest.
    pub fn end(&mut self) {
        while let Some(place) = self.told.first().copied() {
            if !self.step(place) {
                self.told.remove(0);
            }
        }
    }

    fn is_over(&self, payment: &Payment) -> bool {
        payment.expires.is_some_and(|at| at <= self.now)
    }

    fn tell(&mut self, place: Place) {
        if !self.told.contains(&place) {
            self.told.push(place);
        }
    }

    /// An account got money or room: what waits there may move, and with it everything told before.
    fn freed(&mut self, place: Place) {
        if self.queue(place).next().is_some() {
            self.tell(place);
            self.end();
        }
    }

    /// Moves the first payment that waits in an account; false if it stays.
    fn step(&mut self, place: Place) -> bool {
        let Some(first) = self.queue(place).next().cloned() else {
            return false;
        };
        if self.suspended[place.0] {
            return false;
        }
        if self.is_over(&first) {
            self.leave(&first, Fate::Expired);
        } else if self.suspended[first.creditor] {
            self.leave(&first, Fate::CreditorSuspended);
        } else if self.free(place) >= i128::from(first.amount) {
            self.move_money(&first);
            self.leave(&first, Fate::Settled);
            self.tell((first.creditor, first.currency));
        } else {
            return false;
        }
        true
    }

    fn leave(&mut self, payment: &Payment, fate: Fate) {
        self.waiting
            .retain(|p| (p.debtor, p.id) != (payment.debtor, payment.id));
        self.effects.push((payment.debtor, payment.id, fate));
        self.known
            .insert((payment.debtor, payment.id), (payment.clone(), fate));
    }

    fn move_money(&mut self, payment: &Payment) {
        let amount = i128::from(payment.amount);
        self.change((payment.debtor, payment.currency), |account| {
            account.balance -= amount
        });
        self.change((payment.creditor, payment.currency), |account| {
            account.balance += amount
        });
    }

    /// One record of a batch.
    pub fn pay(&mut self, payment: &Payment) -> Answer {
        let place = (payment.debtor, payment.currency);
        if let Some((before, fate)) = self.known.get(&(payment.debtor, payment.id)) {
            let (fate, replayed) = if before == payment {
                (*fate, true)
            } else {
                (Fate::IdReused, false)
            };
            let balance = (payment.show && !replayed).then(|| self.accounts[&place].balance);
            return Answer {
                fate,
                replayed,
                position: 0,
                balance,
            };
        }
        let fate = self.judge(payment);
        self.known
            .insert((payment.debtor, payment.id), (payment.clone(), fate));
        let mut position = 0;
        match fate {
            Fate::Settled => {
                self.move_money(payment);
                self.freed((payment.creditor, payment.currency));
            }
            Fate::Queued => {
                self.waiting.push(payment.clone());
                position = self.queue(place).count() as u32;
            }
            _ => {}
        }
        let balance = payment.show.then(|| self.accounts[&place].balance);
        Answer {
            fate,
            replayed: false,
            position,
            balance,
        }
    }

    fn judge(&self, payment: &Payment) -> Fate {
        let place = (payment.debtor, payment.currency);
        if payment.amount == 0 {
            Fate::AmountZero
        } else if payment.debtor == payment.creditor {
            Fate::SameParty
        } else if self.suspended[payment.debtor] {
            Fate::DebtorSuspended
        } else if self.suspended[payment.creditor] {
            Fate::CreditorSuspended
        } else if self.is_over(payment) {
            Fate::Expired
        } else if self.queue(place).next().is_none() && self.free(place) >= i128::from(payment.amount) {
            Fate::Settled
        } else if payment.settle_or_reject {
            Fate::Insufficient
        } else {
            Fate::Queued
        }
    }

    pub fn fund(&mut self, place: Place, amount: u64) {
        self.change(place, |account| account.balance += i128::from(amount));
        self.freed(place);
    }

    pub fn set_cap(&mut self, place: Place, cap: u64) {
        self.change(place, |account| account.cap = i128::from(cap));
        self.freed(place);
    }

    /// True if the account has that much money of its own.
    pub fn may_defund(&self, place: Place, amount: u64) -> bool {
        let account = &self.accounts[&place];
        amount > 0 && account.balance - account.reserved >= i128::from(amount)
    }

    pub fn defund(&mut self, place: Place, amount: u64) {
        self.change(place, |account| account.reserved += i128::from(amount));
    }

    pub fn end_defund(&mut self, place: Place, amount: u64, paid_out: bool) {
        self.change(place, |account| account.reserved -= i128::from(amount));
        if paid_out {
            self.change(place, |account| account.balance -= i128::from(amount));
        } else {
            self.freed(place);
        }
    }

    pub fn set_standing(&mut self, bank: usize, suspended: bool) {
        self.suspended[bank] = suspended;
        let places: Vec<Place> = self
            .accounts
            .keys()
            .copied()
            .filter(|place| place.0 == bank)
            .collect();
        places.into_iter().for_each(|place| self.freed(place));
    }
}
