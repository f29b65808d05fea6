//! A ledger on which nobody speaks.
use std::time::{Duration, Instant};

use causeway_engine::verify;
use causeway_message::Status;
use causeway_message::entry::{EntryKind, Roots};
use causeway_message::wire::InstructionKey;

use super::support::{A, B, EUR, World, cold, eventually, rest, stopped};

#[test]
fn a_waiting_payment_expires_without_traffic_and_nothing_grows_afterwards() {
    let world = World::new();
    let engine = world.start();
    let mut record = world.payment(A, B, EUR, 5);
    record.expires_at = world.seconds(2).into();
    let told = world.told(&engine, &world.batch(A, &[record]));
    assert_eq!(told.statuses(), [Status::Queued]);
    let before = rest(&engine);
    let key = InstructionKey {
        submitter: A,
        id: record.id(),
    };
    let started = Instant::now();
    eventually("it expires", || {
        let status = engine.asker().status(key).expect("an answer").expect("known");
        assert!(matches!(status.status, Status::Queued | Status::Expired));
        status.status == Status::Expired
    });
    assert!(started.elapsed() < Duration::from_secs(3));
    // The tick is proven and covered by a journalled tree head like anything else.
    let last = rest(&engine);
    assert_eq!(last, before + 2, "a tick and a tree head");
    let tick = engine.archive().entry(before + 1).expect("the tick").0;
    assert_eq!(tick.kind(), Ok(EntryKind::Tick));
    let seen = cold(&world, &engine, A, 1);
    let told = seen.last().expect("an event");
    assert_eq!(
        (told.entry, told.event().status()),
        (before + 1, Some(Status::Expired))
    );
    // An idle node writes nothing.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(engine.health().durable, last);
    stopped(engine);
    let facts = verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
    assert_eq!((facts.entries, facts.settled), (last, 0));
}

#[test]
fn an_idle_node_journals_its_tree_head_and_seals_its_log() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 5);
    let last = rest(&engine);
    let (header, payload) = engine.archive().entry(last).expect("the last entry");
    assert_eq!(header.kind(), Ok(EntryKind::Roots));
    let head = Roots::read(&payload).expect("a tree head");
    assert_eq!(head.root, engine.archive().root_at(last - 1).expect("a root"));
    // Sealed while the node runs: in a copy, the last entry cannot pass for torn any more.
    let at = engine.archive().location(last).expect("a place");
    eventually("the log is sealed", || {
        let copy = world.beside("copy");
        std::fs::create_dir_all(copy.journal_dir()).expect("a directory");
        let name = format!("{:08}.seg", at.segment);
        let segment = copy.journal_dir().join(&name);
        std::fs::copy(world.config.journal_dir().join(&name), &segment).expect("copied");
        let facts = verify::log(&copy, &world.genesis, |_| {}).expect("the log holds");
        assert!(facts.heads > 0);
        super::support::flip(&segment, u64::from(at.offset) + 110);
        verify::log(&copy, &world.genesis, |_| {}).is_err()
    });
    assert_eq!(engine.health().durable, last);
    stopped(engine);
}

#[test]
fn a_payment_that_expired_while_the_node_was_down_does_not_settle_afterwards() {
    let world = World::new();
    let engine = world.start();
    let mut record = world.payment(A, B, EUR, 5);
    record.expires_at = world.seconds(2).into();
    world.told(&engine, &world.batch(A, &[record]));
    stopped(engine);
    eventually("its time passes", || {
        causeway_engine::clock::now().seconds() > u64::from(record.expires_at.get())
    });
    let engine = world.start();
    world.fund(&engine, A, EUR, 5);
    let key = InstructionKey {
        submitter: A,
        id: record.id(),
    };
    let status = engine.asker().status(key).expect("an answer").expect("known");
    assert_eq!(status.status, Status::Expired);
    assert_eq!(
        engine.asker().balances(A, EUR).expect("balances").lines[0].balance,
        5
    );
    stopped(engine);
}
