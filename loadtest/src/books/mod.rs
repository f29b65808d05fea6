//! A bank's own books, from its answers and its feed alone, held to what the ledger says of its accounts. Sums by the place
//! of the currency, counts of what waits by entry, and a bit for each record that settled behind its answer: nothing here
//! grows with the payments that settled at once.
mod at_once;
mod followed;

use std::collections::BTreeMap;
use std::sync::Arc;

use causeway_message::Status;
use causeway_message::answer::Answer;
use causeway_message::event::{self, Event, EventKind, Role};
use causeway_message::record::Kind;
use causeway_message::wire::BalanceLine;
use zerocopy::IntoBytes;

use crate::workload::{Due, Expects, Line};
use crate::world::{FIRST_BANK, PLACES, World};
pub use at_once::{AtOnce, settles, waits};
pub use followed::{Followed, Later};

/// What the answers of a batch said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told {
    /// Settled by it.
    pub settled: u64,
    /// Anything else, by the number of the status; what was known before under [`REPEATED`].
    pub otherwise: BTreeMap<u16, u64>,
}

impl Told {
    /// Answers to so many records of signed bytes that were sent again.
    pub fn replayed(count: usize) -> Self {
        Self {
            settled: 0,
            otherwise: BTreeMap::from([(REPLAYED, count as u64)]),
        }
    }

    /// Records that wait for money now.
    pub fn queued(&self) -> u64 {
        let queued = self.otherwise.get(&(Status::Queued as u16));
        queued.copied().unwrap_or(0)
    }
}

/// Stands for records that were known before, whatever became of them: no status has this number.
pub const REPEATED: u16 = u16::MAX;

/// Stands for records of signed bytes that were sent again and answered from the log, as they were before: no status has
/// this number.
pub const REPLAYED: u16 = u16::MAX - 1;

/// True if only the feed tells what the record moved.
const fn is_apart(line: &Line) -> bool {
    matches!(line.expects, Expects::Trade | Expects::Exchange)
}

/// The books of a bank.
#[derive(Debug)]
pub struct Books {
    world: Arc<World>,
    bank: usize,
    /// What trades, exchanges and payments that waited came to, only the feed tells.
    follows: bool,
    paid: [i128; PLACES],
    credited: [i128; PLACES],
    /// Events of the feed, each proven.
    pub events: u64,
    /// Receipts that were due and not fetched: too many waited.
    pub receipts_missed: u64,
    /// Answers that nothing in the workload leads to, and the first.
    unexpected: Option<(u64, String)>,
    /// By entry of an own batch: records that the feed has to settle still; less than none if it settled more than were to.
    to_settle: BTreeMap<u64, i64>,
    /// The first entry that answered this bank here: what the feed settles of entries before it was sent in another run.
    first: Option<u64>,
    /// Why the feed ended.
    pub failure: Option<String>,
    /// What the feed settled behind the answers.
    followed: Followed,
    /// The last entry whose events are in the books.
    heard: u64,
    /// Balances were asked for as of this entry: what later ones tell comes into the books with the next look.
    looked: Option<u64>,
    /// Events of later entries, each with its entry.
    behind: Vec<(u64, Vec<u8>)>,
}

impl Books {
    /// Empty ones of a bank that follows its feed, or does not.
    pub fn new(world: Arc<World>, bank: usize, follows: bool) -> Self {
        Self {
            world,
            bank,
            follows,
            paid: [0; PLACES],
            credited: [0; PLACES],
            events: 0,
            receipts_missed: 0,
            unexpected: None,
            to_settle: BTreeMap::new(),
            first: None,
            failure: None,
            followed: Followed::default(),
            heard: 0,
            looked: None,
            behind: Vec::new(),
        }
    }

    /// Takes the answers to a batch that stands in this entry of the log.
    pub fn answered(&mut self, entry: u64, due: &Due, answers: &[Answer]) -> Told {
        self.first = Some(self.first.map_or(entry, |first| first.min(entry)));
        if self.follows && !due.lines.is_empty() {
            let apart = |at: usize| due.lines.get(at).is_some_and(is_apart);
            let later = answers.iter().enumerate();
            let later = later.filter(|(at, answer)| waits(answer) || settles(answer) && apart(*at));
            self.note(entry, later.count() as i64);
        }
        self.answers(due, answers)
    }

