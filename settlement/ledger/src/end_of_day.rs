//! The steps of a business day that its overseers are told, and the statements at its end.
use std::collections::BTreeMap;

use causeway_message::action::role;
use causeway_message::statement::{DayStep, DayTold, Statement};
use causeway_message::{ParticipantId, mutated};

use crate::apply::Ledger;
use crate::limits::OVERSEERS_TOLD;
use crate::outcome::{DayNotice, Outcome, StatementNotice};
use crate::sweep::{Stage, Sweep};

/// The newest statement of an account, or of an agent's liability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastStatement {
    /// Business date, in days since 2000-01-01.
    pub date: u16,
    /// Balance at its end, in minor units.
    pub closing: i128,
    /// Log position up to which it goes.
    pub to: u64,
    /// Log index of the entry that told it; zero if there is none yet.
    pub told: u64,
}

impl LastStatement {
    /// The statement that follows.
    fn next(&mut self, currency: u16, told: Self) -> Statement {
        let statement = Statement {
            currency,
            date: told.date,
            opening: self.closing,
            closing: told.closing,
            from: self.to,
            to: told.to,
            before: self.told,
        };
        *self = told;
        statement
    }
}

/// Balances of one position of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Closings {
    /// The position.
    pub to: u64,
    /// Accounts of the currency, by rising number.
    pub accounts: Vec<(u32, i128)>,
    /// What the agent owes.
    pub liability: i128,
}

/// How far the close of a currency has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What the step under way came to so far.
    pub count: u32,
    pub value: i128,
    /// What the statements tell.
    pub closings: Option<Closings>,
}

/// What is known of days that ended, and of ends under way.
#[derive(Debug, Default)]
pub(crate) struct EndOfDay {
    /// By number of the account; those behind the last have none.
    pub accounts: Vec<LastStatement>,
    /// Of liabilities, by currency.
    pub liabilities: BTreeMap<u16, LastStatement>,
    /// By currency.
    pub under_way: BTreeMap<u16, Progress>,
    /// The step that the present day of a currency has come to.
    pub steps: BTreeMap<u16, DayStep>,
    /// Told at the end of the entry.
    told: Vec<DayNotice>,
    /// No sweep goes on in this entry.
    pub paused: bool,
}

impl Ledger {
    /// Tells the overseers of a currency that a step is done.
    pub(crate) fn tell_step(&mut self, place: usize, step: DayStep, at: u32) {
        self.tell_sum(place, step, at, (0, 0));
    }

    fn tell_sum(&mut self, place: usize, step: DayStep, at: u32, (count, value): (u32, i128)) {
        if self.rules < 4 {
            return;
        }
        let book = &self.accounts.books()[place];
        let told = DayTold {
            currency: book.currency,
            date: book.date,
            step,
            at,
            count,
            value,
        };
        let agent = book.agent;
        let watches = |roles: u8| roles & (role::OPERATOR | role::REGULATOR) != 0;
        let all = (0..).map(ParticipantId).zip(self.registry.all());
        let overseers = all.filter(|(_, other)| watches(other.roles)).map(|(id, _)| id);
        let mut whom: Vec<ParticipantId> = overseers.take(OVERSEERS_TOLD).collect();
        if !whom.contains(&agent) {
            whom.push(agent);
        }
        if step != DayStep::Extended {
            self.end_of_day.steps.insert(told.currency, step);
        }
        self.end_of_day.told.push(DayNotice { told, whom });
    }

    /// Hands over what was told in this entry, and takes the closings of a day whose fees were billed in it.
    pub(crate) fn end_entry(&mut self, out: &mut Outcome) {
        self.end_of_day.paused = false;
        out.days.append(&mut self.end_of_day.told);
        let Some(Sweep::Close {
            currency,
            stage: Stage::Statements,
            ..
        }) = self.sweeps.front().copied()
        else {
            return;
        };
        let Some(place) = self.accounts.book(currency) else {
            return;
        };
        let progress = self.end_of_day.under_way.entry(currency).or_default();
        if progress.closings.is_some() {
            return;
        }
        let accounts = (0..).zip(self.accounts.all());
        let own = accounts.filter(|(_, account)| account.currency == currency);
        progress.closings = Some(Closings {
            to: self.index,
            accounts: own.map(|(id, account)| (id, account.balance)).collect(),
            liability: -self.accounts.books()[place].liability,
        });
    }

    /// The step of a close that is under way came to this much more.
    pub(crate) fn count_step(&mut self, currency: u16, count: usize, value: i128) {
        if self.rules >= 4 && (count, value) != (0, 0) {
            let progress = self.end_of_day.under_way.entry(currency).or_default();
            progress.count = progress
                .count
                .saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            progress.value = progress.value.saturating_add(value);
        }
    }

    /// A step of a close is done: what comes next begins with the entry after this one.
    pub(crate) fn end_step(&mut self, currency: u16, step: DayStep) {
        if self.rules < 4 {
            return;
        }
        let progress = self.end_of_day.under_way.entry(currency).or_default();
        let sum = (
            std::mem::take(&mut progress.count),
            std::mem::take(&mut progress.value),
        );
        if step == DayStep::Statements {
            self.end_of_day.under_way.remove(&currency);
        }
        if let Some(place) = self.accounts.book(currency) {
            self.tell_sum(place, step, 0, sum);
        }
        self.end_of_day.paused = true;
    }

    /// Tells the statement of the account at a place of the closings, and the liability's behind the last.
    /// `None` when all were told.
    pub(crate) fn tell_statement(&mut self, currency: u16, at: u32, out: &mut Outcome) -> Option<usize> {
        let place = self.accounts.book(currency)?;
        let (date, agent) = {
            let book = &self.accounts.books()[place];
            (book.date, book.agent)
        };
        let closings = self.end_of_day.under_way.get(&currency)?.closings.as_ref()?;
        let (to, told) = (closings.to, self.index);
        let last = |closing| LastStatement {
            date,
            closing,
            to,
            told,
        };
        if let Some((id, closing)) = closings.accounts.get(at as usize).copied() {
            let all = &mut self.end_of_day.accounts;
            let number = id as usize;
            if all.len() <= number {
                all.resize(number + 1, LastStatement::default());
            }
            let shift = i128::from(mutated!(ClosingShifted));
            let statement = all[number].next(currency, last(closing + shift));
            out.statements.push(StatementNotice {
                whom: ParticipantId(self.accounts.get(id).participant),
                overseer: false,
                statement,
            });
            self.count_step(currency, 1, 0);
            return Some(1);
        }
        if at as usize > closings.accounts.len() {
            return None;
        }
        let liability = closings.liability;
        let before = self.end_of_day.liabilities.entry(currency).or_default();
        let statement = before.next(currency, last(liability));
        out.statements.push(StatementNotice {
            whom: agent,
            overseer: true,
            statement,
        });
        self.count_step(currency, 0, liability);
        Some(1)
    }

    /// The newest statement of an account.
    pub fn last_statement(&self, participant: ParticipantId, currency: u16) -> Option<LastStatement> {
        let account = self.account_of(participant, currency).ok()?;
        let last = self.end_of_day.accounts.get(account as usize).copied();
        last.filter(|last| last.told != 0)
    }

    /// The newest statement of the liability of a currency's agent.
    pub fn last_liability(&self, currency: u16) -> Option<LastStatement> {
        self.end_of_day.liabilities.get(&currency).copied()
    }
}
