//! What must hold of a run, kept from what was told alone: a slow model that decides nothing. It moves money and
//! places where answers, effects, notices and fees say so, and asks of each move whether it might be.
use std::collections::{BTreeMap, BTreeSet};

use causeway_ledger::{Deferred, Outcome};
use causeway_message::action::{Action, Phase};
use causeway_message::answer::Answer;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::account::Account;

pub type Key = (u32, InstructionId);
/// Participant and currency.
pub type Place = (u32, u16);

#[derive(Debug, Clone)]
pub struct Payment {
    pub record: Instruction,
    pub status: Status,
    class: usize,
    /// What is set aside of it.
    pub left: u64,
    /// How often its currency had closed when it was set aside.
    closes: u32,
    chain: Option<usize>,
    /// Entry in which it settled.
    settled: u64,
}

#[derive(Debug, Default)]
pub struct Book {
    pub accounts: BTreeMap<Place, Account>,
    pub held: BTreeSet<u32>,
    pub suspended: BTreeSet<u32>,
    pub phases: BTreeMap<u16, Phase>,
    pub dates: BTreeMap<u16, u16>,
    closes: BTreeMap<u16, u32>,
    issued: BTreeMap<u16, i128>,
    pub all: BTreeMap<Key, Payment>,
    /// In the order in which they came.
    pub order: Vec<Key>,
    returned: BTreeMap<Key, u64>,
    chains: Vec<Vec<Key>>,
    pub defunds: BTreeMap<InstructionId, (Place, u64)>,
    pub counts: BTreeMap<(u8, Status), u64>,
    entry: u64,
    /// Seconds since 2000.
    now: u64,
}

fn related(record: &Instruction) -> InstructionId {
    InstructionId(record.related)
}

fn debtor(record: &Instruction) -> Place {
    (record.debtor.get(), record.currency.get())
}

fn creditor(record: &Instruction) -> Place {
    (record.creditor.get(), record.currency.get())
}

fn flag(record: &Instruction, flag: u16) -> bool {
    record.flags.get() & flag != 0
}

impl Book {
    pub fn account(&mut self, place: Place) -> &mut Account {
        self.accounts.entry(place).or_default()
    }

    pub fn phase(&self, currency: u16) -> Phase {
        self.phases.get(&currency).copied().unwrap_or(Phase::Open)
    }

    /// Takes one entry in. `sent` are the records of its batch, in order.
    pub fn follow(&mut self, entry: u64, now: u64, submitter: u32, sent: &[Instruction], outcome: &Outcome) {
        (self.entry, self.now) = (entry, now);
        let mut closed = None;
        for notice in outcome.notices.iter().filter(|n| n.status == Status::Executed) {
            closed = closed.or(self.act(notice.id, &notice.action));
        }
        let mut chain = None;
        for (record, answer) in sent.iter().zip(&outcome.answers) {
            let linked = flag(record, flags::LINKED);
            if linked && chain.is_none() {
                chain = Some(self.chains.len());
                self.chains.push(Vec::new());
            }
            self.answer((submitter, record.id()), record, answer, chain);
            chain = chain.filter(|_| linked);
        }
        for effect in &outcome.deferred {
            self.effect(effect);
        }
        for fee in &outcome.fees {
            let payer = self.account((fee.payer.0, fee.currency));
            assert!(
                payer.free() >= i128::from(fee.amount),
                "a fee of more than is free"
            );
            payer.balance -= i128::from(fee.amount);
            self.account((fee.collector.0, fee.currency)).balance += i128::from(fee.amount);
            assert_eq!(self.phase(fee.currency), Phase::Closed, "billed before the close");
        }
        if let Some(currency) = closed {
            let accounts = self.accounts.iter_mut().filter(|(place, _)| place.1 == currency);
            for (_, account) in accounts {
                account.limits.values_mut().for_each(|(_, used)| *used = 0);
                account.kept.iter_mut().for_each(|(set, left)| *left = *set);
            }
        }
        self.chains_are_whole();
    }

