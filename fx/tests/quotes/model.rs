//! The rules done the long way: a list of quotes, all of which are tried, and fractions of integers of any size.

use causeway_fx::Currency;
use causeway_fx::quotes::{Fill, Fixed, Quote, Request, Route};
use num_bigint::{BigInt, BigUint};
use std::cmp::Ordering;

/// What the test's caller is told of a fill: quote, paid, received.
pub type Told = (u64, u64, u64);

/// A fraction above zero.
#[derive(Clone)]
struct Fraction {
    up: BigUint,
    down: BigUint,
}

impl Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        (&self.up * &other.down).cmp(&(&other.up * &self.down))
    }
}

/// A fill that must be.
pub struct Expected {
    pub quote: Quote,
    pub tier: usize,
    pub from: (u16, u64),
    pub to: (u16, u64),
    base_amount: u64,
    /// What the customer receives for one unit of what he gives.
    worth: Fraction,
    /// The exact value of the amount that is not given.
    exact: Fraction,
    fixed: Fixed,
}

fn digits(numeric: u16) -> Option<u32> {
    Currency::from_numeric(numeric).map(|currency| currency.minor_units.into())
}

fn ten(digits: u32) -> BigUint {
    BigUint::from(10_u8).pow(digits)
}

/// All fills of a hop, best first.
fn fills(quotes: &[Quote], from: u16, to: u16, fixed: Fixed, request: &Request) -> Vec<Expected> {
    let live = quotes
        .iter()
        .filter(|quote| quote.expires > request.now && quote.expires >= request.until);
    let mut all: Vec<Expected> = live.filter_map(|quote| fill(quote, from, to, fixed)).collect();
    all.sort_by(|a, b| {
        let worse = b.worth.cmp(&a.worth);
        worse.then(a.quote.number.cmp(&b.quote.number))
    });
    all
}

fn fill(quote: &Quote, from: u16, to: u16, fixed: Fixed) -> Option<Expected> {
    let sells = match (quote.base, quote.counter) {
        pair if pair == (from, to) => true,
        pair if pair == (to, from) => false,
        _ => return None,
    };
    let tiers = quote.tiers.as_slice();
    for (at, tier) in tiers.iter().enumerate() {
        let mantissa = BigUint::from(if sells { tier.bid } else { tier.ask });
        let one = ten(quote.tiers.scale().into());
        let worth = if sells {
            Fraction {
                up: mantissa,
                down: one,
            }
        } else {
            Fraction {
                up: one,
                down: mantissa,
            }
        };
        let (source, target) = (ten(digits(from)?), ten(digits(to)?));
        let (exact, given, whole) = match fixed {
            Fixed::Source(given) => {
                let up = BigUint::from(given) * &worth.up * target;
                let down = &worth.down * source;
                let whole = &up / &down;
                (Fraction { up, down }, given, whole)
            }
            Fixed::Target(given) => {
                let up = BigUint::from(given) * &worth.down * source;
                let down = &worth.up * target;
                let whole = (&up + &down - 1_u8) / &down;
                (Fraction { up, down }, given, whole)
            }
        };
        let source_given = matches!(fixed, Fixed::Source(_));
        let base = if source_given == sells {
            BigUint::from(given)
        } else {
            whole.clone()
        };
        let holds = tiers.iter().position(|tier| base <= BigUint::from(tier.up_to));
        if holds != Some(at) {
            continue;
        }
        let base_amount = u64::try_from(&base).ok()?;
        let whole = u64::try_from(&whole).ok()?;
        if base_amount > quote.left || whole == 0 || given == 0 {
            return None;
        }
        let (paid, received) = if source_given {
            (given, whole)
        } else {
            (whole, given)
        };
        return Some(Expected {
            quote: *quote,
            tier: at,
            from: (from, paid),
            to: (to, received),
            base_amount,
            worth,
            exact,
            fixed,
        });
    }
    None
}

impl Expected {
    pub fn told(&self) -> Told {
        (self.quote.number, self.from.1, self.to.1)
    }

