//! What must hold where later items may pass earlier ones.
use causeway_netting::{Bound, CashOnly, Chosen, Tests, bound, bypass, fifo};

use super::brute::Shorts;
use super::known::{folders, load};
use super::random::{Draft, MIXED, Mix, PAYMENTS, Random, draft};

fn bits(draft: &Draft, chosen: &Chosen) -> Vec<bool> {
    (0..draft.items.len() as u32)
        .map(|item| chosen.contains(item))
        .collect()
}

/// A budget of so many questions.
fn budget(mut questions: u32) -> impl FnMut() -> bool {
    move || {
        questions = questions.saturating_sub(1);
        questions > 0
    }
}

/// Runs a case and checks what always holds; value reached, and of the best there is.
fn check(draft: &Draft, tests: &impl Tests, questions: u32) -> (u128, u128) {
    let case = draft.build();
    let chosen = bypass(&case, tests, &mut budget(questions));
    let set = bits(draft, &chosen);
    assert!(draft.affordable(&set, tests), "{draft:?} {set:?}");
    assert!(draft.in_order(&set), "{draft:?} {set:?}");
    let value = draft.value(&set);
    assert!(value >= fifo(&case, tests).chosen(&case).value(&case));
    for item in (0..set.len()).filter(|item| !set[*item]) {
        let mut more = set.clone();
        more[item] = true;
        assert!(
            !(draft.in_order(&more) && draft.affordable(&more, tests)),
            "{item} fits: {draft:?} {set:?}"
        );
    }
    let possible = |set: &Vec<bool>| draft.in_order(set) && draft.affordable(set, tests);
    let best = draft
        .subsets()
        .filter(possible)
        .map(|set| draft.value(&set))
        .max()
        .unwrap_or(0);
    let proof = bound(&case, &mut budget(100));
    assert!(proof.value() >= best, "{draft:?}");
    assert_eq!(Bound::prove(&case, &proof.multipliers), Some(proof.scaled));
    (value, best)
}

fn share_of_best(mix: &Mix, seed: u64, cases: usize) -> usize {
    let mut random = Random(seed);
    let drafts = (0..cases).map(|_| draft(&mut random, mix));
    let tests = Shorts { most: 6 };
    let best = drafts
        .map(|draft| check(&draft, &tests, 1_000_000))
        .filter(|(value, best)| value == best);
    best.count() * 100 / cases
}

#[test]
fn payments_reach_the_best_in_at_least_95_of_100_cases() {
    let share = share_of_best(&PAYMENTS, 31, 2_000);
    assert!(share >= 95, "{share}");
}

#[test]
fn trades_classes_limits_and_strict_accounts_reach_it_in_most() {
    let trades = share_of_best(
        &Mix {
            currencies: 2,
            trades: 4,
            ..PAYMENTS
        },
        32,
        1_000,
    );
    let mixed = share_of_best(
        &Mix {
            opted_out: 3,
            tested: 1,
            ..MIXED
        },
        33,
        1_000,
    );
    assert!(trades >= 95 && mixed >= 80, "{trades} {mixed}");
}

#[test]
fn without_time_it_still_holds_to_all_rules() {
    let mut random = Random(34);
    for _ in 0..500 {
        check(
            &draft(
                &mut random,
                &Mix {
                    opted_out: 3,
                    tested: 1,
                    ..MIXED
                },
            ),
            &Shorts { most: 6 },
            1,
        );
    }
}

#[test]
fn without_opting_in_it_is_the_fifo_set() {
    let mut random = Random(35);
    for _ in 0..500 {
        let draft = draft(
            &mut random,
            &Mix {
                opted_out: 10,
                items: 60,
                ..MIXED
            },
        );
        let case = draft.build();
        assert_eq!(
            bypass(&case, &CashOnly, &mut || true),
            fifo(&case, &CashOnly).chosen(&case)
        );
    }
}

#[test]
fn worked_cases_reach_their_optimum() {
    for folder in folders() {
        let (named, expected) = load(&folder);
        let chosen = bypass(&named.case, &CashOnly, &mut budget(2_000));
        assert_eq!(chosen.value(&named.case), expected.optimum, "{folder:?}");
    }
}