    /// What an action changed; the currency that it closed.
    fn act(&mut self, id: InstructionId, action: &Action) -> Option<u16> {
        match action {
            Action::Fund {
                participant,
                currency,
                amount,
                ..
            } => {
                self.account((participant.0, *currency)).balance += i128::from(*amount);
                *self.issued.entry(*currency).or_default() += i128::from(*amount);
            }
            Action::SetCap { participant, account } => {
                let own = self.account((participant.0, account.currency));
                own.lowered |= account.cap < own.cap;
                own.cap = account.cap;
            }
            Action::Defund {
                participant,
                currency,
                amount,
            } => {
                let place = (participant.0, *currency);
                self.account(place).aside += i128::from(*amount);
                self.defunds.insert(id, (place, *amount));
            }
            Action::ConfirmDefund { defund, .. } | Action::ReleaseDefund { defund } => {
                let (place, amount) = self.defunds.remove(defund).expect("a defunding in progress");
                let amount = i128::from(amount);
                self.account(place).aside -= amount;
                if matches!(action, Action::ConfirmDefund { .. }) {
                    self.account(place).balance -= amount;
                    *self.issued.entry(place.1).or_default() -= amount;
                }
            }
            Action::SetStanding {
                participant,
                suspended,
            } => set(&mut self.suspended, *participant, *suspended),
            Action::HoldParticipant {
                participant, held, ..
            } => set(&mut self.held, *participant, *held),
            Action::SetDay {
                currency,
                phase,
                date,
            } => {
                self.dates.insert(*currency, *date);
                self.phases.insert(*currency, *phase);
                if *phase == Phase::Closed {
                    *self.closes.entry(*currency).or_default() += 1;
                    return Some(*currency);
                }
            }
            _ => {}
        }
        None
    }

    fn answer(&mut self, key: Key, record: &Instruction, answer: &Answer, chain: Option<usize>) {
        let status = answer.status().expect("a status");
        *self.counts.entry((record.kind, status)).or_default() += 1;
        if !answer.is_first() || status == Status::IdReused {
            let known = self.all.get(&key).map(|known| known.status);
            assert!(
                status == Status::IdReused || known == Some(status),
                "another status was answered"
            );
            return;
        }
        assert!(!self.all.contains_key(&key), "an instruction took effect twice");
        let payment = Payment {
            record: *record,
            status,
            class: usize::from(record.priority.min(2)),
            left: 0,
            closes: 0,
            chain,
            settled: 0,
        };
        if let Some(chain) = chain {
            self.chains[chain].push(key);
        }
        self.order.push(key);
        self.all.insert(key, payment);
        let kind = Kind::from_number(record.kind).expect("a kind");
        match status {
            Status::Settled => self.settle(key),
            Status::SetAside => self.set_aside(key),
            Status::Queued => self.enqueue(key),
            Status::Executed => self.executed(kind, record),
            _ => {}
        }
        if kind == Kind::Return && !status.is_rejected() {
            let original = (record.creditor.get(), related(record));
            *self.returned.entry(original).or_default() += record.amount.get();
            let of = &self.all[&original];
            assert_eq!(of.status, Status::Settled, "a return of what did not settle");
            assert!(
                self.returned[&original] <= of.record.amount.get(),
                "more comes back than was paid"
            );
        }
    }

    /// What an instruction about an account, or about a payment, changed at once.
    fn executed(&mut self, kind: Kind, record: &Instruction) {
        let place = debtor(record);
        let amount = record.amount.get();
        match kind {
            Kind::Limit => {
                let other = Some(record.creditor.get()).filter(|other| *other != place.0);
                let account = self.account(place);
                if flag(record, flags::DECLINE) {
                    account.limits.remove(&other);
                } else {
                    account.limits.entry(other).or_insert((0, 0)).0 = amount;
                }
            }
            Kind::Reservation => {
                self.account(place).kept[usize::from(record.priority) - 1] = (amount, amount);
            }
            Kind::Discipline => self.account(place).bypass = flag(record, flags::BYPASS),
            Kind::Amend => self.amend((place.0, related(record)), record),
            _ => {}
        }
    }

