//! The way of an exchange through quotes (PROTOCOL §24.1): the best quote for each hop, one hop or two, and the fee.
use causeway_message::ParticipantId;
use causeway_message::exchange::{Exchange, Hop, Reference};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Kind, flags};
use causeway_message::time::Timestamp;

use super::price::{Fixed, Offer, Ratio, offer};
use super::quotes::Desk;
use super::{Model, Place};
use crate::audit::input::Paper;
use causeway_message::exchange::Priced;

/// What is taken of one quote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub number: u64,
    pub desk: Desk,
    /// Minor units of base.
    pub base: u64,
    /// The same as bought, or with a minus as sold by the provider.
    pub bought: i128,
}

/// An exchange and what it takes.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub exchange: Exchange,
    pub parts: Vec<Part>,
    /// Who is paid the fee.
    pub collector: Option<u32>,
}

/// One hop.
#[derive(Debug, Clone, Copy)]
struct Way {
    from: u16,
    to: u16,
    offer: Offer,
    part: Part,
}

/// Whose exchange it is, and until when a quote has to live for it.
#[derive(Debug, Clone, Copy)]
struct Asks {
    who: u32,
    until: Option<Timestamp>,
}

/// The vehicle currency that a record names.
pub(super) fn via(paper: &Paper) -> Option<u16> {
    extension::find(&paper.extensions, ExtensionType::Via)
        .and_then(|bytes| Some(u16::from_le_bytes(bytes.try_into().ok()?)))
}

impl Way {
    fn hop(&self, reference: Option<Reference>) -> Hop {
        Hop {
            provider: ParticipantId(self.part.desk.0),
            from: (self.from, self.offer.from),
            to: (self.to, self.offer.to),
            quote: self.part.number,
            priced: self.offer.priced,
            remainder: self.offer.remainder,
            reference,
        }
    }
}

impl Model {
    /// What an exchange comes to within the limit of its record; nothing if no route covers it. `until` is the end of
    /// a lock.
    pub(super) fn deal(&self, paper: &Paper, until: Option<Timestamp>) -> Option<Deal> {
        let record = &paper.record;
        let who = record.debtor.get();
        let pair = (record.currency.get(), record.counter_currency.get());
        let fixed_target = record.flags.get() & flags::FIXED_TARGET != 0;
        let (amount, counter) = (record.amount.get(), record.counter_amount.get());
        let schedule = self.fees.grant(pair.0, Kind::FxPayment as u8);
        let schedule = schedule.filter(|grant| grant.collector.0 != who);
        let fee_on = |amount| match &schedule {
            Some(grant) => u64::try_from(super::fees::fee_on(grant, amount)).ok(),
            None => Some(0),
        };
        let asks = Asks { who, until };
        let (ways, fee) = if fixed_target {
            let ways = self.route(pair, via(paper), Fixed::Target(counter), asks)?;
            let fee = fee_on(ways[0].offer.from)?;
            let paid = ways[0].offer.from.checked_add(fee)?;
            if paid > amount {
                return None;
            }
            (ways, fee)
        } else {
            let fee = fee_on(amount)?;
            let rest = amount.checked_sub(fee).filter(|rest| *rest > 0)?;
            let ways = self.route(pair, via(paper), Fixed::Source(rest), asks)?;
            if ways.last()?.offer.to < counter {
                return None;
            }
            (ways, fee)
        };
        let hops = ways.iter().map(|way| way.hop(self.reference(way))).collect();
        Some(Deal {
            exchange: Exchange {
                fixed_target,
                fee,
                lock: 0,
                hops,
            },
            parts: ways.iter().map(|way| way.part).collect(),
            collector: schedule.map(|grant| grant.collector.0),
        })
    }

    /// One hop, or two through a vehicle currency, whichever is better; of equals the one.
    fn route(&self, pair: (u16, u16), via: Option<u16>, fixed: Fixed, asks: Asks) -> Option<Vec<Way>> {
        let one = self.best(pair.0, pair.1, fixed, asks).map(|way| vec![way]);
        // Nothing settles in what is closed.
        let via = via.filter(|via| !self.days.is_closed(*via));
        let two = via.and_then(|via| self.two_hops(pair, via, fixed, asks));
        let (Some(single), Some(double)) = (&one, &two) else {
            return one.or(two);
        };
        let better = match fixed {
            Fixed::Source(_) => double[1].offer.to > single[0].offer.to,
            Fixed::Target(_) => double[0].offer.from < single[0].offer.from,
        };
        if better { two } else { one }
    }

    fn two_hops(&self, (from, to): (u16, u16), via: u16, fixed: Fixed, asks: Asks) -> Option<Vec<Way>> {
        match fixed {
            Fixed::Source(_) => {
                let first = self.best(from, via, fixed, asks)?;
                let second = self.best(via, to, Fixed::Source(first.offer.to), asks)?;
                Some(vec![first, second])
            }
            Fixed::Target(_) => {
                let second = self.best(via, to, fixed, asks)?;
                let first = self.best(from, via, Fixed::Target(second.offer.from), asks)?;
                Some(vec![first, second])
            }
        }
    }

    /// The best quote of all for one hop: how many may be looked at is not modelled, for no pair has so many here.
    fn best(&self, from: u16, to: u16, fixed: Fixed, asks: Asks) -> Option<Way> {
        let mut best: Option<Way> = None;
        for quote in self.quotes.live() {
            let (provider, base, counter) = quote.desk;
            let base_is_from = match (base == from && counter == to, base == to && counter == from) {
                (true, _) => true,
                (_, true) => false,
                _ => continue,
            };
            let gone = provider == asks.who || self.is_suspended(provider) || self.is_held(provider);
            if gone || asks.until.is_some_and(|until| quote.end < until) {
                continue;
            }
            let Some(offer) = offer(&quote.tiers, base_is_from, from, to, fixed) else {
                continue;
            };
            let sign = if base_is_from { 1 } else { -1 };
            let amount = if base_is_from { offer.from } else { offer.to };
            let bought = sign * i128::from(amount);
            let may = self.quotes.may_expose(quote.desk, bought);
            if quote.left < amount || !may || !self.can_pay((provider, to), offer.to) {
                continue;
            }
            let part = Part {
                number: quote.number,
                desk: quote.desk,
                base: amount,
                bought,
            };
            let way = Way {
                from,
                to,
                offer,
                part,
            };
            if best.is_none_or(|best| way.offer.ratio.beats(&best.offer.ratio)) {
                best = Some(way);
            }
        }
        best
    }

    /// A provider pays like a payment of normal class, without its sender limits.
    fn can_pay(&self, place: Place, amount: u64) -> bool {
        let kept: i128 = [1, 2]
            .into_iter()
            .map(|class| i128::from(self.reservations.left(place, class)))
            .sum();
        self.free(place) - kept >= i128::from(amount)
    }

    /// The reference rate that a hop is compared with.
    fn reference(&self, way: &Way) -> Option<Reference> {
        let fixings = &self.quotes.fixings;
        let (straight, inverse) = ((way.from, way.to), (way.to, way.from));
        let (fixing, base_is_from) = match (fixings.get(&straight), fixings.get(&inverse)) {
            (Some(fixing), _) => (fixing, true),
            (None, Some(fixing)) => (fixing, false),
            (None, None) => return None,
        };
        let priced = Priced {
            rate: fixing.rate,
            scale: fixing.scale,
            base_is_from,
        };
        Some(Reference {
            priced,
            time: fixing.time,
            source: fixing.source,
            spread: Ratio::new(&priced, way.from, way.to).spread(way.offer.from, way.offer.to),
        })
    }
}
