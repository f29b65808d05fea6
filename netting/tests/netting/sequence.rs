//! Gross settlement against a simulation that tries every item again and again.
use causeway_netting::{CashOnly, Tests, bilateral, gross};

use super::brute::Shorts;
use super::random::{Draft, MIXED, Mix, PAYMENTS, Random, draft};

/// Settles, in rounds, whatever is first in all its queues and leaves everybody it debits well.
fn simulate(draft: &Draft, tests: &impl Tests) -> Vec<bool> {
    let mut done = vec![false; draft.items.len()];
    loop {
        let before = done.clone();
        for item in 0..done.len() {
            let queues = draft.items[item].iter().map(|leg| draft.queue_of(leg.debtor));
            let first = |queue: u32| draft.queue(queue).into_iter().find(|item| !done[*item]) == Some(item);
            if done[item] || !queues.into_iter().all(first) {
                continue;
            }
            done[item] = true;
            done[item] = draft.affordable(&done, tests);
        }
        if done == before {
            return done;
        }
    }
}

#[test]
fn gross_equals_trying_again_and_again() {
    let mut random = Random(21);
    for mix in [PAYMENTS, MIXED, Mix { tested: 4, ..MIXED }] {
        // Accounts that begin below their limit only matter to others once they pay, which they cannot.
        for _ in 0..3_000 {
            let draft = draft(&mut random, &mix);
            let case = draft.build();
            let tests = Shorts { most: 6 };
            let expected = simulate(&draft, &tests);
            let found = gross(&case, &tests);
            assert!(
                (0..draft.items.len()).all(|item| found.contains(item as u32) == expected[item]),
                "{draft:?}"
            );
        }
    }
}

#[test]
fn two_that_face_each_other_settle_against_each_other() {
    let csv = "id,debtor,creditor,currency,amount,priority,trade\n1,A,B,EUR,100,normal,\n2,B,A,EUR,60,normal,\n\
               3,B,A,EUR,35,normal,\n4,B,C,EUR,1,normal,\n5,B,A,EUR,50,normal,\n";
    let balances = "participant,currency,balance,limit\nA,EUR,5,0\n";
    let named = causeway_netting::case::read(("b", balances.as_bytes()), ("q", csv.as_bytes()), None);
    let case = named.expect("the files are sound").case;
    assert!(gross(&case, &CashOnly).is_empty());
    assert_eq!(
        bilateral(&case, &CashOnly).iter().collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
}