    fn amend(&mut self, key: Key, record: &Instruction) {
        let payment = &self.all[&key];
        assert_eq!(payment.status, Status::Queued, "amended where it does not wait");
        let mut keys = payment
            .chain
            .map_or(vec![key], |chain| self.chains[chain].clone());
        let front = flag(record, flags::FRONT);
        if front {
            keys.reverse();
        }
        for key in keys {
            self.leave(key);
            let payment = self.all.get_mut(&key).expect("it is known");
            payment.class = usize::from(record.priority);
            let (place, class) = (debtor(&payment.record), payment.class);
            let queue = &mut self.account(place).queues[class];
            let at = if front { 0 } else { queue.len() };
            queue.insert(at, key);
        }
    }

    fn enqueue(&mut self, key: Key) {
        let payment = &self.all[&key];
        let (place, class) = (debtor(&payment.record), payment.class);
        self.account(place).queues[class].push(key);
    }

    fn leave(&mut self, key: Key) {
        let payment = &self.all[&key];
        let (place, class) = (debtor(&payment.record), payment.class);
        self.account(place).queues[class].retain(|other| *other != key);
    }

    fn effect(&mut self, effect: &Deferred) {
        let key = (effect.submitter.0, effect.record.id());
        let before = self.all.get(&key).expect("it was answered before").status;
        assert!(
            before.is_transient(),
            "a second end: {} {}",
            before.name(),
            effect.status.name()
        );
        if !effect.told.submitter {
            assert_eq!(before, effect.status);
            return;
        }
        let queued = before == Status::Queued;
        match effect.status {
            Status::Settled if before == Status::SetAside => self.pay_out(key, effect.amount),
            Status::Settled => self.settle(key),
            Status::SetAside if before == Status::SetAside => self.pay_out(key, effect.amount),
            Status::SetAside => self.set_aside(key),
            Status::Queued if queued => {}
            Status::Queued => self.enqueue(key),
            Status::Pending | Status::Warehoused if !queued => {}
            _ if before == Status::SetAside => self.give_back(key),
            _ if queued => self.leave(key),
            _ => {}
        }
        let payment = self.all.get_mut(&key).expect("it is known");
        payment.status = effect.status;
        let record = payment.record;
        let settles = effect.status == Status::Settled;
        let moved = if before == Status::SetAside {
            effect.amount
        } else {
            record.amount.get()
        };
        assert_eq!(effect.amount, if settles { moved } else { effect.amount });
        *self.counts.entry((record.kind, effect.status)).or_default() += 1;
        if record.kind == Kind::Return as u8 && effect.status.is_rejected() {
            let original = (record.creditor.get(), related(&record));
            *self.returned.entry(original).or_default() -= record.amount.get();
        }
    }

    /// That a payment may leave now: its account, its order, its time, its parties, its currency.
    fn judge(&mut self, key: Key) {
        let payment = self.all[&key].clone();
        let (record, class) = (payment.record, payment.class);
        let (place, amount) = (debtor(&record), i128::from(record.amount.get()));
        assert_ne!(self.phase(place.1), Phase::Closed, "settled in a closed currency");
        for party in [record.debtor.get(), record.creditor.get()] {
            assert!(!self.held.contains(&party), "settled while a party is held");
            assert!(
                !self.suspended.contains(&party),
                "settled while a party is suspended"
            );
        }
        let expires = u64::from(record.expires_at.get());
        assert!(expires == 0 || self.now < expires, "settled after its end");
        let account = &self.accounts[&place];
        let lacks = account.lacks(class, record.creditor.get(), amount);
        assert_eq!(lacks, None, "settled all the same");
        let top = account.top();
        if payment.status == Status::Queued && account.queues[class].contains(&key) {
            assert_eq!(top, Some(class), "settled before a higher class");
            assert!(
                account.bypass || account.queues[class][0] == key,
                "settled before what came first"
            );
            self.leave(key);
        } else {
            let stands = top.is_some_and(|top| top > class || (top == class && !account.bypass));
            assert!(!stands, "settled on entry before what waits");
        }
    }

    fn settle(&mut self, key: Key) {
        self.judge(key);
        let entry = self.entry;
        let payment = self.all.get_mut(&key).expect("it is known");
        payment.settled = entry;
        let (record, class) = (payment.record, payment.class);
        let amount = record.amount.get();
        let from = self.account(debtor(&record));
        from.balance -= i128::from(amount);
        from.consume(class, record.creditor.get(), amount);
        self.credit(&record, amount);
    }

