//! A restart changes nothing that anybody can see.
use std::fs;

use causeway_engine::{Engine, clock, snapshot, verify};
use causeway_message::action::{Action, Phase};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::record::Instruction;
use causeway_message::wire::InstructionKey;
use causeway_message::{Status, Uetr};

use super::support::{A, B, EUR, OPERATOR, Picture, Sent, USD, World, eventually, mixed, state_at, stopped};

/// Runs, and looks.
fn first_run(world: &World) -> (Sent, Picture) {
    let engine = world.start();
    let sent = mixed(world, &engine);
    let picture = Picture::of(world, &engine, &sent);
    stopped(engine);
    (sent, picture)
}

/// Starts again: everything is as it was, old batches have their old answers, old ids their present status.
fn goes_on(world: &World, sent: &Sent, before: &Picture) -> Engine {
    let engine = world.start();
    let after = Picture::of(world, &engine, sent);
    assert_eq!(&after, before);
    for told in &sent.told {
        told.same_outcome(&world.told(&engine, &told.batch));
    }
    let [settled, waits, later] = sent.batches.map(|at| &sent.told[at]);
    let again = |told: &super::support::Told, expected: &[Status]| {
        let view = told.batch.view().expect("instructions");
        let head = world.head(told.batch.participant());
        let repeated = world.told(&engine, &world.signed(&head, view.records, view.extensions));
        assert_eq!(repeated.statuses(), expected);
        assert!(repeated.message.answers.iter().all(|answer| !answer.is_first()));
        assert_eq!(repeated.message.details.len(), expected.len());
        let origins = repeated.message.details.iter();
        assert!(
            origins
                .clone()
                .all(|d| d.origin_entry.get() == told.message.index)
        );
        assert!(origins.zip(0..).all(|(d, at)| d.origin_ordinal.get() == at));
    };
    again(settled, &[Status::Settled; 3]);
    again(waits, &[Status::Queued; 2]);
    again(
        later,
        &[Status::Settled, Status::InsufficientLiquidity, Status::AmountZero],
    );
    engine
}

/// Stops; the state is that of a ledger that never stopped, the tree that of the log.
fn agrees_with_its_log(world: &World, engine: Engine) {
    let (index, digest) = engine.asker().state_digest().expect("a digest");
    assert_eq!(engine.stop(), None);
    let head = engine.tree_head().expect("a tree head");
    drop(engine);
    assert_eq!(state_at(&world.config, &world.genesis, index), digest);
    let facts = verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
    assert_eq!((facts.tree_size, facts.root), (head.size, head.root));
    assert_eq!(
        facts.state,
        state_at(&world.config, &world.genesis, facts.entries)
    );
}

/// A further run on the restarted node, and one more restart.
fn lives_on(world: &World, engine: Engine) {
    let sent = mixed(world, &engine);
    let picture = Picture::of(world, &engine, &sent);
    agrees_with_its_log(world, engine);
    let engine = world.start();
    assert_eq!(Picture::of(world, &engine, &sent), picture);
    agrees_with_its_log(world, engine);
}

fn snapshots(world: &World) -> Vec<u64> {
    let usable = snapshot::usable(&world.config.snapshot_dir()).expect("readable");
    usable.iter().map(|s| s.mark.index).collect()
}

#[test]
fn without_snapshots_everything_is_replayed() {
    let world = World::new();
    let (sent, picture) = first_run(&world);
    assert!(snapshots(&world).is_empty());
    let engine = goes_on(&world, &sent, &picture);
    lives_on(&world, engine);
}

#[test]
fn with_snapshots_only_the_rest_is_replayed_and_everything_is_the_same() {
    let world = World::with_snapshots(4);
    let (sent, picture) = first_run(&world);
    assert_eq!(snapshots(&world).len(), 2, "the newest two are kept");
    let engine = goes_on(&world, &sent, &picture);
    lives_on(&world, engine);
}

