//! The invariants of version 2 of the rules, one broken at a time.
use causeway_message::action::{Action, FeeGrant, Phase};
use causeway_message::digest::hash;
use causeway_message::event::{EventKind, Role};
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status};

use super::scene::{BANK, EUR, OTHER, Scene, Step, THIRD, fund, pay};
use crate::audit::fault::Rule;

/// A bank with 100 under version 2 of the rules.
fn funded() -> Scene {
    let mut scene = Scene::by(2);
    scene.decide("fund", fund(BANK, 100));
    scene
}

fn statuses(step: &Step) -> Vec<Option<Status>> {
    step.told.answers.iter().map(|answer| answer.status()).collect()
}

/// A record of another kind about an instruction.
fn about(label: &str, kind: Kind, original: &Instruction) -> Instruction {
    let debtor = ParticipantId(original.debtor.get());
    let creditor = ParticipantId(original.creditor.get());
    let mut record = pay(label, debtor, creditor, original.amount.get());
    record.kind = kind as u8;
    record.related = original.instruction_id;
    record
}

fn conditional(label: &str, amount: u64) -> Instruction {
    let mut record = pay(label, BANK, OTHER, amount);
    record.kind = Kind::Conditional as u8;
    record.expires_at = 1_000.into();
    record
}

#[test]
fn a_normal_payment_that_takes_what_is_reserved_is_found() {
    let mut scene = funded();
    let mut reservation = pay("reserve", BANK, BANK, 60);
    reservation.kind = Kind::Reservation as u8;
    reservation.priority = 2;
    let set = scene.batch(BANK, &[reservation]);
    assert_eq!(statuses(&set), [Some(Status::Executed)]);
    scene.holds(&set);
    let mut step = scene.batch(BANK, &[pay("a", BANK, OTHER, 41)]);
    assert_eq!(statuses(&step), [Some(Status::Queued)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::ClassReserved);
}

#[test]
fn a_payment_beyond_its_senders_limit_is_found() {
    let mut scene = funded();
    let mut limit = pay("limit", BANK, OTHER, 30);
    limit.kind = Kind::Limit as u8;
    let set = scene.batch(BANK, &[limit]);
    scene.holds(&set);
    let within = scene.batch(BANK, &[pay("a", BANK, OTHER, 30)]);
    assert_eq!(statuses(&within), [Some(Status::Settled)]);
    scene.holds(&within);
    let mut step = scene.batch(BANK, &[pay("b", BANK, OTHER, 1)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::SenderLimit);
}

/// A payment of 40 in parts, for the preimage 7.
fn set_aside() -> (Scene, Instruction) {
    let mut scene = funded();
    let mut record = conditional("aside", 40);
    record.flags = flags::PARTIAL.into();
    let condition = hash(&[7]);
    let set = scene.batch_with(BANK, &[record], &[(0, ExtensionType::Condition, &condition)]);
    assert_eq!(statuses(&set), [Some(Status::SetAside)]);
    scene.holds(&set);
    (scene, record)
}

#[test]
fn money_released_twice_or_given_back_and_released_is_found() {
    let (mut scene, record) = set_aside();
    let mut part = about("part", Kind::Release, &record);
    part.amount = 10.into();
    let mut step = scene.batch_with(OTHER, &[part], &[(0, ExtensionType::Preimage, &[7])]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    let more = |all: &mut Vec<Vec<u8>>| {
        let told = all.iter_mut().find(|event| event[0] == EventKind::Payment as u8);
        told.expect("of the payment")[16] = 41;
    };
    step.events(BANK, more);
    step.events(OTHER, more);
    assert_eq!(scene.fault(&step), Rule::SetAsideOnce);
    let (mut scene, record) = set_aside();
    let mut back = about("back", Kind::Release, &record);
    back.amount = 0.into();
    back.flags = flags::DECLINE.into();
    let mut step = scene.batch(OTHER, &[back]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    step.events(BANK, |all| all[0][16] = 40);
    step.events(OTHER, |all| all[1][16] = 40);
    assert_eq!(scene.fault(&step), Rule::SetAsideOnce);
}

#[test]
fn another_instruction_under_its_id_ends_no_conditional_payment() {
    let (mut scene, record) = set_aside();
    let mut other = record;
    other.amount = 39.into();
    let again = scene.batch(BANK, &[other]);
    assert_eq!(statuses(&again), [Some(Status::IdReused)]);
    scene.holds(&again);
    let whole = about("whole", Kind::Release, &record);
    let step = scene.batch_with(OTHER, &[whole], &[(0, ExtensionType::Preimage, &[7])]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    scene.holds(&step);
}

#[test]
fn a_release_without_the_preimage_is_found() {
    let (mut scene, record) = set_aside();
    let whole = about("whole", Kind::Release, &record);
    let mut step = scene.batch_with(OTHER, &[whole], &[(0, ExtensionType::Preimage, &[7])]);
    let last = step.papers()[0].extensions.len() - 1;
    step.papers()[0].extensions[last] ^= 1;
    assert_eq!(scene.fault(&step), Rule::Condition);
}

#[test]
fn a_cancel_that_is_executed_and_ends_nothing_is_found() {
    let mut scene = funded();
    let record = pay("a", BANK, OTHER, 101);
    let waits = scene.batch(BANK, &[record]);
    scene.holds(&waits);
    let mut step = scene.batch(BANK, &[about("cancel", Kind::Cancel, &record)]);
    assert_eq!(statuses(&step), [Some(Status::Executed)]);
    step.events(BANK, |all| drop(all.pop()));
    assert_eq!(scene.fault(&step), Rule::Cancelled);
}

#[test]
fn a_payment_that_is_cancelled_after_it_settled_is_found() {
    let mut scene = funded();
    let record = pay("a", BANK, OTHER, 10);
    let settled = scene.batch(BANK, &[record]);
    scene.holds(&settled);
    let late = pay("b", BANK, OTHER, 101);
    let waits = scene.batch(BANK, &[late]);
    scene.holds(&waits);
    let mut step = scene.batch(BANK, &[about("cancel", Kind::Cancel, &late)]);
    // The event is about the other payment: its origin, and its record.
    step.events(BANK, |all| {
        all[1][8] = 3;
        all[1][32..160].copy_from_slice(zerocopy::IntoBytes::as_bytes(&record));
    });
    assert_eq!(scene.fault(&step), Rule::OneOutcome);
}

#[test]
fn a_return_of_more_than_came_is_found() {
    let mut scene = funded();
    let record = pay("a", BANK, OTHER, 10);
    let settled = scene.batch(BANK, &[record]);
    scene.holds(&settled);
    let more = Action::Fund {
        participant: OTHER,
        currency: EUR,
        amount: 50,
        reference: "R2".into(),
    };
    scene.decide("more", more);
    let mut back = about("return", Kind::Return, &record);
    (back.debtor, back.creditor) = (record.creditor, record.debtor);
    back.amount = 11.into();
    let mut step = scene.batch(OTHER, &[back]);
    assert_eq!(statuses(&step), [Some(Status::ReturnExceeds)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Returned);
}

#[test]
fn a_chain_of_which_a_part_settles_is_found() {
    let mut scene = funded();
    let mut first = pay("a", BANK, OTHER, 10);
    first.flags = flags::LINKED.into();
    let mut step = scene.batch(BANK, &[first, pay("b", BANK, THIRD, 10)]);
    assert_eq!(statuses(&step), [Some(Status::Settled), Some(Status::Settled)]);
    step.told.answers[1].status = (Status::Queued as u16).into();
    step.events(THIRD, |all| all.clear());
    assert_eq!(scene.fault(&step), Rule::Chained);
}

#[test]
fn a_payment_that_is_let_through_twice_is_found() {
    let mut scene = funded();
    let record = pay("a", BANK, OTHER, 10);
    let settled = scene.batch(BANK, &[record]);
    scene.holds(&settled);
    let mut again = pay("b", BANK, OTHER, 10);
    again.uetr = record.uetr;
    let mut step = scene.batch(BANK, &[again]);
    assert_eq!(statuses(&step), [Some(Status::DuplicateSuspected)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Duplicated);
}

fn hold(participant: ParticipantId, held: bool) -> Action {
    Action::HoldParticipant {
        participant,
        held,
        reference: "CASE 1".into(),
    }
}

#[test]
fn a_payment_that_settles_though_it_is_held_is_found() {
    let mut scene = funded();
    scene.decide("hold", hold(OTHER, true));
    let mut step = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
    assert_eq!(statuses(&step), [Some(Status::Pending)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Held);
    let mut scene = funded();
    let record = pay("a", BANK, OTHER, 101);
    let waits = scene.batch(BANK, &[record]);
    scene.holds(&waits);
    let order = Action::HoldPayment {
        submitter: BANK,
        payment: record.id(),
        reference: "CASE 2".into(),
    };
    scene.decide("order", order);
    let more = Action::Fund {
        participant: BANK,
        currency: EUR,
        amount: 50,
        reference: "R2".into(),
    };
    scene.decide("more", more);
    let settled = scene.batch(BANK, &[pay("b", BANK, OTHER, 101)]);
    let credit = settled.event(OTHER, Role::Creditor);
    // It is the held one that is told to have settled.
    let mut step = scene.batch(THIRD, &[pay("c", THIRD, OTHER, 1)]);
    let origin = waits.told.leaf.index;
    let paid = |role: Role| {
        let mut event = credit.clone();
        event[1] = role as u8;
        event[8..16].copy_from_slice(&origin.to_le_bytes());
        event[32..160].copy_from_slice(zerocopy::IntoBytes::as_bytes(&record));
        event
    };
    step.tell(BANK, paid(Role::Debtor));
    step.tell(OTHER, paid(Role::Creditor));
    assert_eq!(scene.fault(&step), Rule::Held);
}

fn day(phase: Phase) -> Action {
    Action::SetDay {
        currency: EUR,
        phase,
        date: 1,
    }
}

/// A bank that paid in a currency with a fee, and the close of the day.
fn closed() -> (Scene, Step) {
    let mut scene = funded();
    scene.decide("open", day(Phase::Open));
    let fee = FeeGrant {
        currency: EUR,
        kind: Kind::Payment as u8,
        collector: THIRD,
        flat: 3,
        per_million: 0,
        min: 0,
        max: 0,
    };
    scene.decide("fee", Action::SetFee(fee));
    let paid = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
    scene.holds(&paid);
    let closed = scene.decided("close", day(Phase::Closed));
    scene.holds(&closed);
    (scene, closed)
}

#[test]
fn a_fee_that_is_billed_twice_is_found() {
    let (mut scene, closed) = closed();
    let mut step = scene.batch(BANK, &[pay("b", BANK, OTHER, 10)]);
    step.tell(BANK, closed.of_kind(BANK, EventKind::Fee));
    step.tell(THIRD, closed.of_kind(THIRD, EventKind::Fee));
    assert_eq!(scene.fault(&step), Rule::BilledOnce);
}

#[test]
fn a_payment_that_settles_after_the_close_is_found() {
    let (mut scene, _) = closed();
    let mut step = scene.batch(BANK, &[pay("b", BANK, OTHER, 10)]);
    assert_eq!(statuses(&step), [Some(Status::RejectedCutOff)]);
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Closed);
}

#[test]
fn a_payment_that_passes_one_of_a_higher_class_or_of_its_own_is_found() {
    for (class, passes) in [(2, true), (0, true), (1, false)] {
        let mut scene = funded();
        let mut first = pay("first", BANK, OTHER, 101);
        first.priority = class;
        let waits = scene.batch(BANK, &[first]);
        scene.holds(&waits);
        let mut second = pay("second", BANK, OTHER, 1);
        second.priority = if passes { 0 } else { 2 };
        let mut step = scene.batch(BANK, &[second]);
        if passes {
            assert_eq!(statuses(&step), [Some(Status::Queued)]);
            step.settle(0);
            assert_eq!(scene.fault(&step), Rule::QueueOrder);
        } else {
            assert_eq!(statuses(&step), [Some(Status::Settled)]);
            scene.holds(&step);
        }
    }
}

#[test]
fn who_opted_in_may_overtake_within_a_class() {
    let mut scene = funded();
    let mut discipline = pay("discipline", BANK, BANK, 0);
    discipline.kind = Kind::Discipline as u8;
    discipline.flags = flags::BYPASS.into();
    let set = scene.batch(BANK, &[discipline, pay("first", BANK, OTHER, 101)]);
    scene.holds(&set);
    let step = scene.batch(BANK, &[pay("second", BANK, OTHER, 1)]);
    assert_eq!(statuses(&step), [Some(Status::Settled)]);
    scene.holds(&step);
}

#[test]
fn a_payment_that_is_amended_in_the_entry_in_which_it_joins_its_queue_stands_where_it_was_put() {
    for (class, flag) in [(2, 0), (1, flags::FRONT)] {
        let mut scene = funded();
        let from = 10_u32.to_le_bytes();
        let later = pay("later", BANK, OTHER, 120);
        let waits = scene.batch_with(BANK, &[later], &[(0, ExtensionType::FromTime, &from)]);
        assert_eq!(statuses(&waits), [Some(Status::Warehoused)]);
        scene.holds(&waits);
        let mut first = pay("first", BANK, OTHER, 110);
        first.priority = 1;
        let queued = scene.batch(BANK, &[first]);
        scene.holds(&queued);
        scene.seconds = 10;
        let mut amend = about("amend", Kind::Amend, &later);
        (amend.creditor, amend.amount) = (amend.debtor, 0.into());
        (amend.priority, amend.flags) = (class, flag.into());
        let joins = scene.batch(BANK, &[amend]);
        assert_eq!(statuses(&joins), [Some(Status::Executed)]);
        scene.holds(&joins);
        // It passes the one that waited before it.
        let more = Action::Fund {
            participant: BANK,
            currency: EUR,
            amount: 20,
            reference: "R2".into(),
        };
        let settles = scene.decided("more", more);
        assert_eq!(settles.count(BANK, Role::Debtor), 1);
        scene.holds(&settles);
    }
}

#[test]
fn an_id_that_is_used_again_says_nothing_of_what_it_was_used_for() {
    let (mut scene, record) = set_aside();
    let reused = scene.batch(BANK, &[conditional("aside", 41)]);
    assert_eq!(statuses(&reused), [Some(Status::IdReused)]);
    scene.holds(&reused);
    let all = about("all", Kind::Release, &record);
    let released = scene.batch_with(OTHER, &[all], &[(0, ExtensionType::Preimage, &[7])]);
    assert_eq!(statuses(&released), [Some(Status::Executed)]);
    scene.holds(&released);
}
