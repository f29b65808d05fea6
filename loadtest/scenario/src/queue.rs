//! Queues to be netted: who pays whom what, and what each account holds.
use causeway_netting::Case;
use causeway_netting::case::{Account, Builder, CaseError, Leg, Priority};

use crate::currencies::{AMOUNT_MAX, Traded};
use crate::draw::Weights;
use crate::limits::REDRAWS_MAX;
use crate::random::Random;

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Participants, two at least. Their sizes are of the Pareto distribution with exponent 1: few carry most value.
    /// The largest is number 0, and so on down.
    pub banks: usize,
    /// How many of the largest are the core: of two banks that deal with each other one is in it. 0 where all deal
    /// with all.
    pub core: usize,
    /// Payments and trades in all.
    pub items: usize,
    /// Currencies, at least one.
    pub currencies: Vec<Traded>,
    /// Share of items that are trades of two currencies, 0 to 1; none if there is one currency only.
    pub trades: f64,
    /// Natural logarithm of the middle amount in dollars.
    pub mu: f64,
    /// Spread of the logarithms.
    pub sigma: f64,
    /// Balance of an account as a share of what its queue would pay.
    pub liquidity: f64,
    /// The same seed gives the same queue.
    pub seed: u64,
}

impl Setup {
    /// Payments in US dollars, of the middle and spread of a large-value system; all deal with all.
    pub fn plain(banks: usize, items: usize) -> Self {
        Self {
            banks,
            core: 0,
            items,
            currencies: Traded::most(1),
            trades: 0.0,
            mu: 8.5,
            sigma: 3.95,
            liquidity: 0.1,
            seed: 1,
        }
    }

    /// The same in all currencies, with one trade in ten items.
    pub fn mixed(banks: usize, items: usize) -> Self {
        Self {
            currencies: Traded::most(usize::MAX),
            trades: 0.1,
            ..Self::plain(banks, items)
        }
    }
}

/// One item: what one bank pays another, and what it gets for it if it is a trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Number of the bank that pays.
    pub debtor: u32,
    /// Number of the bank that is paid.
    pub creditor: u32,
    /// Place of the currency, and minor units of it.
    pub pays: (u16, u64),
    /// The same of what comes back.
    pub gets: Option<(u16, u64)>,
    /// What was drawn, before it was told in minor units.
    pub dollars: f64,
}

/// Draws items one after another.
#[derive(Debug, Clone)]
pub struct Source {
    setup: Setup,
    random: Random,
    banks: Weights,
    currencies: Weights,
}

