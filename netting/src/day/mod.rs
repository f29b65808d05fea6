//! A whole day of arrivals, replayed: what settles when, by what means, and with how much money.
//!
//! A day is a case of all items that arrive, in order, with the opening balances, and the time of each. It knows
//! neither sender limits nor risk tests.
mod figures;
mod queues;
mod replay;
pub mod time;

use crate::case::Case;
use crate::limits::{CASE_MONEY_MAX, DAY_MILLIS};

pub use figures::{ClassFigures, CurrencyFigures, Delay, Figures};
pub use replay::{Means, Outcome, Watch, replay};

/// Why a case and times do not make a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Not one time for each item.
    #[error("{times} times for {items} items")]
    Times {
        /// Items of the case.
        items: usize,
        /// Times that were given.
        times: usize,
    },
    /// The day ends before it begins, or after midnight.
    #[error("the day does not end after it begins, before midnight")]
    Hours,
    /// An item arrives before the one ahead of it.
    #[error("item {0} arrives before the one ahead of it")]
    Falls(u32),
    /// An item arrives before the day begins or after it ends.
    #[error("item {item} arrives at {}, outside the day", time::text(*.at))]
    Outside {
        /// Its number.
        item: u32,
        /// When it arrives.
        at: u32,
    },
    /// The case has sender limits or participants under risk tests.
    #[error("a day knows neither sender limits nor risk tests")]
    NotPlain,
    /// What an account could come to is more than a case may hold.
    #[error("account {0} could come to more than {CASE_MONEY_MAX} minor units")]
    MoneyTooLarge(u32),
}

/// Items that arrive over a day.
#[derive(Debug, Clone)]
pub struct Day {
    case: Case,
    /// When each item arrives.
    times: Vec<u32>,
    open: u32,
    close: u32,
}

impl Day {
    /// A day from a case of all that arrives, the time of each item, and when the day begins and ends. Times are in
    /// milliseconds since midnight; items arrive in their order.
    pub fn new(case: Case, times: Vec<u32>, open: u32, close: u32) -> Result<Self, DayError> {
        if times.len() != case.items() {
            let (items, times) = (case.items(), times.len());
            return Err(DayError::Times { items, times });
        }
        if open > close || close >= DAY_MILLIS {
            return Err(DayError::Hours);
        }
        if !case.is_plain() {
            return Err(DayError::NotPlain);
        }
        let falls = times.windows(2).position(|pair| pair[0] > pair[1]);
        if let Some(at) = falls {
            return Err(DayError::Falls(at as u32 + 1));
        }
        if let Some(item) = times.iter().position(|at| !(open..=close).contains(at)) {
            let at = times[item];
            let item = item as u32;
            return Err(DayError::Outside { item, at });
        }
        let mut most: Vec<i128> = case.accounts().iter().map(|account| account.balance).collect();
        let mut least = most.clone();
        for leg in (0..case.items() as u32).flat_map(|item| case.legs(item)) {
            most[leg.creditor as usize] += i128::from(leg.amount);
            least[leg.debtor as usize] -= i128::from(leg.amount);
        }
        let beyond = |(most, least): (&i128, &i128)| *most > CASE_MONEY_MAX || *least < -CASE_MONEY_MAX;
        match most.iter().zip(&least).position(beyond) {
            Some(account) => Err(DayError::MoneyTooLarge(account as u32)),
            None => Ok(Self {
                case,
                times,
                open,
                close,
            }),
        }
    }

    /// All items, with the balances at the opening.
    pub const fn case(&self) -> &Case {
        &self.case
    }

    /// When each item arrives, in milliseconds since midnight.
    pub fn times(&self) -> &[u32] {
        &self.times
    }

    /// When the day begins and when it ends, in milliseconds since midnight.
    pub const fn hours(&self) -> (u32, u32) {
        (self.open, self.close)
    }
}
