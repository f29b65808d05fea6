//! The matcher against a naive one that compares every instruction with every other.
mod exhaustive;
mod oracle;
mod pair;
mod random;
mod rules;

use causeway_netting::{Leg, Terms};

/// Terms of a trade without reference and tolerance: `(currency, amount)` paid for `(currency, amount)`.
fn trade(party: u32, counterparty: u32, pays: (u16, u64), gets: (u16, u64)) -> Terms {
    let leg = |(currency, amount)| Leg { currency, amount };
    Terms {
        party,
        counterparty,
        value_date: 9_000,
        pays: leg(pays),
        gets: leg(gets),
        reference: [0; 16],
        tolerance: None,
    }
}

/// The same terms with a reference; zero gives none.
fn named(terms: Terms, reference: u8) -> Terms {
    let reference = u128::from(reference).to_le_bytes();
    Terms { reference, ..terms }
}

/// The same terms with a tolerance.
fn within(terms: Terms, tolerance: u64) -> Terms {
    Terms {
        tolerance: Some(tolerance),
        ..terms
    }
}

/// What the other party says of the same trade.
fn mirrored(terms: Terms) -> Terms {
    Terms {
        party: terms.counterparty,
        counterparty: terms.party,
        pays: terms.gets,
        gets: terms.pays,
        ..terms
    }
}

/// A hash that tells nothing apart.
fn constant(_: u64, _: [u64; 4]) -> u128 {
    7
}

/// A hash that tells few apart, in the bits that choose a bucket and in those that do not.
fn poor(_: u64, words: [u64; 4]) -> u128 {
    let sum = words.iter().fold(0, |sum: u64, word| sum.wrapping_add(*word));
    u128::from(sum % 3) << 64 | u128::from(sum % 5)
}
