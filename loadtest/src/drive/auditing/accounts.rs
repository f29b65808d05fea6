//! The accounts whose balances have to be told, and what the balances told are held to.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::ParticipantId;
use causeway_message::genesis::Genesis;

use super::{Told, differs};
use crate::error::Failure;
use crate::world::FIRST_BANK;

/// Balances told, by account.
pub type Lines = BTreeMap<(ParticipantId, u16), i128>;

/// The accounts that were asked for.
#[derive(Debug)]
pub struct Accounts {
    asked: BTreeMap<ParticipantId, BTreeSet<u16>>,
    /// The genesis has no others.
    pub all: bool,
}

impl Accounts {
    /// Those of the first so many banks.
    pub fn of(genesis: &Genesis, banks: usize) -> Self {
        let mut all = true;
        let mut asked = BTreeMap::new();
        for (who, grant) in (0_u32..).zip(&genesis.participants) {
            let currencies: BTreeSet<u16> = grant.accounts.iter().map(|account| account.currency).collect();
            let is_asked = who
                .checked_sub(FIRST_BANK)
                .is_some_and(|bank| (bank as usize) < banks);
            if is_asked {
                asked.insert(ParticipantId(who), currencies);
            } else {
                all &= currencies.is_empty();
            }
        }
        Self { asked, all }
    }

    /// The balances told, if each account asked for was told, and none twice.
    ///
    /// # Errors
    /// Which one is missing or there again.
    pub fn lines(&self, told: &Told) -> Result<Lines, Failure> {
        let mut lines = Lines::new();
        for (who, balances) in &told.balances {
            for line in balances {
                if lines.insert((*who, line.currency), line.balance).is_some() {
                    return Err(differs(format!(
                        "participant {who}, currency {}: the node tells two balances of one account",
                        line.currency
                    )));
                }
            }
        }
        for (who, currencies) in &self.asked {
            if let Some(currency) = currencies
                .iter()
                .find(|currency| !lines.contains_key(&(*who, **currency)))
            {
                return Err(differs(format!(
                    "participant {who}, currency {currency}: the node does not tell the balance"
                )));
            }
        }
        Ok(lines)
    }
}

/// Holds the balances told to those expected; how many they are.
///
/// # Errors
/// The first that differs.
pub fn compare(lines: &Lines, expected: impl Fn(ParticipantId, u16) -> Option<i128>) -> Result<u64, Failure> {
    for ((who, currency), balance) in lines {
        let expects = expected(*who, *currency);
        if expects != Some(*balance) {
            let expects = expects.map_or("no account".to_owned(), |balance| balance.to_string());
            return Err(differs(format!(
                "participant {who}, currency {currency}: the node says {balance}, the auditor {expects}"
            )));
        }
    }
    Ok(lines.len() as u64)
}

/// What all accounts hold together is nothing: what one pays another gets.
///
/// # Errors
/// The first currency in which it is something.
pub fn conserved(lines: &Lines) -> Result<(), Failure> {
    let mut sums: BTreeMap<u16, i128> = BTreeMap::new();
    for ((_, currency), balance) in lines {
        *sums.entry(*currency).or_default() += balance;
    }
    match sums.iter().find(|(_, sum)| **sum != 0) {
        None => Ok(()),
        Some((currency, sum)) => Err(differs(format!(
            "currency {currency}: all balances that the node tells add up to {sum}"
        ))),
    }
}
