//! Effects, places and the tree: read back as written, or an error; whatever they hold, no proof leaves that does
//! not hold.
use causeway_ledger::{Audience, Deferred, FeePosting, Notice, Outcome};
use causeway_message::action::Action;
use causeway_message::answer::Answer;
use causeway_message::digest::hash;
use causeway_message::effects::EffectsHead;
use causeway_message::event::GroupHead;
use causeway_message::leaf::Leaf;
use causeway_message::record::Instruction;
use causeway_message::rfc6962::{Frontier, root_from_inclusion};
use causeway_message::time::Timestamp;
use causeway_message::{Digest, InstructionId, LedgerId, ParticipantId, Status, Uetr};

use super::memory::Memory;
use super::support::{self, Input, fuzz};
use crate::journal::Reader;
use crate::publish::TreeHead;
use crate::publish::archive::{Archive, Mark};
use crate::publish::groups::Group;
use crate::publish::record::{EffectsRecord, write};
use crate::publish::tree::Tree;

fn leaf(index: u64) -> Leaf {
    Leaf {
        index,
        time: Timestamp(index * 1_000),
        kind: 2,
        rules_version: 1,
        input_digest: [index as u8; 32],
        effects_root: [7; 32],
    }
}

fn outcome() -> Outcome {
    let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
    let record = Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, 5);
    Outcome {
        answers: vec![Answer::new(Status::Settled), Answer::new(Status::Queued)],
        deferred: vec![Deferred {
            record,
            extensions: Box::from(&b"\x00\x00\x01\x00\x01\x00\x00\x00R"[..]),
            submitter: ParticipantId(1),
            entry: 1,
            ordinal: 0,
            status: Status::Settled,
            counter_amount: 7,
            exchange: None,
            amount: 5,
            told: Audience {
                submitter: true,
                creditor: true,
                approver: Some(ParticipantId(3)),
            },
        }],
        fees: vec![FeePosting {
            payer: ParticipantId(1),
            collector: ParticipantId(0),
            currency: 978,
            date: 9_000,
            amount: 3,
        }],
        rules: 1,
        notices: vec![Notice {
            proposer: ParticipantId(3),
            subject: None,
            id,
            entry: 1,
            ordinal: 0,
            status: Status::Executed,
            amount: 9,
            action: Action::ReleaseDefund { defund: id },
        }],
        ..Outcome::default()
    }
}

fn groups(entry: u64) -> Vec<Group> {
    let group = |participant, first| Group {
        head: GroupHead {
            participant: ParticipantId(participant),
            entry,
            first,
            count: 2,
        },
        previous: entry - 1,
        range: 0..0,
        digest: [participant as u8; 32],
    };
    vec![group(1, entry * 2 - 1), group(2, entry * 2 - 1)]
}

/// The record of an entry's effects.
fn record(entry: u64) -> Vec<u8> {
    let (outcome, groups) = (outcome(), groups(entry));
    let mut effects = EffectsHead::new(&outcome.answers, &outcome.details, &[]);
    effects.groups = groups.len() as u32;
    let mut out = Vec::new();
    write(&mut out, entry - 1, &leaf(entry), &effects, &outcome, &groups);
    out
}

#[test]
fn effects_that_read_are_written_the_same() {
    let body = |entry| record(entry)[8..].to_vec();
    fuzz!("effects", &[body(1), body(7)], |input: &Input| {
        let Ok(read) = EffectsRecord::read(&input.bytes) else {
            return;
        };
        let groups: Vec<Group> = read
            .groups
            .iter()
            .map(|group| Group {
                head: group.head,
                previous: group.previous,
                range: 0..0,
                digest: group.digest,
            })
            .collect();
        let mut again = Vec::new();
        write(
            &mut again,
            read.leaf_index,
            &read.leaf,
            &read.effects,
            &read.outcome,
            &groups,
        );
        assert!(again[8..] == input.bytes, "one record, one form");
        for participant in [0, 1, 2, u32::MAX] {
            if let Some((at, group)) = read.group(ParticipantId(participant)) {
                assert_eq!((group.head.participant.0, &read.groups[at]), (participant, group));
            }
        }
    });
}

/// Entries of the archive that is damaged.
const ENTRIES: u64 = 4;

