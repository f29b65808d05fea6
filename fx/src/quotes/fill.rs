//! One hop at one price: what is given, what is received, and what rounding leaves.

use super::Quote;
use super::price::Price;
use super::tier::Tier;
use crate::convert::{convert, scale};
use crate::currency::Currency;
use crate::exact::ExactRate;
use crate::money::Money;
use crate::rounding::{Remainder, Rounding, divide};
use ethnum::U256;

/// Which of the two amounts is given, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// What the customer pays: what he receives is rounded down.
    Source(u64),
    /// What the customer receives: what he pays is rounded up.
    Target(u64),
}

/// A conversion that one quote fills whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Number of the quote.
    pub quote: u64,
    /// Its provider.
    pub provider: u32,
    /// Which of its tiers, from zero.
    pub tier: u8,
    /// What the customer pays: numeric code of the currency, minor units above zero.
    pub from: (u16, u64),
    /// What the customer receives: numeric code of the currency, minor units above zero.
    pub to: (u16, u64),
    /// The amount of base, one of the two: what the quote has less afterwards.
    pub base_amount: u64,
    /// The price: a bid if the customer sells base, else an ask.
    pub price: Price,
    /// Whether the customer sells base.
    pub base_is_from: bool,
    /// What is to be added to the amount that was not given for its exact value, in its minor units. Not negative for
    /// a fixed source (of `to`), not positive for a fixed target (of `from`): the provider keeps it.
    pub remainder: Remainder,
}

impl Fill {
    /// What the customer gives up against a reference: see [`spread`].
    pub fn spread(&self, reference: impl Into<ExactRate>) -> Option<i64> {
        spread(self.from, self.to, reference)
    }
}

/// The value of `from` at the reference rate, rounded half even to minor units of `to`, minus `to`: what the customer
/// gives up, negative if he gains. Each is a numeric code and minor units. Nothing if the rate is of other currencies or
/// the result does not fit.
pub fn spread(from: (u16, u64), to: (u16, u64), reference: impl Into<ExactRate>) -> Option<i64> {
    let paid = Money::new(i128::from(from.1), Currency::from_numeric(from.0)?);
    let fair = convert(paid, reference, Rounding::HalfEven).ok()?.money;
    if fair.currency.numeric != to.0 {
        return None;
    }
    i64::try_from(fair.minor.checked_sub(i128::from(to.1))?).ok()
}

/// One conversion between two currencies, as it is put to every quote of either orientation.
pub(super) struct Hop {
    pub(super) from: u16,
    pub(super) to: u16,
    pub(super) fixed: Fixed,
    /// How many minor units of the result's currency are one of the given amount's, and the other way round; one of the
    /// two is one.
    finer: u64,
    coarser: u64,
}

impl Hop {
    /// Nothing if it is not between two currencies.
    pub(super) fn new(from: u16, to: u16, fixed: Fixed) -> Option<Hop> {
        if from == to {
            return None;
        }
        let [source, target] = [Currency::from_numeric(from)?, Currency::from_numeric(to)?];
        let (given, result) = match fixed {
            Fixed::Source(_) => (source, target),
            Fixed::Target(_) => (target, source),
        };
        Some(Hop {
            from,
            to,
            fixed,
            finer: u64::try_from(scale(result, given)?).ok()?,
            coarser: u64::try_from(scale(given, result)?).ok()?,
        })
    }

    const fn given(&self) -> u64 {
        match self.fixed {
            Fixed::Source(amount) | Fixed::Target(amount) => amount,
        }
    }

    const fn rounding(&self) -> Rounding {
        match self.fixed {
            Fixed::Source(_) => Rounding::Down,
            Fixed::Target(_) => Rounding::Up,
        }
    }

    /// Whether the given amount is one of base.
    const fn gives_base(&self, base_is_from: bool) -> bool {
        matches!(self.fixed, Fixed::Source(_)) == base_is_from
    }

    /// The value of the given amount at a price, as a fraction of minor units. Nothing if it is above every amount:
    /// the line below has at most 54 bits when the one above may have more than 128.
    fn value(&self, price: Price, base_is_from: bool) -> Option<(u128, u128)> {
        let (up, down) = if self.gives_base(base_is_from) {
            (price.mantissa(), price.one())
        } else {
            (price.one(), price.mantissa())
        };
        let up = u128::from(up).checked_mul(u128::from(self.finer))?;
        let down = u128::from(down).checked_mul(u128::from(self.coarser))?;
        Some((u128::from(self.given()).checked_mul(up)?, down))
    }

    /// The amount of base at a price; nothing if it is above every amount.
    fn base_amount(&self, price: Price, base_is_from: bool) -> Option<u64> {
        if self.gives_base(base_is_from) {
            return Some(self.given());
        }
        let (up, down) = self.value(price, base_is_from)?;
        let whole = match self.fixed {
            Fixed::Source(_) => up.checked_div(down)?,
            Fixed::Target(_) => up.div_ceil(down),
        };
        u64::try_from(whole).ok()
    }

    /// The tier of a quote: the first that holds the amount of base which its own price makes. Nothing if that amount
    /// belongs to an earlier one, is zero, or is more than is left.
    pub(super) fn tier_of(&self, quote: &Quote) -> Option<Offer> {
        let base_is_from = quote.base == self.from;
        let mut below = 0;
        for (at, tier) in (0_u8..).zip(quote.tiers.as_slice()) {
            let price = price_of(quote, tier, base_is_from)?;
            match self.base_amount(price, base_is_from) {
                Some(base_amount) if base_amount <= tier.up_to => {
                    return (base_amount > below && base_amount <= quote.left).then_some(Offer {
                        tier: at,
                        price,
                        base_amount,
                        base_is_from,
                    });
                }
                _ => below = tier.up_to,
            }
        }
        None
    }

    /// The fill of a quote. Nothing if it would give or take nothing, or more than an amount holds.
    pub(super) fn fill(&self, quote: &Quote, offer: &Offer) -> Option<Fill> {
        let (up, down) = self.value(offer.price, offer.base_is_from)?;
        let (result, remainder) = divide(U256::from(up), down, false, self.rounding())?;
        let result = u64::try_from(result).ok().filter(|result| *result > 0)?;
        let (from, to) = match self.fixed {
            Fixed::Source(given) => (given, result),
            Fixed::Target(given) => (result, given),
        };
        Some(Fill {
            quote: quote.number,
            provider: quote.provider,
            tier: offer.tier,
            from: (self.from, from),
            to: (self.to, to),
            base_amount: offer.base_amount,
            price: offer.price,
            base_is_from: offer.base_is_from,
            remainder,
        })
    }
}

/// What a quote would do for a hop.
pub(super) struct Offer {
    tier: u8,
    pub(super) price: Price,
    base_amount: u64,
    pub(super) base_is_from: bool,
}

fn price_of(quote: &Quote, tier: &Tier, base_is_from: bool) -> Option<Price> {
    if base_is_from {
        quote.tiers.bid(tier)
    } else {
        quote.tiers.ask(tier)
    }
}
