//! Structured fuzzing: the fuzzer's bytes choose what is sent, to whom, how often, wrong in which way and when. The
//! real ledger and the real proofs answer, the auditor predicts and compares, and a ledger that is restored from a
//! snapshot on the way takes the place of the one that was not.
#[path = "../../fx/tests/fuzz/seeded.rs"]
mod seeded;
#[path = "audit/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this test uses a part of it")]
mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;

use causeway_ledger::Ledger;
use causeway_message::Status;
use causeway_message::codec::Reader;
use causeway_message::event::{EventKind, each};
use support::{Player, Rig, genesis, is_of_first, whole};

/// Random sequences in a plain test run, after those of the corpus.
const SEQUENCES: u64 = 600;
/// Most bytes of a tape.
const TAPE_BYTES_MAX: usize = 2_048;
/// Most entries of one sequence.
const ENTRIES_MAX: usize = 500;

/// Statuses that were answered or told.
type Seen = BTreeSet<Status>;

/// Plays a tape and holds all that comes of it to the auditor.
fn play(tape: &[u8]) -> Seen {
    let mut seen = Seen::new();
    // Small enough that memory and queue fill up.
    let mut rig = Rig::new(genesis(300, 30));
    rig.auditor.trust_signatures();
    let mut player = Player::on_tape(tape);
    for n in 0..ENTRIES_MAX {
        let differs = |fault| panic!("step {n}: {fault}");
        match player.below(16) {
            0 => restore(&mut rig),
            1..4 => rig.observe().unwrap_or_else(differs),
            4 => rig.auditor.invariants().unwrap_or_else(differs),
            _ => player.step(&mut rig).unwrap_or_else(differs),
        }
        note(&rig, &mut seen);
        if player.is_done() {
            break;
        }
    }
    rig.observe()
        .unwrap_or_else(|fault| panic!("at the end: {fault}"));
    restore(&mut rig);
    whole(&rig);
    seen
}

/// Puts a ledger in the place of the rig's that was restored from its snapshot and told the ids again.
fn restore(rig: &mut Rig) {
    let mut bytes = Vec::new();
    rig.ledger.write(&mut bytes);
    let mut reader = Reader::new(&bytes);
    let mut restored = Ledger::restore(&rig.genesis, 77, &mut reader).expect("a snapshot restores");
    reader.end("snapshot").expect("a snapshot has no more bytes");
    for (who, id) in &rig.ids {
        if let Some(known) = rig.ledger.remembered(*who, *id) {
            restored.remember(*who, *id, &known);
        }
    }
    restored.audit();
    assert_eq!(restored.ids_remembered(), rig.ledger.ids_remembered());
    assert_eq!(restored.state_digest(), rig.ledger.state_digest(), "one state");
    let mut again = Vec::new();
    restored.write(&mut again);
    assert!(again == bytes, "one state has one form");
    rig.ledger = restored;
}

fn note(rig: &Rig, seen: &mut Seen) {
    let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    seen.extend(expected.answers.iter().filter_map(|answer| answer.status()));
    for event in expected.groups.iter().flat_map(|group| each(&group.events)) {
        if event.kind() != Some(EventKind::OwnBatch) {
            seen.extend(event.status());
        }
    }
}

#[test]
fn whatever_is_sent_the_ledger_does_what_the_auditor_predicts() {
    let count = seeded::Count::new("sequences");
    let check = |tape: &[u8]| {
        count.add(tape.len());
        play(tape);
    };
    if seeded::guided() {
        bolero::check!(name = "sequences")
            .with_max_len(TAPE_BYTES_MAX)
            .for_each(check);
    } else {
        let draw = |random: &mut seeded::Random| {
            let len = random.below(TAPE_BYTES_MAX + 1);
            random.bytes(len)
        };
        seeded::run("sequences", &corpus(), SEQUENCES, draw, check);
    }
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/__fuzz__/sequences/corpus")
}

#[test]
fn the_corpus_leads_to_nearly_every_status() {
    let mut seen = Seen::new();
    for found in std::fs::read_dir(corpus()).expect("a corpus") {
        let tape = std::fs::read(found.expect("a file").path()).expect("a tape");
        seen.extend(play(&tape));
    }
    let missing: Vec<_> = Status::ALL
        .iter()
        .filter(|status| is_of_first(**status) && !seen.contains(status))
        .collect();
    // Some need hundreds of proposals or exhausted limits at once, which have tests of their own.
    assert!(missing.len() <= 6, "never seen: {missing:?}");
}
