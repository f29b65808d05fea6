//! Steps of a day, and statements at its end (PROTOCOL §30).
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::action::role;
use causeway_message::statement::{DayStep, DayTold, Statement};

use super::sweep::Sweep;
use super::{Caused, Model, Place};

/// Operators and regulators that are told of a step.
const WATCHERS: usize = 64;

/// A step that was done, and who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub told: DayTold,
    pub whom: Vec<ParticipantId>,
}

/// A statement and whose it is; of a liability, true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub whom: ParticipantId,
    pub of_liability: bool,
    pub statement: Statement,
}

/// The statements so far, and those to be given.
#[derive(Debug, Default)]
pub(super) struct Statements {
    accounts: BTreeMap<Place, (Statement, u64)>,
    liabilities: BTreeMap<u16, (Statement, u64)>,
    /// Position and closings, of currencies whose fees were billed.
    noted: BTreeMap<u16, (u64, Vec<(Place, i128)>)>,
}

fn following(before: Option<(Statement, u64)>, new: Statement) -> Statement {
    let Some((before, told)) = before else {
        return new;
    };
    Statement {
        opening: before.closing,
        from: before.to,
        before: told,
        ..new
    }
}

impl Model {
    pub(super) fn step(&mut self, currency: u16, step: DayStep, at: u32, caused: &mut Caused) {
        self.summed(currency, step, at, (0, 0), caused);
    }

    pub(super) fn summed(
        &mut self,
        currency: u16,
        step: DayStep,
        at: u32,
        (count, value): (u32, i128),
        caused: &mut Caused,
    ) {
        if !self.is_fourth() {
            return;
        }
        let Some(agent) = self.money.currency(currency).map(|own| own.agent) else {
            return;
        };
        let mut whom = Vec::new();
        for (id, member) in self.members.iter().enumerate() {
            let watches = member.roles & role::OPERATOR != 0 || member.roles & role::REGULATOR != 0;
            if watches && whom.len() < WATCHERS {
                whom.push(ParticipantId(id as u32));
            }
        }
        if whom.iter().all(|other| *other != agent) {
            whom.push(agent);
        }
        let date = self.business_date(currency) as u16;
        let told = DayTold {
            currency,
            date,
            step,
            at,
            count,
            value,
        };
        caused.steps.push(Step { told, whom });
    }

    /// The entry is over: where fees were billed in it, the closings are those of now.
    pub(super) fn note_closings(&mut self) {
        let Some(Sweep::Close(close)) = self.sweeps.front() else {
            return;
        };
        let currency = close.currency;
        if !close.tells_statements() || self.statements.noted.contains_key(&currency) {
            return;
        }
        let mut closings = Vec::new();
        let mut number = 0;
        while let Some(place) = self.money.nth(number) {
            number += 1;
            if place.1 == currency {
                let balance = self.money.get(place).map_or(0, |account| account.balance);
                closings.push((place, balance));
            }
        }
        self.statements.noted.insert(currency, (self.index, closings));
    }

    /// Gives the statement at a place, or behind the last the liability's. `None` when all were given; then the sum
    /// of what they tell is known.
    pub(super) fn give_statement(
        &mut self,
        currency: u16,
        place: usize,
        caused: &mut Caused,
    ) -> Option<(u32, i128)> {
        let (to, closings) = self.statements.noted.get(&currency)?;
        let new = |closing| Statement {
            currency,
            date: self.business_date(currency) as u16,
            opening: 0,
            closing,
            from: 0,
            to: *to,
            before: 0,
        };
        if let Some((of, closing)) = closings.get(place).copied() {
            let statement = following(self.statements.accounts.get(&of).copied(), new(closing));
            self.statements.accounts.insert(of, (statement, self.index));
            caused.statements.push(Given {
                whom: ParticipantId(of.0),
                of_liability: false,
                statement,
            });
            return Some((1, 0));
        }
        if place > closings.len() {
            self.statements.noted.remove(&currency);
            return None;
        }
        let sum = closings.iter().map(|(_, closing)| closing).sum();
        let before = self.statements.liabilities.get(&currency).copied();
        let statement = following(before, new(sum));
        self.statements
            .liabilities
            .insert(currency, (statement, self.index));
        let whom = self.money.currency(currency)?.agent;
        caused.statements.push(Given {
            whom,
            of_liability: true,
            statement,
        });
        Some((0, sum))
    }
}