#[test]
fn a_snapshot_of_every_entry_serves_as_well() {
    let world = World::with_snapshots(1);
    let (sent, picture) = first_run(&world);
    let engine = goes_on(&world, &sent, &picture);
    agrees_with_its_log(&world, engine);
}

#[test]
fn what_is_alleged_to_the_counterparty_is_unmatched_to_its_submitter_after_a_start_from_a_snapshot() {
    let mut world = World::with_snapshots(1);
    world.genesis.rules = 3;
    let engine = world.start();
    let tomorrow = clock::now().days() as u16 + 1;
    let side = Instruction::pvp(world.id(), Uetr([7; 16]), (A, B), (USD, 5), (EUR, 4), tomorrow);
    let sent = world.told(&engine, &world.batch(A, &[side]));
    assert_eq!(sent.statuses(), [Status::Unmatched]);
    let snapshot = || snapshots(&world).into_iter().max();
    eventually("a snapshot holds it", || snapshot() >= Some(sent.message.index));
    stopped(engine);
    let engine = world.start();
    let again = world.told(&engine, &world.batch(A, &[side]));
    assert_eq!(again.statuses(), [Status::Unmatched]);
    agrees_with_its_log(&world, engine);
}

#[test]
fn a_damaged_newest_snapshot_is_passed_over_and_so_is_the_one_before() {
    let world = World::with_snapshots(4);
    let (sent, picture) = first_run(&world);
    let found = snapshots(&world);
    let path = |index: u64| world.file(&format!("snapshots/{index:016}.snap"));
    super::support::flip(&path(found[0]), 700);
    assert_eq!(snapshots(&world), found[1..]);
    let copy = world.beside("copy");
    super::support::copy_dir(&world.config.dir, &copy.dir);
    let engine = goes_on(&world, &sent, &picture);
    agrees_with_its_log(&world, engine);
    // The same with neither of them whole: one is cut short, from the state before.
    fs::remove_dir_all(&world.config.dir).expect("removed");
    super::support::copy_dir(&copy.dir, &world.config.dir);
    let bytes = fs::read(path(found[1])).expect("the snapshot");
    fs::write(path(found[1]), &bytes[..bytes.len() / 2]).expect("cut");
    assert!(snapshots(&world).is_empty());
    let engine = world.start();
    assert_eq!(Picture::of(&world, &engine, &sent), picture);
    agrees_with_its_log(&world, engine);
}

#[test]
fn derived_files_that_are_gone_cut_or_damaged_are_made_anew() {
    let world = World::with_snapshots(4);
    let (sent, picture) = first_run(&world);
    let whole = world.beside("whole");
    super::support::copy_dir(&world.config.dir, &whole.dir);
    let spoiled = |name: &str, spoil: &dyn Fn(&std::path::Path)| {
        fs::remove_dir_all(&world.config.dir).expect("removed");
        super::support::copy_dir(&whole.dir, &world.config.dir);
        spoil(&world.file("derived").join(name));
        let engine = world.start();
        assert_eq!(Picture::of(&world, &engine, &sent), picture, "{name}");
        for told in &sent.told {
            told.same_outcome(&world.told(&engine, &told.batch));
        }
        agrees_with_its_log(&world, engine);
    };
    let halve = |path: &std::path::Path| {
        let bytes = fs::read(path).expect("the file");
        fs::write(path, &bytes[..bytes.len() / 2]).expect("cut");
    };
    for name in ["effects", "places", "tree/level-00", "tree/level-02"] {
        spoiled(name, &|path| fs::remove_file(path).expect("removed"));
        spoiled(name, &halve);
    }
    spoiled("", &|path| fs::remove_dir_all(path).expect("removed"));
    spoiled("tree", &|path| fs::remove_dir_all(path).expect("removed"));
    spoiled("effects", &|path| super::support::flip(path, 300));
    spoiled("places", &|path| super::support::flip(path, 16 * 5 + 8));
}

