//! The node dies and comes back: every batch has exactly one outcome, every instruction enters the log once.
use std::collections::BTreeMap;
use std::time::Duration;

use causeway_message::action::Action;
use causeway_message::control::Control;
use causeway_message::document::Document;
use causeway_message::{InstructionId, ParticipantId, SessionId, Status};
use causeway_transport::ClientError;
use causeway_transport::client::{BatchOutcome, Pending, Session};
use tokio::task::JoinSet;

use crate::node::{FakeNode, Hold};
use crate::world::{ALFA, LANE, World, payment, payments, soon, until};

async fn submit(session: &Session, count: usize) -> Vec<Pending> {
    let mut sent = Vec::new();
    for _ in 0..count {
        let pending = session.submit(payments(3), Vec::new(), Vec::new()).await;
        sent.push(pending.expect("it is taken"));
    }
    sent
}

async fn outcomes(sent: Vec<Pending>) -> Vec<BatchOutcome> {
    let mut all = Vec::new();
    for pending in sent {
        all.push(soon(pending.outcome()).await.expect("it is answered"));
    }
    all
}

/// Batches under one number have one form, whatever happened between.
fn resent_as_they_were(node: &FakeNode) -> usize {
    let mut frames: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let mut again = 0;
    for batch in &node.lock().received {
        match frames.get(&batch.number()) {
            Some(frame) => {
                assert_eq!(frame, batch.frame(), "batch {}", batch.number());
                again += 1;
            }
            None => drop(frames.insert(batch.number(), batch.frame().to_vec())),
        }
    }
    again
}

fn entered_once(node: &FakeNode, instructions: usize) {
    let entered = node.entered(ALFA);
    assert_eq!(entered.len(), instructions);
    assert!(entered.values().all(|times| *times == 1), "none enters twice");
}

/// A pipeline of twelve batches meets a crash while the node keeps what `holds` says, four batches each.
async fn survives(holds: [Hold; 3], again: usize) {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let mut sent = Vec::new();
    for (i, hold) in holds.into_iter().enumerate() {
        world.node.hold(hold);
        sent.extend(submit(&session, 4).await);
        until("they arrive", || world.node.received() == 4 * (i + 1)).await;
    }
    world.crash().await;
    let all = outcomes(sent).await;
    let numbers: Vec<u64> = all.iter().map(|outcome| outcome.number).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    let settled = |outcome: &BatchOutcome| {
        let first =
            |a: &causeway_message::answer::Answer| a.status() == Some(Status::Settled) && a.is_first();
        outcome.answers.len() == 3 && outcome.answers.iter().all(first)
    };
    assert!(all.iter().all(settled));
    entered_once(&world.node, 36);
    assert!(resent_as_they_were(&world.node) >= again);
}

#[tokio::test]
async fn batches_lost_before_they_were_sequenced_are_sent_again() {
    survives([Hold::Nothing, Hold::Intake, Hold::Intake], 8).await;
}

#[tokio::test]
async fn batches_sequenced_and_not_answered_are_answered_after_the_crash() {
    survives([Hold::Nothing, Hold::Answers, Hold::Answers], 8).await;
}

#[tokio::test]
async fn a_crash_between_sequenced_and_lost_batches_is_no_different() {
    survives([Hold::Answers, Hold::Intake, Hold::Intake], 12).await;
}

#[tokio::test]
async fn a_session_that_is_idle_when_the_node_dies_goes_on() {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    outcomes(submit(&session, 2).await).await;
    world.crash().await;
    outcomes(submit(&session, 2).await).await;
    soon(session.pay(payment(ALFA, ALFA, 1)))
        .await
        .expect("it is paid");
    entered_once(&world.node, 13);
}

#[tokio::test]
async fn documents_and_control_batches_are_sent_again_too() {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let document = Document {
        salt: [5; 16],
        text: vec![b'x'; 1_000_000].into(),
    };
    let mut records = payments(6);
    let documents: Vec<Document> = (0..6u8)
        .map(|i| Document {
            salt: [i; 16],
            ..document.clone()
        })
        .collect();
    for (record, document) in records.iter_mut().zip(&documents) {
        record.document_digest = document.digest();
    }
    let with_documents = session.submit(records, Vec::new(), documents).await;
    let action = Action::SetStanding {
        participant: ParticipantId(7),
        suspended: true,
    };
    let control = session
        .control(vec![(InstructionId([9; 16]), Control::Propose(action))])
        .await;
    until("they arrive", || world.node.received() == 2).await;
    world.node.lock().documents.clear();
    world.crash().await;
    let sent = vec![with_documents.expect("taken"), control.expect("taken")];
    let all = outcomes(sent).await;
    assert_eq!(all[1].answers[0].status(), Some(Status::Proposed));
    assert_eq!(world.node.lock().documents.len(), 6);
    assert_eq!(resent_as_they_were(&world.node), 2);
    entered_once(&world.node, 7);
}

#[tokio::test]
async fn traffic_over_several_crashes_is_settled_once_each() {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let mut banks = JoinSet::new();
    for lane in 1..=3 {
        let session = client.session(SessionId(lane)).await.expect("a session");
        banks.spawn(async move {
            let mut ones = JoinSet::new();
            for round in 0..40 {
                let sent = session.submit(payments(5), Vec::new(), Vec::new()).await;
                let one = session.clone();
                ones.spawn(async move { one.pay(payment(ALFA, ALFA, 1)).await });
                let outcome = sent.expect("it is taken").outcome().await.expect("an outcome");
                assert_eq!(outcome.answers.len(), 5);
                tokio::time::sleep(Duration::from_millis(round)).await;
            }
            while let Some(paid) = ones.join_next().await {
                let paid: Result<_, ClientError> = paid.expect("no panic");
                assert_eq!(paid.expect("an answer").status(), Some(Status::Settled));
            }
        });
    }
    for hold in [Hold::Intake, Hold::Answers, Hold::Nothing] {
        tokio::time::sleep(Duration::from_millis(60)).await;
        world.node.hold(hold);
        tokio::time::sleep(Duration::from_millis(20)).await;
        world.crash().await;
    }
    while let Some(bank) = soon(banks.join_next()).await {
        bank.expect("no panic");
    }
    entered_once(&world.node, 3 * 40 * 6);
}

#[tokio::test]
async fn a_closed_client_gives_up_what_is_under_way() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let sent = submit(&session, 3).await;
    let mut feed = client.feed(1);
    until("they arrive", || world.node.received() == 3).await;
    client.close();
    for pending in sent {
        assert!(matches!(soon(pending.outcome()).await, Err(ClientError::Closed)));
    }
    assert!(matches!(soon(feed.next()).await, Err(ClientError::Closed)));
    assert!(matches!(
        soon(session.pay(payment(ALFA, ALFA, 1))).await,
        Err(ClientError::Closed)
    ));
}
