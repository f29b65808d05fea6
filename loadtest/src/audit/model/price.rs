//! What a quote gives for an amount (PROTOCOL §24.1): every tier is tried, in exact fractions.
use causeway_fx::Currency;
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::exchange::Priced;
use ethnum::{I256, U256};

/// Parts of a minor unit in which a remainder is told.
const MILLION: u64 = 1_000_000;

/// The side of an exchange that is fixed, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed {
    Source(u64),
    Target(u64),
}

/// Minor units of what is paid out for one of what is paid in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    num: U256,
    den: U256,
}

/// An amount at a price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub from: u64,
    pub to: u64,
    pub priced: Priced,
    pub ratio: Ratio,
    pub remainder: u32,
}

fn tens(count: u32) -> U256 {
    U256::from(10_u32).pow(count)
}

fn digits(currency: u16) -> u32 {
    Currency::from_numeric(currency).map_or(0, |found| u32::from(found.minor_units))
}

fn small(value: U256) -> Option<u64> {
    u64::try_from(value).ok().filter(|value| *value > 0)
}

impl Ratio {
    /// `base_is_from`: the rate is units of `to` for one of `from`; else the other way round.
    pub fn new(priced: &Priced, from: u16, to: u16) -> Self {
        let (base, counter) = if priced.base_is_from {
            (from, to)
        } else {
            (to, from)
        };
        let counters = U256::from(priced.rate) * tens(digits(counter));
        let bases = tens(u32::from(priced.scale) + digits(base));
        let (num, den) = if priced.base_is_from {
            (counters, bases)
        } else {
            (bases, counters)
        };
        Self { num, den }
    }

    /// True if it gives more than another.
    pub fn beats(&self, other: &Self) -> bool {
        self.num * other.den > other.num * self.den
    }

    /// What is paid out for what is paid in, or the other way round, and the millionths that rounding leaves.
    fn apply(&self, fixed: Fixed) -> Option<(u64, u64, u32)> {
        let (known, num, den) = match fixed {
            Fixed::Source(known) => (known, self.num, self.den),
            Fixed::Target(known) => (known, self.den, self.num),
        };
        let whole = U256::from(known) * num;
        let (floor, rest) = (whole / den, whole % den);
        match fixed {
            Fixed::Source(from) => {
                let left = rest * U256::from(MILLION) / den;
                Some((small(from.into())?, small(floor)?, left.as_u32()))
            }
            Fixed::Target(to) if rest == U256::ZERO => Some((small(floor)?, small(to.into())?, 0)),
            Fixed::Target(to) => {
                let left = (den - rest) * U256::from(MILLION) / den;
                Some((small(floor + U256::ONE)?, small(to.into())?, left.as_u32()))
            }
        }
    }

    /// What `from` comes to, rounded half to even, less `to`; zero if that is no i64.
    pub fn spread(&self, from: u64, to: u64) -> i64 {
        let whole = U256::from(from) * self.num;
        let (floor, rest) = (whole / self.den, whole % self.den);
        let twice = rest * U256::from(2_u32);
        let odd = floor % U256::from(2_u32) == U256::ONE;
        let up = twice > self.den || twice == self.den && odd;
        let rounded = if up { floor + U256::ONE } else { floor };
        i64::try_from(rounded.as_i256() - I256::from(to)).unwrap_or(0)
    }
}

/// The first tier that is the one for the amount of base which its own price gives, and what it gives.
pub(super) fn offer(tiers: &Tiers, base_is_from: bool, from: u16, to: u16, fixed: Fixed) -> Option<Offer> {
    let all = tiers.as_slice();
    let of = |tier: &Tier| {
        let priced = Priced {
            rate: if base_is_from { tier.bid } else { tier.ask },
            scale: tiers.scale(),
            base_is_from,
        };
        let ratio = Ratio::new(&priced, from, to);
        let (from, to, remainder) = ratio.apply(fixed)?;
        let base = if base_is_from { from } else { to };
        let own = all.iter().find(|other| other.up_to >= base)?;
        let offer = Offer {
            from,
            to,
            priced,
            ratio,
            remainder,
        };
        (own == tier).then_some(offer)
    };
    all.iter().find_map(of)
}
