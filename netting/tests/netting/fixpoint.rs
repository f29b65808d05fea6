//! What must hold of the FIFO fixpoint, on many small random cases.
use causeway_netting::case::{Account, Leg, Priority};
use causeway_netting::{CashOnly, Chosen, Position, Tests, bilateral, fifo, fifo_within, gross};

use super::brute::Shorts;
use super::random::{Draft, MIXED, Mix, PAYMENTS, Random, draft};

fn bits(draft: &Draft, chosen: &Chosen) -> Vec<bool> {
    (0..draft.items.len() as u32)
        .map(|item| chosen.contains(item))
        .collect()
}

/// Union of all sets of prefixes that are feasible.
fn union(draft: &Draft, tests: &impl Tests) -> Vec<bool> {
    let mut union = vec![false; draft.items.len()];
    let feasible = |set: &Vec<bool>| draft.prefixes(set) && draft.affordable(set, tests);
    for set in draft.subsets().filter(feasible) {
        union.iter_mut().zip(set).for_each(|(all, one)| *all |= one);
    }
    union
}

fn equals_brute_force(mix: &Mix, seed: u64, cases: usize, tests: &impl Tests) -> usize {
    let mut random = Random(seed);
    let mut partial = 0;
    for number in 0..cases {
        let draft = draft(&mut random, mix);
        let case = draft.build();
        let found = bits(&draft, &fifo(&case, tests).chosen(&case));
        assert_eq!(
            found,
            union(&draft, tests),
            "case {number} of seed {seed}: {draft:?}"
        );
        partial += usize::from(found.contains(&true) && found.contains(&false));
    }
    partial
}

#[test]
fn equals_the_union_of_all_feasible_prefix_sets() {
    assert!(equals_brute_force(&PAYMENTS, 1, 6_000, &CashOnly) > 1_000);
    let trades = Mix {
        currencies: 2,
        trades: 4,
        ..PAYMENTS
    };
    assert!(equals_brute_force(&trades, 2, 6_000, &CashOnly) > 1_000);
}

#[test]
fn equals_it_with_trades_classes_and_sender_limits() {
    assert!(equals_brute_force(&MIXED, 3, 10_000, &CashOnly) > 1_500);
}

#[test]
fn equals_it_under_risk_tests_with_one_queue_for_all_currencies() {
    let mix = Mix { tested: 5, ..MIXED };
    assert!(equals_brute_force(&mix, 4, 10_000, &Shorts { most: 6 }) > 1_500);
    let mix = Mix {
        limits: 0,
        trades: 6,
        ..mix
    };
    assert!(equals_brute_force(&mix, 5, 4_000, &Shorts { most: 4 }) > 600);
}

fn drafts(mix: Mix, seed: u64, cases: usize) -> impl Iterator<Item = Draft> {
    let mut random = Random(seed);
    (0..cases).map(move |_| draft(&mut random, &mix))
}

/// Large enough that queues are long, too large for brute force.
const LARGE: Mix = Mix {
    participants: 9,
    currencies: 3,
    items: 300,
    amounts: 40,
    ..MIXED
};

#[test]
fn stages_contain_one_another() {
    let tests = Shorts { most: 9 };
    let mut more = [0; 2];
    for draft in drafts(Mix { tested: 2, ..LARGE }, 6, 300) {
        let case = draft.build();
        let stages = [
            gross(&case, &tests),
            bilateral(&case, &tests),
            fifo(&case, &tests).chosen(&case),
        ];
        for (at, pair) in stages.windows(2).enumerate() {
            assert!(pair[0].iter().all(|item| pair[1].contains(item)));
            more[at] += usize::from(pair[0].len() < pair[1].len());
        }
    }
    assert!(more.iter().all(|more| *more > 20), "{more:?}");
}

#[test]
fn a_second_run_settles_nothing() {
    // Tests of what is held only: a second run does not know what payments took before.
    let held = |_: u32, positions: &[Position]| positions.iter().all(|position| position.after >= -9);
    for draft in drafts(Mix { tested: 2, ..LARGE }, 7, 300) {
        let case = draft.build();
        let chosen = fifo(&case, &held).chosen(&case);
        let rest = case.rest(&chosen).expect("sums stay small");
        assert_eq!(rest.items() + chosen.len(), case.items());
        let again = fifo(&rest, &held).chosen(&rest);
        assert!(again.is_empty(), "{again:?}");
    }
}

