//! Intake: bounded rings, fair turns, and no submission forgotten.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use causeway_engine::intake::intake;
use causeway_engine::limits::{INTAKE_RING, UNDER_WAY_EACH, UNDER_WAY_MAX};
use causeway_engine::{Reply, ReplyTo, Submission};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::VerifiedBatch;

use super::support::{A, B, C, EUR, World};

/// Before a ring left the list by a swap, about one submission in half a million was forgotten.
const PAIRS: u64 = 100_000;

fn silent(batch: &Arc<VerifiedBatch>) -> Submission {
    Submission {
        batch: batch.clone(),
        reply: ReplyTo::new(|_| {}),
    }
}

#[test]
fn a_bank_with_a_full_ring_does_not_starve_another() {
    let world = World::new();
    let [a, b, c] = [A, B, C].map(|who| world.batch(who, &[world.payment(who, A, EUR, 1)]));
    let (intake, outlet) = intake();
    for _ in 0..INTAKE_RING {
        intake.submit(silent(&a)).expect("room");
    }
    for batch in [&b, &c] {
        for _ in 0..3 {
            intake.submit(silent(batch)).expect("room");
        }
    }
    let turns: Vec<_> = std::iter::from_fn(|| outlet.take())
        .map(|taken| taken.batch.participant())
        .collect();
    assert_eq!(turns[..9], [A, B, C, A, B, C, A, B, C], "each in its turn");
    assert_eq!(turns.len(), INTAKE_RING + 6);
    assert!(outlet.take().is_none());
}

#[test]
fn a_bank_that_fills_its_ring_all_the_while_delays_another_by_one_round_and_no_more() {
    let world = World::new();
    let [a, b, c] = [A, B, C].map(|who| world.batch(who, &[world.payment(who, A, EUR, 1)]));
    let (intake, outlet) = intake();
    let fill = || while intake.submit(silent(&a)).is_ok() {};
    fill();
    // The others come at any moment of a round, once or again and again.
    for moment in 0..50 {
        for _ in 0..moment % 4 {
            outlet.take().expect("something waits");
            fill();
        }
        let others = [&b, &c][..1 + moment % 2].to_vec();
        for batch in &others {
            intake.submit(silent(batch)).expect("room");
        }
        // One turn of each that is active, the flooding bank's among them.
        let round: Vec<_> = (0..=others.len())
            .map(|_| {
                let taken = outlet.take().expect("something waits").batch.participant();
                fill();
                taken
            })
            .collect();
        for batch in others {
            let turns = round.iter().filter(|who| **who == batch.participant()).count();
            assert_eq!(turns, 1, "in the round of moment {moment}: {round:?}");
        }
    }
}

#[test]
fn a_bank_fills_the_stages_behind_no_further_than_its_part_and_goes_on_as_it_is_answered() {
    let world = World::new();
    let [a, b] = [A, B].map(|who| world.batch(who, &[world.payment(who, C, EUR, 1)]));
    let (intake, outlet) = intake();
    let mut under_way = Vec::new();
    // Nothing is answered: however often it comes back, there is an end.
    while let Some(taken) = {
        while intake.submit(silent(&a)).is_ok() {}
        outlet.take()
    } {
        under_way.push(taken);
    }
    let each = a.frame().len() + UNDER_WAY_EACH;
    assert_eq!(under_way.len(), UNDER_WAY_MAX.div_ceil(each));
    // Another's is taken at once.
    intake.submit(silent(&b)).expect("room");
    assert_eq!(outlet.take().expect("its turn").batch.participant(), B);
    assert!(outlet.take().is_none());
    // Each that is answered, or given up, makes room for one more.
    let refusal = Refusal::new(RefusalCode::NotReady, "");
    under_way.pop().expect("one").reply.send(Reply::Refused(refusal));
    assert_eq!(outlet.take().expect("its turn").batch.participant(), A);
    drop(under_way.pop());
    let patience = Duration::from_secs(20);
    assert_eq!(outlet.wait(patience).expect("its turn").batch.participant(), A);
}

#[test]
fn a_full_ring_gives_the_submission_back_with_its_reply() {
    let world = World::new();
    let batch = world.batch(A, &[world.payment(A, B, EUR, 1)]);
    let (intake, outlet) = intake();
    for _ in 0..INTAKE_RING {
        intake.submit(silent(&batch)).expect("room");
    }
    let (sender, replies) = channel();
    let mine = Submission {
        batch: batch.clone(),
        reply: ReplyTo::new(move |reply| {
            let _ = sender.send(matches!(reply, Reply::Refused(_)));
        }),
    };
    let back = intake.submit(mine).expect_err("the ring is full");
    assert!(Arc::ptr_eq(&back.batch, &batch));
    assert!(replies.try_recv().is_err(), "nobody was told anything");
    // With room it is taken, and its reply still works.
    outlet.take().expect("the first");
    intake.submit(back).expect("room");
    let last = std::iter::from_fn(|| outlet.take()).last().expect("the last");
    last.reply
        .send(Reply::Refused(Refusal::new(RefusalCode::NotReady, "")));
    assert_eq!(replies.recv(), Ok(true));
}

#[test]
fn no_submission_is_left_lying_however_submitting_and_taking_fall_together() {
    let world = World::new();
    let batch = world.batch(A, &[world.payment(A, B, EUR, 1)]);
    let (intake, outlet) = intake();
    let taken = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for pair in 0..PAIRS {
                // The second comes at another moment of the first one's turn each time.
                let first = intake.submit(silent(&batch));
                (0..pair % 97).for_each(|_| std::hint::spin_loop());
                if first.and(intake.submit(silent(&batch))).is_err() {
                    return;
                }
                while taken.load(Ordering::Acquire) < 2 * (pair + 1) {
                    std::thread::yield_now();
                }
            }
        });
        for n in 0..2 * PAIRS {
            let found = outlet.wait(Duration::from_secs(2)).is_some();
            // Lets the other thread end before this one fails.
            taken.store(if found { n + 1 } else { u64::MAX }, Ordering::Release);
            assert!(found, "submission {n} lies forgotten");
        }
    });
}
