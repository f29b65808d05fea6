//! Answers and their proof; the same batch again.
use std::time::Duration;

use causeway_message::Status;
use causeway_message::batch::BatchHead;
use causeway_message::checkpoint::{Checkpoint, CheckpointError, LogKey, origin};
use causeway_message::rfc6962;
use causeway_message::wire::InstructionKey;

use super::support::{A, B, C, EUR, World, eventually, mixed, rest, send, signing_key, stopped};

#[test]
fn every_answer_of_a_long_run_is_proven_under_the_pinned_key_and_only_under_it() {
    let world = World::new();
    let engine = world.start();
    let sent = mixed(&world, &engine);
    let origin = origin(world.genesis.ledger_id());
    let other = LogKey::new(world.log_key().name(), signing_key(A, 1).public()).expect("a good name");
    for told in &sent.told {
        let note = &told.message.checkpoint;
        let by_other = Checkpoint::verify(note, &origin, &other);
        assert_eq!(by_other, Err(CheckpointError::Signature));
        assert_eq!(
            told.message.proof.leaf_index + 1,
            told.message.index,
            "one leaf an entry"
        );
    }
    stopped(engine);
}

#[test]
fn answers_that_were_tampered_with_prove_nothing() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let told = world.told(&engine, &world.batch(A, &[world.payment(A, B, EUR, 40)]));
    let holds = |change: fn(&mut causeway_message::wire::AnswersMessage)| {
        let mut message = told.message.clone();
        change(&mut message);
        message.proof.holds(message.leaf().hash(), &told.checkpoint)
    };
    assert!(holds(|_| {}));
    assert!(!holds(|m| m.answers[0].status = (Status::Queued as u16).into()));
    assert!(!holds(|m| m.index += 1));
    assert!(!holds(|m| m.time.0 += 1));
    assert!(!holds(|m| m.kind = 3));
    assert!(!holds(|m| m.rules_version += 1));
    assert!(!holds(|m| m.groups += 1));
    assert!(!holds(|m| m.groups_root[0] ^= 1));
    assert!(!holds(|m| m.input_digest[0] ^= 1));
    assert!(!holds(|m| m.proof.leaf_index -= 1));
    stopped(engine);
}

#[test]
fn checkpoints_of_one_run_are_consistent_with_each_other() {
    let world = World::new();
    let engine = world.start();
    let sent = mixed(&world, &engine);
    let newest = &sent.told.last().expect("answers").checkpoint;
    for told in &sent.told {
        let old = &told.checkpoint;
        let path = engine
            .archive()
            .tree()
            .consistency(old.size, newest.size)
            .expect("a path");
        assert!(rfc6962::consistent(
            old.size,
            &old.root,
            newest.size,
            &newest.root,
            &path
        ));
    }
    stopped(engine);
}

#[test]
fn a_pipelined_window_is_answered_in_order_and_in_full() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 64);
    let batches: Vec<_> = (0..64)
        .map(|_| world.batch(A, &[world.payment(A, B, EUR, 1)]))
        .collect();
    let replies: Vec<_> = batches.iter().map(|batch| send(&engine, batch)).collect();
    let mut last = 0;
    for (batch, reply) in batches.iter().zip(replies) {
        let told = world.proven(
            batch,
            reply.recv_timeout(Duration::from_secs(10)).expect("a reply"),
        );
        assert_eq!(told.statuses(), [Status::Settled]);
        assert!(
            told.message.index > last,
            "the order of the session is that of the log"
        );
        last = told.message.index;
    }
    assert_eq!(engine.last_number(A, batches[0].session()), 64);
    stopped(engine);
}

#[test]
fn the_same_batch_sent_twice_at_once_enters_the_log_once() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 1_000);
    let batch = world.batch(A, &[world.payment(A, B, EUR, 40)]);
    let replies: Vec<_> = (0..5).map(|_| send(&engine, &batch)).collect();
    let told: Vec<_> = replies
        .into_iter()
        .map(|reply| {
            world.proven(
                &batch,
                reply.recv_timeout(Duration::from_secs(10)).expect("a reply"),
            )
        })
        .collect();
    told.iter().for_each(|again| told[0].same_outcome(again));
    let balance = engine.asker().balances(B, EUR).expect("balances").lines[0].balance;
    assert_eq!(balance, 40);
    stopped(engine);
}

#[test]
fn an_old_batch_sent_again_has_its_old_answers_under_a_newer_checkpoint_also_after_restart_and_not_after() {
    let world = World::with_snapshots(5);
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let head = BatchHead {
        not_after: world.seconds(1),
        ..world.head(A)
    };
    let records = [
        world.payment(A, B, EUR, 40),
        world.payment(A, B, EUR, 70),
        world.payment(A, A, EUR, 1),
    ];
    let batch = world.signed(&head, &records, &[]);
    let first = world.told(&engine, &batch);
    assert_eq!(
        first.statuses(),
        [Status::Settled, Status::Queued, Status::SameParty]
    );
    // What was queued settles later: the answers remain what they were, the status does not.
    world.fund(&engine, A, EUR, 50);
    let again = world.told(&engine, &batch);
    first.same_outcome(&again);
    assert!(again.checkpoint.size > first.checkpoint.size);
    let key = InstructionKey {
        submitter: A,
        id: records[1].id(),
    };
    let now = engine.asker().status(key).expect("an answer").expect("known");
    assert_eq!(now.status, Status::Settled);
    rest(&engine);
    stopped(engine);

    let engine = world.start();
    eventually("not_after passes", || {
        causeway_engine::clock::now().seconds() > u64::from(head.not_after)
    });
    let later = world.told(&engine, &batch);
    first.same_outcome(&later);
    assert!(later.checkpoint.size > again.checkpoint.size);
    // The session goes on behind it.
    let told = world.told(&engine, &world.batch(A, &[world.payment(A, C, EUR, 1)]));
    assert_eq!(told.statuses(), [Status::Settled]);
    stopped(engine);
}
