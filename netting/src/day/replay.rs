//! The replay: each item settles when it arrives if it can, and otherwise waits for money, or for netting.
use super::Day;
use super::queues::Queues;
use crate::case::{Account, Builder, Case, CaseError, Leg};
use crate::chosen::Chosen;
use crate::fixpoint::fifo;
use crate::improve::bypass;
use crate::tests::CashOnly;

/// By what means what waits settles. In all of them an item settles when it arrives, if it is first in its queues and
/// all that it debits have the money; and whenever an account gets money, what is first in its queue is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Nothing else.
    Gross,
    /// Now and then the greatest set that passes nothing ([`fifo`]).
    Fifo,
    /// Now and then more, where later items pass earlier ones ([`bypass`]).
    Bypass,
}

/// Who follows a replay, and says how long netting may look for more.
pub trait Watch {
    /// The replay has come to this time of the day, in milliseconds since midnight; netting may run now.
    fn reached(&mut self, at: u32);
    /// As in [`bypass`]: false ends the run.
    fn go_on(&mut self) -> bool;
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// When each item settled, in milliseconds since midnight; none for what was left at the close.
    pub settled: Vec<Option<u32>>,
    /// Balance of each account at the close, in minor units.
    pub balances: Vec<i128>,
    /// Lowest balance of each account over the day, in minor units.
    pub lowest: Vec<i128>,
    /// Netting runs; those that could not find anything because nothing had changed are left out.
    pub runs: u64,
    /// Items that settled by netting.
    pub netted: u64,
}

/// Replays a day. Netting runs over all that waits `every` so many milliseconds (one at least) from the opening on,
/// after what arrives at that time, and at the close. With the same answers of `watch` the outcome is the same.
pub fn replay(day: &Day, means: Means, every: u32, watch: &mut dyn Watch) -> Result<Outcome, CaseError> {
    let (open, close) = day.hours();
    let every = every.max(1);
    let mut replay = Replay::new(day, means);
    let mut tick = open.saturating_add(every);
    for (item, at) in day.times().iter().enumerate() {
        while tick < *at {
            replay.net(tick, watch)?;
            tick = tick.saturating_add(every);
        }
        replay.arrive(item as u32, *at);
    }
    while tick < close {
        replay.net(tick, watch)?;
        tick = tick.saturating_add(every);
    }
    replay.net(close, watch)?;
    Ok(Outcome {
        settled: replay.settled,
        balances: replay.queues.balances,
        lowest: replay.queues.lowest,
        runs: replay.runs,
        netted: replay.netted,
    })
}

struct Replay<'a> {
    case: &'a Case,
    means: Means,
    queues: Queues<'a>,
    settled: Vec<Option<u32>>,
    /// Items that did not settle when they arrived, rising; some may have settled since.
    waiting: Vec<u32>,
    /// True if netting might find what it did not find last time.
    changed: bool,
    /// Number of each account in the case of what waits; [`ABSENT`] for the others.
    numbers: Vec<u32>,
    runs: u64,
    netted: u64,
}

const ABSENT: u32 = u32::MAX;

impl<'a> Replay<'a> {
    fn new(day: &'a Day, means: Means) -> Self {
        let case = day.case();
        Self {
            case,
            means,
            queues: Queues::new(case),
            settled: vec![None; case.items()],
            waiting: Vec::new(),
            changed: false,
            numbers: vec![ABSENT; case.accounts().len()],
            runs: 0,
            netted: 0,
        }
    }

    fn arrive(&mut self, item: u32, at: u32) {
        self.queues.arrive(item);
        self.settle_heads(at);
        if !self.queues.has_settled(item) {
            self.waiting.push(item);
        }
        // Whether it waits or moved money: both may let others settle together.
        self.changed = true;
    }

    fn settle_heads(&mut self, at: u32) {
        let settled = &mut self.settled;
        self.queues.settle_heads(|item| settled[item as usize] = Some(at));
    }

    fn net(&mut self, at: u32, watch: &mut dyn Watch) -> Result<(), CaseError> {
        watch.reached(at);
        if self.means == Means::Gross || !std::mem::take(&mut self.changed) {
            return Ok(());
        }
        let queues = &self.queues;
        self.waiting.retain(|item| !queues.has_settled(*item));
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.runs += 1;
        let case = self.case_of_waiting()?;
        let chosen = match self.means {
            Means::Bypass => bypass(&case, &CashOnly, &mut || watch.go_on()),
            Means::Gross | Means::Fifo => fifo(&case, &CashOnly).chosen(&case),
        };
        self.settle_chosen(&chosen, at);
        Ok(())
    }

    fn settle_chosen(&mut self, chosen: &Chosen, at: u32) {
        let items: Vec<u32> = chosen
            .iter()
            .filter_map(|place| self.waiting.get(place as usize).copied())
            .collect();
        items
            .iter()
            .for_each(|item| self.settled[*item as usize] = Some(at));
        self.netted += items.len() as u64;
        self.queues.settle_together(&items);
        self.settle_heads(at);
    }

    /// What waits, in order, with the accounts that it moves as they stand.
    fn case_of_waiting(&mut self) -> Result<Case, CaseError> {
        let case = self.case;
        let mut builder = Builder::new();
        for (currency, weight) in case.weights.iter().enumerate() {
            builder.weight(currency as u16, *weight)?;
        }
        let mut used = Vec::new();
        let mut legs = Vec::new();
        for item in &self.waiting {
            legs.clear();
            for leg in case.legs(*item) {
                for account in [leg.debtor, leg.creditor] {
                    let at = account as usize;
                    if self.numbers[at] == ABSENT {
                        self.numbers[at] = builder.account(Account {
                            balance: self.queues.balances[at],
                            ..case.accounts()[at]
                        })?;
                        used.push(at);
                    }
                }
                legs.push(Leg {
                    debtor: self.numbers[leg.debtor as usize],
                    creditor: self.numbers[leg.creditor as usize],
                    ..*leg
                });
            }
            builder.item(&legs)?;
        }
        used.into_iter().for_each(|at| self.numbers[at] = ABSENT);
        Ok(builder.build())
    }
}
