//! A log that shrank, was rewritten or forked is found out, at the latest when the client comes back.
use std::path::PathBuf;

use causeway_message::digest::ZERO;
use causeway_message::frame::{self, Template};
use causeway_message::rfc6962;
use causeway_message::wire::Consistency;
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientConfig, ClientError};

use crate::node::{Hold, Log};
use crate::world::{ALFA, LANE, LEDGER, World, key, payment, payments, soon, unproven};

fn forked<T: std::fmt::Debug>(outcome: Result<T, ClientError>) {
    assert!(matches!(outcome, Err(ClientError::Forked(_))), "{outcome:?}");
}

struct Kept {
    world: World,
    config: ClientConfig,
    _folder: tempfile::TempDir,
}

/// A log of some entries, and a client's checkpoint of it in a file.
async fn kept() -> Kept {
    let world = World::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = world.config(ALFA);
    config.checkpoint = Some(folder.path().join("checkpoint"));
    let client = Client::connect(config.clone()).await.expect("it connects");
    pay(&client, 4).await;
    client.check_consistency().await.expect("the log grew");
    client.save_checkpoint().expect("it is kept");
    assert_eq!(client.log().base().map(|base| base.size), Some(5));
    client.close();
    Kept {
        world,
        config,
        _folder: folder,
    }
}

async fn pay(client: &Client, times: u64) {
    let session = client.session(LANE).await.expect("a session");
    for amount in 1..=times {
        let paid = soon(session.pay(payment(ALFA, ALFA, amount))).await;
        paid.expect("it is paid");
    }
}

fn change(world: &World, change: impl FnOnce(&mut Log)) {
    change(&mut world.node.lock().log);
}

#[tokio::test]
async fn a_log_that_shrank_since_the_stored_checkpoint_is_a_fork() {
    for size in [1, 4] {
        let kept = kept().await;
        change(&kept.world, |log| log.hashes.truncate(size));
        forked(soon(Client::connect(kept.config.clone())).await);
    }
}

#[tokio::test]
async fn a_log_that_was_rewritten_since_the_stored_checkpoint_is_a_fork() {
    for at in 0..5 {
        let kept = kept().await;
        change(&kept.world, |log| {
            log.rewrite(at);
            log.hashes.extend([[1; 32], [2; 32]]);
        });
        forked(soon(Client::connect(kept.config.clone())).await);
    }
}

#[tokio::test]
async fn a_rewritten_log_of_the_same_size_is_a_fork() {
    let kept = kept().await;
    change(&kept.world, |log| log.rewrite(4));
    forked(soon(Client::connect(kept.config.clone())).await);
}

#[tokio::test]
async fn a_log_that_only_grew_is_accepted_and_its_newer_checkpoint_kept() {
    let kept = kept().await;
    change(&kept.world, |log| log.hashes.extend([[1; 32], [2; 32]]));
    let client = Client::connect(kept.config.clone()).await.expect("it grew");
    assert_eq!(client.log().base().map(|base| base.size), Some(7));
}

#[tokio::test]
async fn a_proof_of_something_else_proves_nothing() {
    type Lie = fn(&mut Consistency, &Log);
    let lies: [(&str, Lie); 4] = [
        ("another size", |proof, _| proof.old_size = 4),
        ("no path", |proof, _| proof.path.clear()),
        ("another path", |proof, _| proof.path[0] = ZERO),
        ("an older head", |proof, log| {
            proof.path.clear();
            proof.checkpoint = log.sign(4, rfc6962::root(&log.hashes[..4]));
        }),
    ];
    for (what, lie) in lies {
        let kept = kept().await;
        change(&kept.world, |log| log.hashes.push([1; 32]));
        kept.world.node.trick(|tricks| {
            tricks.query = Some(Box::new(move |query, message, log| {
                if let Query::Consistency(_) = query {
                    let reader = frame::expect(message, Template::Consistency).expect("a proof");
                    let mut proof = Consistency::read(reader).expect("a whole proof");
                    lie(&mut proof, log);
                    *message = proof.write();
                }
            }));
        });
        println!("{what}");
        forked(soon(Client::connect(kept.config.clone())).await);
    }
}

#[tokio::test]
async fn a_node_with_another_log_key_is_not_connected_to() {
    let world = World::new();
    change(&world, |log| log.key = key(201));
    let mut config = world.config(ALFA);
    change(&world, |log| log.key = key(200));
    let error = soon(Client::connect(config.clone()))
        .await
        .expect_err("another key");
    assert!(unproven(&error), "{error}");
    config = world.config(ALFA);
    Client::connect(config).await.expect("its own key");
}

#[tokio::test]
async fn a_checkpoint_file_of_another_log_or_of_none_is_an_error_that_names_it() {
    let kept = kept().await;
    let path: PathBuf = kept.config.checkpoint.clone().expect("a path");
    let note = std::fs::read_to_string(&path).expect("a file");
    change(&kept.world, |log| log.key = key(201));
    let other = kept.world.node.lock().log.checkpoint();
    for content in ["", "checkpoint", &note[..note.len() - 4], &other] {
        std::fs::write(&path, content).expect("it is written");
        let error = soon(Client::connect(kept.config.clone()))
            .await
            .expect_err("no checkpoint");
        assert!(
            matches!(&error, ClientError::File(text) if text.contains("checkpoint")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_log_rewritten_while_the_connection_was_away_ends_session_and_feed() {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    soon(session.pay(payment(ALFA, ALFA, 1)))
        .await
        .expect("it is paid");
    let mut feed = client.feed(1);
    soon(feed.next()).await.expect("it is told");
    world.node.hold(Hold::Intake);
    let pending = session.submit(payments(1), Vec::new(), Vec::new()).await;
    world.stop().await;
    world.node.crash();
    // What the client has seen since it connected is gone; what it began with still stands.
    change(&world, |log| {
        log.rewrite(1);
        log.hashes.push([1; 32]);
    });
    world.start();
    forked(soon(pending.expect("it was sent").outcome()).await);
    forked(soon(feed.next()).await);
    forked(soon(client.balances(0)).await);
    assert!(soon(session.pay(payment(ALFA, ALFA, 2))).await.is_err());
}

#[tokio::test]
async fn what_was_seen_since_the_last_check_is_checked_too() {
    let world = World::new();
    let client = world.client(ALFA).await;
    pay(&client, 4).await;
    // Grows out of the checkpoint at the connect, and not out of what came after.
    change(&world, |log| {
        log.rewrite(2);
        log.hashes.push([1; 32]);
    });
    forked(soon(client.check_consistency()).await);
    assert_eq!(client.config().ledger, LEDGER);
}
