//! `verify log`: counts what is there, and finds what was changed.
use causeway_engine::verify;
use causeway_message::entry::{ENTRY_HEADER_BYTES, EntryKind};

use super::support::{World, copy_dir, each_entry, flip, mixed, rest, stopped};

#[test]
fn the_facts_of_a_log_are_those_of_what_was_sent() {
    let world = World::new();
    let engine = world.start();
    let sent = mixed(&world, &engine);
    let more = mixed(&world, &engine);
    let last = rest(&engine);
    let head = engine.tree_head().expect("a tree head");
    let (_, state) = engine.asker().state_digest().expect("a digest");
    stopped(engine);
    let mut told = Vec::new();
    let facts = verify::log(&world.config, &world.genesis, |entry| told.push(entry)).expect("the log holds");
    assert_eq!(told, (1..=last).collect::<Vec<_>>());
    assert_eq!(facts.entries, last);
    assert_eq!(facts.signatures, sent.signatures() + more.signatures());
    assert_eq!(facts.instructions, sent.instructions() + more.instructions());
    assert_eq!(facts.settled, sent.settled + more.settled);
    assert_eq!((facts.tree_size, facts.root), (head.size, head.root));
    assert_eq!((facts.state, facts.torn_bytes), (state, 0));
    let mut kinds = [0u64; 7];
    each_entry(&world.config, &world.genesis, |header, _, _| {
        kinds[header.kind().expect("a kind") as usize] += 1;
    });
    assert_eq!(kinds[EntryKind::Roots as usize], facts.heads);
    assert_eq!(kinds[EntryKind::Genesis as usize], 1);
    assert_eq!(
        kinds[EntryKind::Batch as usize] + kinds[EntryKind::Control as usize],
        facts.signatures
    );
    assert_eq!(kinds.iter().sum::<u64>(), facts.entries);
}

#[test]
fn a_flipped_byte_in_any_payload_is_found() {
    let world = World::new();
    let engine = world.start();
    mixed(&world, &engine);
    stopped(engine);
    let copy = world.beside("copy");
    copy_dir(world.config.journal_dir(), copy.journal_dir());
    verify::log(&copy, &world.genesis, |_| {}).expect("the copy holds");
    let mut payloads = Vec::new();
    each_entry(&copy, &world.genesis, |header, payload, at| {
        payloads.push((header.index.get(), payload.len() as u64, at));
    });
    for (index, len, at) in payloads {
        let segment = copy.journal_dir().join(format!("{:08}.seg", at.segment));
        let start = u64::from(at.offset) + ENTRY_HEADER_BYTES as u64;
        for byte in (0..len).step_by(151).chain(len.checked_sub(1)) {
            flip(&segment, start + byte);
            let error = verify::log(&copy, &world.genesis, |_| {}).expect_err("it was changed");
            assert!(
                error.to_string().contains(&format!("entry {index}:")),
                "byte {byte} of {index}: {error}"
            );
            flip(&segment, start + byte);
        }
    }
    verify::log(&copy, &world.genesis, |_| {}).expect("the copy is whole again");
}

#[test]
fn a_log_of_another_genesis_is_refused() {
    let world = World::new();
    let engine = world.start();
    mixed(&world, &engine);
    stopped(engine);
    let mut genesis = world.genesis.clone();
    genesis.name.push('!');
    verify::log(&world.config, &genesis, |_| {}).expect_err("another ledger");
}