    /// The fill is this one, and what it leaves is exact and the provider's.
    #[track_caller]
    pub fn check(&self, fill: &Fill) {
        let Expected { quote, .. } = self;
        assert_eq!((fill.quote, fill.provider), (quote.number, quote.provider));
        assert_eq!(usize::from(fill.tier), self.tier);
        assert_eq!((fill.from, fill.to), (self.from, self.to));
        assert_eq!(fill.base_amount, self.base_amount);
        assert_eq!(fill.base_is_from, quote.base == self.from.0);
        let tier = quote.tiers.as_slice()[self.tier];
        let mantissa = if fill.base_is_from { tier.bid } else { tier.ask };
        assert_eq!(
            (fill.price.mantissa(), fill.price.scale()),
            (mantissa, quote.tiers.scale())
        );
        let kept = match self.fixed {
            Fixed::Source(_) => {
                assert!(
                    fill.remainder.numerator() >= 0,
                    "the customer gets more than the value"
                );
                self.to.1
            }
            Fixed::Target(_) => {
                assert!(
                    fill.remainder.numerator() <= 0,
                    "the customer pays less than the value"
                );
                self.from.1
            }
        };
        let below = BigInt::from(fill.remainder.denominator());
        assert!(BigInt::from(fill.remainder.numerator().abs()) < below);
        let [up, down] = [&self.exact.up, &self.exact.down].map(|term| BigInt::from(term.clone()));
        assert_eq!(
            (BigInt::from(kept) * &below + fill.remainder.numerator()) * down,
            up * below
        );
    }
}

type May<'a> = &'a dyn Fn(Option<Told>, Told) -> bool;

fn hop(
    quotes: &[Quote],
    (from, to): (u16, u16),
    fixed: Fixed,
    request: &Request,
    chosen: Option<Told>,
    may: May,
) -> Option<Expected> {
    digits(from)?;
    digits(to)?;
    let all = fills(quotes, from, to, fixed, request);
    all.into_iter().find(|fill| may(chosen, fill.told()))
}

/// The route that must be, hop by hop.
pub fn best(quotes: &[Quote], request: &Request, may: May) -> Option<Vec<Expected>> {
    let Request { from, to, fixed, .. } = *request;
    let direct = hop(quotes, (from, to), fixed, request, None, may).map(|fill| vec![fill]);
    let through = request.via.filter(|_| from != to).and_then(|via| match fixed {
        Fixed::Source(_) => {
            let first = hop(quotes, (from, via), fixed, request, None, may)?;
            let told = Some(first.told());
            let second = hop(quotes, (via, to), Fixed::Source(first.to.1), request, told, may)?;
            Some(vec![first, second])
        }
        Fixed::Target(_) => {
            let second = hop(quotes, (via, to), fixed, request, None, may)?;
            let told = Some(second.told());
            let first = hop(
                quotes,
                (from, via),
                Fixed::Target(second.from.1),
                request,
                told,
                may,
            )?;
            Some(vec![first, second])
        }
    });
    let (Some(one), Some(two)) = (&direct, &through) else {
        return direct.or(through);
    };
    let better = match fixed {
        Fixed::Source(_) => two[1].to.1 > one[0].to.1,
        Fixed::Target(_) => two[0].from.1 < one[0].from.1,
    };
    if better { through } else { direct }
}

/// The route is the expected one.
#[track_caller]
pub fn check(expected: Option<&[Expected]>, found: Option<&Route>, what: &Request) {
    let (Some(expected), Some(found)) = (expected, found) else {
        assert_eq!(expected.is_some(), found.is_some(), "{what:?}: {found:?}");
        return;
    };
    let hops: Vec<&Fill> = found.hops().collect();
    assert_eq!(hops.len(), expected.len(), "{what:?}");
    for (expected, fill) in expected.iter().zip(&hops) {
        expected.check(fill);
    }
    assert_eq!(
        (found.from(), found.to()),
        (hops[0].from, hops[hops.len() - 1].to)
    );
    if let [first, second] = hops[..] {
        assert_eq!(
            first.to, second.from,
            "the second hop pays with all that the first gives"
        );
        assert_ne!(first.quote, second.quote, "no quote serves both hops");
    }
}
