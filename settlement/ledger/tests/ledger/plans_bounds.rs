//! Netting at the bounds of an entry's work, and through snapshots (section 25.2).
use std::rc::Rc;

use causeway_ledger::limits::RELEASES_PER_ENTRY;
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::limits::PLAN_INSTRUCTIONS_MAX;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};

use crate::support::{Entry, Head, World, check_cut, check_repeats, id_of, opened};

const AGENT: ParticipantId = ParticipantId(1);
const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);
const C: ParticipantId = ParticipantId(5);
const D: ParticipantId = ParticipantId(6);
const EUR: u16 = 978;

fn payments(world: &mut World, name: &str, from: ParticipantId, to: ParticipantId, count: usize) {
    let one = |i| {
        let id = id_of(&format!("{name} {i}"));
        Instruction::payment(id, Uetr(id.0), from, to, EUR, 1)
    };
    let all: Vec<Instruction> = (0..count).map(one).collect();
    for part in all.chunks(1_000) {
        world.instruct(Head::of(from, 1), part, &[]);
    }
}

fn fund(world: &mut World, participant: ParticipantId, amount: u64) {
    let action = Action::Fund {
        participant,
        currency: EUR,
        amount,
        reference: "R".into(),
    };
    let digest = proposal_digest(world.ledger.id(), AGENT, id_of("fund"), &action);
    world.control(Head::of(AGENT, 1), &[(id_of("fund"), Control::Propose(action))]);
    world.control(
        Head::of(AGENT, 2),
        &[(id_of("approval"), Control::Approve(digest))],
    );
}

fn plan(world: &mut World, mut named: Vec<(ParticipantId, InstructionId)>) {
    named.sort_unstable();
    let basis = world.ledger.index();
    world.apply(Entry::Plan(Rc::new(Plan {
        basis,
        instructions: named,
    })));
}

fn named(name: &str, who: ParticipantId, count: usize) -> Vec<(ParticipantId, InstructionId)> {
    (0..count).map(|i| (who, id_of(&format!("{name} {i}")))).collect()
}

/// A ledger in whose next entry `A` goes on with payments that it had no steps for, and a ring of two waits.
fn busy(left: usize) -> World {
    let mut world = opened("ledger rules 3 ids 100000 queue 20000 \n open A B C D EUR");
    let all = RELEASES_PER_ENTRY + left;
    payments(&mut world, "a", A, B, all);
    payments(&mut world, "c", C, D, 10);
    payments(&mut world, "d", D, C, 10);
    fund(&mut world, A, all as u64);
    assert_eq!(world.last().outcome.deferred.len(), RELEASES_PER_ENTRY);
    world
}

#[test]
fn a_plan_is_passed_over_where_too_few_steps_are_left() {
    const LEFT: usize = 800;
    let most = (RELEASES_PER_ENTRY - LEFT) / 2;
    for (count, settle) in [(most, 20), (most + 1, 0)] {
        let mut world = busy(LEFT);
        let mut all = named("c", C, 10);
        all.extend(named("d", D, 10));
        all.extend(named("nothing", D, count - 20));
        plan(&mut world, all.clone());
        assert_eq!(
            world.last().outcome.deferred.len(),
            LEFT + settle,
            "{count} are named"
        );
        // Nothing keeps it from being looked at in the next.
        plan(&mut world, all);
        assert_eq!(world.last().outcome.deferred.len(), 20 - settle);
        assert_eq!(world.ledger.waiting(), 0);
        let cut = world.log.len() - 3;
        check_cut(&world, cut);
    }
}

#[test]
fn the_largest_plan_settles_whole() {
    let mut world = opened("ledger rules 3 ids 100000 queue 20000 \n open A B C D EUR");
    let half = PLAN_INSTRUCTIONS_MAX / 2;
    payments(&mut world, "a", A, B, half);
    payments(&mut world, "b", B, A, half + 1);
    let mut all = named("a", A, half);
    all.extend(named("b", B, half));
    plan(&mut world, all);
    assert_eq!(world.last().outcome.deferred.len(), PLAN_INSTRUCTIONS_MAX);
    assert_eq!(world.ledger.waiting(), 1);
    let cut = world.log.len() - 2;
    check_cut(&world, cut);
}

#[test]
fn a_plan_in_the_middle_of_a_run_repeats_from_every_snapshot() {
    let mut world = opened("ledger rules 3 \n open A B C D EUR");
    for round in 0..4 {
        payments(&mut world, &format!("a{round}"), A, B, 5);
        payments(&mut world, &format!("b{round}"), B, C, 4);
        payments(&mut world, &format!("c{round}"), C, A, 6);
        let mut all = named(&format!("a{round}"), A, 5);
        all.extend(named(&format!("b{round}"), B, 3));
        all.extend(named(&format!("c{round}"), C, 6));
        plan(&mut world, all);
    }
    // What a round leaves waits before what the next one names; so only the first settles anything, of each row three.
    assert_eq!(world.ledger.waiting(), 60 - 9);
    check_repeats(&world);
}
