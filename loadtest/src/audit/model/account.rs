//! Accounts with their queues, and the currencies' liabilities.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::ParticipantId;

use super::{Origin, Place};

/// Number of classes.
pub const CLASSES: usize = 3;

/// An account, in minor units of its currency.
#[derive(Debug, Default)]
pub struct Account {
    pub balance: i128,
    /// Set aside for defunding in progress and for conditional payments.
    pub reserved: i128,
    pub cap: u64,
    /// Credit line beside the cap.
    pub line: u64,
    /// The line was not repaid at a close: it gives nothing.
    pub frozen: bool,
    /// What waits in each class, the next to go first.
    pub queues: [VecDeque<Origin>; CLASSES],
    /// Sum of what waits.
    queued_value: i128,
}

impl Account {
    /// The highest class in which something waits.
    pub fn highest(&self) -> Option<u8> {
        (0..CLASSES as u8)
            .rev()
            .find(|class| !self.queues[usize::from(*class)].is_empty())
    }

    /// How many wait in all classes.
    pub fn queued(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    /// What may flow out.
    pub fn available(&self) -> i128 {
        let most = if self.frozen {
            self.cap
        } else {
            self.cap.saturating_add(self.line)
        };
        self.balance + i128::from(most) - self.reserved
    }

    /// What may flow out without the credit line.
    pub fn own(&self) -> i128 {
        self.balance + i128::from(self.cap) - self.reserved
    }

    /// How far it is below what its cap alone allows.
    pub fn owed(&self) -> i128 {
        -i128::from(self.cap) - self.balance
    }

    fn line(&self) -> Line {
        Line {
            balance: self.balance,
            reserved: self.reserved,
            cap: self.cap,
            queued: self.queued() as u32,
            queued_value: self.queued_value,
        }
    }
}

/// An account as it is told to its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// Balance.
    pub balance: i128,
    /// Set aside for defunding in progress and for conditional payments.
    pub reserved: i128,
    /// Net debit cap.
    pub cap: u64,
    /// How many payments wait.
    pub queued: u32,
    /// Their sum.
    pub queued_value: i128,
}

/// A currency: the agent's liability is minus the sum of all accounts.
#[derive(Debug)]
pub struct Currency {
    pub code: u16,
    pub agent: ParticipantId,
    pub liability: i128,
}

/// All accounts and currencies, and what each account was after each entry that changed it.
#[derive(Debug, Default)]
pub struct Money {
    accounts: BTreeMap<Place, Account>,
    /// In the order in which they were opened.
    opened: Vec<Place>,
    currencies: Vec<Currency>,
    touched: BTreeSet<Place>,
    history: BTreeMap<Place, Vec<(u64, Line)>>,
    last_touched: Vec<Place>,
}

impl Money {
    pub fn open_currency(&mut self, code: u16, agent: ParticipantId) {
        self.currencies.push(Currency {
            code,
            agent,
            liability: 0,
        });
    }

    pub fn currency(&self, code: u16) -> Option<&Currency> {
        self.currencies.iter().find(|currency| currency.code == code)
    }

    /// Currencies in the order in which they were opened.
    pub fn currencies(&self) -> &[Currency] {
        &self.currencies
    }

    pub fn open(&mut self, place: Place, cap: u64) {
        self.accounts.insert(
            place,
            Account {
                cap,
                ..Account::default()
            },
        );
        self.opened.push(place);
        self.touched.insert(place);
    }

    /// The account that was opened as the so manieth, counted from 0.
    pub fn nth(&self, number: usize) -> Option<Place> {
        self.opened.get(number).copied()
    }

    pub fn get(&self, place: Place) -> Option<&Account> {
        self.accounts.get(&place)
    }

    /// Changes balance, reservation or cap of an account.
    pub fn change(&mut self, place: Place, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.get_mut(&place) {
            change(account);
            account.frozen &= account.owed() > 0;
            self.touched.insert(place);
        }
    }

    /// A debit here, a credit there.
    pub fn transfer(&mut self, from: Place, to: Place, amount: u64) {
        self.change(from, |account| account.balance -= i128::from(amount));
        self.change(to, |account| account.balance += i128::from(amount));
    }

    /// Money comes in against the agent's liability, or with a negative amount goes out.
    pub fn issue(&mut self, place: Place, amount: i128) {
        self.change(place, |account| account.balance += amount);
        if let Some(currency) = self
            .currencies
            .iter_mut()
            .find(|currency| currency.code == place.1)
        {
            currency.liability -= amount;
        }
    }

    /// Puts a payment at the end of its class, or at the front; returns how many wait in the account.
    pub fn enqueue(&mut self, place: Place, class: u8, origin: Origin, amount: u64, front: bool) -> u32 {
        let mut position = 0;
        self.change(place, |account| {
            account.queued_value += i128::from(amount);
            let queue = &mut account.queues[usize::from(class) % CLASSES];
            if front {
                queue.push_front(origin);
            } else {
                queue.push_back(origin);
            }
            position = account.queued() as u32;
        });
        position
    }

    /// Takes a payment out of its class, wherever it stands.
    pub fn dequeue(&mut self, place: Place, class: u8, origin: Origin, amount: u64) {
        self.change(place, |account| {
            let queue = &mut account.queues[usize::from(class) % CLASSES];
            if let Some(at) = queue.iter().position(|waiting| *waiting == origin) {
                queue.remove(at);
                account.queued_value -= i128::from(amount);
            }
        });
    }

    /// Accounts of a participant, in the order in which their currencies were opened.
    pub fn of(&self, participant: u32) -> Vec<Place> {
        let places = self
            .currencies
            .iter()
            .map(|currency| (participant, currency.code));
        places.filter(|place| self.accounts.contains_key(place)).collect()
    }

    pub fn all(&self) -> impl Iterator<Item = (&Place, &Account)> {
        self.accounts.iter()
    }

    /// An entry is over: notes what changed.
    pub fn note(&mut self, entry: u64) {
        self.last_touched.clear();
        for place in std::mem::take(&mut self.touched) {
            let Some(account) = self.accounts.get(&place) else {
                continue;
            };
            let (line, past) = (account.line(), self.history.entry(place).or_default());
            if past.last().is_none_or(|(_, last)| *last != line) {
                past.push((entry, line));
            }
            self.last_touched.push(place);
        }
    }

    /// Accounts that the last entry touched.
    pub fn touched(&self) -> &[Place] {
        &self.last_touched
    }

    /// An account as it stood after an entry; `None` if it was not open then.
    pub fn line_at(&self, place: Place, entry: u64) -> Option<Line> {
        let past = self.history.get(&place)?;
        let behind = past.partition_point(|(at, _)| *at <= entry);
        past.get(behind.checked_sub(1)?).map(|(_, line)| *line)
    }

    /// Lets go of how accounts stood before an entry.
    pub fn forget(&mut self, before: u64) {
        for past in self.history.values_mut() {
            let behind = past.partition_point(|(at, _)| *at <= before);
            past.drain(..behind.saturating_sub(1));
        }
    }
}
