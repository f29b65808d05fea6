//! A log that was written anew, chained so that it hangs together, and yet another.
use std::fs;

use causeway_engine::{EngineConfig, EngineError, verify};
use causeway_message::entry::{EntryHeader, EntryKind, Roots};

use super::support::{World, copy_dir, mixed, rewrite, stopped};

/// A node that ran and stopped.
fn ran(world: &World) {
    let engine = world.start();
    mixed(world, &engine);
    stopped(engine);
}

fn kind(header: &EntryHeader) -> EntryKind {
    header.kind().expect("a kind")
}

fn diverged(error: EngineError) -> (u64, u64) {
    match error {
        EngineError::Diverged { index, size } => (index, size),
        other => panic!("expected another tree head, found {other}"),
    }
}

/// Both who start on it and who only verify it find the same.
fn found_by_both(world: &World, forged: &EngineConfig) -> (u64, u64) {
    let verified = diverged(verify::log(forged, &world.genesis, |_| {}).expect_err("forged"));
    let started = diverged(world.start_in(forged).expect_err("forged"));
    assert_eq!(started, verified);
    started
}

#[test]
fn a_copy_of_the_log_that_changes_nothing_is_accepted() {
    let world = World::new();
    ran(&world);
    let copy = world.beside("copy");
    rewrite(&world.config, &copy, &world.genesis, |_, _| {});
    let facts = |config| verify::log(config, &world.genesis, |_| {}).expect("the log holds");
    assert_eq!(facts(&copy), facts(&world.config));
    stopped(world.start_in(&copy).expect("the node starts"));
}

#[test]
fn a_journalled_tree_head_with_another_root_is_refused_and_named() {
    let world = World::new();
    ran(&world);
    let mut forged_index = 0;
    for byte in [8, 39] {
        let forged = world.beside(&format!("root-{byte}"));
        rewrite(&world.config, &forged, &world.genesis, |header, payload| {
            if kind(header) == EntryKind::Roots {
                payload[byte] ^= 1;
                forged_index = header.index.get();
            }
        });
        let (index, size) = found_by_both(&world, &forged);
        assert!(size < index && index <= forged_index);
    }
}

#[test]
fn a_journalled_tree_head_over_leaves_that_are_not_there_is_refused() {
    let world = World::new();
    ran(&world);
    let (mut at, forged) = (0, world.beside("ahead"));
    rewrite(&world.config, &forged, &world.genesis, |header, payload| {
        if kind(header) == EntryKind::Roots && at == 0 {
            at = header.index.get();
            let root = Roots::read(payload).expect("a tree head").root;
            payload.clear();
            Roots { size: at + 1, root }.write(payload);
        }
    });
    assert_eq!(found_by_both(&world, &forged), (at, at + 1));
}

#[test]
fn an_entry_moved_in_time_shows_in_the_next_tree_head() {
    let world = World::new();
    ran(&world);
    let (mut moved, forged) = (0, world.beside("time"));
    rewrite(&world.config, &forged, &world.genesis, |header, _| {
        if kind(header) == EntryKind::Batch && moved == 0 {
            moved = header.index.get();
            header.time = (header.time.get() + 1).into();
        }
    });
    let (index, size) = found_by_both(&world, &forged);
    assert!(moved <= size && size < index);
}

#[test]
fn a_record_that_nobody_signed_is_refused_and_named() {
    let world = World::new();
    ran(&world);
    let (mut at, forged) = (0, world.beside("record"));
    rewrite(&world.config, &forged, &world.genesis, |header, payload| {
        if kind(header) == EntryKind::Batch && at == 0 {
            at = header.index.get();
            // The amount of the first record.
            payload[8 + 160 + 4 + 48] ^= 1;
        }
    });
    for error in [
        verify::log(&forged, &world.genesis, |_| {}).expect_err("forged"),
        world.start_in(&forged).expect_err("forged"),
    ] {
        assert!(error.to_string().contains(&format!("log entry {at}")), "{error}");
        assert!(matches!(error, EngineError::Format { .. }), "{error}");
    }
}

#[test]
fn a_forged_log_is_refused_beside_the_true_snapshots_too() {
    let world = World::with_snapshots(4);
    ran(&world);
    let forged = world.beside("forged");
    copy_dir(&world.config.dir, &forged.dir);
    fs::remove_dir_all(forged.journal_dir()).expect("removed");
    rewrite(&world.config, &forged, &world.genesis, |header, payload| {
        if kind(header) == EntryKind::Roots {
            payload[8] ^= 1;
        }
    });
    world.start_in(&forged).expect_err("forged");
}