#[test]
fn derived_files_that_say_more_than_the_journal_are_cut() {
    // A crash can leave them so: they are written before the snapshot that counts them, never synced alone.
    let world = World::with_snapshots(4);
    let (sent, picture) = first_run(&world);
    for name in ["effects", "places", "tree/level-00", "tree/level-01"] {
        let path = world.file("derived").join(name);
        let mut bytes = fs::read(&path).expect("the file");
        bytes.extend([0xa5; 1_000]);
        fs::write(&path, bytes).expect("longer");
    }
    fs::write(world.file("derived/tree/level-09"), [1; 64]).expect("a level that is not there yet");
    let engine = goes_on(&world, &sent, &picture);
    agrees_with_its_log(&world, engine);
}

#[test]
fn a_node_stopped_in_the_middle_of_its_work_has_kept_everything_it_answered() {
    let world = World::with_snapshots(16);
    for round in 0..3u64 {
        let engine = world.start();
        world.fund(&engine, A, USD, 40);
        let batches: Vec<_> = (0..60)
            .map(|_| world.batch(A, &[world.payment(A, B, USD, 1)]))
            .collect();
        let replies: Vec<_> = batches
            .iter()
            .map(|batch| super::support::send(&engine, batch))
            .collect();
        eventually("some are answered", || {
            engine.last_number(A, batches[0].session()) > 60 * round + 10
        });
        stopped(engine);
        let engine = world.start();
        for (batch, reply) in batches.iter().zip(replies) {
            let again = world.told(&engine, batch);
            // Answered before, or never: then it is taken now.
            if let Ok(reply) = reply.try_recv() {
                world.proven(batch, reply).same_outcome(&again);
            }
        }
        agrees_with_its_log(&world, engine);
    }
}

#[test]
fn a_proposal_that_was_carried_out_stays_so_though_what_came_of_it_was_told_later() {
    let mut world = World::with_snapshots(1);
    world.genesis.rules = 4;
    let engine = world.start();
    let decide = |engine: &Engine, action| world.decide(engine, OPERATOR, action);
    let day = |phase| Action::SetDay {
        currency: EUR,
        phase,
        date: 9_999,
    };
    decide(
        &engine,
        Action::SetCollateral {
            participant: A,
            currency: EUR,
            asset: "BOND".into(),
            value: 1_000_000_000,
            haircut: 0,
        },
    );
    let lends = Action::SetCredit {
        participant: A,
        currency: EUR,
        limit: 1_000_000_000,
    };
    let id = world.id();
    let digest = proposal_digest(world.genesis.ledger_id(), OPERATOR, id, &lends);
    let proposes = || world.control(OPERATOR, 1, &[(id, Control::Propose(lends.clone()))]);
    assert_eq!(world.told(&engine, &proposes()).statuses(), [Status::Proposed]);
    let approves = world.control(OPERATOR, 2, &[(world.id(), Control::Approve(digest))]);
    assert_eq!(world.told(&engine, &approves).statuses(), [Status::Executed]);
    decide(&engine, day(Phase::Open));
    let pays = world.signed(&world.head(A), &[world.payment(A, B, EUR, 900_000_000)], &[]);
    assert_eq!(world.told(&engine, &pays).statuses(), [Status::Settled]);
    decide(&engine, day(Phase::Closed));
    let key = InstructionKey {
        submitter: OPERATOR,
        id,
    };
    let status = |engine: &Engine| {
        engine
            .asker()
            .status(key)
            .expect("an answer")
            .map(|told| told.status)
    };
    assert_eq!(status(&engine), Some(Status::Executed));
    stopped(engine);
    let engine = world.start();
    assert_eq!(status(&engine), Some(Status::Executed));
    assert_eq!(world.told(&engine, &proposes()).statuses(), [Status::Executed]);
    agrees_with_its_log(&world, engine);
}
