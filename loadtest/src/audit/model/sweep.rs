//! Work that may take more than one entry: what waits when a currency closes, and when a participant's hold ends.
use std::ops::Bound;

use causeway_message::statement::DayStep;
use causeway_message::{InstructionId, Status};

use super::classes::{Spot, Waiting};
use super::dated::DateAndOrigin;
use super::default::Ruin;
use super::{Caused, Model, Origin, Place};

/// A sweep under way.
#[derive(Debug, Clone)]
pub(super) enum Sweep {
    /// A currency closed.
    Close(Close),
    /// The hold of a participant ended.
    EndOfHold {
        participant: u32,
        /// What was looked at last.
        last: Option<Origin>,
    },
    /// A day began: what was looked at last of all that belongs to trades.
    Review(Option<Origin>),
    /// What was looked at last of all that awaits a quote.
    Looks(Option<Origin>),
    /// The default of a participant was confirmed.
    Ruin(u32, Ruin),
    /// A netting window ends without having settled.
    Window(InstructionId),
    /// What was looked at last of all that is dated in a currency.
    Dates {
        currency: u16,
        last: Option<DateAndOrigin>,
    },
}

/// How far a close has come.
#[derive(Debug, Clone)]
pub(super) struct Close {
    pub currency: u16,
    date: u16,
    part: Part,
    /// What the step under way came to.
    count: u32,
    value: i128,
}

/// The parts of a close, one after the other. Each goes through all that there is, whatever its currency.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// The queues of so many accounts were emptied.
    Queues(usize),
    /// Up to this one, all that waits outside was looked at.
    Outside(Option<Origin>),
    /// Up to this one, all that stands beside the queues for a trade.
    Beside(Option<Origin>),
    /// So many accounts were asked for credit in use.
    Credit(usize),
    /// So many accounts were billed.
    Bills(usize),
    /// So many statements were given.
    Statements(usize),
}

impl Close {
    pub const fn new(currency: u16, date: u16) -> Self {
        Self {
            currency,
            date,
            part: Part::Queues(0),
            count: 0,
            value: 0,
        }
    }

    /// True if all that is left of it are statements.
    pub const fn tells_statements(&self) -> bool {
        matches!(self.part, Part::Statements(_))
    }

    fn add(&mut self, count: usize, value: i128) {
        self.count += count as u32;
        self.value += value;
    }
}

impl Model {
    /// Goes on with what was begun first, as far as one entry goes.
    pub(super) fn sweep(&mut self, caused: &mut Caused) {
        while self.budget > 0 && !self.halted {
            let Some(first) = self.sweeps.front().cloned() else {
                return;
            };
            let (effects, budget) = (self.effects, self.budget);
            let next = match first {
                Sweep::Close(close) => self.step_of_close(close, caused),
                Sweep::EndOfHold { participant, last } => self.next_parked(participant, last, caused),
                Sweep::Review(last) => self.next_review(last, caused),
                Sweep::Looks(last) => self.next_look(last, caused),
                Sweep::Ruin(who, ruin) => self.step_of_ruin(who, ruin, caused),
                Sweep::Window(id) => self.step_of_window(id, caused),
                Sweep::Dates { currency, last } => self.next_dated(currency, last, caused),
            };
            // What has more effects than steps takes so many.
            let steps = (budget - self.budget).max(self.effects - effects);
            self.budget = budget.saturating_sub(steps);
            match (next, self.sweeps.front_mut()) {
                (Some(next), Some(front)) => *front = next,
                _ => drop(self.sweeps.pop_front()),
            }
        }
    }

    /// A step of a sweep is done, or so many where a chain ended or came back.
    pub(super) fn spend(&mut self, steps: usize) {
        self.budget = self.budget.saturating_sub(steps);
    }

    /// A step of a close is done; what comes next is for the next entry.
    fn end_step(&mut self, close: &mut Close, step: DayStep, caused: &mut Caused) {
        let sum = (std::mem::take(&mut close.count), std::mem::take(&mut close.value));
        self.summed(close.currency, step, 0, sum, caused);
        self.halted = self.is_fourth();
    }

