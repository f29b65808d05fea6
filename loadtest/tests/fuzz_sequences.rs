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
use support::statuses::is_of_exchange;
use support::{Player, Rig, begin_trading, genesis_by, is_of_first, is_of_fourth, is_of_third, whole};

/// Random sequences of each target in a plain test run, after those of the corpus.
const SEQUENCES: u64 = 600;
/// Most bytes of a tape.
const TAPE_BYTES_MAX: usize = 2_048;
/// Most entries of one sequence.
const ENTRIES_MAX: usize = 500;

/// Statuses that were answered or told.
type Seen = BTreeSet<Status>;

/// Plays a tape under the first version of the rules.
fn play_first(tape: &[u8]) -> Seen {
    play(Player::on_tape(tape), 1, 1, None)
}

/// Plays a tape under the second version, or under the first until that comes into force.
fn play_second(tape: &[u8]) -> Seen {
    let mut player = Player::on_tape(tape).by(2);
    let turn = Some(player.below(64) as usize).filter(|turn| *turn < 24);
    play(player, if turn.is_some() { 1 } else { 2 }, 2, turn)
}

/// Plays a tape under the third version, or under an earlier one until that comes into force.
fn play_third(tape: &[u8]) -> Seen {
    let mut player = Player::on_tape(tape).by(3);
    let turn = Some(player.below(64) as usize).filter(|turn| *turn < 12);
    let before = if turn.is_some() {
        1 + player.below(2) as u16
    } else {
        3
    };
    play(player, before, 3, turn)
}

/// Plays, and holds all that comes of it to the auditor. At its turn a ledger goes over to another version of the rules.
fn play(mut player: Player, before: u16, rules: u16, turn: Option<usize>) -> Seen {
    let mut seen = Seen::new();
    // Small enough that memory and queue fill up.
    let mut rig = Rig::new(genesis_by(before, 300, 30));
    rig.auditor.trust_signatures();
    if before > 2 {
        begin_trading(&mut rig, player.below(2) == 0);
    }
    for n in 0..ENTRIES_MAX {
        let differs = |fault| panic!("step {n}: {fault}");
        if turn == Some(n) {
            rig.rules(rules).unwrap_or_else(differs);
        }
        match player.below(16) {
            0 => restore(&mut rig),
            1..4 => rig.observe().unwrap_or_else(differs),
            4 => rig.auditor.invariants().unwrap_or_else(differs),
            _ => player
                .step(&mut rig)
                .unwrap_or_else(|fault| panic!("step {n}: {fault}\n{}", rig.last_in_words())),
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
    for (record, at) in &rig.accepted {
        restored.remember_payment(record, *at);
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
        play_first(tape);
    };
    if seeded::guided() {
        bolero::check!(name = "sequences")
            .with_max_len(TAPE_BYTES_MAX)
            .for_each(check);
    } else {
        seeded::run("sequences", &corpus("sequences"), SEQUENCES, draw, check);
    }
}

#[test]
fn under_version_2_of_the_rules_the_ledger_does_what_the_auditor_predicts() {
    let count = seeded::Count::new("sequences_second");
    let check = |tape: &[u8]| {
        count.add(tape.len());
        play_second(tape);
    };
    if seeded::guided() {
        bolero::check!(name = "sequences_second")
            .with_max_len(TAPE_BYTES_MAX)
            .for_each(check);
    } else {
        let corpus = corpus("sequences_second");
        seeded::run("sequences_second", &corpus, SEQUENCES, draw, check);
    }
}

#[test]
fn under_version_3_of_the_rules_the_ledger_does_what_the_auditor_predicts() {
    let count = seeded::Count::new("sequences_third");
    let check = |tape: &[u8]| {
        count.add(tape.len());
        play_third(tape);
    };
    if seeded::guided() {
        bolero::check!(name = "sequences_third")
            .with_max_len(TAPE_BYTES_MAX)
            .for_each(check);
    } else {
        let corpus = corpus("sequences_third");
        seeded::run("sequences_third", &corpus, SEQUENCES, draw, check);
    }
}

fn draw(random: &mut seeded::Random) -> Vec<u8> {
    let len = random.below(TAPE_BYTES_MAX + 1);
    random.bytes(len)
}

fn corpus(name: &str) -> PathBuf {
    let all = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/__fuzz__");
    all.join(name).join("corpus")
}

/// Statuses that a corpus does not lead to.
fn missing(name: &str, play: impl Fn(&[u8]) -> Seen) -> Vec<Status> {
    let mut seen = Seen::new();
    for found in std::fs::read_dir(corpus(name)).expect("a corpus") {
        let tape = std::fs::read(found.expect("a file").path()).expect("a tape");
        seen.extend(play(&tape));
    }
    let all = Status::ALL.iter().copied();
    all.filter(|status| !seen.contains(status)).collect()
}

#[test]
fn the_corpus_leads_to_nearly_every_status() {
    let missing = missing("sequences", play_first).into_iter();
    let missing: Vec<_> = missing.filter(|status| is_of_first(*status)).collect();
    // Some need hundreds of proposals or exhausted limits at once, which have tests of their own.
    assert!(missing.len() <= 6, "never seen: {missing:?}");
}

#[test]
fn the_corpus_of_version_2_leads_to_nearly_every_status() {
    let missing = missing("sequences_second", play_second).into_iter();
    let missing: Vec<_> = missing
        .filter(|status| !is_of_third(*status) && !is_of_fourth(*status))
        .collect();
    // Those of full entries and of too many proposals have tests of their own.
    assert!(missing.len() <= 6, "never seen: {missing:?}");
}

#[test]
fn the_corpus_of_version_3_leads_to_nearly_every_status() {
    let missing = missing("sequences_third", play_third).into_iter();
    // Its players exchange nothing.
    let missing: Vec<_> = missing
        .filter(|status| !is_of_exchange(*status) && !is_of_fourth(*status))
        .collect();
    // Those of full entries, of too many proposals and of too many unmatched have tests of their own.
    assert!(missing.len() <= 6, "never seen: {missing:?}");
}
