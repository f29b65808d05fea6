//! The governance log over questions: the same lines as the one read off the verified log, page after page.
use causeway_engine::governance::{self, Governance, Line, of_told};
use causeway_engine::limits::HISTORY_ENTRIES;
use causeway_engine::publish::governance::search;
use causeway_engine::{Engine, EngineError};
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::wire::{GovernanceLines, GovernanceQuery, Governed};
use causeway_message::{ParticipantId, Status};

use super::support::{A, AGENT, B, D, EUR, OPERATOR, World, flip, mixed, rest, send, stopped};

fn ask(engine: &Engine, participant: ParticipantId, before: u64) -> Result<GovernanceLines, EngineError> {
    let query = GovernanceQuery { participant, before };
    let registry = engine.registry();
    let person = |key| {
        let known = registry.get(participant)?;
        Some(known.keys.get(&key)?.grant.person)
    };
    let published = || engine.health().published;
    search(engine.archive(), engine.ledger(), &query, published, person)
}

/// All pages about one participant, and how many there were.
fn whole(engine: &Engine, who: ParticipantId) -> (GovernanceLines, usize) {
    let (mut all, mut pages) = (ask(engine, who, 0).expect("a page"), 1);
    while all.next != 0 {
        let before = all.next;
        let page = ask(engine, who, before).expect("a page");
        let entries = page.records.iter().map(|record| record.entry);
        let mut entries = entries.chain(page.reached.iter().map(|reached| reached.entry));
        assert!(entries.all(|entry| page.next <= entry && entry < before));
        assert!(page.next < before, "it goes on");
        pages += 1;
        all.next = page.next;
        all.records.extend(page.records);
        all.reached.extend(page.reached);
    }
    let falls = |a: (u64, u16), b: (u64, u16)| a.0 > b.0 || a.0 == b.0 && a.1 < b.1;
    assert!(
        all.records
            .is_sorted_by(|a, b| falls((a.entry, a.ordinal), (b.entry, b.ordinal))),
        "the newest entry first, each record once"
    );
    assert!(all.reached.is_sorted_by(|a, b| a.entry >= b.entry));
    (all, pages)
}

/// What the log tells, without what no participant said.
fn offline(world: &World) -> Vec<Line> {
    let (_, Governance { mut lines, .. }) =
        governance::read(&world.config, &world.genesis, |_, _| {}).expect("the log holds");
    lines.retain(|line| !matches!(line, Line::Rules(..)));
    lines
}

fn told(engine: &Engine) -> Vec<Line> {
    let all: Vec<GovernanceLines> = (0..engine.registry().len())
        .map(|id| whole(engine, ParticipantId(id as u32)).0)
        .collect();
    of_told(&all).lines
}

/// Proposals that are withdrawn, approved by the wrong person or participant, and named by nobody else.
fn refused_and_withdrawn(world: &World, engine: &Engine) {
    let action = Action::SetStanding {
        participant: B,
        suspended: false,
    };
    let id = world.id();
    let digest = proposal_digest(world.genesis.ledger_id(), OPERATOR, id, &action);
    let proposes = world.control(OPERATOR, 1, &[(id, Control::Propose(action))]);
    world.told(engine, &proposes);
    // The same record again is no other.
    let mut again = proposes.control().to_vec();
    let again: Vec<_> = again
        .drain(..)
        .filter_map(|record| Some((record.instruction_id, record.control?)))
        .collect();
    world.told(engine, &world.control(OPERATOR, 1, &again));
    for (who, person, control, status) in [
        (OPERATOR, 1, Control::Approve(digest), Status::SamePerson),
        (AGENT, 2, Control::Approve(digest), Status::ProposalUnknown),
        (AGENT, 1, Control::Approve([5; 32]), Status::ProposalUnknown),
        (OPERATOR, 2, Control::Withdraw(digest), Status::Executed),
        (AGENT, 2, Control::Withdraw([6; 32]), Status::ProposalUnknown),
    ] {
        let batch = world.control(who, person, &[(world.id(), control)]);
        assert_eq!(world.told(engine, &batch).statuses(), [status]);
    }
}