    /// Notes how many records of an entry the feed has to settle, or did.
    fn note(&mut self, entry: u64, count: i64) {
        let left = self.to_settle.entry(entry).or_default();
        *left += count;
        if *left == 0 {
            self.to_settle.remove(&entry);
        }
    }

    /// Takes the answers to a batch.
    pub fn answers(&mut self, due: &Due, answers: &[Answer]) -> Told {
        let mut told = Told::default();
        if answers.len() != due.count {
            self.strange(|| format!("{} answers to {} records", answers.len(), due.count));
            return told;
        }
        if due.lines.is_empty() && answers.iter().all(settles) {
            told.settled = answers.len() as u64;
            for (paid, sum) in self.paid.iter_mut().zip(&due.sums) {
                *paid += sum;
            }
            return told;
        }
        for (at, answer) in answers.iter().enumerate() {
            let line = due.lines.get(at);
            let paid = line.and_then(|line| line.paid(answer));
            let Some(paid) = paid else {
                let name = answer.status().map_or("a status that nobody knows", Status::name);
                let again = if answer.is_first() {
                    ""
                } else {
                    ", as known before"
                };
                self.strange(|| match line {
                    Some(line) => format!("{name}{again}, where {:?} was expected", line.expects),
                    None => format!("{name}{again}, where every payment must settle"),
                });
                *told.otherwise.entry(answer.status.get()).or_default() += 1;
                continue;
            };
            let apart = line.is_some_and(is_apart);
            if !answer.is_first() {
                *told.otherwise.entry(REPEATED).or_default() += 1;
            } else if !settles(answer) {
                *told.otherwise.entry(answer.status.get()).or_default() += 1;
            } else if !(apart && self.follows) {
                told.settled += 1;
            }
            if let Some(line) = line.filter(|_| paid > 0) {
                self.paid[usize::from(line.place)] += i128::from(paid);
            }
        }
        told
    }

    fn strange(&mut self, what: impl FnOnce() -> String) {
        let bank = self.bank;
        let (count, _) = self
            .unexpected
            .get_or_insert_with(|| (0, format!("bank {bank}: {}", what())));
        *count += 1;
    }

    /// Brings the books to where the ledger stood after an entry; how many own payments that tells as settled.
    pub fn as_of(&mut self, index: u64) -> u64 {
        self.looked = Some(index);
        let behind = std::mem::take(&mut self.behind);
        let hear = |(entry, bytes): (u64, Vec<u8>)| {
            let events = event::each(&bytes);
            events.map(|event| self.hear(entry, &event)).sum::<u64>()
        };
        behind.into_iter().map(hear).sum()
    }

    /// Takes an event that an entry caused; how many own payments it tells as settled.
    pub fn hear(&mut self, entry: u64, event: &Event<'_>) -> u64 {
        if self.looked.is_some_and(|looked| entry > looked) {
            let bytes = [event.head.as_bytes(), event.body].concat();
            self.behind.push((entry, bytes));
            return 0;
        }
        self.heard = self.heard.max(entry);
        self.events += 1;
        if event.status() != Some(Status::Settled) {
            return 0;
        }
        let (amount, counter) = (event.head.amount.get(), event.head.counter_amount.get());
        let origin = (event.head.origin_entry.get(), event.head.origin_ordinal.get());
        let released = match (event.kind(), event.role()) {
            (Some(EventKind::Payment), Some(role @ (Role::Debtor | Role::Creditor))) => {
                let Some((record, _)) = event.payment() else {
                    return 0;
                };
                let trade = record.kind == Kind::Pvp as u8;
                match role {
                    Role::Creditor if trade => 0,
                    Role::Creditor => self.credit(record.currency.get(), amount),
                    _ => {
                        self.pay(record.currency.get(), amount);
                        if trade {
                            self.credit(record.counter_currency.get(), counter);
                        }
                        self.followed.paid(origin.0, origin.1, amount);
                        1
                    }
                }
            }
            (Some(EventKind::Exchange), Some(role)) => {
                let Some((exchange, record, _)) = event.exchange() else {
                    return 0;
                };
                match role {
                    Role::Debtor => {
                        self.pay(record.currency.get(), amount);
                        self.followed.exchanged(origin, &exchange, record);
                        1
                    }
                    Role::Creditor => self.credit(record.counter_currency.get(), counter),
                    Role::Provider => {
                        let own = FIRST_BANK + self.bank as u32;
                        for hop in exchange.hops.iter().filter(|hop| hop.provider.0 == own) {
                            self.credit(hop.from.0, hop.from.1);
                            self.pay(hop.to.0, hop.to.1);
                        }
                        0
                    }
                    _ => 0,
                }
            }
            _ => 0,
        };
        if released > 0 {
            self.note(origin.0, -1);
        }
        released
    }

