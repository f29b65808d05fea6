//! The live quotes: how they come and go, and the orders in which they are found.

use super::error::{QuoteError, TakeError};
use super::price::{Price, Worth};
use super::{Quote, Tiers};
use crate::currency::Currency;
use crate::limits::{QUOTES_MAX, QUOTES_PER_PAIR_MAX};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A pair as it is quoted: base and counter, by numeric codes.
type Quoted = (u16, u16);

/// Where a quote stands among those for one direction: by price and number; its slot.
pub(super) type Place = (Reverse<Worth>, u64, Slot);

/// Where a quote is kept.
pub(super) type Slot = u32;

/// All live quotes. Its state is the quotes alone: those that [`iter`](Quotes::iter) gives, published again in that
/// order, make an equal one.
#[derive(Debug, Clone, Default)]
pub struct Quotes {
    /// Slots are used again.
    slots: Vec<Option<Quote>>,
    free: Vec<Slot>,
    numbers: BTreeMap<u64, Slot>,
    /// Each quote twice, for it is met in both directions, by what the customer pays and receives: the best price that the
    /// quote has for that, its number. Sets of their own are shallow, and the best stands first.
    offers: BTreeMap<Quoted, BTreeSet<Place>>,
    /// By provider and pair.
    owned: BTreeSet<(u32, Quoted, u64)>,
    /// By the second from which they hold no more.
    ends: BTreeSet<(u64, u64)>,
}

impl PartialEq for Quotes {
    fn eq(&self, other: &Quotes) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Quotes {}

impl Quotes {
    /// No quotes.
    pub fn new() -> Quotes {
        Quotes::default()
    }

    /// How many quotes are live, expired ones that are not swept yet among them.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// True without quotes.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The quote with this number.
    pub fn get(&self, number: u64) -> Option<&Quote> {
        self.at(*self.numbers.get(&number)?)
    }

    /// The quote in a slot.
    pub(super) fn at(&self, slot: Slot) -> Option<&Quote> {
        self.slots.get(slot as usize)?.as_ref()
    }

    fn at_mut(&mut self, number: u64) -> Option<&mut Quote> {
        let slot = *self.numbers.get(&number)?;
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    /// All quotes in order of their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Quote> {
        self.numbers.values().filter_map(|slot| self.at(*slot))
    }

    /// The quotes of a provider for a pair as it is quoted, base and counter, in order of their numbers.
    pub fn of(&self, provider: u32, (base, counter): (u16, u16)) -> impl Iterator<Item = &Quote> {
        let pair = (base, counter);
        let owned = self.owned.range((provider, pair, 0)..=(provider, pair, u64::MAX));
        owned.filter_map(|(_, _, number)| self.get(*number))
    }

    /// The second in which the next quote expires.
    pub fn next_end(&self) -> Option<u64> {
        self.ends.first().map(|(expires, _)| *expires)
    }

    /// Takes a quote in. That it has not expired is the caller's to know.
    ///
    /// # Errors
    /// When a field breaks a rule, the number is there, or the provider or the book has as many as there may be.
    pub fn publish(&mut self, quote: Quote) -> Result<(), QuoteError> {
        let Quote {
            number,
            base,
            counter,
            ..
        } = quote;
        if number == 0 {
            return Err(QuoteError::NumberZero);
        }
        for (field, numeric) in [("base", base), ("counter", counter)] {
            Currency::from_numeric(numeric).ok_or(QuoteError::Currency { field, numeric })?;
        }
        if base == counter {
            return Err(QuoteError::SameCurrency);
        }
        if quote.left == 0 {
            return Err(QuoteError::NothingLeft);
        }
        if self.numbers.contains_key(&number) {
            return Err(QuoteError::NumberTwice { number });
        }
        if self.of(quote.provider, (base, counter)).count() >= QUOTES_PER_PAIR_MAX {
            return Err(QuoteError::TooManyOfPair);
        }
        if self.len() >= QUOTES_MAX {
            return Err(QuoteError::TooMany);
        }
        let slot = self.keep(quote);
        for (way, place) in offers_of(&quote, slot) {
            self.offers.entry(way).or_default().insert(place);
        }
        self.owned.insert((quote.provider, (base, counter), number));
        self.ends.insert((quote.expires, number));
        self.numbers.insert(number, slot);
        Ok(())
    }

