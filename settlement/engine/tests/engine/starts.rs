//! Directories that a node does not take.
use std::fs;

use causeway_engine::journal::JournalError;
use causeway_engine::{Engine, EngineError};
use causeway_message::entry::ENTRY_HEADER_BYTES;

use super::support::{A, EUR, World, flip, mixed, stopped};

fn damaged_entry(error: EngineError) -> u64 {
    match error {
        EngineError::Journal(JournalError::Damaged(damage)) => {
            assert!(damage.to_string().contains(&format!("entry {}", damage.index)));
            damage.index
        }
        other => panic!("expected damage, found {other}"),
    }
}

#[test]
fn a_changed_byte_in_a_sealed_group_refuses_the_start_and_names_the_entry() {
    for snapshots in [0, 4] {
        let world = World::with_snapshots(snapshots);
        let engine = world.start();
        mixed(&world, &engine);
        let last = engine.health().published;
        let places: Vec<_> = (1..=last)
            .map(|entry| engine.archive().location(entry).expect("a place"))
            .collect();
        stopped(engine);
        for (entry, at) in (1..).zip(&places).step_by(3) {
            let path = world.file(&format!("journal/{:08}.seg", at.segment));
            // In the header and in the payload.
            for offset in [20, ENTRY_HEADER_BYTES as u64 + 30] {
                flip(&path, u64::from(at.offset) + offset);
                let error = world.start_in(&world.config).expect_err("damage");
                assert_eq!(
                    damaged_entry(error),
                    entry,
                    "snapshots {snapshots}, byte {offset}"
                );
                flip(&path, u64::from(at.offset) + offset);
            }
        }
        stopped(world.start());
    }
}

#[test]
fn another_ledgers_directory_is_refused_and_left_as_it_is() {
    for snapshots in [0, 4] {
        let world = World::with_snapshots(snapshots);
        let engine = world.start();
        mixed(&world, &engine);
        stopped(engine);
        let derived = fs::read(world.file("derived/effects")).expect("the effects");
        let mut genesis = world.genesis.clone();
        genesis.nonce[0] ^= 1;
        let refused = Engine::start(&world.config, &genesis, World::node_key()).expect_err("another ledger");
        assert!(
            matches!(refused, EngineError::Journal(JournalError::OtherLedger { .. })),
            "{refused}"
        );
        let kept = fs::read(world.file("derived/effects")).expect("nothing was removed");
        assert_eq!(kept, derived);
        stopped(world.start());
    }
}

#[test]
fn a_second_engine_on_the_same_directory_is_refused_while_the_first_runs() {
    let world = World::new();
    let engine = world.start();
    let owner = fs::read(world.file("lock")).expect("the lock says whose it is");
    assert!(!owner.is_empty());
    let refused = world.start_in(&world.config).expect_err("it is taken");
    assert!(matches!(refused, EngineError::Directory(_)), "{refused}");
    assert!(refused.to_string().contains("another process"), "{refused}");
    assert_eq!(fs::read(world.file("lock")).expect("the lock"), owner);
    // The first one does not notice.
    world.fund(&engine, A, EUR, 1);
    stopped(engine);
    stopped(world.start());
}

#[test]
fn a_genesis_that_breaks_a_rule_is_refused() {
    let mut world = World::new();
    world.genesis.participants[3].name = world.genesis.participants[2].name.clone();
    let refused = world.start_in(&world.config).expect_err("two of one name");
    assert!(matches!(refused, EngineError::Genesis(_)), "{refused}");
}

/// Whatever takes the journal away or puts an older one in its place, the node must not go on without what it had
/// acknowledged.
#[test]
fn a_journal_that_is_lost_or_older_than_what_stands_beside_it_is_refused_again_and_again() {
    for snapshots in [0, 4] {
        let world = World::with_snapshots(snapshots);
        let engine = world.start();
        mixed(&world, &engine);
        let early = engine.health().published;
        stopped(engine);
        let journal = world.file("journal/00000001.seg");
        let older = fs::read(&journal).expect("the journal");
        let engine = world.start();
        world.fund(&engine, A, EUR, 5);
        assert!(engine.health().published > early);
        stopped(engine);
        let newest = fs::read(&journal).expect("the journal");
        fs::write(&journal, &older).expect("an older copy");
        for _ in 0..2 {
            let error = world.start_in(&world.config).expect_err("an older journal");
            assert!(
                error
                    .to_string()
                    .contains("the journal was lost, or an older one"),
                "{error}"
            );
        }
        fs::remove_dir_all(world.file("journal")).expect("removed");
        fs::create_dir(world.file("journal")).expect("an empty directory");
        for _ in 0..2 {
            let error = world.start_in(&world.config).expect_err("an empty journal");
            assert!(
                error.to_string().contains("the journal ends at entry 0"),
                "{error}"
            );
        }
        fs::remove_dir_all(world.file("journal")).expect("removed");
        fs::create_dir(world.file("journal")).expect("a directory");
        fs::write(&journal, &newest).expect("the newest copy");
        stopped(world.start());
    }
}
