//! Every fault that can be put into the product on purpose is found by the simulation and its auditor, and nothing is
//! found without one. Built with the feature `mutations` alone:
//! `cargo test -p causeway-loadtest --features mutations --test mutations`. With `CAUSEWAY_MUTATIONS=Name,Name` only these
//! are put in.
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use causeway_loadtest::simulate::{replay, shrink, simulate};
use causeway_message::mutation::{Mutation, choose};

/// Steps in which a mutation must be found, and in which nothing may be found without one.
const STEPS: u64 = 400_000;
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// The first thing found with a mutation, and the steps of the episode that found it.
fn found(mutation: Option<Mutation>) -> Option<(String, usize)> {
    choose(mutation);
    let failed = SEEDS
        .into_iter()
        .find_map(|seed| simulate(seed, STEPS, |_| {}).err());
    choose(None);
    failed.map(|failed| (failed.what.clone(), failed.script.steps.len()))
}

#[test]
fn a_failing_episode_fails_again_from_what_was_decided_in_it_and_from_less() {
    choose(Some(Mutation::NeverRelease));
    let failed = simulate(1, STEPS, |_| {}).expect_err("it is caught");
    let again = replay(&failed.script).expect_err("it fails again");
    assert_eq!(again.what, failed.what);
    let before = failed.script.steps.len();
    let shorter = shrink(failed, 60, |_| {});
    assert!(
        shorter.script.steps.len() < before,
        "{before} steps did not become fewer"
    );
    assert!(replay(&shorter.script).is_err(), "what is left fails no more");
    choose(None);
    assert!(replay(&shorter.script).is_ok(), "it was the mutation that failed");
}

#[test]
fn each_mutation_is_caught_and_the_product_is_not() {
    // What a broken invariant prints is part of being caught.
    std::panic::set_hook(Box::new(|_| {}));
    let named = std::env::var("CAUSEWAY_MUTATIONS").ok();
    let is_named = |mutation: &Mutation| {
        let name = format!("{mutation:?}");
        named
            .as_ref()
            .is_none_or(|names| names.split(',').any(|named| named == name))
    };
    let chosen = Mutation::ALL.iter().copied().filter(is_named).map(Some);
    let queue: Mutex<VecDeque<Option<Mutation>>> = Mutex::new(chosen.chain([None]).collect());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let uncaught = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(mutation) = next() {
                    let name = mutation.map_or("none".to_owned(), |mutation| format!("{mutation:?}"));
                    let wrong = match found(mutation) {
                        Some((what, steps)) => {
                            let first: String = what.chars().take(140).collect();
                            println!("{name}: after {steps} steps: {first}");
                            mutation.is_none()
                        }
                        None => {
                            println!("{name}: nothing found");
                            mutation.is_some()
                        }
                    };
                    if wrong {
                        uncaught.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                    }
                }
            });
        }
    });
    let _ = std::panic::take_hook();
    let uncaught = uncaught.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(uncaught.is_empty(), "not as it should be: {uncaught:?}");
    assert!(Mutation::ALL.len() >= 20, "the list has shrunk");
}