impl Source {
    /// With its banks drawn.
    pub fn new(mut setup: Setup) -> Self {
        setup.banks = setup.banks.max(2);
        if setup.currencies.is_empty() {
            setup.currencies = Traded::most(1);
        }
        let mut random = Random::new(setup.seed);
        let mut sizes: Vec<f64> = (0..setup.banks).map(|_| random.pareto()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        Self {
            banks: Weights::new(sizes),
            currencies: Weights::new(setup.currencies.iter().map(|traded| traded.share)),
            random,
            setup,
        }
    }

    /// What is drawn.
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Two banks that deal with each other.
    fn parties(&mut self) -> (usize, usize) {
        let core = self.setup.core.min(self.setup.banks);
        let (debtor, creditor) = self.banks.pair(&mut self.random);
        if core == 0 || debtor < core || creditor < core {
            return (debtor, creditor);
        }
        let inside = self.banks.pick_below(core, &mut self.random);
        if self.random.below(2) == 0 {
            (inside, creditor)
        } else {
            (debtor, inside)
        }
    }

    /// The next item.
    pub fn draw(&mut self) -> Drawn {
        let (debtor, creditor) = self.parties();
        let Self {
            setup,
            random,
            currencies,
            ..
        } = self;
        let mut draws = (0..REDRAWS_MAX).map(|_| random.lognormal(setup.mu, setup.sigma));
        let dollars = draws.find(|drawn| *drawn <= AMOUNT_MAX).unwrap_or(AMOUNT_MAX);
        let minor = |place: usize| (place as u16, setup.currencies[place].minor(dollars));
        let trade = setup.currencies.len() > 1 && random.unit() < setup.trades;
        let (pays, gets) = if trade {
            let (pays, gets) = currencies.pair(random);
            (minor(pays), Some(minor(gets)))
        } else {
            (minor(currencies.pick(random)), None)
        };
        Drawn {
            debtor: debtor as u32,
            creditor: creditor as u32,
            pays,
            gets,
            dollars,
        }
    }

    /// Number of the account of a bank in a currency, in a case of all banks in all currencies.
    pub(crate) fn account(&self, bank: u32, currency: u16) -> usize {
        bank as usize * self.setup.currencies.len() + usize::from(currency)
    }

    /// Movements of an item, normal ones.
    pub(crate) fn legs(&self, item: &Drawn) -> Vec<Leg> {
        let leg = |debtor, creditor, (currency, amount): (u16, u64)| Leg {
            debtor: self.account(debtor, currency) as u32,
            creditor: self.account(creditor, currency) as u32,
            amount,
            priority: Priority::Normal,
        };
        let mut legs = vec![leg(item.debtor, item.creditor, item.pays)];
        legs.extend(item.gets.map(|gets| leg(item.creditor, item.debtor, gets)));
        legs
    }

    /// What each account pays, and what it gets, if all items settle, in minor units.
    pub(crate) fn flows(&self, items: &[Drawn]) -> Vec<(u128, u128)> {
        let mut flows = vec![(0, 0); self.setup.banks * self.setup.currencies.len()];
        for item in items {
            for leg in self.legs(item) {
                flows[leg.debtor as usize].0 += u128::from(leg.amount);
                flows[leg.creditor as usize].1 += u128::from(leg.amount);
            }
        }
        flows
    }

    /// Accounts of all banks in all currencies, with these balances and limits; of several currencies each minor unit
    /// counts for its millionths of a dollar, of a single one for 1.
    pub(crate) fn accounts(&self, money: impl Fn(usize) -> (i128, i128)) -> Result<Builder, CaseError> {
        let currencies = &self.setup.currencies;
        let mut builder = Builder::new();
        for at in 0..self.setup.banks * currencies.len() {
            let (balance, limit) = money(at);
            builder.account(Account {
                participant: (at / currencies.len()) as u32,
                currency: (at % currencies.len()) as u16,
                balance,
                limit,
                bypass: true,
            })?;
        }
        if currencies.len() > 1 {
            for (place, traded) in currencies.iter().enumerate() {
                builder.weight(place as u16, traded.weight())?;
            }
        }
        Ok(builder)
    }

    /// A whole queue: accounts of all banks in all currencies, each with its share of liquidity. Of several currencies
    /// a minor unit counts for its millionths of a dollar, of a single one for 1.
    ///
    /// # Errors
    /// If there are more accounts, items or money than a case may hold.
    pub fn case(&mut self) -> Result<Case, CaseError> {
        let items: Vec<Drawn> = (0..self.setup.items).map(|_| self.draw()).collect();
        let flows = self.flows(&items);
        let liquidity = self.setup.liquidity;
        let mut builder = self.accounts(|account| (share(flows[account].0, liquidity), 0))?;
        for item in &items {
            builder.item(&self.legs(item))?;
        }
        Ok(builder.build())
    }
}

/// A share of an amount, in minor units, rounded down.
pub(crate) fn share(of: u128, share: f64) -> i128 {
    (of as f64 * share) as i128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(setup: Setup) -> Case {
        Source::new(setup).case().expect("within what a case may hold")
    }

    #[test]
    fn the_same_seed_draws_the_same_queue() {
        let setup = Setup::mixed(40, 500);
        let (one, same) = (case(setup.clone()), case(setup.clone()));
        assert_eq!(one.to_bytes(), same.to_bytes());
        let other = case(Setup { seed: 2, ..setup });
        assert_ne!(one.to_bytes(), other.to_bytes());
    }

    #[test]
    fn an_account_holds_its_share_of_what_it_would_pay() {
        let case = case(Setup {
            sigma: 1.5,
            liquidity: 0.25,
            ..Setup::plain(20, 2_000)
        });
        let mut out = vec![0_i128; case.accounts().len()];
        for leg in (0..case.items() as u32).flat_map(|item| case.legs(item)) {
            out[leg.debtor as usize] += i128::from(leg.amount);
        }
        for (account, out) in case.accounts().iter().zip(out) {
            assert!(
                (account.balance * 4 - out).abs() <= 4 + out / 1_000_000,
                "{account:?}"
            );
        }
    }

    #[test]
    fn few_banks_carry_most_of_the_value() {
        let mut source = Source::new(Setup::plain(200, 0));
        let mut sent = vec![0.0; 200];
        for item in (0..20_000).map(|_| source.draw()) {
            sent[item.debtor as usize] += item.dollars;
            assert!(item.dollars <= AMOUNT_MAX && item.debtor != item.creditor);
        }
        let (all, top): (f64, f64) = (sent.iter().sum(), sent[..20].iter().sum());
        assert!(top > all / 2.0, "{top} of {all}");
    }

    #[test]
    fn outside_the_core_none_deal_with_each_other() {
        let mut source = Source::new(Setup {
            core: 5,
            ..Setup::plain(100, 0)
        });
        let mut outside = 0;
        for item in (0..5_000).map(|_| source.draw()) {
            assert!(item.debtor < 5 || item.creditor < 5, "{item:?}");
            outside += usize::from(item.debtor >= 5 || item.creditor >= 5);
        }
        assert!(outside > 100, "{outside}");
    }

    #[test]
    fn the_shares_of_trades_and_currencies_are_those_of_the_market() {
        let mut source = Source::new(Setup::mixed(50, 0));
        let (mut trades, mut legs, mut dollars) = (0, 0, 0);
        for item in (0..20_000).map(|_| source.draw()) {
            trades += usize::from(item.gets.is_some());
            if let Some((gets, _)) = item.gets {
                assert_ne!(gets, item.pays.0);
            } else {
                legs += 1;
                dollars += usize::from(item.pays.0 == 0);
            }
        }
        assert!((1_800..2_200).contains(&trades), "{trades}");
        let all: f64 = crate::TRADED.iter().map(|traded| traded.share).sum();
        let expected = 89.0 / all;
        let share = dollars as f64 / f64::from(legs);
        assert!((share - expected).abs() < 0.02, "{share}, not {expected}");
    }
}
