//! Where an account stands now: what a report of the running day ends with.
use causeway_message::ParticipantId;
use causeway_message::posting::Account;

use crate::apply::Ledger;

/// Where an account stands after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountNow {
    /// Log index of the entry.
    pub index: u64,
    /// Balance in minor units; of a liability the sum of all accounts that it backs.
    pub balance: i128,
    /// Business date of the currency in days since 2000-01-01; zero before its first day.
    pub date: u16,
    /// Log index of the entry that told the newest statement; zero if there is none.
    pub told: u64,
}

impl Ledger {
    /// Where an account, or the liability of a settlement agent, stands; `None` if there is no such account.
    pub fn account_now(&self, account: &Account) -> Option<AccountNow> {
        let place = self.accounts.book(account.currency)?;
        let book = self.accounts.books().get(place)?;
        let balance = if account.liability {
            (book.agent == account.participant).then_some(-book.liability)?
        } else {
            let ParticipantId(participant) = account.participant;
            self.accounts.get(self.accounts.find(participant, place)?).balance
        };
        let last = if account.liability {
            self.last_liability(account.currency)
        } else {
            self.last_statement(account.participant, account.currency)
        };
        Some(AccountNow {
            index: self.index(),
            balance,
            // Between two days there is no running one.
            date: if last.is_some_and(|last| last.date == book.date) {
                0
            } else {
                book.date
            },
            told: last.map_or(0, |last| last.told),
        })
    }
}