/// The files of an archive, one behind the other: effects, places, leaves.
fn archive() -> Vec<u8> {
    let (mut effects, mut places, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    for entry in 1..=ENTRIES {
        let at = effects.len() as u64;
        effects.extend(record(entry));
        places.extend(
            [
                &1_u32.to_le_bytes()[..],
                &4_192_u32.to_le_bytes(),
                &at.to_le_bytes(),
            ]
            .concat(),
        );
        leaves.extend(leaf(entry).hash());
    }
    [places, leaves, effects].concat()
}

#[test]
fn an_archive_gives_what_was_put_into_it_or_an_error() {
    let mut frontier = Frontier::default();
    (1..=ENTRIES).for_each(|entry| frontier.push(leaf(entry).hash(), |_, _, _| {}));
    let head = TreeHead {
        index: ENTRIES,
        size: ENTRIES,
        root: frontier.root(),
        note: String::new(),
    };
    let sample = archive();
    fuzz!("archive", std::slice::from_ref(&sample), |input: &Input| {
        let mut bytes = input.bytes.clone();
        let places = bytes.drain(..bytes.len().min(64)).collect::<Vec<u8>>();
        let leaves = bytes.drain(..bytes.len().min(128)).collect::<Vec<u8>>();
        let nodes: Vec<u8> = leaves.chunks(64).flat_map(hash).collect();
        let files = [
            ("places", &places[..]),
            ("effects", &bytes),
            ("tree/level-00", &leaves),
            ("tree/level-01", &nodes),
            ("tree/level-02", &hash(&nodes)),
        ];
        let (_, dir) = Memory::with(&files);
        let journal = Reader::open(dir.sub("journal"), LedgerId([7; 32])).expect("an empty journal");
        let mark = Mark {
            index: ENTRIES,
            effects: bytes.len() as u64,
            frontier: frontier.clone(),
            ..Mark::default()
        };
        let Ok(archive) = Archive::open(&dir, journal, &mark) else {
            assert!(
                input.bytes.len() < sample.len(),
                "only files that are too short are refused at once"
            );
            return;
        };
        for entry in [0, 1, 2, ENTRIES, ENTRIES + 1, u64::MAX] {
            assert!(archive.entry(entry).is_err(), "the journal is empty");
            if let Ok(kept) = archive.effects(entry) {
                assert_eq!(kept.leaf.index, entry);
                if let Ok(proof) = archive.prove(&kept.leaf, kept.leaf_index, &head) {
                    let root =
                        root_from_inclusion(kept.leaf.hash(), proof.leaf_index, head.size, &proof.path);
                    assert_eq!(root, Some(head.root), "a proof that does not hold has left");
                }
            }
        }
        for old in [0, 1, 3, ENTRIES, u64::MAX] {
            let _ = archive.growth(old, &head);
        }
    });
}

#[test]
fn a_tree_opens_on_any_edge_or_not_at_all() {
    let sample = |size: u64| {
        let mut frontier = Frontier::default();
        (0..size).for_each(|leaf| frontier.push(hash(&leaf.to_le_bytes()), |_, _, _| {}));
        [&size.to_le_bytes()[..], frontier.peaks().as_flattened()].concat()
    };
    fuzz!("tree", &[sample(0), sample(5), sample(64)], |input: &Input| {
        let Some((size, peaks)) = input.bytes.split_first_chunk::<8>() else {
            return;
        };
        let (peaks, rest) = peaks.as_chunks::<32>();
        let size = u64::from_le_bytes(*size);
        let Some(frontier) = Frontier::restore(size, peaks.to_vec()) else {
            return;
        };
        let (memory, dir) = Memory::with(&[]);
        for level in 0..rest.len() * 4 {
            memory.put(&format!("level-{level:02}"), &[level as u8; 160]);
        }
        let Ok(mut tree) = Tree::open(&dir, frontier) else {
            return;
        };
        let leaves: Vec<Digest> = (0..3_u8).map(|leaf| [leaf; 32]).collect();
        leaves
            .iter()
            .for_each(|leaf| tree.push(*leaf).expect("memory has room"));
        tree.flush().expect("memory has room");
        assert_eq!(tree.size(), size + 3);
        for old in [0, 1, size, size + 3] {
            let _ = (
                tree.root_at(old),
                tree.inclusion(old, size + 3),
                tree.consistency(old, size + 3),
            );
        }
    });
}
