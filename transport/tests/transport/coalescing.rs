//! Small submits travel together, the window is kept, and a session ends with its last handle.
use std::time::Duration;

use causeway_message::limits::SESSION_WINDOW;
use causeway_message::{SessionId, Status};
use causeway_transport::ClientError;
use causeway_transport::client::Session;
use causeway_transport::limits::COALESCE_ABOVE;
use tokio::task::JoinSet;

use crate::node::Hold;
use crate::world::{ALFA, LANE, World, payment, payments, soon, until};

fn pay(session: &Session, count: usize, ones: &mut JoinSet<Result<Option<Status>, ClientError>>) {
    for amount in 1..=count as u64 {
        let session = session.clone();
        ones.spawn(async move { Ok(session.pay(payment(ALFA, ALFA, amount)).await?.status()) });
    }
}

async fn all_paid(mut ones: JoinSet<Result<Option<Status>, ClientError>>) {
    while let Some(paid) = soon(ones.join_next()).await {
        let status = paid.expect("no panic").expect("an answer");
        assert_eq!(status, Some(Status::Settled));
    }
}

/// Time for whatever should not be sent to be sent after all.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_lone_payment_is_sent_at_once() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    for amount in 1..=20 {
        soon(session.pay(payment(ALFA, ALFA, amount)))
            .await
            .expect("it is paid");
    }
    assert_eq!(world.node.batch_sizes(ALFA), [1; 20]);
    // Up to the bound, each goes at once although others are under way.
    world.node.hold(Hold::Intake);
    let mut ones = JoinSet::new();
    for n in 1..=COALESCE_ABOVE {
        pay(&session, 1, &mut ones);
        until("it is sent at once", || world.node.received() == 20 + n).await;
    }
    world.node.hold(Hold::Nothing);
    all_paid(ones).await;
}

#[tokio::test]
async fn payments_submitted_while_others_are_under_way_travel_in_few_batches() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let mut ones = JoinSet::new();
    for _ in 0..COALESCE_ABOVE {
        let received = world.node.received();
        pay(&session, 1, &mut ones);
        until("it is sent", || world.node.received() > received).await;
    }
    pay(&session, 3_000, &mut ones);
    a_while().await;
    assert_eq!(world.node.received(), COALESCE_ABOVE, "the rest gathers");
    world.node.hold(Hold::Nothing);
    all_paid(ones).await;
    let sizes = world.node.batch_sizes(ALFA);
    assert_eq!(sizes.iter().sum::<usize>(), 3_000 + COALESCE_ABOVE);
    assert!(sizes.len() <= COALESCE_ABOVE + 2, "{sizes:?}");
}

#[tokio::test]
async fn every_payment_gets_its_own_answer() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let known = payment(ALFA, ALFA, 5);
    soon(session.pay(known)).await.expect("it is paid");
    let mut ones = JoinSet::new();
    for i in 0..200 {
        let session = session.clone();
        let record = if i == 77 { known } else { payment(ALFA, ALFA, 1) };
        ones.spawn(async move { (i, session.pay(record).await) });
    }
    while let Some(paid) = soon(ones.join_next()).await {
        let (i, answer) = paid.expect("no panic");
        assert_eq!(answer.expect("an answer").is_first(), i != 77, "payment {i}");
    }
}

#[tokio::test]
async fn a_node_that_never_answers_gets_no_more_than_the_window() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let mut sent = Vec::new();
    for _ in 0..3 * SESSION_WINDOW {
        sent.push(
            session
                .submit(payments(1), Vec::new(), Vec::new())
                .await
                .expect("taken"),
        );
    }
    until("the window is full", || world.node.received() >= SESSION_WINDOW).await;
    a_while().await;
    assert_eq!(world.node.received(), SESSION_WINDOW);
    world.node.hold(Hold::Nothing);
    for pending in sent {
        soon(pending.outcome())
            .await
            .expect("all are answered in the end");
    }
}

#[tokio::test]
async fn small_submits_do_not_open_the_window_wider() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let mut sent = Vec::new();
    let mut ones = JoinSet::new();
    for n in 1..SESSION_WINDOW {
        sent.push(
            session
                .submit(payments(1), Vec::new(), Vec::new())
                .await
                .expect("taken"),
        );
        until("it is sent", || world.node.received() >= n).await;
    }
    // One place is left: what waits for company takes it, and the batch behind it finds none.
    pay(&session, 1, &mut ones);
    a_while().await;
    for _ in 0..3 {
        sent.push(
            session
                .submit(payments(2), Vec::new(), Vec::new())
                .await
                .expect("taken"),
        );
        pay(&session, 1, &mut ones);
        tokio::task::yield_now().await;
    }
    until("the window is full", || world.node.received() >= SESSION_WINDOW).await;
    a_while().await;
    assert_eq!(world.node.received(), SESSION_WINDOW);
    world.node.hold(Hold::Nothing);
    for pending in sent {
        soon(pending.outcome())
            .await
            .expect("all are answered in the end");
    }
    all_paid(ones).await;
}

#[tokio::test]
async fn a_dropped_session_ends_when_everything_is_answered() {
    let world = World::bounded(10, 1);
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Answers);
    let pending = session
        .submit(payments(2), Vec::new(), Vec::new())
        .await
        .expect("taken");
    until("it arrives", || world.node.received() == 1).await;
    drop(session);
    a_while().await;
    let busy = client.session(SessionId(2)).await;
    assert!(
        matches!(busy, Err(ClientError::Refused(_))),
        "its place is not free yet"
    );
    world.node.hold(Hold::Nothing);
    soon(pending.outcome())
        .await
        .expect("it is answered all the same");
    for _ in 0..200 {
        match client.session(SessionId(2)).await {
            Ok(_) => return,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    panic!("the session never ends");
}