#[test]
fn more_liquidity_gives_a_superset() {
    let mut random = Random(8);
    let mut grew = 0;
    for mut draft in drafts(LARGE, 9, 300) {
        let before = draft.build();
        let before = fifo(&before, &CashOnly).chosen(&before);
        for account in &mut draft.accounts {
            account.balance += i128::from(random.below(20));
            account.limit += i128::from(random.below(20));
        }
        let after = draft.build();
        let after = fifo(&after, &CashOnly).chosen(&after);
        assert!(before.iter().all(|item| after.contains(item)));
        grew += usize::from(after.len() > before.len());
    }
    assert!(grew > 100);
}

#[test]
fn scaling_changes_nothing() {
    for draft in drafts(LARGE, 10, 200) {
        let mut scaled = draft.clone();
        let by = 1_000_000_007;
        for account in &mut scaled.accounts {
            account.balance *= by;
            account.limit *= by;
        }
        scaled.limits.iter_mut().for_each(|limit| limit.room *= by);
        scaled
            .items
            .iter_mut()
            .flatten()
            .for_each(|leg| leg.amount *= by as u64);
        let (one, other) = (draft.build(), scaled.build());
        assert_eq!(fifo(&one, &CashOnly), fifo(&other, &CashOnly));
    }
}

/// Numbers of accounts and participants say in which order the fixpoint looks at them.
#[test]
fn relabelling_and_with_it_the_order_of_work_changes_nothing() {
    let mut random = Random(11);
    for draft in drafts(Mix { tested: 2, ..LARGE }, 12, 300) {
        let accounts = draft.accounts.len() as u32;
        let mut place: Vec<u32> = (0..accounts).collect();
        for at in (1..place.len()).rev() {
            place.swap(at, random.below(at as u64 + 1) as usize);
        }
        let mut relabelled = draft.clone();
        for (number, account) in draft.accounts.iter().enumerate() {
            relabelled.accounts[place[number] as usize] = *account;
        }
        relabelled
            .limits
            .iter_mut()
            .for_each(|limit| limit.account = place[limit.account as usize]);
        for leg in relabelled.items.iter_mut().flatten() {
            (leg.debtor, leg.creditor) = (place[leg.debtor as usize], place[leg.creditor as usize]);
        }
        let tests = Shorts { most: 9 };
        let (one, other) = (draft.build(), relabelled.build());
        assert_eq!(
            fifo(&one, &tests).chosen(&one),
            fifo(&other, &tests).chosen(&other)
        );
        assert_eq!(gross(&one, &tests), gross(&other, &tests));
    }
}

#[test]
fn within_the_whole_it_is_the_same_and_within_itself_it_stays() {
    for draft in drafts(LARGE, 13, 200) {
        let case = draft.build();
        let found = fifo(&case, &CashOnly);
        assert_eq!(fifo_within(&case, &CashOnly, &found), found);
        let plain = Draft {
            limits: Vec::new(),
            ..draft
        }
        .build();
        let careful = fifo_within(&plain, &|_: u32, _: &[_]| true, &found);
        let all = fifo(&plain, &CashOnly);
        assert!(
            careful
                .lengths()
                .iter()
                .zip(all.lengths())
                .all(|(within, all)| within <= all)
        );
    }
}

/// The fast and the careful way are two programs for one rule.
#[test]
fn a_limit_that_binds_nobody_changes_nothing() {
    for draft in drafts(Mix { limits: 0, ..LARGE }, 14, 300) {
        let limit = causeway_netting::case::SenderLimit {
            account: 0,
            against: causeway_netting::case::Against::One(1),
            room: 1 << 80,
        };
        let careful = Draft {
            limits: vec![limit],
            ..draft.clone()
        }
        .build();
        let plain = draft.build();
        assert_eq!(fifo(&plain, &CashOnly), fifo(&careful, &CashOnly));
    }
}

fn two_currencies(tested: Vec<u32>) -> Draft {
    let account = |participant, currency, balance| Account {
        participant,
        currency,
        balance,
        limit: 0,
        bypass: false,
    };
    let leg = |debtor, creditor, amount| Leg {
        debtor,
        creditor,
        amount,
        priority: Priority::Normal,
    };
    Draft {
        accounts: vec![
            account(0, 0, 5),
            account(0, 1, 5),
            account(1, 0, 0),
            account(1, 1, 0),
        ],
        items: vec![vec![leg(0, 2, 100)], vec![leg(1, 3, 5)]],
        limits: Vec::new(),
        tested,
    }
}

#[test]
fn what_cannot_be_paid_in_one_currency_blocks_no_other() {
    let case = two_currencies(Vec::new()).build();
    let chosen = fifo(&case, &CashOnly).chosen(&case);
    assert_eq!(chosen.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(gross(&case, &CashOnly), chosen);
}

#[test]
fn under_risk_tests_it_does() {
    let case = two_currencies(vec![0]).build();
    assert!(fifo(&case, &CashOnly).chosen(&case).is_empty());
}
