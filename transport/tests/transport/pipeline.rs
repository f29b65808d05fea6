//! A batch refused in the middle of a pipeline fails alone.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use causeway_message::action::Action;
use causeway_message::control::Control;
use causeway_message::document::Document;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, ParticipantId};
use causeway_transport::ClientError;
use causeway_transport::client::{Pending, Session};

use crate::node::Hold;
use crate::world::{ALFA, LANE, World, payment, payments, soon, until};

/// The amount by which the node knows a batch that it refuses.
const CURSED: u64 = 666_666;

fn is_cursed(batch: &VerifiedBatch) -> bool {
    let records = batch.view().map_or(&[][..], |view| view.records);
    records.iter().any(|record| record.amount.get() == CURSED)
}

fn refuse_cursed(world: &World, code: RefusalCode) {
    world.node.trick(|tricks| {
        tricks.refuse = Some(Box::new(move |batch| {
            is_cursed(batch).then(|| Refusal::new(code, "").about(batch.number()))
        }));
    });
}

async fn submit(session: &Session, amount: u64) -> Pending {
    let sent = session
        .submit(vec![payment(ALFA, ALFA, amount)], Vec::new(), Vec::new())
        .await;
    sent.expect("it is taken")
}

fn refused(outcome: Result<impl std::fmt::Debug, ClientError>, code: RefusalCode) {
    assert!(
        matches!(&outcome, Err(ClientError::Refused(refusal)) if refusal.code == code),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_refused_batch_fails_alone_and_those_behind_it_are_numbered_again() {
    for cursed in [0usize, 3, 9] {
        let world = World::new();
        refuse_cursed(&world, RefusalCode::TooLate);
        let client = world.client(ALFA).await;
        let session = client.session(LANE).await.expect("a session");
        world.node.hold(Hold::Intake);
        let mut sent = Vec::new();
        for i in 0..10 {
            sent.push(submit(&session, if i == cursed { CURSED } else { 1 }).await);
        }
        until("they arrive", || world.node.received() == 10).await;
        world.node.hold(Hold::Nothing);
        let mut numbers = Vec::new();
        for (i, pending) in sent.into_iter().enumerate() {
            let outcome = soon(pending.outcome()).await;
            if i == cursed {
                refused(outcome, RefusalCode::TooLate);
            } else {
                numbers.push(outcome.expect("it settles").number);
            }
        }
        assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
        let entered = world.node.entered(ALFA);
        assert_eq!(entered.len(), 9);
        assert!(entered.values().all(|times| *times == 1));
        soon(submit(&session, 1).await.outcome())
            .await
            .expect("the session goes on");
    }
}

#[tokio::test]
async fn several_refused_batches_fail_one_by_one() {
    let world = World::new();
    refuse_cursed(&world, RefusalCode::SessionNumberReused);
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let mut sent = Vec::new();
    for i in 0..12 {
        sent.push(submit(&session, if i % 3 == 1 { CURSED } else { 1 }).await);
    }
    until("they arrive", || world.node.received() == 12).await;
    world.node.hold(Hold::Nothing);
    for (i, pending) in sent.into_iter().enumerate() {
        let outcome = soon(pending.outcome()).await;
        if i % 3 == 1 {
            refused(outcome, RefusalCode::SessionNumberReused);
        } else {
            outcome.expect("it settles");
        }
    }
    assert_eq!(world.node.entered(ALFA).len(), 8);
}

#[tokio::test]
async fn documents_and_control_batches_move_to_their_new_number() {
    let world = World::new();
    refuse_cursed(&world, RefusalCode::TooLate);
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let cursed = submit(&session, CURSED).await;
    let document = Document {
        salt: [1; 16],
        text: b"<Document/>".to_vec().into(),
    };
    let mut records = payments(2);
    records[1].document_digest = document.digest();
    let with_document = session.submit(records, Vec::new(), vec![document]).await;
    let propose = Control::Propose(Action::SetStanding {
        participant: ParticipantId(7),
        suspended: false,
    });
    let records = vec![(InstructionId([8; 16]), propose)];
    let control = session.control(records).await;
    until("they arrive", || world.node.received() == 3).await;
    world.node.lock().documents.clear();
    world.node.hold(Hold::Nothing);
    refused(soon(cursed.outcome()).await, RefusalCode::TooLate);
    let outcome = soon(with_document.expect("taken").outcome()).await;
    assert_eq!(outcome.expect("it settles").number, 1);
    let outcome = soon(control.expect("taken").outcome()).await;
    assert_eq!(outcome.expect("it is proposed").number, 2);
    assert_eq!(world.node.lock().documents.len(), 1);
}

#[tokio::test]
async fn a_batch_still_read_from_the_old_stream_does_not_take_the_number_of_another() {
    let world = World::new();
    refuse_cursed(&world, RefusalCode::TooLate);
    // The second of three batches finds no room until what was the third has had every chance to overtake it.
    let refused_at: Arc<Mutex<Option<Instant>>> = Arc::default();
    let seen = refused_at.clone();
    world.node.trick(|tricks| {
        tricks.full = Some(Box::new(move |batch| {
            let mut seen = seen.lock().expect("no panic");
            if is_cursed(batch) {
                seen.get_or_insert_with(Instant::now);
                return false;
            }
            let early = seen.is_some_and(|since| since.elapsed() < Duration::from_millis(150));
            batch.number() == 2 && early
        }));
    });
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let mut sent = vec![submit(&session, CURSED).await];
    for amount in 1..=4 {
        sent.push(submit(&session, amount).await);
    }
    let mut outcomes = Vec::new();
    for pending in sent {
        outcomes.push(soon(pending.outcome()).await);
    }
    refused(outcomes.remove(0), RefusalCode::TooLate);
    for outcome in outcomes {
        outcome.expect("none but the first is at fault");
    }
    let entered = world.node.entered(ALFA);
    assert_eq!(entered.len(), 4);
    assert!(
        entered.values().all(|times| *times == 1),
        "each enters once: {entered:?}"
    );
    assert!(refused_at.lock().expect("no panic").is_some());
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again_and_not_in_a_hurry() {
    for code in [RefusalCode::NotReady, RefusalCode::Internal] {
        let world = World::new();
        let tries = Arc::new(AtomicUsize::new(0));
        let (count, begin) = (tries.clone(), Instant::now());
        world.node.trick(|tricks| {
            tricks.refuse = Some(Box::new(move |batch| {
                count.fetch_add(1, Ordering::Relaxed);
                let early = begin.elapsed() < Duration::from_millis(400);
                early.then(|| Refusal::new(code, "").about(batch.number()))
            }));
        });
        let client = world.client(ALFA).await;
        let session = client.session(LANE).await.expect("a session");
        let outcome = soon(submit(&session, 1).await.outcome()).await;
        assert_eq!(outcome.expect("it settles in the end").number, 1);
        let tries = tries.load(Ordering::Relaxed);
        assert!((2..=12).contains(&tries), "{tries} tries");
    }
}

#[tokio::test]
async fn an_ill_formed_batch_uses_no_number() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let none = session.submit(Vec::new(), Vec::new(), Vec::new()).await;
    let ill = session.submit(payments(1), vec![1, 2, 3], Vec::new()).await;
    let good = submit(&session, 1).await;
    for pending in [none, ill] {
        let outcome = soon(pending.expect("taken").outcome()).await;
        assert!(matches!(outcome, Err(ClientError::Format(_))), "{outcome:?}");
    }
    assert_eq!(soon(good.outcome()).await.expect("it settles").number, 1);
}

#[tokio::test]
async fn a_small_submit_that_is_refused_is_told_so() {
    let world = World::new();
    refuse_cursed(&world, RefusalCode::TooFarAhead);
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    refused(
        soon(session.pay(payment(ALFA, ALFA, CURSED))).await,
        RefusalCode::TooFarAhead,
    );
    soon(session.pay(payment(ALFA, ALFA, 1)))
        .await
        .expect("the next is paid");
}
