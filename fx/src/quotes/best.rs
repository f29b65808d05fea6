//! The best price for one amount, direct or through one vehicle currency.

use super::Quote;
use super::book::Quotes;
use super::fill::{Fill, Fixed, Hop, Offer, spread};
use super::price::Worth;
use crate::exact::ExactRate;
use crate::limits::QUOTES_LOOKED_MAX;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// What is to be converted, and by when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Numeric code of what the customer pays.
    pub from: u16,
    /// Numeric code of what the customer receives.
    pub to: u16,
    /// Numeric code of the currency through which it may go as well. One of the two above adds nothing.
    pub via: Option<u16>,
    /// The amount.
    pub fixed: Fixed,
    /// The time, in seconds: quotes that expire then or before are no more.
    pub now: u64,
    /// In seconds: quotes that expire before are passed over. What is converted at once asks for `now`.
    pub until: u64,
}

/// How an amount is converted: by one fill or by two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The hop that takes what the customer pays.
    pub first: Fill,
    /// The hop from the vehicle currency; it pays with all that the first one gives.
    pub second: Option<Fill>,
}

impl Route {
    /// The hops, in the direction of the money.
    pub fn hops(&self) -> impl Iterator<Item = &Fill> {
        std::iter::once(&self.first).chain(&self.second)
    }

    /// What the customer pays: numeric code and minor units.
    pub const fn from(&self) -> (u16, u64) {
        self.first.from
    }

    /// What the customer receives: numeric code and minor units.
    pub const fn to(&self) -> (u16, u64) {
        match &self.second {
            Some(second) => second.to,
            None => self.first.to,
        }
    }

    /// What the customer gives up against a reference, over all hops: see [`spread`].
    pub fn spread(&self, reference: impl Into<ExactRate>) -> Option<i64> {
        spread(self.from(), self.to(), reference)
    }

    fn direct(first: Fill) -> Route {
        Route { first, second: None }
    }
}

/// What the caller is asked of each fill before it counts: the fills of the route that are chosen already (none, or
/// that of the hop found first: the first one of a fixed source, the second one of a fixed target), and this one.
/// Its answer must depend on these and on the caller's state alone.
pub type May<'a> = dyn FnMut(&[Fill], &Fill) -> bool + 'a;

/// A quote that can fill the hop, in order of choice.
struct Candidate<'a> {
    rank: (Worth, Reverse<u64>),
    quote: &'a Quote,
    offer: Offer,
}

impl Ord for Candidate<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Candidate<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Candidate<'_> {}

impl Quotes {
    /// The best route for an amount by the rules of the module; nothing if there is none. Changes nothing: see
    /// [`Quotes::take`].
    pub fn best(&self, request: &Request, may: &mut May<'_>) -> Option<Route> {
        let &Request {
            from, to, via, fixed, ..
        } = request;
        let direct = self.hop(request, from, to, fixed, &[], may).map(Route::direct);
        let through = via.and_then(|via| self.through(request, via, may));
        match (direct, through) {
            (Some(direct), Some(through)) => {
                let better = match fixed {
                    Fixed::Source(_) => through.to().1 > direct.to().1,
                    Fixed::Target(_) => through.from().1 < direct.from().1,
                };
                Some(if better { through } else { direct })
            }
            (direct, through) => direct.or(through),
        }
    }

    /// Two hops. They are of two pairs, for `from` and `to` differ: no quote serves both.
    fn through(&self, request: &Request, via: u16, may: &mut May<'_>) -> Option<Route> {
        let &Request { from, to, fixed, .. } = request;
        if from == to {
            return None;
        }
        let (first, second) = match fixed {
            Fixed::Source(_) => {
                let first = self.hop(request, from, via, fixed, &[], may)?;
                let between = Fixed::Source(first.to.1);
                (first, self.hop(request, via, to, between, &[first], may)?)
            }
            Fixed::Target(_) => {
                let second = self.hop(request, via, to, fixed, &[], may)?;
                let between = Fixed::Target(second.from.1);
                (self.hop(request, from, via, between, &[second], may)?, second)
            }
        };
        Some(Route {
            first,
            second: Some(second),
        })
    }

    /// The best fill of one hop. Quotes are met in the order of their best prices. Which tier serves the amount shows
    /// when a quote is looked at; it then waits until no quote that is not met yet can be better.
    fn hop(
        &self,
        request: &Request,
        from: u16,
        to: u16,
        fixed: Fixed,
        chosen: &[Fill],
        may: &mut May<'_>,
    ) -> Option<Fill> {
        let hop = Hop::new(from, to, fixed)?;
        let mut unmet = self.offers(from, to).take(QUOTES_LOOKED_MAX).peekable();
        let mut waiting: BinaryHeap<Candidate<'_>> = BinaryHeap::new();
        loop {
            let next = unmet.peek().map(|(worth, number, _)| (worth.0, Reverse(*number)));
            let best = waiting.peek().map(|best| best.rank);
            let candidate = if best.is_some() && best > next {
                waiting.pop()?
            } else {
                let (_, _, slot) = unmet.next()?;
                let Some(met) = self.at(*slot).and_then(|quote| look(&hop, quote, request)) else {
                    continue;
                };
                // Mostly the first one serves by its first tier, and none can be better.
                let next = unmet.peek().map(|(worth, number, _)| (worth.0, Reverse(*number)));
                if Some(met.rank) <= next.max(best) {
                    waiting.push(met);
                    continue;
                }
                met
            };
            let fill = hop.fill(candidate.quote, &candidate.offer);
            if let Some(fill) = fill.filter(|fill| may(chosen, fill)) {
                return Some(fill);
            }
        }
    }
}

fn look<'a>(hop: &Hop, quote: &'a Quote, request: &Request) -> Option<Candidate<'a>> {
    if quote.expires <= request.now || quote.expires < request.until {
        return None;
    }
    let offer = hop.tier_of(quote)?;
    let worth = Worth::of(offer.price, offer.base_is_from);
    Some(Candidate {
        rank: (worth, Reverse(quote.number)),
        quote,
        offer,
    })
}
