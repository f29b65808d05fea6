//! Every sequence of submissions, withdrawals and amendments up to a length, over small alphabets.
use causeway_netting::{Matcher, Terms};

use super::pair::Pair;
use super::{constant, mirrored, named, trade, within};

/// What a walk has seen, so that a test can tell that it saw something.
#[derive(Debug, Default)]
struct Seen {
    sequences: usize,
    exact: usize,
    near: usize,
    amended: usize,
    withdrawn: usize,
}

struct Walk<'a> {
    /// Terms that may be submitted.
    alphabet: &'a [Terms],
    /// How terms may be changed.
    changes: &'a [fn(&mut Terms)],
    seen: Seen,
}

impl Walk<'_> {
    fn step(&mut self, pair: &Pair, depth: usize) {
        self.seen.sequences += 1;
        if depth == 0 {
            pair.check();
            self.seen.exact += pair.exact;
            self.seen.near += pair.near;
            return;
        }
        for terms in self.alphabet {
            let mut next = pair.clone();
            next.submit(terms);
            self.step(&next, depth - 1);
        }
        for place in 0..pair.oracle.standing.len() {
            let mut next = pair.clone();
            next.withdraw(place);
            self.seen.withdrawn += 1;
            self.step(&next, depth - 1);
            for change in self.changes {
                let mut next = pair.clone();
                next.amend(place, change);
                self.seen.amended += 1;
                self.step(&next, depth - 1);
            }
        }
    }
}

fn walk(alphabet: &[Terms], changes: &[fn(&mut Terms)], depth: usize) -> Seen {
    let mut walk = Walk {
        alphabet,
        changes,
        seen: Seen::default(),
    };
    let matchers = vec![Matcher::new(depth as u64), Matcher::with_hash(0, constant)];
    walk.step(&Pair::new(matchers), depth);
    assert!(walk.seen.amended > 0 && walk.seen.withdrawn > 0);
    walk.seen
}

/// Each with its counter-instruction.
fn both_sides(terms: &[Terms]) -> Vec<Terms> {
    terms
        .iter()
        .flat_map(|terms| [*terms, mirrored(*terms)])
        .collect()
}

fn change_reference(terms: &mut Terms) {
    *terms = named(*terms, (terms.reference[0] + 1) % 3);
}

fn change_amount(terms: &mut Terms) {
    terms.pays.amount ^= 1;
}

fn change_tolerance(terms: &mut Terms) {
    terms.tolerance = match terms.tolerance {
        None => Some(1),
        Some(0) => None,
        Some(more) => Some(more - 1),
    };
}

fn change_counterparty(terms: &mut Terms) {
    terms.counterparty = (1..=3)
        .find(|party| ![terms.party, terms.counterparty].contains(party))
        .unwrap_or(terms.counterparty);
}

#[test]
fn two_parties_with_and_without_references() {
    let plain = trade(1, 2, (7, 10), (8, 20));
    let alphabet = both_sides(&[plain, named(plain, 1), named(plain, 2)]);
    let seen = walk(&alphabet, &[change_reference], 6);
    assert!(seen.sequences > 100_000 && seen.exact > 100_000, "{seen:?}");
}

#[test]
fn identical_trades_of_two_parties_at_length() {
    let plain = trade(1, 2, (7, 10), (8, 20));
    let alphabet = both_sides(&[plain, named(plain, 1)]);
    let seen = walk(&alphabet, &[change_reference], 7).sequences;
    assert!(seen > 400_000, "{seen}");
}

#[test]
fn two_parties_whose_amounts_differ() {
    let at = |pays, gets| trade(1, 2, (7, pays), (8, gets));
    let terms = [
        at(10, 20),
        within(at(10, 20), 0),
        within(at(10, 20), 1),
        within(at(11, 20), 1),
        within(at(11, 22), 2),
        named(within(at(10, 21), 1), 1),
    ];
    let seen = walk(&both_sides(&terms), &[change_amount, change_tolerance], 4);
    assert!(seen.sequences > 50_000, "{seen:?}");
    assert!(seen.exact > 5_000 && seen.near > 5_000, "{seen:?}");
}

#[test]
fn three_parties_of_whom_any_two_trade() {
    let pairs = [(1, 2), (2, 3), (3, 1)];
    let plain = pairs.map(|(one, other)| trade(one, other, (7, 10), (8, 10)));
    let mut terms = both_sides(&plain);
    terms.push(named(plain[0], 1));
    terms.push(named(mirrored(plain[1]), 2));
    let seen = walk(&terms, &[change_counterparty, change_reference], 5);
    assert!(seen.sequences > 100_000 && seen.exact > 30_000, "{seen:?}");
}

#[test]
fn three_parties_whose_amounts_differ() {
    let pairs = [(1, 2), (2, 3), (3, 1)];
    let near = pairs.map(|(one, other)| within(trade(one, other, (7, 10), (8, 11)), 1));
    let mut terms = both_sides(&near);
    terms.push(within(trade(2, 1, (8, 10), (7, 10)), 1));
    terms.push(within(trade(3, 2, (8, 12), (7, 10)), 2));
    let changes = [change_counterparty, change_amount, change_tolerance];
    let seen = walk(&terms, &changes, 4);
    assert!(seen.exact > 1_000 && seen.near > 1_000, "{seen:?}");
}

#[test]
fn every_field_that_must_mirror_separates() {
    let plain = trade(1, 2, (7, 10), (8, 20));
    let mut terms = vec![
        plain,
        mirrored(plain),
        within(mirrored(plain), 5),
        within(plain, 5),
    ];
    let other = |change: fn(&mut Terms)| {
        let mut terms = within(mirrored(plain), 5);
        change(&mut terms);
        terms
    };
    terms.extend([
        other(|t| t.party = 3),
        other(|t| t.counterparty = 3),
        other(|t| (t.party, t.counterparty) = (t.counterparty, t.party)),
        other(|t| t.value_date += 1),
        other(|t| t.pays.currency = 9),
        other(|t| t.gets.currency = 9),
        other(|t| std::mem::swap(&mut t.pays, &mut t.gets)),
        other(|t| std::mem::swap(&mut t.pays.amount, &mut t.gets.amount)),
    ]);
    let seen = walk(&terms, &[change_amount], 5);
    assert!(seen.exact > 1_000 && seen.near > 1_000, "{seen:?}");
}

#[test]
fn a_party_that_trades_with_itself() {
    let terms = [
        trade(1, 1, (7, 10), (7, 10)),
        trade(1, 1, (7, 10), (8, 20)),
        within(trade(1, 1, (7, 10), (7, 11)), 1),
    ];
    let mut terms = both_sides(&terms);
    terms.push(named(terms[0], 1));
    let seen = walk(&terms, &[change_amount, change_tolerance, change_reference], 4);
    assert!(seen.exact > 1_000 && seen.near > 1_000, "{seen:?}");
}