    fn keep(&mut self, quote: Quote) -> Slot {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.slots.get_mut(slot as usize)
        {
            *place = Some(quote);
            return slot;
        }
        self.slots.push(Some(quote));
        // There are never more than there may be quotes.
        (self.slots.len() - 1) as Slot
    }

    /// Takes a quote out, and gives it; nothing if it is not there.
    pub fn withdraw(&mut self, number: u64) -> Option<Quote> {
        let slot = self.numbers.remove(&number)?;
        let quote = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        for (way, place) in offers_of(&quote, slot) {
            if let Some(places) = self.offers.get_mut(&way) {
                places.remove(&place);
                if places.is_empty() {
                    self.offers.remove(&way);
                }
            }
        }
        self.owned
            .remove(&(quote.provider, (quote.base, quote.counter), number));
        self.ends.remove(&(quote.expires, number));
        Some(quote)
    }

    /// Takes all quotes of a provider for a pair as it is quoted out, and gives them in order of their numbers.
    pub fn withdraw_all(&mut self, provider: u32, base: u16, counter: u16) -> Vec<Quote> {
        let numbers: Vec<u64> = self
            .of(provider, (base, counter))
            .map(|quote| quote.number)
            .collect();
        numbers
            .into_iter()
            .filter_map(|number| self.withdraw(number))
            .collect()
    }

    /// Takes quotes out that hold no more at `now`, in order of their ends and of their numbers, at most so many, and
    /// gives them. Those that remain are passed over all the same.
    pub fn expired(&mut self, now: u64, most: usize) -> Vec<Quote> {
        let due = self.ends.range(..=(now, u64::MAX)).take(most);
        let numbers: Vec<u64> = due.map(|(_, number)| *number).collect();
        numbers
            .into_iter()
            .filter_map(|number| self.withdraw(number))
            .collect()
    }

    /// Uses so many minor units of base up, and says how many are left. A quote with nothing left leaves.
    ///
    /// # Errors
    /// When the quote is not there or has less left; nothing is changed then.
    pub fn take(&mut self, number: u64, base_amount: u64) -> Result<u64, TakeError> {
        let quote = self.at_mut(number).ok_or(TakeError::Gone { number })?;
        let left = quote.left.checked_sub(base_amount).ok_or(TakeError::TooMuch {
            number,
            asked: base_amount,
            left: quote.left,
        })?;
        quote.left = left;
        if left == 0 {
            self.withdraw(number);
        }
        Ok(left)
    }

    /// Gives so many minor units of base back that were taken and are not used: a lock has ended. False if the quote is
    /// no longer there; a quote that was used up does not come back. What was not taken from it must not be given.
    pub fn give_back(&mut self, number: u64, base_amount: u64) -> bool {
        let Some(quote) = self.at_mut(number) else {
            return false;
        };
        quote.left = quote.left.saturating_add(base_amount);
        true
    }

    /// The quotes for a conversion, of either orientation, by the best price they have for it and by number.
    pub(super) fn offers(&self, from: u16, to: u16) -> impl Iterator<Item = &Place> {
        self.offers.get(&(from, to)).into_iter().flatten()
    }
}

/// The places of a quote among the offers, both ways.
fn offers_of(quote: &Quote, slot: Slot) -> impl Iterator<Item = (Quoted, Place)> {
    let &Quote {
        number,
        base,
        counter,
        tiers,
        ..
    } = quote;
    let first = tiers.as_slice().first().copied();
    let price = |side: fn(&Tiers, &super::Tier) -> Option<Price>| side(&tiers, first.as_ref()?);
    let bid = price(Tiers::bid).map(|bid| ((base, counter), (Reverse(Worth::of(bid, true)), number, slot)));
    let ask = price(Tiers::ask).map(|ask| ((counter, base), (Reverse(Worth::of(ask, false)), number, slot)));
    bid.into_iter().chain(ask)
}
