//! Random runs of a few banks in a few currencies: the ledger answers and moves as the naive model does, money is
//! neither made nor lost, and a run repeats from any of its snapshots.
use proptest::prelude::*;

use crate::model::Place;
use crate::side_by_side::{BANKS, CODES, Pair, Step, Wish};
use crate::support::check_repeats;

fn bank() -> impl Strategy<Value = usize> {
    0..BANKS
}

fn place() -> impl Strategy<Value = Place> {
    (bank(), 0..CODES.len())
}

/// Mostly small, so that accounts run dry and fill up again.
fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 30 => 1..40u64, 6 => 40..200u64, 1 => Just(u64::MAX)]
}

fn wish() -> impl Strategy<Value = Wish> {
    let id = prop_oneof![12 => Just(None), 1 => any::<prop::sample::Index>().prop_map(|i| Some(i.index(40)))];
    let expires = prop_oneof![4 => Just(None), 3 => (0..40u64).prop_map(Some)];
    let flags = (prop::bool::weighted(0.1), prop::bool::weighted(0.3));
    (id, bank(), 0..CODES.len(), amount(), expires, flags).prop_map(
        |(id, creditor, currency, amount, expires, (settle_or_reject, show))| Wish {
            id,
            creditor,
            currency,
            amount,
            expires,
            settle_or_reject,
            show,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (bank(), prop::collection::vec(wish(), 1..6)).prop_map(|(bank, wishes)| Step::Batch(bank, wishes)),
        1 => any::<prop::sample::Index>().prop_map(|i| Step::Again(i.index(60))),
        4 => (place(), amount()).prop_map(|(place, amount)| Step::Fund(place, amount)),
        1 => (place(), amount()).prop_map(|(place, amount)| Step::Cap(place, amount)),
        2 => (place(), amount()).prop_map(|(place, amount)| Step::Defund(place, amount)),
        2 => (0..8usize, any::<bool>()).prop_map(|(which, paid_out)| Step::EndDefund(which, paid_out)),
        1 => (bank(), any::<bool>()).prop_map(|(bank, suspended)| Step::Standing(bank, suspended)),
        3 => (1..15u64).prop_map(Step::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_the_naive_model_does(steps in prop::collection::vec(step(), 1..60)) {
        let mut pair = Pair::new();
        steps.iter().for_each(|step| pair.run(step));
    }

    #[test]
    fn a_random_run_repeats_with_another_seed_and_from_every_snapshot(
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut pair = Pair::new();
        steps.iter().for_each(|step| pair.run(step));
        check_repeats(&pair.world);
    }
}
