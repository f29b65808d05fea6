//! Two-sided instructions: each party of a PvP trade sends its own, and the two that mirror each other are paired.
//!
//! Who arrived first is taken first, so identical trades pair one to one. An exact match costs the same however many
//! stand unmatched; a tolerance, which both must give, looks at a bounded number and only where nothing matches
//! exactly. Which instructions pair depends on the calls and their order alone.
mod index;
mod key;
mod pages;
mod table;

use index::Index;
use key::Hasher;
use pages::Pages;

use crate::limits::TOLERANCE_CANDIDATES_MAX;

pub use key::Hash;

/// An amount in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leg {
    /// Number of the currency.
    pub currency: u16,
    /// Minor units.
    pub amount: u64,
}

/// What one party says of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Who sent it.
    pub party: u32,
    /// With whom it trades.
    pub counterparty: u32,
    /// Day on which the trade settles.
    pub value_date: u16,
    /// What the sender pays.
    pub pays: Leg,
    /// What the sender gets.
    pub gets: Leg,
    /// The parties' name for the trade; zero if it gives none. Two that both give one must give the same.
    pub reference: [u8; 16],
    /// By how much what it gets may differ, in minor units of that currency; none asks for an exact match.
    pub tolerance: Option<u64>,
}

impl Terms {
    /// True if amounts that differ are still what both have agreed to. Zero is a tolerance like any other.
    fn tolerates(&self, other: &Self) -> bool {
        let takes = |one: &Self, offered: &Self| {
            one.tolerance
                .is_some_and(|most| offered.pays.amount.abs_diff(one.gets.amount) <= most)
        };
        takes(self, other) && takes(other, self)
    }
}

/// The instructions that are unmatched, by what they must be matched with.
///
/// Handles are the caller's: dense small numbers, free again once an instruction was matched or withdrawn. Memory
/// grows with the largest handle and with the most that stood unmatched at one time, by bounded steps; it is reused
/// and never given back.
#[derive(Debug, Clone)]
pub struct Matcher {
    standing: Pages<Option<Terms>>,
    /// All of them, by every field that must mirror.
    exact: Index,
    /// Those with a tolerance, by every such field but the amounts.
    near: Index,
    arrivals: u64,
    len: usize,
}

impl Matcher {
    /// One without instructions. The seed scatters the tables and changes no outcome; who knows it can make look-ups
    /// slow.
    pub fn new(seed: u64) -> Self {
        Self::with_hash(seed, key::scatter)
    }

    /// One that scatters by another function: for tests that show that equal hashes match nothing.
    #[doc(hidden)]
    pub fn with_hash(seed: u64, hash: Hash) -> Self {
        let hasher = Hasher { seed, hash };
        Self {
            standing: Pages::new(),
            exact: Index::new(hasher, true),
            near: Index::new(hasher, false),
            arrivals: 0,
            len: 0,
        }
    }

    /// Pairs an instruction with the one that matches it, which leaves and whose handle is returned; without one it is
    /// kept as unmatched. What stood under the same handle is withdrawn before.
    ///
    /// Of several that match exactly the one that arrived first is taken. Only if there is none, and the instruction
    /// gives a tolerance, the first one is taken whose amounts both tolerate, among the
    /// [`TOLERANCE_CANDIDATES_MAX`] earliest with a tolerance that agree in everything else.
    pub fn submit(&mut self, item: u32, terms: &Terms) -> Option<u32> {
        self.withdraw(item);
        let (partner, exact, near) = self.look(terms, |_| true);
        if let Some(partner) = partner {
            self.withdraw(partner);
            return Some(partner);
        }
        self.stand(item, terms, &exact, near.as_ref());
        None
    }

    /// The one that [`Matcher::submit`] would pair an instruction with, of those that still may be; nothing changes.
    pub fn find(&self, terms: &Terms, may: impl Fn(u32) -> bool) -> Option<u32> {
        self.look(terms, may).0
    }

