//! Builds a case: accounts first, then items in order of arrival.
use std::collections::{BTreeMap, BTreeSet};

use super::{Account, Against, Case, CaseError, Entry, Leg, Priority, SenderLimit, TRADE, UNTESTED};
use crate::limits::{CASE_ACCOUNTS_MAX, CASE_LEGS_MAX, CASE_MONEY_MAX, CASE_WEIGHT_MAX, TRADE_LEGS_MAX};

/// Collects what makes a case. What was refused leaves it as it was.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    accounts: Vec<Account>,
    known: BTreeMap<(u32, u16), u32>,
    weights: Vec<u64>,
    legs: Vec<Leg>,
    item_legs: Vec<u32>,
    limits: BTreeMap<(u32, Against), i128>,
    tested: BTreeSet<u32>,
}

fn bounded(money: i128) -> Result<(), CaseError> {
    if (-CASE_MONEY_MAX..=CASE_MONEY_MAX).contains(&money) {
        Ok(())
    } else {
        Err(CaseError::MoneyTooLarge)
    }
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account and returns its number.
    pub fn account(&mut self, account: Account) -> Result<u32, CaseError> {
        bounded(account.balance)?;
        bounded(account.limit)?;
        if account.limit < 0 {
            return Err(CaseError::LimitNegative);
        }
        let Account {
            participant,
            currency,
            ..
        } = account;
        if self.known.contains_key(&(participant, currency)) {
            return Err(CaseError::AccountTwice {
                participant,
                currency,
            });
        }
        if self.accounts.len() >= CASE_ACCOUNTS_MAX {
            return Err(CaseError::TooManyAccounts);
        }
        let number = self.accounts.len() as u32;
        self.known.insert((participant, currency), number);
        self.accounts.push(account);
        Ok(number)
    }

    /// Number of the account of a participant in a currency.
    pub fn find(&self, participant: u32, currency: u16) -> Option<u32> {
        self.known.get(&(participant, currency)).copied()
    }

    /// Says what one minor unit of a currency counts for; 1 where it is never said.
    pub fn weight(&mut self, currency: u16, weight: u64) -> Result<(), CaseError> {
        if weight == 0 || weight > CASE_WEIGHT_MAX {
            return Err(CaseError::WeightInvalid);
        }
        let at = usize::from(currency);
        if self.weights.len() <= at {
            self.weights.resize(at + 1, 1);
        }
        self.weights[at] = weight;
        Ok(())
    }

    /// Adds a sender limit.
    pub fn sender_limit(&mut self, limit: SenderLimit) -> Result<(), CaseError> {
        bounded(limit.room)?;
        let account = limit.account;
        let holder = self.get(account)?.participant;
        if limit.against == Against::One(holder) {
            return Err(CaseError::LimitAgainstSelf(account));
        }
        if self.limits.contains_key(&(account, limit.against)) {
            return Err(CaseError::LimitTwice(account));
        }
        self.limits.insert((account, limit.against), limit.room);
        Ok(())
    }

    /// Puts a participant under risk tests: they take the place of the limits of its accounts, and all its accounts
    /// share one queue, in which nothing passes.
    pub fn under_tests(&mut self, participant: u32) {
        self.tested.insert(participant);
    }

    /// Adds an item, behind those added before, and returns its number. Its legs settle all or none. It stands once
    /// in the queue of each account that it debits, in the most urgent class of its legs there.
    pub fn item(&mut self, legs: &[Leg]) -> Result<u32, CaseError> {
        if legs.is_empty() {
            return Err(CaseError::NoLegs);
        }
        if legs.len() > TRADE_LEGS_MAX {
            return Err(CaseError::TooManyTradeLegs);
        }
        if self.legs.len() + legs.len() > CASE_LEGS_MAX {
            return Err(CaseError::TooManyLegs);
        }
        for leg in legs {
            let (debtor, creditor) = (self.get(leg.debtor)?, self.get(leg.creditor)?);
            if leg.amount == 0 {
                return Err(CaseError::AmountZero);
            }
            if leg.debtor == leg.creditor {
                return Err(CaseError::SameParty);
            }
            if debtor.currency != creditor.currency {
                return Err(CaseError::CurrenciesDiffer);
            }
        }
        let number = self.item_legs.len() as u32;
        self.item_legs.push(self.legs.len() as u32);
        self.legs.extend_from_slice(legs);
        Ok(number)
    }

    pub(super) fn holder(&self, account: u32) -> Option<u32> {
        self.accounts
            .get(account as usize)
            .map(|account| account.participant)
    }

    fn get(&self, account: u32) -> Result<&Account, CaseError> {
        self.accounts
            .get(account as usize)
            .ok_or(CaseError::AccountUnknown(account))
    }

    /// The case. Takes time in proportion to accounts and legs.
    pub fn build(mut self) -> Case {
        self.item_legs.push(self.legs.len() as u32);
        let mut case = Case {
            all_settled: self
                .accounts
                .iter()
                .map(|account| account.balance + account.limit)
                .collect(),
            queue_of: (0..self.accounts.len() as u32).collect(),
            accounts: self.accounts,
            weights: self.weights,
            legs: self.legs,
            item_legs: self.item_legs,
            entries: Vec::new(),
            queue_start: Vec::new(),
            class_start: Vec::new(),
            trade_places: Vec::new(),
            trade_start: Vec::new(),
            limits: Vec::new(),
            limit_start: Vec::new(),
            tested: Vec::new(),
            tested_queue: Vec::new(),
        };
        for leg in &case.legs {
            case.all_settled[leg.debtor as usize] -= i128::from(leg.amount);
            case.all_settled[leg.creditor as usize] += i128::from(leg.amount);
        }
        case.set_limits(&self.limits);
        case.set_tests(&self.tested);
        case.set_queues();
        case
    }
}