    fn pay(&mut self, currency: u16, amount: u64) {
        if let Some(place) = self.world.place(currency) {
            self.paid[place] += i128::from(amount);
        }
    }

    /// Nothing of one's own settles by it.
    fn credit(&mut self, currency: u16, amount: u64) -> u64 {
        if let Some(place) = self.world.place(currency) {
            self.credited[place] += i128::from(amount);
        }
        0
    }

    /// What makes the run fail whatever the balances are. Asked once every batch was answered.
    pub fn contradiction(&self) -> Option<String> {
        if let Some((count, first)) = &self.unexpected {
            return Some(format!("{count} answers that cannot be, the first: {first}"));
        }
        let mut own = self.to_settle.range(self.first?..);
        let (entry, left) = own.find(|(_, left)| **left < 0)?;
        Some(format!(
            "bank {}: the feed settles {} records of log entry {entry} that its answers do not leave open",
            self.bank, -left
        ))
    }

    /// The last entry whose events are in the books, if the balances of `index` cannot hold what it told.
    pub fn ahead_of(&self, index: u64) -> Option<u64> {
        (self.heard > index).then_some(self.heard)
    }

    /// What the feed told; nothing if it was not followed.
    pub fn take_followed(&mut self) -> Option<Followed> {
        self.follows.then(|| std::mem::take(&mut self.followed))
    }

    /// The first currency in which what stood before, less what was paid, and what came in differ from the ledger. Every
    /// account of the bank must be told once, and no other may have moved.
    pub fn difference(&self, before: &[BalanceLine], after: &[BalanceLine]) -> Option<String> {
        let was = |currency: u16| {
            let was = before.iter().find(|was| was.currency == currency);
            was.map_or(0, |was| was.balance)
        };
        let own = FIRST_BANK + self.bank as u32;
        for (place, (currency, _)) in (0..)
            .zip(&self.world.holders)
            .filter(|(_, (_, holders))| holders.contains(&own))
        {
            let mut lines = after.iter().filter(|line| line.currency == *currency);
            let (Some(line), None) = (lines.next(), lines.next()) else {
                let told = after.iter().filter(|line| line.currency == *currency).count();
                return Some(format!(
                    "bank {}, currency {currency}: the ledger tells {told} balances of one account",
                    self.bank
                ));
            };
            let (was, paid, credited) = (was(*currency), self.paid[place], self.credited[place]);
            if was - paid + credited != line.balance {
                return Some(format!(
                    "bank {}, currency {currency}: {was} before, {paid} paid, {credited} credited, {} on the ledger",
                    self.bank, line.balance
                ));
            }
        }
        let known = |currency: u16| {
            let place = self.world.place(currency);
            place.is_some_and(|place| self.world.holders[place].1.contains(&own))
        };
        let others = after
            .iter()
            .find(|line| !known(line.currency) && line.balance != was(line.currency));
        others.map(|line| {
            format!(
                "bank {}, currency {}: {} before, {} on the ledger, and nobody pays in it",
                self.bank,
                line.currency,
                was(line.currency),
                line.balance
            )
        })
    }
}

#[cfg(test)]
mod tests;
