//! One participant that takes all it can get.
use causeway_message::SessionId;
use causeway_message::frame::Template;
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::write_number;
use causeway_transport::close::Close;
use causeway_transport::limits::{
    CONNECTIONS_PER_PARTICIPANT, FEEDS_PER_PARTICIPANT, SESSIONS_PER_PARTICIPANT, STREAMS_MAX,
};
use quinn::ConnectionError;

use crate::bystander::Bystander;
use crate::raw::Raw;
use crate::world::{ALFA, World, until};

fn is_closed(error: &ConnectionError, with: Close) -> bool {
    matches!(error, ConnectionError::ApplicationClosed(close) if close.error_code == with.code())
}

#[tokio::test]
async fn a_connection_too_many_of_one_participant_is_closed_with_code_2() {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS_PER_PARTICIPANT {
        let raw = Raw::new(&world, ALFA).await;
        // It is taken in when it is served.
        raw.session(SessionId(1)).await;
        connections.push(raw);
    }
    for _ in 0..3 {
        let error = match Raw::try_new(world.address, &world.identity(ALFA)).await {
            Ok(raw) => raw.closed().await,
            Err(error) => error,
        };
        assert!(is_closed(&error, Close::Connections), "{error}");
    }
    // The place of one that ends can be taken.
    connections.pop();
    let mut served = false;
    for _ in 0..500 {
        let raw = Raw::new(&world, ALFA).await;
        let stream = raw.connection.open_bi().await;
        drop(stream);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        if raw.connection.close_reason().is_none() {
            served = true;
            break;
        }
    }
    assert!(served, "the place is given back");
    bystander.was_served().await;
}

#[tokio::test]
async fn sessions_and_feeds_too_many_of_one_participant_are_refused_busy() {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let raws = [Raw::new(&world, ALFA).await, Raw::new(&world, ALFA).await];
    let mut open = Vec::new();
    for n in 0..SESSIONS_PER_PARTICIPANT {
        // On two connections: it is the participant that counts.
        open.push(raws[n % 2].session(SessionId(n as u64)).await);
    }
    let mut feeds = Vec::new();
    for n in 0..FEEDS_PER_PARTICIPANT {
        feeds.push(raws[n % 2].begin(write_number(Template::Subscribe, 1)).await);
    }
    for template in [Template::OpenSession, Template::Subscribe] {
        let mut more = raws[0].begin(write_number(template, 9_999)).await;
        let refusal = more.refused(RefusalCode::Busy, 0).await;
        assert!(refusal.retry_after_ms > 0);
        more.ended().await;
    }
    let (mut first, _) = open.swap_remove(0);
    first.finish();
    first.ended().await;
    raws[0].session(SessionId(9_999)).await;
    bystander.was_served().await;
}

#[tokio::test]
async fn a_connection_has_no_more_streams_than_its_limit() {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    let mut open = Vec::new();
    for _ in 0..STREAMS_MAX {
        let mut stream = raw.open().await;
        stream.bytes(&[9]).await;
        open.push(stream);
    }
    let more = tokio::time::timeout(std::time::Duration::from_millis(100), raw.connection.open_bi()).await;
    assert!(more.is_err(), "QUIC gives no credit for more");
    bystander.goes_on().await;
    // Credit comes back as streams end.
    drop(open);
    until("there is credit again", || {
        let mut open = std::pin::pin!(raw.connection.open_bi());
        let waker = std::task::Waker::noop();
        open.as_mut()
            .poll(&mut std::task::Context::from_waker(waker))
            .is_ready()
    })
    .await;
    bystander.was_served().await;
}
