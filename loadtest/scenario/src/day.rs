//! A day of arrivals: when each item comes, of which class, and what the accounts hold at the opening.
use causeway_netting::case::{CaseError, Priority};
use causeway_netting::day::{Day, DayError};

use crate::currencies::Traded;
use crate::form::Scenario;
use crate::queue::{Drawn, Source, share};
use crate::random::Random;

/// A day that was drawn.
#[derive(Debug, Clone)]
pub struct DrawnDay {
    /// Accounts are those of all banks in all currencies; items count by their dollars as in [`Source::case`].
    pub day: Day,
    /// Names of the banks, the largest first.
    pub banks: Vec<String>,
    /// Currencies, by number.
    pub currencies: Vec<Traded>,
}

/// Why a day cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// More than a case may hold.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Not a day.
    #[error(transparent)]
    Day(#[from] DayError),
}

/// An item with its time and class.
struct Arrival {
    at: u32,
    class: Priority,
    item: Drawn,
}

/// Times and classes are drawn apart from the items: the same seed has the same items with every hardness.
const TIMES_SEED: u64 = 0x5eed_0f71_3e50_0001;

/// Around which part of the day items come, how closely, and what share of them; the rest comes at any time.
const PEAKS: [(f64, f64, f64); 2] = [(0.12, 0.08, 0.35), (0.88, 0.06, 0.25)];

/// A part of the day, 0 to 1: a peak in the morning, one near the cut-off, and the time between.
fn part_of_day(random: &mut Random) -> f64 {
    let mut which = random.unit();
    for (around, spread, share) in PEAKS {
        if which < share {
            return loop {
                let part = around + spread * random.normal();
                if (0.0..1.0).contains(&part) {
                    break part;
                }
            };
        }
        which -= share;
    }
    random.unit()
}

impl Scenario {
    fn time(&self, random: &mut Random) -> u32 {
        let (open, close) = (f64::from(self.open.0), f64::from(self.close.0));
        let part = part_of_day(random);
        let (open, part) = match self.surge {
            Some(surge) if random.unit() < surge.share => {
                (close - f64::from(surge.minutes) * 60_000.0, random.unit())
            }
            _ => (open, part),
        };
        (open + part * (close - open)) as u32
    }

    fn class(&self, random: &mut Random) -> Priority {
        let which = random.unit();
        if which < self.urgent {
            Priority::Urgent
        } else if which < self.urgent + self.high {
            Priority::High
        } else {
            Priority::Normal
        }
    }

    /// When an item comes, after the outage of a bank that it debits.
    fn delayed(&self, at: u32, item: &Drawn) -> u32 {
        match self.outage {
            Some(outage) => {
                let bank = outage.bank - 1;
                let sends = item.debtor == bank || (item.gets.is_some() && item.creditor == bank);
                let stopped = sends && (outage.from.0..outage.until.0).contains(&at);
                if stopped { outage.until.0 } else { at }
            }
            None => at,
        }
    }

    fn giant(&self, currencies: &[Traded]) -> Option<Arrival> {
        let giant = self.giant.as_ref()?;
        let currency = currencies.first()?;
        Some(Arrival {
            at: giant.at.0,
            class: giant.class.into(),
            item: Drawn {
                debtor: giant.debtor - 1,
                creditor: giant.creditor - 1,
                pays: (0, currency.minor(giant.dollars)),
                gets: None,
                dollars: giant.dollars,
            },
        })
    }

    /// Balance and limit of each account at the opening, in minor units.
    fn money(&self, flows: &[(u128, u128)], currencies: usize) -> Vec<(i128, i128)> {
        let own = |(pays, gets): &(u128, u128)| {
            let balance = share(*pays, self.liquidity) + share(pays.saturating_sub(*gets), self.cover);
            (balance, share(*pays, self.limit))
        };
        let mut money: Vec<(i128, i128)> = flows.iter().map(own).collect();
        let Some(hub) = self.hub else {
            return money;
        };
        let hub_at = (hub.bank as usize - 1) * currencies;
        for account in 0..money.len() {
            let to = hub_at + account % currencies;
            if account != to {
                let part = share(money[account].0.unsigned_abs(), hub.share).min(money[account].0);
                money[account].0 -= part;
                money[to].0 += part;
            }
        }
        money
    }

    /// Draws the day.
    ///
    /// # Errors
    /// If it is more than a case may hold.
    pub fn draw(&self) -> Result<DrawnDay, DrawError> {
        let mut source = Source::new(self.setup());
        let currencies = source.setup().currencies.clone();
        let mut random = Random::new(self.seed ^ TIMES_SEED);
        let items: Vec<Drawn> = (0..self.items).map(|_| source.draw()).collect();
        let money = self.money(&source.flows(&items), currencies.len());
        let mut arrivals: Vec<Arrival> = items
            .into_iter()
            .map(|item| Arrival {
                at: self.time(&mut random),
                class: self.class(&mut random),
                item,
            })
            .collect();
        // What an outage held up comes in the order in which it would have.
        arrivals.sort_by_key(|arrival| arrival.at);
        for arrival in &mut arrivals {
            arrival.at = self.delayed(arrival.at, &arrival.item);
        }
        arrivals.extend(self.giant(&currencies));
        arrivals.sort_by_key(|arrival| arrival.at);
        let mut builder = source.accounts(|account| money[account])?;
        for arrival in &arrivals {
            let mut legs = source.legs(&arrival.item);
            legs.iter_mut().for_each(|leg| leg.priority = arrival.class);
            builder.item(&legs)?;
        }
        let times = arrivals.iter().map(|arrival| arrival.at).collect();
        Ok(DrawnDay {
            day: Day::new(builder.build(), times, self.open.0, self.close.0)?,
            banks: (1..=self.banks).map(bank_name).collect(),
            currencies,
        })
    }
}

fn bank_name(number: u32) -> String {
    format!("BANK{number:04}")
}