    /// Which one matches, and where the instruction itself would stand.
    fn look(
        &self,
        terms: &Terms,
        may: impl Fn(u32) -> bool,
    ) -> (Option<u32>, index::Place, Option<index::Place>) {
        let exact = self.exact.find(terms, &self.standing);
        if let Some(partner) = self.exact.candidates(&exact).find(|other| may(*other)) {
            return (Some(partner), exact, None);
        }
        let tolerant = terms.tolerance.is_some();
        let near = tolerant.then(|| self.near.find(terms, &self.standing));
        let partner = near.as_ref().and_then(|near| {
            let live = self.near.candidates(near).filter(|other| may(*other));
            let mut candidates = live.take(TOLERANCE_CANDIDATES_MAX);
            candidates.find(|other| self.terms(*other).is_some_and(|other| terms.tolerates(other)))
        });
        (partner, exact, near)
    }

    /// Keeps an instruction as unmatched without looking for one that matches: for a start from what stood unmatched,
    /// given in order of arrival. What stood under the same handle is withdrawn before.
    pub fn keep(&mut self, item: u32, terms: &Terms) {
        self.withdraw(item);
        let exact = self.exact.find(terms, &self.standing);
        let near = terms
            .tolerance
            .is_some()
            .then(|| self.near.find(terms, &self.standing));
        self.stand(item, terms, &exact, near.as_ref());
    }

    fn stand(&mut self, item: u32, terms: &Terms, exact: &index::Place, near: Option<&index::Place>) {
        self.exact.push(item, self.arrivals, exact);
        if let Some(near) = near {
            self.near.push(item, self.arrivals, near);
        }
        self.standing.reach(item);
        self.standing[item] = Some(*terms);
        self.arrivals += 1;
        self.len += 1;
    }

    /// Takes an unmatched instruction out. False if there is none under the handle.
    pub fn withdraw(&mut self, item: u32) -> bool {
        let Some(terms) = self.standing.get_mut(item).and_then(Option::take) else {
            return false;
        };
        self.exact.remove(item, &terms);
        if terms.tolerance.is_some() {
            self.near.remove(item, &terms);
        }
        self.len -= 1;
        true
    }

    /// Terms of an unmatched instruction.
    pub fn terms(&self, item: u32) -> Option<&Terms> {
        self.standing.get(item)?.as_ref()
    }

    /// How many are unmatched.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if none is unmatched.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `number`th trade of two parties, with a reference and a tolerance now and then.
    fn terms(number: u64) -> Terms {
        let leg = |currency, amount| Leg { currency, amount };
        Terms {
            party: 1 + (number % 7) as u32,
            counterparty: 20,
            value_date: 1,
            pays: leg(1, number * 100),
            gets: leg(2, number),
            reference: u128::from(number % 3).to_le_bytes(),
            tolerance: number.is_multiple_of(2).then_some(1),
        }
    }

    fn footprint(matcher: &Matcher) -> [usize; 3] {
        let Matcher {
            standing,
            exact,
            near,
            ..
        } = matcher;
        [standing.reserved(), exact.reserved(), near.reserved()]
    }

    #[test]
    fn a_population_that_stays_the_same_asks_for_no_memory() {
        let mut matcher = Matcher::new(3);
        for number in 0..5_000 {
            assert_eq!(matcher.submit(number as u32, &terms(number)), None);
        }
        let before = footprint(&matcher);
        for number in 5_000..60_000 {
            let item = (number % 5_000) as u32;
            assert!(matcher.withdraw(item));
            assert_eq!(matcher.submit(item, &terms(number)), None);
        }
        assert_eq!(footprint(&matcher), before);
    }

    #[test]
    fn nothing_is_left_of_those_that_left() {
        let mut matcher = Matcher::new(3);
        for number in 0..5_000 {
            matcher.keep(number as u32, &terms(number));
        }
        assert!(matcher.exact.lists() >= 5_000 && matcher.near.lists() >= 7);
        for item in 0..5_000 {
            assert!(matcher.withdraw(item));
        }
        assert_eq!((matcher.exact.lists(), matcher.near.lists()), (0, 0));
        assert!(matcher.is_empty());
    }
}
