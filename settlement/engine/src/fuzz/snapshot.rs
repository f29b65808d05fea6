//! Snapshots: damaged ones are passed over, and one whose digest is right is the one form of what it says.
use causeway_message::digest::hash;
use causeway_message::rfc6962::Frontier;
use causeway_message::time::Timestamp;

use super::memory::Memory;
use super::support::{self, Input, fuzz};
use crate::journal::Location;
use crate::publish::archive::Mark;
use crate::publish::feeds::Feeds;
use crate::snapshot::{decode, encode, usable};

/// A snapshot after so many entries, with two feeds.
fn sample(entries: u64) -> Vec<u8> {
    let mut mark = Mark {
        index: entries,
        effects: entries * 500,
        frontier: Frontier::default(),
        feeds: Feeds::default(),
    };
    for entry in 1..=entries {
        mark.frontier.push(hash(&entry.to_le_bytes()), |_, _, _| {});
        mark.feeds.number(entry as u32 % 2, 3, entry);
    }
    let location = Location {
        segment: 1,
        offset: 4_096,
    };
    encode(
        b"the ledger's own bytes",
        &mark,
        ([9; 32], Timestamp(77)),
        location,
    )
}

/// Makes the digest at the end good.
fn digested(bytes: &mut [u8]) {
    if let Some((body, digest)) = bytes.split_last_chunk_mut::<32>() {
        *digest = hash(body);
    }
}

#[test]
fn a_snapshot_is_passed_over_or_is_the_one_form_of_what_it_says() {
    let samples = [sample(0), sample(5), sample(300)];
    fuzz!("engine_snapshot", &samples, |input: &Input| {
        let mut bytes = input.bytes.clone();
        if input.repair {
            digested(&mut bytes);
        }
        let (_, dir) = Memory::with(&[("0000000000000005.snap", &bytes)]);
        let found = usable(&dir).expect("the directory can be read");
        let Ok(snapshot) = decode(&bytes) else {
            assert!(found.is_empty());
            return;
        };
        assert!(input.repair || samples.contains(&bytes), "damage is seen");
        assert_eq!(found.len(), 1);
        let last = (snapshot.tail.hash, snapshot.tail.time);
        let again = encode(&snapshot.ledger, &snapshot.mark, last, snapshot.location);
        assert!(again == bytes, "one snapshot, one form");
        look(snapshot.mark);
    });
}

/// What a start goes on to do with the mark.
fn look(mut mark: Mark) {
    mark.frontier.root();
    mark.frontier.push([1; 32], |_, _, _| {});
    for participant in [0, 1, 2, 7] {
        let next = mark.feeds.next(participant);
        mark.feeds.anchor(participant, next);
        mark.feeds.anchor(participant, u64::MAX);
    }
}
