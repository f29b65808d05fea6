//! What a crash can leave at the end of the journal.
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use causeway_engine::journal::{Location, Writer};
use causeway_engine::verify;
use causeway_message::Status;
use causeway_message::entry::{ENTRY_HEADER_BYTES, EntryKind};
use causeway_message::verify::VerifiedBatch;

use super::support::{A, B, EUR, Picture, World, chained, journal, mixed, stopped};

/// Writes a batch into the journal of a node that is down, as if it had crashed before it could answer. The group
/// is durable but nothing seals it.
fn written_before_the_crash(world: &World, batch: &Arc<VerifiedBatch>) -> Location {
    let (mut writer, _) = Writer::open(journal(&world.config), world.genesis.ledger_id()).expect("a journal");
    let time = writer.tail().time.0 + 1;
    let header = chained(
        writer.tail(),
        EntryKind::Batch,
        batch.frame(),
        *batch.input_digest(),
        time,
    );
    let mut places = Vec::new();
    writer
        .append(&[(&header, batch.frame())], &mut places)
        .expect("appended");
    places[0]
}

#[test]
fn a_torn_tail_is_cut_and_everything_before_it_is_as_it_was() {
    for snapshots in [0, 4] {
        let world = World::with_snapshots(snapshots);
        let engine = world.start();
        let sent = mixed(&world, &engine);
        let picture = Picture::of(&world, &engine, &sent);
        stopped(engine);
        let records: Vec<_> = (0..100).map(|_| world.payment(A, B, EUR, 1)).collect();
        let batch = world.batch(A, &records);
        let at = written_before_the_crash(&world, &batch);
        // The last of its blocks never reached the disk.
        let path = world.file(&format!("journal/{:08}.seg", at.segment));
        let end = u64::from(at.offset) + (ENTRY_HEADER_BYTES + batch.frame().len()) as u64;
        let file = OpenOptions::new().write(true).open(path).expect("the segment");
        let torn = end / 4_096 * 4_096;
        assert!(torn > u64::from(at.offset));
        file.write_all_at(&vec![0; (end - torn) as usize], torn)
            .expect("torn");
        let facts = verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
        assert!(facts.torn_bytes > 0);

        let engine = world.start();
        assert_eq!(Picture::of(&world, &engine, &sent), picture);
        assert_eq!(
            engine.last_number(A, batch.session()),
            batch.number() - 1,
            "it never was"
        );
        let told = world.told(&engine, &batch);
        assert_eq!(told.statuses(), vec![Status::Settled; 100]);
        stopped(engine);
        let facts = verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
        assert_eq!(facts.torn_bytes, 0);
    }
}

#[test]
fn a_durable_tail_that_was_never_answered_counts_and_is_answered_when_it_comes_again() {
    for snapshots in [0, 4] {
        let world = World::with_snapshots(snapshots);
        let engine = world.start();
        mixed(&world, &engine);
        let before = engine.asker().balances(B, EUR).expect("balances").lines[0].balance;
        stopped(engine);
        let batch = world.batch(A, &[world.payment(A, B, EUR, 3), world.payment(A, B, EUR, 4)]);
        written_before_the_crash(&world, &batch);
        let engine = world.start();
        assert_eq!(engine.last_number(A, batch.session()), batch.number());
        let told = world.told(&engine, &batch);
        assert_eq!(told.statuses(), [Status::Settled; 2]);
        let after = engine.asker().balances(B, EUR).expect("balances").lines[0].balance;
        assert_eq!(after, before + 7, "once, not twice");
        stopped(engine);
    }
}