#[test]
fn everybody_s_lines_together_are_those_of_the_verified_log_also_after_a_restart() {
    let world = World::with_snapshots(20);
    let engine = world.start();
    mixed(&world, &engine);
    refused_and_withdrawn(&world, &engine);
    mixed(&world, &engine);
    rest(&engine);
    let before = told(&engine);
    stopped(engine);
    let expected = offline(&world);
    assert_eq!(before, expected);
    let ended = |line: &&Line| matches!(line, Line::Proposal(proposal) if !proposal.reached.is_empty());
    assert!(expected.iter().filter(ended).count() > 8, "{expected:?}");
    // What was sent again is no other record.
    let ids = expected.iter().filter_map(|line| match line {
        Line::Proposal(proposal) => Some((proposal.by.participant, proposal.id)),
        _ => None,
    });
    let mut ids: Vec<_> = ids.collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let strays = expected.iter().filter(|line| matches!(line, Line::Stray(..)));
    assert_eq!(strays.count(), 2);
    let engine = world.start();
    assert_eq!(told(&engine), expected);
    // Of one participant: its own records, and nothing of others.
    let (lines, pages) = whole(&engine, OPERATOR);
    assert_eq!(pages, 1);
    assert!(lines.records.iter().all(|record| record.person.is_some()));
    let withdrawn = lines
        .reached
        .iter()
        .filter(|r| r.status == Status::ProposalWithdrawn);
    assert_eq!(withdrawn.count(), 1);
    let funded = whole(&engine, AGENT).0;
    assert!(funded.reached.iter().any(|reached| reached.amount == 1_000));
    // Who only pays has none, though proposals concern it; who does not exist was told nothing.
    for who in [A, D, ParticipantId(4_000)] {
        let (lines, _) = whole(&engine, who);
        assert_eq!((lines.records.len(), lines.reached.len()), (0, 0), "{who}");
    }
    stopped(engine);
}

#[test]
fn many_records_and_a_long_log_come_in_parts() {
    let world = World::with_snapshots(500);
    let engine = world.start();
    let each = 64;
    let batches = GovernanceLines::RECORDS_MAX / each + 3;
    for _ in 0..batches {
        let stray = |_| (world.id(), Control::Approve([7; 32]));
        let records: Vec<_> = (0..each).map(stray).collect();
        world.told(&engine, &world.control(AGENT, 1, &records));
    }
    let (lines, pages) = whole(&engine, AGENT);
    assert_eq!((lines.records.len(), pages), (batches * each, 2));
    assert!(
        lines
            .records
            .iter()
            .all(|record| record.what == Governed::Approves)
    );
    // So many entries between two records that one question does not read them all.
    let grant = |n: u32| Action::RevokeKey {
        participant: A,
        key: causeway_message::KeyId(4_000 + n),
    };
    let propose = |n: u32| {
        let records = [(world.id(), Control::Propose(grant(n)))];
        world.told(&engine, &world.control(A, 1, &records));
    };
    propose(1);
    world.fund(&engine, A, EUR, 100_000);
    for _ in 0..(HISTORY_ENTRIES + 100) / 50 {
        let batches: Vec<_> = (0..50)
            .map(|_| world.batch(A, &[world.payment(A, B, EUR, 1)]))
            .collect();
        let replies: Vec<_> = batches.iter().map(|batch| send(&engine, batch)).collect();
        for (batch, reply) in batches.iter().zip(replies) {
            world.proven(batch, reply.recv().expect("a reply"));
        }
    }
    propose(2);
    let (lines, pages) = whole(&engine, A);
    assert_eq!(lines.records.len(), 2);
    assert!(pages > 1, "{pages}");
    stopped(engine);
}

#[test]
fn damaged_files_are_an_error() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100_000);
    let records: Vec<_> = (0..2_000).map(|_| world.payment(A, B, EUR, 1)).collect();
    world.told(&engine, &world.batch(A, &records));
    rest(&engine);
    ask(&engine, A, 0).expect("a page");
    let effects = world.file("derived").join("effects");
    let place = std::fs::metadata(&effects).expect("the file").len() - 4_000;
    flip(&effects, place);
    let error = ask(&engine, A, 0).expect_err("damaged");
    assert!(error.to_string().contains("effects"), "{error}");
    stopped(engine);
}