impl Case {
    fn set_limits(&mut self, limits: &BTreeMap<(u32, Against), i128>) {
        if limits.is_empty() {
            return;
        }
        let mut rest = limits.iter().peekable();
        for number in 0..self.accounts.len() as u32 {
            self.limit_start.push(self.limits.len() as u32);
            while let Some(((account, against), room)) = rest.next_if(|((account, _), _)| *account == number)
            {
                let (account, against, room) = (*account, *against, *room);
                self.limits.push(SenderLimit {
                    account,
                    against,
                    room,
                });
            }
        }
        self.limit_start.push(self.limits.len() as u32);
    }

    fn set_tests(&mut self, tested: &BTreeSet<u32>) {
        if tested.is_empty() {
            return;
        }
        let mut accounts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, account) in self.accounts.iter().enumerate() {
            if tested.contains(&account.participant) {
                accounts
                    .entry(account.participant)
                    .or_default()
                    .push(number as u32);
            }
        }
        self.tested_queue = vec![UNTESTED; self.accounts.len()];
        for (participant, own) in accounts {
            for account in &own {
                self.queue_of[*account as usize] = own[0];
                // Tests take the place of the limit.
                let limit = self.accounts[*account as usize].limit;
                self.all_settled[*account as usize] -= limit;
            }
            self.tested_queue[own[0] as usize] = self.tested.len() as u32;
            self.tested.push((participant, own));
        }
    }

    /// Class of an item in a queue that it stands in.
    pub(crate) fn class_in(&self, item: u32, queue: u32) -> Priority {
        let own = self
            .legs(item)
            .iter()
            .filter(|leg| self.queue_of[leg.debtor as usize] == queue);
        own.map(|leg| leg.priority).min().unwrap_or(Priority::Normal)
    }

    /// Sorts the items into queues: counts first, then fills one class after the other.
    fn set_queues(&mut self) {
        let queues = self.accounts.len();
        let mut counts = vec![[0u32; 3]; queues];
        let mut trades = 0;
        let mut stands = 0;
        for item in 0..self.items() as u32 {
            for queue in self.queues_of(item) {
                counts[queue as usize][self.class_in(item, queue) as usize] += 1;
                stands += 1;
            }
            trades += usize::from(self.legs(item).len() > 1);
        }
        let mut start = 0;
        let mut next = Vec::with_capacity(queues);
        for [urgent, high, normal] in counts {
            self.queue_start.push(start);
            self.class_start.push([urgent, urgent + high]);
            next.push([start, start + urgent, start + urgent + high]);
            start += urgent + high + normal;
        }
        self.queue_start.push(start);
        let nothing = Entry {
            amount: 0,
            creditor: TRADE,
            item: 0,
        };
        let mut entries = vec![nothing; stands];
        let mut trade_places = Vec::new();
        let mut trade_start = Vec::with_capacity(trades + 1);
        for item in 0..self.items() as u32 {
            let entry = match self.legs(item) {
                [leg] => Entry {
                    amount: leg.amount,
                    creditor: leg.creditor,
                    item,
                },
                _ => {
                    trade_start.push(trade_places.len() as u32);
                    Entry {
                        amount: trade_start.len() as u64 - 1,
                        creditor: TRADE,
                        item,
                    }
                }
            };
            for queue in self.queues_of(item) {
                let place = &mut next[queue as usize][self.class_in(item, queue) as usize];
                entries[*place as usize] = entry;
                if entry.creditor == TRADE {
                    trade_places.push((queue, *place - self.queue_start[queue as usize]));
                }
                *place += 1;
            }
        }
        trade_start.push(trade_places.len() as u32);
        (self.entries, self.trade_places, self.trade_start) = (entries, trade_places, trade_start);
    }
}
