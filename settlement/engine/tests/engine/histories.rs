//! Histories: what a reference went through, read backwards from the log, for those whom it concerns and nobody else.
use std::collections::BTreeSet;

use causeway_engine::limits::HISTORY_ENTRIES;
use causeway_engine::publish::history::search;
use causeway_engine::{Engine, EngineError};
use causeway_message::event::{EventKind, Role};
use causeway_message::record::Instruction;
use causeway_message::wire::{HistoryLine, HistoryLines, HistoryQuery};
use causeway_message::{ParticipantId, Status, Uetr};

use super::support::{A, AGENT, B, C, D, EUR, OPERATOR, Sent, World, cold, flip, mixed, rest, send, stopped};

const EVERYBODY: [ParticipantId; 6] = [OPERATOR, AGENT, A, B, C, D];

fn ask(engine: &Engine, query: HistoryQuery) -> Result<HistoryLines, EngineError> {
    search(engine.archive(), &query, || engine.health().published)
}

/// All pages of one history, and how many there were.
fn whole(engine: &Engine, participant: ParticipantId, reference: [u8; 16]) -> (Vec<HistoryLine>, usize) {
    let (mut lines, mut pages, mut before) = (Vec::new(), 0, 0);
    loop {
        let query = HistoryQuery {
            reference,
            before,
            participant,
        };
        let page = ask(engine, query).expect("a history");
        pages += 1;
        let inside = |line: &HistoryLine| before == 0 || line.cause < before;
        assert!(
            page.lines
                .iter()
                .all(|line| inside(line) && line.cause >= page.next)
        );
        assert!(page.next == 0 || before == 0 || page.next < before, "it goes on");
        lines.extend(page.lines);
        if page.next == 0 {
            assert!(lines.is_sorted_by(|a, b| a.cause >= b.cause), "the newest first");
            return (lines, pages);
        }
        before = page.next;
    }
}

/// Id, entry that gave the status, status and role: what tells one line from another.
type Line = ([u8; 16], u64, u8, u8);

fn brief(record: &Instruction, cause: u64, status: Status, role: Role) -> Line {
    (record.instruction_id, cause, status as u8, role as u8)
}

/// What a participant was told, by its answers and its feed.
fn told(world: &World, engine: &Engine, sent: &Sent, who: ParticipantId) -> BTreeSet<Line> {
    let mut all = BTreeSet::new();
    for told in sent.told.iter().filter(|told| told.batch.participant() == who) {
        let records = told.batch.view().map_or(&[][..], |view| view.records);
        for (record, answer) in records.iter().zip(&told.message.answers) {
            if answer.is_first() {
                let status = answer.status().expect("a status");
                all.insert(brief(record, told.message.index, status, Role::Submitter));
            }
        }
    }
    for seen in cold(world, engine, who, 1) {
        let event = seen.event();
        if event.kind() == Some(EventKind::Payment) {
            let (record, _) = event.payment().expect("a record");
            let (status, role) = (event.status().expect("a status"), event.role().expect("a role"));
            all.insert(brief(record, seen.entry, status, role));
        }
    }
    all
}

#[test]
fn a_history_is_what_answers_and_feed_told_and_nothing_else_also_after_a_restart() {
    let world = World::with_snapshots(20);
    let engine = world.start();
    let sent = mixed(&world, &engine);
    let compare = |engine: &Engine| {
        let mut lines = 0;
        let records = sent.told.iter().filter_map(|told| told.batch.view());
        let records: Vec<Instruction> = records.flat_map(|view| view.records.to_vec()).collect();
        for who in EVERYBODY {
            let expected = told(&world, engine, &sent, who);
            for record in &records {
                let (found, _) = whole(engine, who, record.uetr);
                let under = |line: &&Line| line.0 == record.instruction_id;
                let meant: BTreeSet<Line> = expected.iter().filter(under).copied().collect();
                let brief = found.iter().map(|l| brief(&l.record, l.cause, l.status, l.role));
                assert_eq!(brief.collect::<BTreeSet<_>>(), meant, "{who}: {record:?}");
                assert_eq!(found.len(), meant.len());
                assert!(found.iter().all(|line| line.record == *record));
                // The id finds it as well.
                assert_eq!(whole(engine, who, record.instruction_id).0, found);
                lines += found.len();
            }
        }
        lines
    };
    let before = compare(&engine);
    assert!(before > 20, "{before}");
    rest(&engine);
    stopped(engine);
    let engine = world.start();
    assert_eq!(compare(&engine), before);
    // Who does not exist was told nothing.
    assert_eq!(whole(&engine, ParticipantId(4_000), [1; 16]), (Vec::new(), 1));
    stopped(engine);
}

