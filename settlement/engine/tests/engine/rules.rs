//! The second version of the rules on a whole node: brought into force by an entry, and with what it needs of the past
//! read back from the journal, also after restarts.
use causeway_engine::{EngineConfig, verify};
use causeway_message::Status;
use causeway_message::entry::EntryKind;
use causeway_message::record::{Instruction, Kind, flags};

use super::support::{A, B, EUR, World, each_entry, eventually, rest, stopped};

fn under_rules_two(snapshots: u64) -> World {
    let mut world = World::with_snapshots(snapshots);
    world.config = EngineConfig {
        rules: Some(2),
        ..world.config.clone()
    };
    world
}

/// A return of part of a payment.
fn back(world: &World, original: &Instruction, amount: u64) -> Instruction {
    let mut back = world.payment(B, A, EUR, amount);
    back.kind = Kind::Return as u8;
    back.related = original.instruction_id;
    back
}

#[test]
fn an_entry_brings_the_rules_into_force_once() {
    let world = under_rules_two(0);
    for _ in 0..2 {
        let engine = world.start();
        let mut urgent = world.payment(A, B, EUR, 5);
        urgent.priority = 2;
        // The entry is the first one after the start, before anything that banks send.
        assert_eq!(
            world.told(&engine, &world.batch(A, &[urgent])).statuses(),
            [Status::Queued]
        );
        stopped(engine);
    }
    let mut kinds = Vec::new();
    each_entry(&world.config, &world.genesis, |header, _, _| {
        kinds.push(header.kind().expect("a kind"))
    });
    assert_eq!(kinds.iter().filter(|kind| **kind == EntryKind::Rules).count(), 1);
    verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
}

#[test]
fn originals_are_found_in_the_journal_after_a_restart() {
    for snapshots in [0, 4] {
        let world = under_rules_two(snapshots);
        let engine = world.start();
        world.fund(&engine, A, EUR, 100);
        let paid = world.payment(A, B, EUR, 60);
        assert_eq!(
            world.told(&engine, &world.batch(A, &[paid])).statuses(),
            [Status::Settled]
        );
        let first = back(&world, &paid, 20);
        let told = world.told(&engine, &world.batch(B, &[first, back(&world, &paid, 41)]));
        assert_eq!(told.statuses(), [Status::Settled, Status::ReturnExceeds]);
        stopped(engine);
        let engine = world.start();
        let told = world.told(
            &engine,
            &world.batch(B, &[back(&world, &paid, 41), back(&world, &paid, 40)]),
        );
        assert_eq!(told.statuses(), [Status::ReturnExceeds, Status::Settled]);
        // An original may stand in the batch that cites it.
        let paid = world.payment(A, B, EUR, 7);
        let mut cancel = Instruction {
            kind: Kind::Cancel as u8,
            related: paid.instruction_id,
            ..world.payment(A, B, EUR, 7)
        };
        cancel.uetr = [9; 16];
        let told = world.told(&engine, &world.batch(A, &[paid, cancel]));
        assert_eq!(told.statuses(), [Status::Settled, Status::CancellationPending]);
        rest(&engine);
        let state = engine.asker().state_digest().expect("a digest");
        stopped(engine);
        let facts = verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
        assert_eq!((facts.entries, facts.state), state);
    }
}

#[test]
fn a_payment_sent_twice_is_suspected_after_a_restart_from_a_snapshot() {
    let world = under_rules_two(4);
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let (settled, waits) = (world.payment(A, B, EUR, 60), world.payment(A, B, EUR, 60));
    let told = world.told(&engine, &world.batch(A, &[settled, waits]));
    assert_eq!(told.statuses(), [Status::Settled, Status::Queued]);
    let rejected = Instruction {
        flags: flags::SETTLE_OR_REJECT.into(),
        ..world.payment(A, B, EUR, 60)
    };
    let told = world.told(&engine, &world.batch(A, &[rejected]));
    assert_eq!(told.statuses(), [Status::InsufficientLiquidity]);
    let last = told.message.index;
    eventually("a snapshot of it", || {
        // Each payment is an entry, so that a snapshot comes.
        world.told(&engine, &world.batch(B, &[world.payment(B, A, EUR, 1)]));
        let usable = causeway_engine::snapshot::usable(&world.config.snapshot_dir()).expect("readable");
        usable.iter().any(|snapshot| snapshot.mark.index >= last)
    });
    stopped(engine);
    let engine = world.start();
    let again = |payment: &Instruction| Instruction {
        instruction_id: world.id().0,
        ..*payment
    };
    let meant = Instruction {
        flags: flags::DUPLICATE.into(),
        ..again(&settled)
    };
    let records = [again(&settled), again(&waits), again(&rejected), meant];
    let told = world.told(&engine, &world.batch(A, &records));
    assert_eq!(
        told.statuses(),
        [
            Status::DuplicateSuspected,
            Status::DuplicateSuspected,
            Status::InsufficientLiquidity,
            Status::Queued
        ]
    );
    stopped(engine);
}
