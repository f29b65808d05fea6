//! What a replay came to in numbers: money that moved, money that it took, and how long it was waited for.
use super::{Day, Outcome};
use crate::case::{Leg, Priority};

/// One currency over a day, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CurrencyFigures {
    /// Payments and legs of trades that arrived.
    pub arrived: u64,
    /// What they would move.
    pub arrived_value: u128,
    /// Those that settled.
    pub settled: u64,
    /// What they moved.
    pub settled_value: u128,
    /// How far the accounts fell below their opening balances at their lowest, together.
    pub liquidity: u128,
    /// What no way of settling all that arrived can do without: the sum of what each account pays more than it gets.
    pub liquidity_bound: u128,
}

impl CurrencyFigures {
    /// Hundredths of the value that settled for each unit of liquidity that was used; none where none was.
    pub fn turnover(&self) -> Option<u128> {
        turnover(self.settled_value, self.liquidity)
    }
}

/// Hundredths of a value for each unit of liquidity; none where there is none.
fn turnover(value: u128, liquidity: u128) -> Option<u128> {
    value.saturating_mul(100).checked_div(liquidity)
}

/// How long what settled had waited, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// Each item counts by its value.
    pub mean: u32,
    /// Half of the items waited no longer.
    pub median: u32,
    /// 99 of 100 items waited no longer.
    pub p99: u32,
}

/// Items of one class over a day; values by the weights of the currencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassFigures {
    /// How many arrived.
    pub arrived: u64,
    /// How many settled.
    pub settled: u64,
    /// Value of what was left at the close.
    pub left_value: u128,
    /// Of what settled; none where nothing did.
    pub delay: Option<Delay>,
}

/// A replay in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// By number of the currency.
    pub currencies: Vec<CurrencyFigures>,
    /// By class, in order of the queue.
    pub classes: [ClassFigures; 3],
    /// Value of all that arrived, by the weights of the currencies.
    pub arrived_value: u128,
    /// Value of what settled.
    pub settled_value: u128,
    /// Liquidity that was used, by the weights of the currencies.
    pub liquidity: u128,
    /// The least that all would have taken, by the weights of the currencies.
    pub liquidity_bound: u128,
}

impl Figures {
    /// Of a replay of this day.
    pub fn new(day: &Day, outcome: &Outcome) -> Self {
        let case = day.case();
        let count = case
            .accounts()
            .iter()
            .map(|account| usize::from(account.currency) + 1)
            .max();
        let mut figures = Self {
            currencies: vec![CurrencyFigures::default(); count.unwrap_or(0)],
            classes: Default::default(),
            arrived_value: 0,
            settled_value: 0,
            liquidity: 0,
            liquidity_bound: 0,
        };
        let mut waits: [Vec<(u32, u128)>; 3] = Default::default();
        let items = (0_u32..).zip(day.times()).zip(&outcome.settled);
        for ((item, arrived), settled) in items {
            let value = case.value(item);
            let class = class(case.legs(item)) as usize;
            let own = &mut figures.classes[class];
            own.arrived += 1;
            figures.arrived_value += value;
            match settled {
                Some(at) => {
                    own.settled += 1;
                    figures.settled_value += value;
                    waits[class].push((at.saturating_sub(*arrived), value));
                }
                None => own.left_value += value,
            }
            figures.count_legs(day, item, settled.is_some());
        }
        for (class, waits) in figures.classes.iter_mut().zip(waits) {
            class.delay = delay(waits);
        }
        figures.count_liquidity(day, outcome);
        figures
    }

    fn count_legs(&mut self, day: &Day, item: u32, settled: bool) {
        let case = day.case();
        for leg in case.legs(item) {
            let currency = case.accounts()[leg.debtor as usize].currency;
            let own = &mut self.currencies[usize::from(currency)];
            own.arrived += 1;
            own.arrived_value += u128::from(leg.amount);
            if settled {
                own.settled += 1;
                own.settled_value += u128::from(leg.amount);
            }
        }
    }

    fn count_liquidity(&mut self, day: &Day, outcome: &Outcome) {
        let case = day.case();
        let mut net = vec![0_i128; case.accounts().len()];
        for leg in (0..case.items() as u32).flat_map(|item| case.legs(item)) {
            net[leg.debtor as usize] += i128::from(leg.amount);
            net[leg.creditor as usize] -= i128::from(leg.amount);
        }
        for ((account, lowest), net) in case.accounts().iter().zip(&outcome.lowest).zip(net) {
            let own = &mut self.currencies[usize::from(account.currency)];
            own.liquidity += (account.balance - lowest).max(0).cast_unsigned();
            own.liquidity_bound += net.max(0).cast_unsigned();
        }
        for (currency, own) in self.currencies.iter().enumerate() {
            let weight = u128::from(case.weight(currency as u16));
            self.liquidity = self
                .liquidity
                .saturating_add(own.liquidity.saturating_mul(weight));
            self.liquidity_bound = self
                .liquidity_bound
                .saturating_add(own.liquidity_bound.saturating_mul(weight));
        }
    }

    /// Items that arrived, and those of them that settled.
    pub fn items(&self) -> (u64, u64) {
        let classes = self.classes.iter();
        classes.fold((0, 0), |(arrived, settled), class| {
            (arrived + class.arrived, settled + class.settled)
        })
    }

    /// Hundredths of the value that settled for each unit of liquidity that was used; none where none was.
    pub fn turnover(&self) -> Option<u128> {
        turnover(self.settled_value, self.liquidity)
    }
}

/// Class of an item: the most urgent of its legs.
fn class(legs: &[Leg]) -> Priority {
    let classes = legs.iter().map(|leg| leg.priority);
    classes.min().unwrap_or(Priority::Normal)
}

/// From how long each item waited, and its value.
fn delay(mut waits: Vec<(u32, u128)>) -> Option<Delay> {
    waits.sort_unstable();
    let rank = |hundredths: usize| waits.get((waits.len() * hundredths).div_ceil(100).checked_sub(1)?);
    let (median, p99) = (rank(50)?.0, rank(99)?.0);
    // Values so large that their product with a time has no room lose their last bits, which say nothing here.
    let all: u128 = waits.iter().map(|(_, value)| value).sum();
    let shift = (u128::BITS - all.leading_zeros()).saturating_sub(96);
    let weighted: u128 = waits
        .iter()
        .map(|(wait, value)| u128::from(*wait) * (value >> shift))
        .sum();
    let mean = weighted.checked_div(all >> shift).unwrap_or(0) as u32;
    Some(Delay { mean, median, p99 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_counts_by_value_and_ranks_count_items() {
        let waits = vec![(0, 1), (0, 1), (10, 1), (1_000, 97)];
        let found = delay(waits);
        let expected = Delay {
            mean: 970,
            median: 0,
            p99: 1_000,
        };
        assert_eq!(found, Some(expected));
        assert_eq!(delay(Vec::new()), None);
        // The largest day that there may be.
        let most = u128::from(u64::MAX) << 20;
        let found = delay(vec![(86_399_999, most); 1 << 10]);
        assert!(
            found.is_some_and(|delay| delay.mean.abs_diff(86_399_999) <= 1),
            "{found:?}"
        );
    }
}