#[test]
fn a_long_history_takes_several_questions_and_each_begins_where_it_is_told_to() {
    let world = World::with_snapshots(500);
    let engine = world.start();
    world.fund(&engine, A, EUR, 10_000);
    let first = world.payment(A, B, EUR, 1);
    let origin = world.told(&engine, &world.batch(A, &[first])).message.index;
    let other = world.told(&engine, &world.batch(C, &[world.payment(C, D, EUR, 1)]));
    for _ in 0..(HISTORY_ENTRIES + 100) / 50 {
        let batches: Vec<_> = (0..50)
            .map(|_| world.batch(A, &[world.payment(A, B, EUR, 1)]))
            .collect();
        let replies: Vec<_> = batches.iter().map(|batch| send(&engine, batch)).collect();
        for (batch, reply) in batches.iter().zip(replies) {
            world.proven(batch, reply.recv().expect("a reply"));
        }
    }
    stopped(engine);
    let engine = world.start();
    for (who, role) in [(A, Role::Submitter), (B, Role::Creditor)] {
        let (lines, pages) = whole(&engine, who, first.uetr);
        assert_eq!(pages, 2);
        let [line] = lines[..] else { panic!("{lines:?}") };
        assert_eq!(
            (line.record, line.role, line.status),
            (first, role, Status::Settled)
        );
        assert_eq!((line.entry, line.cause, line.ordinal), (origin, origin, 0));
        assert_eq!((line.submitter, line.amount), (A, 1));
    }
    let place = |before| HistoryQuery {
        reference: first.uetr,
        before,
        participant: A,
    };
    // From any entry on, whether it concerns the participant or not: at once if it is near.
    for before in [origin + 1, origin + 2, other.message.index + 1, origin + 700] {
        let page = ask(&engine, place(before)).expect("a history");
        assert_eq!((page.lines.len(), page.next), (1, 0), "before {before}");
    }
    let page = ask(&engine, place(origin)).expect("a history");
    assert_eq!((page.lines.len(), page.next), (0, 0));
    for beyond in [u64::MAX, page.index + 1] {
        let page = ask(&engine, place(beyond)).expect("a history");
        assert!(page.lines.is_empty() && page.next > origin);
    }
    // The others learn nothing of it.
    for who in [C, D, AGENT, OPERATOR] {
        assert!(whole(&engine, who, first.uetr).0.is_empty());
    }
    stopped(engine);
}

#[test]
fn an_answer_ends_before_the_entry_that_does_not_fit_and_says_what_one_entry_leaves_out() {
    let world = World::new();
    let engine = world.start();
    let uetr = Uetr([9; 16]);
    let batch = |count: usize| {
        let mut records: Vec<_> = (0..count).map(|_| world.payment(A, B, EUR, 1)).collect();
        records.iter_mut().for_each(|record| record.uetr = uetr.0);
        let told = world.told(&engine, &world.batch(A, &records));
        (told.message.index, records)
    };
    let (first, _) = batch(HistoryLines::LINES_MAX + 44);
    let (second, records) = batch(200);
    let (third, _) = batch(100);
    let mut before = 0;
    for (cause, lines, left_out) in [
        (third, 100, 0),
        (second, 200, 0),
        (first, HistoryLines::LINES_MAX, 44),
    ] {
        let query = HistoryQuery {
            reference: uetr.0,
            before,
            participant: A,
        };
        let page = ask(&engine, query).expect("a history");
        assert_eq!((page.lines.len(), page.left_out), (lines, left_out));
        assert!(page.lines.iter().all(|line| line.cause == cause));
        let ordinals = page.lines.iter().map(|line| usize::from(line.ordinal));
        assert!(ordinals.eq(0..lines), "in the order of the batch");
        if cause == second {
            assert!(
                page.lines
                    .iter()
                    .zip(&records)
                    .all(|(line, record)| line.record == *record)
            );
        }
        before = page.next;
    }
    assert_eq!(before, 0);
    stopped(engine);
}

#[test]
fn damaged_files_are_an_error() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let records: Vec<_> = (0..2_000).map(|_| world.payment(A, B, EUR, 1)).collect();
    let record = records[7];
    let told = world.told(&engine, &world.batch(A, &records));
    rest(&engine);
    let query = HistoryQuery {
        reference: record.uetr,
        before: told.message.index + 1,
        participant: A,
    };
    assert_eq!(ask(&engine, query).expect("a history").lines.len(), 1);
    let effects = world.file("derived").join("effects");
    // The answers of the batch are by far the largest part of the file, and nearly the last.
    let place = std::fs::metadata(&effects).expect("the file").len() - 4_000;
    flip(&effects, place);
    let error = ask(&engine, query).expect_err("damaged");
    assert!(error.to_string().contains("effects"), "{error}");
    flip(&effects, place);
    assert_eq!(ask(&engine, query).expect("a history").lines.len(), 1);
    stopped(engine);
}