    fn credit(&mut self, record: &Instruction, amount: u64) {
        let to = self.account(creditor(record));
        to.balance += i128::from(amount);
        to.count(record.debtor.get(), -i128::from(amount));
    }

    fn set_aside(&mut self, key: Key) {
        self.judge(key);
        let payment = self.all.get_mut(&key).expect("it is known");
        let (record, class) = (payment.record, payment.class);
        let amount = record.amount.get();
        payment.left = amount;
        payment.closes = self.closes.get(&record.currency.get()).copied().unwrap_or(0);
        let from = self.account(debtor(&record));
        from.aside += i128::from(amount);
        from.consume(class, record.creditor.get(), amount);
    }

    fn pay_out(&mut self, key: Key, amount: u64) {
        let payment = self.all.get_mut(&key).expect("it is known");
        let record = payment.record;
        assert!(
            payment.left >= amount && amount > 0,
            "more was released than was set aside"
        );
        payment.left -= amount;
        assert!(
            payment.left == 0 || flag(&record, flags::PARTIAL),
            "a part of what has none"
        );
        assert_ne!(
            self.phase(record.currency.get()),
            Phase::Closed,
            "paid in a closed currency"
        );
        let from = self.account(debtor(&record));
        from.aside -= i128::from(amount);
        from.balance -= i128::from(amount);
        self.credit(&record, amount);
    }

    fn give_back(&mut self, key: Key) {
        let payment = self.all[&key].clone();
        let record = payment.record;
        let closes = self.closes.get(&record.currency.get()).copied().unwrap_or(0);
        let from = self.account(debtor(&record));
        from.aside -= i128::from(payment.left);
        if payment.class == 0 && payment.closes == closes {
            from.count(record.creditor.get(), -i128::from(payment.left));
        }
    }

    /// Chains are whole or absent.
    fn chains_are_whole(&mut self) {
        let recent = self.chains.len().saturating_sub(60);
        for chain in &self.chains[recent..] {
            let settled: BTreeSet<u64> = chain.iter().map(|key| self.all[key].settled).collect();
            assert!(settled.len() <= 1, "a part of a chain settled");
            let waits = chain.iter().filter(|key| self.all[key].status.is_transient());
            assert!(
                [0, chain.len()].contains(&waits.count()),
                "a part of a chain waits"
            );
        }
    }

    /// What holds after every entry, beside what the ledger says of its accounts.
    pub fn hold(&mut self) {
        let mut sums: BTreeMap<u16, i128> = BTreeMap::new();
        for ((_, currency), account) in &mut self.accounts {
            *sums.entry(*currency).or_default() += account.balance;
            account.lowered &= account.free() < 0;
            assert!(
                account.lowered || account.free() >= 0,
                "less than what is set aside"
            );
            let within = account.balance >= -i128::from(account.cap);
            assert!(account.lowered || within, "below the cap");
        }
        for (currency, sum) in sums {
            assert_eq!(
                sum,
                self.issued.get(&currency).copied().unwrap_or(0),
                "money was made or lost"
            );
        }
    }

    /// The payment that could leave its queue and stays, if there is one: nothing may be forgotten.
    pub fn forgotten(&self) -> Option<(Place, Key)> {
        self.accounts.iter().find_map(|(place, account)| {
            let stopped = self.held.contains(&place.0) || self.suspended.contains(&place.0);
            let top = account.top()?;
            if stopped || self.phase(place.1) == Phase::Closed {
                return None;
            }
            let tried = if account.bypass {
                account.queues[top].len()
            } else {
                1
            };
            let fits = |key: &&Key| {
                let payment = &self.all[key];
                let amount = i128::from(payment.record.amount.get());
                payment.chain.is_none()
                    && account
                        .lacks(top, payment.record.creditor.get(), amount)
                        .is_none()
            };
            account.queues[top][..tried]
                .iter()
                .find(fits)
                .map(|key| (*place, *key))
        })
    }
}

fn set(of: &mut BTreeSet<u32>, who: ParticipantId, on: bool) {
    if on {
        of.insert(who.0);
    } else {
        of.remove(&who.0);
    }
}
