//! A bank's own books, from its answers and its feed alone, held to what the ledger says of its accounts. Sums by the place
//! of the currency: nothing here grows with the payments.
use std::collections::BTreeMap;
use std::sync::Arc;

use causeway_message::Status;
use causeway_message::answer::Answer;
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::Kind;
use causeway_message::wire::BalanceLine;

use crate::workload::{Due, Expects};
use crate::world::{PLACES, World};

/// What the answers of a batch said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told {
    /// Settled by it.
    pub settled: u64,
    /// Anything else, by the number of the status; what was known before under [`REPEATED`].
    pub otherwise: BTreeMap<u16, u64>,
}

/// Stands for records that were known before, whatever became of them: no status has this number.
pub const REPEATED: u16 = u16::MAX;

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
    /// Payments of the bank that the feed told as settled.
    pub released: u64,
    /// Receipts that were due and not fetched: too many waited.
    pub receipts_missed: u64,
    /// Answers that nothing in the workload leads to, and the first.
    unexpected: Option<(u64, String)>,
    /// Why the feed ended.
    pub failure: Option<String>,
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
            released: 0,
            receipts_missed: 0,
            unexpected: None,
            failure: None,
        }
    }

    /// Takes the answers to a batch.
    pub fn answers(&mut self, due: &Due, answers: &[Answer]) -> Told {
        let mut told = Told::default();
        if answers.len() != due.count {
            self.strange(|| format!("{} answers to {} records", answers.len(), due.count));
            return told;
        }
        let settled = |answer: &Answer| answer.is_first() && answer.status() == Some(Status::Settled);
        if due.lines.is_empty() && answers.iter().all(settled) {
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
            let apart = line.is_some_and(|line| matches!(line.expects, Expects::Trade | Expects::Exchange));
            if !answer.is_first() {
                *told.otherwise.entry(REPEATED).or_default() += 1;
            } else if !settled(answer) {
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

    /// Takes an event of the feed; how many own payments it tells as settled.
    pub fn hear(&mut self, event: &Event<'_>) -> u64 {
        self.events += 1;
        if event.status() != Some(Status::Settled) {
            return 0;
        }
        let (amount, counter) = (event.head.amount.get(), event.head.counter_amount.get());
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
                        1
                    }
                    Role::Creditor => self.credit(record.counter_currency.get(), counter),
                    Role::Provider => {
                        let own = crate::world::FIRST_BANK + self.bank as u32;
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
        self.released += released;
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

    /// What makes the run fail whatever the balances are.
    pub fn contradiction(&self) -> Option<String> {
        self.unexpected
            .as_ref()
            .map(|(count, first)| format!("{count} answers that cannot be, the first: {first}"))
    }

    /// The first currency in which what stood before, less what was paid, and what came in differ from the ledger.
    pub fn difference(&self, before: &[BalanceLine], after: &[BalanceLine]) -> Option<String> {
        after.iter().find_map(|line| {
            let was = before.iter().find(|was| was.currency == line.currency);
            let was = was.map_or(0, |was| was.balance);
            let place = self.world.place(line.currency)?;
            let (paid, credited) = (self.paid[place], self.credited[place]);
            (was - paid + credited != line.balance).then(|| {
                format!(
                    "bank {}, currency {}: {was} before, {paid} paid, {credited} credited, {} on the ledger",
                    self.bank, line.currency, line.balance
                )
            })
        })
    }
}

#[cfg(test)]
mod tests;
