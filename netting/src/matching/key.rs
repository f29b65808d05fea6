//! What must agree on both sides of a trade, in one form for both, and how it is scattered.
use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use super::Terms;

/// A seed and four words to 128 bits.
pub type Hash = fn(u64, [u64; 4]) -> u128;

/// A hash function and its seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hasher {
    pub seed: u64,
    pub hash: Hash,
}

impl Hasher {
    #[inline]
    pub fn of(&self, words: [u64; 4]) -> u128 {
        (self.hash)(self.seed, words)
    }
}

/// Two hashes by different seeds.
pub(super) fn scatter(seed: u64, words: [u64; 4]) -> u128 {
    let half = |seed| u128::from(FixedState::with_seed(seed).hash_one(words));
    half(seed) << 64 | half(!seed)
}

/// One party and what it pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Half {
    party: u32,
    currency: u16,
    amount: u64,
}

/// The fields of a trade that both sides must give alike: neither the reference nor the tolerance is among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    value_date: u16,
    /// The smaller first, whoever says it.
    halves: [Half; 2],
}

/// Whether the sender is the first or the second half of the trade, and which one the other side must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub own: usize,
    pub other: usize,
}

impl Key {
    /// The key of an instruction, with or without the amounts, and on which side of it the sender stands.
    #[inline]
    pub fn of(terms: &Terms, amounts: bool) -> (Self, Sides) {
        let half = |party, leg: &super::Leg| Half {
            party,
            currency: leg.currency,
            amount: if amounts { leg.amount } else { 0 },
        };
        let (own, other) = (
            half(terms.party, &terms.pays),
            half(terms.counterparty, &terms.gets),
        );
        // Who trades with itself alike in both directions mirrors itself: both stand on one side.
        let (halves, sides) = match own.cmp(&other) {
            std::cmp::Ordering::Less => ([own, other], Sides { own: 0, other: 1 }),
            std::cmp::Ordering::Equal => ([own, other], Sides { own: 0, other: 0 }),
            std::cmp::Ordering::Greater => ([other, own], Sides { own: 1, other: 0 }),
        };
        let value_date = terms.value_date;
        (Self { value_date, halves }, sides)
    }

    /// All of it.
    #[inline]
    pub fn words(&self) -> [u64; 4] {
        let [first, second] = &self.halves;
        let parties = u64::from(first.party) << 32 | u64::from(second.party);
        let currencies = u64::from(first.currency) << 16 | u64::from(second.currency);
        [
            parties,
            u64::from(self.value_date) << 32 | currencies,
            first.amount,
            second.amount,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Leg;

    fn terms() -> Terms {
        let leg = |currency, amount| Leg { currency, amount };
        Terms {
            party: 0x0102_0304,
            counterparty: 0x0506_0708,
            value_date: 0x0910,
            pays: leg(0x1112, 0x2122_2324_2526_2728),
            gets: leg(0x1314, 0x3132_3334_3536_3738),
            reference: [0; 16],
            tolerance: None,
        }
    }

    fn mirrored(terms: &Terms) -> Terms {
        Terms {
            party: terms.counterparty,
            counterparty: terms.party,
            pays: terms.gets,
            gets: terms.pays,
            ..*terms
        }
    }

    #[test]
    fn both_sides_have_one_key_and_stand_opposite() {
        for amounts in [true, false] {
            let (key, sides) = Key::of(&terms(), amounts);
            let (other, opposite) = Key::of(&mirrored(&terms()), amounts);
            assert_eq!(key, other);
            assert_eq!((sides.own, sides.other), (opposite.other, opposite.own));
            assert_ne!(sides.own, sides.other);
        }
    }

    #[test]
    fn every_field_is_in_the_words_and_in_the_hash() {
        let (key, _) = Key::of(&terms(), true);
        let changes: [fn(&mut Terms); 7] = [
            |t| t.party ^= 1 << 7,
            |t| t.counterparty ^= 1 << 31,
            |t| t.value_date ^= 1 << 15,
            |t| t.pays.currency ^= 1 << 15,
            |t| t.pays.amount ^= 1 << 63,
            |t| t.gets.currency ^= 1,
            |t| t.gets.amount ^= 1,
        ];
        for change in changes {
            let mut changed = terms();
            change(&mut changed);
            let (other, _) = Key::of(&changed, true);
            assert_ne!(key.words(), other.words());
            let (one, two) = (scatter(5, key.words()), scatter(5, other.words()));
            assert_ne!(one as u64, two as u64);
            assert_ne!(one >> 64, two >> 64);
        }
    }

    #[test]
    fn without_amounts_they_do_not_count() {
        let mut changed = terms();
        changed.pays.amount += 1;
        changed.gets.amount -= 1;
        assert_eq!(Key::of(&terms(), false), Key::of(&changed, false));
    }
}
