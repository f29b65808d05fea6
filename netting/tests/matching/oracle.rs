//! A matcher that is short instead of fast: the rules, one after another, over all that stand.
use causeway_netting::Terms;
use causeway_netting::limits::TOLERANCE_CANDIDATES_MAX;

/// The unmatched instructions in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    pub standing: Vec<(u32, Terms)>,
}

/// Parties, date and currencies mirror each other, and the references do not contradict each other.
fn go_together(one: &Terms, other: &Terms) -> bool {
    other.party == one.counterparty
        && other.counterparty == one.party
        && other.value_date == one.value_date
        && other.pays.currency == one.gets.currency
        && other.gets.currency == one.pays.currency
        && (one.reference == [0; 16] || other.reference == [0; 16] || one.reference == other.reference)
}

fn exact(one: &Terms, other: &Terms) -> bool {
    other.pays.amount == one.gets.amount && other.gets.amount == one.pays.amount
}

fn near(one: &Terms, other: &Terms) -> bool {
    let (Some(mine), Some(theirs)) = (one.tolerance, other.tolerance) else {
        return false;
    };
    let apart = |a: u64, b: u64| (i128::from(a) - i128::from(b)).abs();
    apart(other.pays.amount, one.gets.amount) <= i128::from(mine)
        && apart(one.pays.amount, other.gets.amount) <= i128::from(theirs)
}

impl Oracle {
    pub fn submit(&mut self, item: u32, terms: &Terms) -> Option<u32> {
        let together = |(_, other): &&(u32, Terms)| go_together(terms, other);
        let mut those = self.standing.iter().filter(together);
        let first = those.find(|(_, other)| exact(terms, other)).or_else(|| {
            terms.tolerance?;
            let those = self.standing.iter().filter(together);
            let mut those = those.filter(|(_, other)| other.tolerance.is_some());
            let mut those = those.by_ref().take(TOLERANCE_CANDIDATES_MAX);
            those.find(|(_, other)| near(terms, other))
        });
        let partner = first.map(|(partner, _)| *partner);
        match partner {
            Some(partner) => assert!(self.withdraw(partner)),
            None => self.standing.push((item, *terms)),
        }
        partner
    }

    pub fn withdraw(&mut self, item: u32) -> bool {
        let place = self.standing.iter().position(|(other, _)| *other == item);
        place.map(|place| self.standing.remove(place)).is_some()
    }
}
