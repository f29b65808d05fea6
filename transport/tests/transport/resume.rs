//! A feed goes on where it stopped, without gaps or doubles.
use std::time::Duration;

use causeway_message::event::EventKind;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_transport::ClientError;
use causeway_transport::client::FeedStream;
use tokio::time::timeout;

use crate::world::{ALFA, BETA, LANE, World, payment, payments, soon};

/// Reads until `end` comes next; the numbers follow one another, and so do the amounts.
async fn read(feed: &mut FeedStream, mut next: u64, end: u64) {
    while next < end {
        let entry = soon(feed.next()).await.expect("it is told");
        next = follow(&entry, next);
    }
    assert_eq!((next, feed.next_number()), (end, end));
}

fn follow(entry: &causeway_transport::client::VerifiedEntry, mut next: u64) -> u64 {
    for (number, event) in entry.events() {
        assert_eq!(number, next, "no gap and no double");
        let (record, _) = event.payment().expect("BETA is only paid");
        assert_eq!(record.amount.get(), number);
        next += 1;
    }
    next
}

/// ALFA pays BETA: its events have these numbers.
async fn pay(world: &World, numbers: std::ops::Range<u64>, at_once: usize) {
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let all: Vec<u64> = numbers.collect();
    for amounts in all.chunks(at_once) {
        let records = amounts.iter().map(|n| payment(ALFA, BETA, *n)).collect();
        let sent = session.submit(records, Vec::new(), Vec::new()).await;
        soon(sent.expect("taken").outcome()).await.expect("it is paid");
    }
}

#[tokio::test]
async fn a_feed_gives_what_was_before_and_what_comes() {
    let world = World::new();
    pay(&world, 1..21, 2).await;
    let client = world.client(BETA).await;
    let mut feed = client.feed(1);
    read(&mut feed, 1, 21).await;
    pay(&world, 21..30, 1).await;
    read(&mut feed, 21, 30).await;
}

#[tokio::test]
async fn a_feed_from_inside_an_entry_begins_at_the_number_asked_for() {
    let world = World::new();
    pay(&world, 1..41, 20).await;
    let client = world.client(BETA).await;
    for from in [1, 2, 20, 21, 33, 40] {
        read(&mut client.feed(from), from, 41).await;
    }
    // Zero stands for the beginning.
    read(&mut client.feed(0), 1, 41).await;
}

#[tokio::test]
async fn a_feed_goes_on_at_the_next_number_after_every_restart() {
    let mut world = World::new();
    let client = world.client(BETA).await;
    let mut feed = client.feed(1);
    pay(&world, 1..10, 2).await;
    read(&mut feed, 1, 10).await;
    world.crash().await;
    pay(&world, 10..15, 5).await;
    read(&mut feed, 10, 15).await;
    // Pages lie read and unread when the node dies.
    pay(&world, 15..40, 3).await;
    let entry = soon(feed.next()).await.expect("it is told");
    let next = follow(&entry, 15);
    world.stop().await;
    world.start();
    pay(&world, 40..45, 1).await;
    read(&mut feed, next, 45).await;
}

#[tokio::test]
async fn waiting_for_a_feed_may_be_given_up_at_any_moment() {
    let world = World::new();
    // Entries of some hundred kilobytes: many packets each.
    pay(&world, 1..20_001, 2_000).await;
    let client = world.client(BETA).await;
    let mut feed = client.feed(1);
    let (mut next, mut given_up) = (1, 0);
    for micros in (0..).step_by(7) {
        match timeout(Duration::from_micros(micros % 1_000), feed.next()).await {
            Ok(entry) => next = follow(&entry.expect("it is told"), next),
            Err(_) => given_up += 1,
        }
        if next == 20_001 {
            break;
        }
        assert!(given_up < 200_000, "it gets nowhere");
    }
    assert!(given_up > 0);
}

#[tokio::test]
async fn a_submitter_is_told_of_its_own_batches() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let mut feed = client.feed(1);
    for number in 1..=5 {
        let sent = session.submit(payments(3), Vec::new(), Vec::new()).await;
        soon(sent.expect("taken").outcome()).await.expect("it is paid");
        let entry = soon(feed.next()).await.expect("it is told");
        let (at, event) = entry.events().next().expect("an event");
        assert_eq!((at, event.kind()), (number, Some(EventKind::OwnBatch)));
        assert_eq!(event.own_batch(), Some((LANE, number, 3)));
    }
}

#[tokio::test]
async fn a_refused_feed_is_an_error_and_a_busy_node_is_waited_for() {
    let world = World::bounded(10, 1);
    let busy = world.client(ALFA).await;
    let session = busy.session(LANE).await.expect("a session");
    soon(session.pay(payment(ALFA, BETA, 1)))
        .await
        .expect("it is paid");
    let client = world.client(BETA).await;
    let mut feed = client.feed(1);
    assert!(timeout(Duration::from_millis(50), feed.next()).await.is_err());
    drop(session);
    busy.close();
    read(&mut feed, 1, 2).await;

    world.node.trick(|tricks| {
        tricks.feed = Some(Refusal::new(RefusalCode::NotFound, "no such feed"));
    });
    drop(feed);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let refused = soon(client.feed(1).next()).await;
    assert!(
        matches!(&refused, Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFound),
        "{refused:?}"
    );
}
