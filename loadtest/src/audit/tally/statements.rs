//! Statements: each says what the account held when the day's fees were billed, and goes on where the one before ended.
use std::collections::BTreeMap;

use causeway_message::statement::{DayStep, Statement};

use super::Tally;
use super::seen::Seen;
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// What statements have to say.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// The last of each account, and of each liability, and the entry that told it.
    accounts: BTreeMap<Place, (Statement, u64)>,
    liabilities: BTreeMap<u16, (Statement, u64)>,
    /// Position and balances of accounts whose statement is not told yet, by currency.
    due: BTreeMap<u16, (u64, BTreeMap<u32, i128>)>,
    issued: BTreeMap<u16, i128>,
}

impl Tally {
    pub(super) fn check_statements(&mut self, seen: &Seen) -> Result<(), Fault> {
        for (whose, of_liability, statement) in &seen.statements {
            let currency = statement.currency;
            let at = || format!("log entry {}: statement of {whose} for {statement:?}", seen.entry);
            let due = self.statements.due.get_mut(&currency);
            let Some((to, balances)) = due else {
                return Err(Fault::new(Rule::Statement, format!("{}: none is due", at())));
            };
            let (before, closing) = if *of_liability {
                let before = self.statements.liabilities.get(&currency);
                (before.copied(), self.statements.issued.remove(&currency))
            } else {
                let place = (whose.0, currency);
                (
                    self.statements.accounts.get(&place).copied(),
                    balances.remove(&whose.0),
                )
            };
            let Some(closing) = closing else {
                return Err(Fault::new(Rule::Statement, format!("{}: a second one", at())));
            };
            let (last, told) = before.unwrap_or_default();
            let expected = Statement {
                currency,
                date: statement.date,
                opening: last.closing,
                closing,
                from: last.to,
                to: *to,
                before: told,
            };
            same(Rule::Statement, &expected, statement, at)?;
            hold(
                before.is_none() || last.date < statement.date,
                Rule::Statement,
                || format!("{}: its date does not rise", at()),
            )?;
            let told = (*statement, seen.entry);
            if *of_liability {
                self.statements.liabilities.insert(currency, told);
            } else {
                self.statements.accounts.insert((whose.0, currency), told);
            }
        }
        for step in &seen.steps {
            let currency = step.currency;
            if step.step == DayStep::Statements {
                let due = self.statements.due.remove(&currency);
                let left = due.map_or(0, |(_, balances)| balances.len());
                let owed = self.statements.issued.remove(&currency);
                hold(owed.is_none(), Rule::Statement, || {
                    format!(
                        "log entry {}: the liability in currency {currency} has none",
                        seen.entry
                    )
                })?;
                hold(left == 0, Rule::Statement, || {
                    format!(
                        "log entry {}: {left} accounts of currency {currency} have none",
                        seen.entry
                    )
                })?;
            }
            if step.step == DayStep::Fees {
                let own = self.accounts.iter().filter(|(place, _)| place.1 == currency);
                let balances = own.map(|(place, account)| (place.0, account.balance)).collect();
                self.statements.due.insert(currency, (seen.entry, balances));
                let issued = self.issued.get(&currency).copied().unwrap_or(0);
                self.statements.issued.insert(currency, issued);
            }
        }
        Ok(())
    }
}
