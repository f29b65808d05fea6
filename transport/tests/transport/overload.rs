//! Bounds: connections, sessions, and a client that does not listen.
use std::time::Duration;

use bytes::Bytes;
use causeway_message::SessionId;
use causeway_message::frame::Template;
use causeway_message::limits::{BATCH_RECORDS_MAX, SESSION_WINDOW};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::write_number;
use causeway_transport::framing::write;
use causeway_transport::limits::{BUSY_RETRY_MS, STREAM_WINDOW};
use causeway_transport::tls;
use quinn::{ConnectionError, TransportConfig, VarInt};

use crate::raw::Raw;
use crate::world::{ALFA, BETA, LANE, World, batch, head, payment, payments, signed, soon, until};

#[tokio::test]
async fn a_session_too_many_is_told_when_to_come_again() {
    let world = World::bounded(10, 2);
    let raw = Raw::new(&world, ALFA).await;
    let (mut session, _) = raw.session(LANE).await;
    let mut feed = raw.begin(write_number(Template::Subscribe, 1)).await;
    session.say(batch(1)).await;
    session.answered(1).await;
    feed.next().await;
    for template in [Template::OpenSession, Template::Subscribe] {
        let mut more = raw.begin(write_number(template, 1)).await;
        let refusal = more.refused(RefusalCode::Busy, 0).await;
        assert_eq!(refusal.retry_after_ms, BUSY_RETRY_MS);
        assert!(refusal.code.may_retry());
        more.ended().await;
    }
    // Questions are answered all the same, and a place given back can be taken.
    raw.begin(write_number(Template::BalanceQuery, 0))
        .await
        .next()
        .await;
    feed.finish();
    feed.ended().await;
    session.finish();
    session.ended().await;
    raw.session(SessionId(1)).await;
}

#[tokio::test]
async fn a_connection_too_many_is_refused_until_another_ends() {
    let world = World::bounded(2, 10);
    let first = Raw::new(&world, ALFA).await;
    let _second = Raw::new(&world, BETA).await;
    let third = Raw::try_new(world.address, &world.identity(BETA)).await;
    // RFC 9000 section 20.1: CONNECTION_REFUSED is 2.
    assert!(
        matches!(&third, Err(ConnectionError::ConnectionClosed(close)) if u64::from(close.error_code) == 2),
        "refused at once"
    );
    first.connection.close(VarInt::from_u32(0), b"");
    for _ in 0..100 {
        if Raw::try_new(world.address, &world.identity(BETA)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the place is never given back");
}

#[tokio::test]
async fn a_client_that_never_reads_is_stopped_while_others_go_on() {
    let world = World::new();
    let mut transport = TransportConfig::default();
    transport.stream_receive_window(VarInt::from_u32(1_500));
    let crypto = tls::client(&world.identity(ALFA)).expect("a good identity");
    let deaf = Raw::with(world.address, crypto, transport)
        .await
        .expect("it connects");
    let (mut stream, _) = deaf.session(LANE).await;
    let small = 4 * SESSION_WINDOW as u64;
    for number in 1..=small {
        stream.say(batch(number)).await;
    }
    // The window, and the few answers that fit the client's own.
    until("the node is full", || world.node.received() > SESSION_WINDOW).await;
    let large = Bytes::from(signed(&head(LANE, small + 1), &payments(BATCH_RECORDS_MAX)));
    let mut sent = 0;
    while let Ok(written) =
        tokio::time::timeout(Duration::from_millis(300), write(&mut stream.send, large.clone())).await
    {
        written.expect("the stream is whole");
        sent += large.len();
        assert!(sent < STREAM_WINDOW as usize + large.len(), "nothing stops it");
    }
    assert!(
        sent > STREAM_WINDOW as usize / 2,
        "the stream's own window is used"
    );
    let taken = world.node.received();
    assert!(
        taken <= SESSION_WINDOW + 8,
        "{taken} batches are taken of one that does not read"
    );

    let client = world.client(BETA).await;
    let session = client.session(LANE).await.expect("a session");
    for amount in 1..20 {
        let paid = soon(session.pay(payment(BETA, ALFA, amount))).await;
        paid.expect("others are served");
    }
    assert_eq!(world.node.received(), taken + 19, "nothing more of the deaf one");
    for number in 1..=small {
        stream.answered(number).await;
    }
}

#[tokio::test]
async fn a_batch_waits_for_room_and_is_taken_when_there_is_some() {
    let world = World::new();
    world.node.trick(|tricks| {
        let mut times = 0;
        tricks.full = Some(Box::new(move |_| {
            times += 1;
            times < 20
        }));
    });
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(batch(1)).await;
    stream.say(batch(2)).await;
    stream.answered(1).await;
    stream.answered(2).await;
    assert_eq!(world.node.received(), 2);
}
