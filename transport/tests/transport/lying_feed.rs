//! A node that lies in a feed: nothing it says is taken that the log does not prove.
use causeway_message::digest::ZERO;
use causeway_message::event::{EVENT_HEAD_BYTES, Role};
use causeway_message::rfc6962;
use causeway_message::wire::FeedPage;
use causeway_transport::ClientError;

use crate::node::Log;
use crate::world::{ALFA, BETA, LANE, World, key, payments, soon, unproven};

/// Batches paid to BETA before it subscribes; two payments each.
const BATCHES: u64 = 5;

async fn told() -> World {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    for _ in 0..BATCHES {
        let sent = session.submit(payments(2), Vec::new(), Vec::new()).await;
        soon(sent.expect("it is sent").outcome())
            .await
            .expect("it is answered");
    }
    world
}

/// Reads BETA's feed to the lie: what was taken before it is the truth, from number 1 without gaps.
async fn lied_to(what: &str, lie: impl FnMut(&mut FeedPage, &mut Log) + Send + 'static) -> ClientError {
    let world = told().await;
    world.node.trick(|tricks| tricks.page = Some(Box::new(lie)));
    let client = world.client(BETA).await;
    let mut feed = client.feed(1);
    let mut next = 1;
    loop {
        match soon(feed.next()).await {
            Ok(entry) => {
                for (number, event) in entry.events() {
                    let (record, _) = event.payment().expect("a payment");
                    assert_eq!(number, next, "{what}");
                    assert_eq!(record.amount.get(), (number - 1) % 2 + 1, "{what}");
                    assert_eq!(event.role(), Some(Role::Creditor), "{what}");
                    next += 1;
                }
                assert!(next <= 2 * BATCHES, "{what}: believed");
            }
            Err(error) => return error,
        }
    }
}

async fn is_unproven(what: &str, lie: impl FnMut(&mut FeedPage, &mut Log) + Send + 'static) {
    let error = lied_to(what, lie).await;
    assert!(unproven(&error), "{what}: {error}");
}

#[tokio::test]
async fn an_entry_cannot_be_left_out() {
    for at in 0..2 {
        is_unproven("with its numbers", move |page, _| {
            page.entries.remove(at);
        })
        .await;
        is_unproven("and the numbers closed up", move |page, _| {
            page.entries.remove(at);
            for entry in &mut page.entries[at..] {
                entry.group.first -= 2;
            }
            page.next -= 2;
        })
        .await;
    }
    is_unproven("the last, though the page says it is there", |page, _| {
        page.entries.pop();
    })
    .await;
    is_unproven("a page", |page, log| {
        *page = log.page(BETA, page.next).expect("more")
    })
    .await;
}

#[tokio::test]
async fn an_event_of_a_group_cannot_be_left_out_or_added() {
    is_unproven("the last", |page, _| {
        let entry = &mut page.entries[1];
        let half = entry.events.len() / 2;
        entry.events.truncate(half);
        entry.group.count = 1;
    })
    .await;
    is_unproven("the last, but still counted", |page, _| {
        let half = page.entries[1].events.len() / 2;
        page.entries[1].events.truncate(half);
    })
    .await;
    is_unproven("one more", |page, _| {
        let again = page.entries[0].events.clone();
        page.entries[1].events.extend(again);
        page.entries[1].group.count += 2;
    })
    .await;
}

#[tokio::test]
async fn an_entry_cannot_be_repeated_or_moved() {
    is_unproven("twice in a page", |page, _| {
        let again = page.entries[0].clone();
        page.entries.insert(1, again);
    })
    .await;
    is_unproven("in a later page", |page, log| {
        if page.first > 1 {
            *page = log.page(BETA, 1).expect("the first page");
        }
    })
    .await;
    is_unproven("under a number to come", |page, _| {
        page.entries[1] = page.entries[0].clone();
        page.entries[1].group.first = page.entries[0].group.first + 2;
    })
    .await;
    is_unproven("another order", |page, _| page.entries.swap(0, 1)).await;
}

#[tokio::test]
async fn another_participants_events_are_not_taken_for_ones_own() {
    is_unproven("as they are", |page, log| {
        *page = log.page(ALFA, 1).expect("a page")
    })
    .await;
    is_unproven("under one's own name", |page, log| {
        *page = log.page(ALFA, 1).expect("a page");
        for entry in &mut page.entries {
            entry.group.participant = BETA;
        }
    })
    .await;
}

#[tokio::test]
async fn no_byte_of_an_event_can_be_changed() {
    for at in [
        1,
        6,
        8,
        16,
        EVENT_HEAD_BYTES,
        EVENT_HEAD_BYTES + 48,
        EVENT_HEAD_BYTES + 127,
    ] {
        is_unproven("event", move |page, _| page.entries[2].events[at] ^= 1).await;
    }
}

#[tokio::test]
async fn nothing_beside_the_events_can_be_changed() {
    is_unproven("the entry's index", |page, _| page.entries[0].leaf.index += 1).await;
    is_unproven("the entry's time", |page, _| page.entries[0].leaf.time.0 += 1).await;
    is_unproven("the effects", |page, _| page.entries[0].effects.answers += 1).await;
    is_unproven("the groups", |page, _| page.entries[0].effects.groups += 1).await;
    is_unproven("the group's place", |page, _| page.entries[0].group_index = 0).await;
    is_unproven("the group's path", |page, _| page.entries[0].group_path[0] = ZERO).await;
    is_unproven("the leaf's place", |page, _| {
        page.entries[0].proof.leaf_index += 1
    })
    .await;
    is_unproven("the leaf's path", |page, _| page.entries[0].proof.path[0] = ZERO).await;
    is_unproven("numbers without end", |page, _| {
        page.first = u64::MAX;
        page.entries[0].group.first = u64::MAX;
    })
    .await;
    is_unproven("the page's first", |page, _| page.first += 1).await;
    is_unproven("the page's next", |page, _| page.next += 1).await;
}

#[tokio::test]
async fn a_page_stands_under_a_checkpoint_of_the_pinned_key() {
    is_unproven("another key", |page, log| {
        log.key = key(66);
        page.checkpoint = log.checkpoint();
    })
    .await;
    is_unproven("an older head", |page, log| {
        page.checkpoint = log.sign(2, rfc6962::root(&log.hashes[..2]));
    })
    .await;
}

#[tokio::test]
async fn a_page_under_another_tree_of_a_size_seen_before_is_a_fork() {
    let error = lied_to("fork", |page, log| {
        log.rewrite(0);
        *page = log.page(BETA, page.first).expect("a page");
    })
    .await;
    assert!(matches!(error, ClientError::Forked(_)), "{error}");
}