    /// Looks at the next account or payment; what is left to do then.
    fn step_of_close(&mut self, mut close: Close, caused: &mut Caused) -> Option<Sweep> {
        let waited = self.waits.len();
        let next = match close.part {
            Part::Queues(done) => match self.money.nth(done) {
                Some(place) => {
                    let next = self.next_in(place).filter(|_| place.1 == close.currency);
                    let ended = next.map(|next| self.end_at_close(next, caused));
                    self.spend(ended.unwrap_or(1));
                    Part::Queues(if ended.is_some() { done } else { done + 1 })
                }
                None => Part::Outside(None),
            },
            Part::Outside(last) => match self.next_outside(last) {
                Some(next) => {
                    let fourth = self.is_fourth();
                    let ends = self.waits.get(&next).is_some_and(|item| {
                        let later = fourth && item.record().value_date.get() > close.date;
                        item.place().1 == close.currency && !later
                    });
                    let steps = if ends { self.end_at_close(next, caused) } else { 1 };
                    self.spend(steps);
                    Part::Outside(Some(next))
                }
                None => Part::Beside(None),
            },
            Part::Beside(last) => match self.next_beside(last) {
                Some(next) => {
                    let steps = if self.ends_with(next, &close) {
                        self.end_at_close(next, caused)
                    } else {
                        1
                    };
                    self.spend(steps);
                    Part::Beside(Some(next))
                }
                None => {
                    self.end_step(&mut close, DayStep::Rejected, caused);
                    if self.is_fourth() {
                        Part::Credit(0)
                    } else {
                        Part::Bills(0)
                    }
                }
            },
            Part::Credit(done) => match self.money.nth(done) {
                Some(place) => {
                    let own = place.1 == close.currency;
                    let used = if own { self.ask_back(place, caused) } else { 0 };
                    close.add(usize::from(used != 0), used.into());
                    self.spend(1);
                    Part::Credit(done + 1)
                }
                None => {
                    self.end_step(&mut close, DayStep::Credit, caused);
                    Part::Bills(0)
                }
            },
            Part::Bills(done) => match self.money.nth(done) {
                Some(place) => {
                    if place.1 == close.currency {
                        let billed = self.bill(place, close.date, caused);
                        close.add(usize::from(billed != 0), billed.into());
                        if self.pay_ins.close(place) {
                            self.wake(place);
                        }
                    }
                    self.spend(1);
                    Part::Bills(done + 1)
                }
                None if self.is_fourth() => {
                    self.end_step(&mut close, DayStep::Fees, caused);
                    Part::Statements(0)
                }
                None => return None,
            },
            Part::Statements(done) => match self.give_statement(close.currency, done, caused) {
                Some((count, value)) => {
                    close.add(count as usize, value);
                    self.spend(1);
                    Part::Statements(done + 1)
                }
                None => {
                    self.end_step(&mut close, DayStep::Statements, caused);
                    return None;
                }
            },
        };
        if matches!(close.part, Part::Queues(_) | Part::Outside(_) | Part::Beside(_)) {
            close.add(waited - self.waits.len(), 0);
        }
        if !self.is_fourth() {
            // Steps are counted from that version on.
            (close.count, close.value) = (0, 0);
        }
        close.part = next;
        Some(Sweep::Close(close))
    }

    /// The first payment of an account, from its highest class down.
    fn next_in(&self, place: Place) -> Option<Origin> {
        let account = self.money.get(place)?;
        account.queues.iter().rev().flatten().next().copied()
    }

    /// False for a trade of a later value date, or in other currencies.
    fn ends_with(&self, origin: Origin, close: &Close) -> bool {
        let item = self.waits.get(&origin);
        item.is_none_or(|item| {
            let record = item.record();
            let either = [record.currency.get(), record.counter_currency.get()].contains(&close.currency);
            !item.is_trade() || either && record.value_date.get() <= close.date
        })
    }

    /// The first payment that waits outside a queue, of those that came after one.
    pub(super) fn next_outside(&self, last: Option<Origin>) -> Option<Origin> {
        self.next_waiting(last, |item| item.spot != Spot::Queue && !item.is_trade())
    }

    /// The first side of a trade that stands beside the queues, of those that came after one.
    fn next_beside(&self, last: Option<Origin>) -> Option<Origin> {
        self.next_of_trades(last, |item| item.spot != Spot::Queue)
    }

    /// The first side of a trade that answers to this, of those that came after one.
    pub(super) fn next_of_trades(
        &self,
        last: Option<Origin>,
        fits: impl Fn(&Waiting) -> bool,
    ) -> Option<Origin> {
        self.next_waiting(last, |item| item.is_trade() && fits(item))
    }

    /// The first that waits and answers to this, of those that came after one.
    pub(super) fn next_waiting(
        &self,
        last: Option<Origin>,
        fits: impl Fn(&Waiting) -> bool,
    ) -> Option<Origin> {
        let begin = last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = self.waits.range((begin, Bound::Unbounded));
        rest.find(|(_, item)| fits(item)).map(|(origin, _)| *origin)
    }

    /// A payment ends because its currency closed, and all of its chain as it does. Returns how many ended.
    pub(super) fn end_at_close(&mut self, origin: Origin, caused: &mut Caused) -> usize {
        let items = self.chain_of(origin);
        let over = items
            .iter()
            .any(|item| item.end().is_some_and(|end| self.has_come(end)));
        let status = if over {
            Status::Expired
        } else {
            Status::RejectedClose
        };
        if items.iter().any(Waiting::is_trade) {
            self.end_trade(origin, status, caused);
            return items.len();
        }
        self.end_chain(&items, (0, status), status, caused);
        items.len()
    }
}
