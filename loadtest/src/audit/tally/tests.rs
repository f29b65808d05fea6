//! The tally alone: what a model and a ledger that err alike would agree on, one invariant broken at a time.
mod exchange;
mod fourth;
mod plan;
mod scene;
mod second;
mod third;

use causeway_message::Status;
use causeway_message::action::Action;
use causeway_message::answer::Answer;
use causeway_message::event::Role;

use super::super::fault::Rule;
use super::super::model::Line;
use scene::{AGENT, BANK, EUR, OTHER, Scene, Step, THIRD, fund, pay};

/// A bank with 100, of which the tally has seen nothing wrong.
fn funded() -> Scene {
    let mut scene = Scene::new();
    scene.decide("fund", fund(BANK, 100));
    scene
}

fn settled(step: &mut Step, place: usize) {
    step.told.answers[place] = Answer::new(Status::Settled);
}

#[test]
fn a_leg_that_is_missing_or_of_another_size_breaks_conservation() {
    for change in [
        |step: &mut Step| step.told.groups.retain(|group| group.head.participant != OTHER),
        |step: &mut Step| step.events(OTHER, |all| all[0][16] = 41),
        |step: &mut Step| step.events(OTHER, |all| all.push(all[0].clone())),
    ] {
        let mut scene = funded();
        let mut step = scene.batch(BANK, &[pay("a", BANK, OTHER, 40)]);
        change(&mut step);
        assert_eq!(scene.fault(&step), Rule::Conservation);
    }
}

#[test]
fn legs_whose_sums_agree_and_which_do_not_belong_together_are_found() {
    for change in [
        |all: &mut Vec<Vec<u8>>| {
            all[0][16] = 21;
            all[1][16] = 19;
        },
        // Two credits of one payment, none of another of the same amount.
        |all: &mut Vec<Vec<u8>>| all[1] = all[0].clone(),
        // Another record under the same origin.
        |all: &mut Vec<Vec<u8>>| all[1][40] ^= 1,
    ] {
        let mut scene = funded();
        let records = [pay("a", BANK, OTHER, 20), pay("b", BANK, OTHER, 20)];
        let mut step = scene.batch(BANK, &records);
        step.events(OTHER, change);
        assert_eq!(scene.fault(&step), Rule::BothLegs);
    }
}

#[test]
fn an_account_beyond_its_limit_is_found() {
    let mut scene = funded();
    let mut step = scene.batch(BANK, &[pay("a", BANK, OTHER, 101)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Queued));
    settled(&mut step, 0);
    step.credit(0);
    assert_eq!(scene.fault(&step), Rule::Limits);
}

#[test]
fn a_payment_that_settles_past_one_that_waits_is_found() {
    let mut scene = funded();
    let first = scene.batch(BANK, &[pay("a", BANK, OTHER, 101)]);
    scene.holds(&first);
    let mut step = scene.batch(BANK, &[pay("b", BANK, OTHER, 1)]);
    settled(&mut step, 0);
    step.credit(0);
    assert_eq!(scene.fault(&step), Rule::QueueOrder);
}

#[test]
fn payments_that_leave_a_queue_in_another_order_are_found() {
    let mut scene = funded();
    let waits = scene.batch(OTHER, &[pay("a", OTHER, BANK, 5), pay("b", OTHER, BANK, 5)]);
    scene.holds(&waits);
    let mut step = scene.batch(BANK, &[pay("c", BANK, OTHER, 10)]);
    assert_eq!(step.count(OTHER, Role::Debtor), 2);
    step.events(OTHER, |all| all.swap(1, 2));
    assert_eq!(scene.fault(&step), Rule::QueueOrder);
}

#[test]
fn an_instruction_that_is_judged_or_ends_a_second_time_is_found() {
    let mut scene = funded();
    let waits = scene.batch(OTHER, &[pay("a", OTHER, BANK, 5)]);
    scene.holds(&waits);
    let once = scene.batch(BANK, &[pay("b", BANK, OTHER, 10)]);
    scene.holds(&once);
    let mut again = scene.batch(BANK, &[pay("b", BANK, OTHER, 10)]);
    settled(&mut again, 0);
    again.told.details.clear();
    again.credit(0);
    assert_eq!(scene.fault(&again), Rule::OneOutcome);
    let mut scene = funded();
    let waits = scene.batch(OTHER, &[pay("a", OTHER, BANK, 5)]);
    scene.holds(&waits);
    let once = scene.batch(BANK, &[pay("b", BANK, OTHER, 10)]);
    scene.holds(&once);
    let mut twice = scene.batch(BANK, &[pay("c", BANK, OTHER, 10)]);
    let event = once.event(OTHER, Role::Debtor);
    twice.events(OTHER, |all| all.push(event));
    assert_eq!(scene.fault(&twice), Rule::OneOutcome);
}

#[test]
fn a_repeated_instruction_that_is_told_something_else_is_found() {
    for change in [
        |step: &mut Step| step.told.answers[0].status = (Status::Queued as u16).into(),
        |step: &mut Step| step.told.details[0].origin_entry = 1.into(),
        |step: &mut Step| step.told.answers[0] = Answer::new(Status::IdReused),
        |step: &mut Step| step.told.answers[0] = Answer::new(Status::CapacityExhausted),
    ] {
        let mut scene = funded();
        let once = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
        scene.holds(&once);
        let mut again = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
        change(&mut again);
        assert_eq!(scene.fault(&again), Rule::Idempotency);
    }
    let mut scene = funded();
    let mut fresh = scene.batch(BANK, &[pay("a", BANK, OTHER, 10)]);
    fresh.told.answers[0].flags = 1.into();
    assert_eq!(scene.fault(&fresh), Rule::Idempotency);
}

#[test]
fn an_account_that_its_holder_did_not_debit_is_found() {
    let mut scene = funded();
    let mut step = scene.batch(THIRD, &[pay("a", BANK, OTHER, 10)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::NotAuthorised));
    settled(&mut step, 0);
    step.credit(0);
    assert_eq!(scene.fault(&step), Rule::Authority);
}

#[test]
fn an_action_that_is_not_the_one_proposed_is_found() {
    let mut scene = Scene::new();
    let mut step = scene.decided("fund", fund(BANK, 100));
    let raise = |all: &mut Vec<Vec<u8>>| {
        let last = all.len() - 1;
        let event = &mut all[last];
        // The amount in the head, and in the body behind proposer, id, number, participant and currency.
        event[16] += 1;
        event[32 + 24 + 2 + 4 + 2] += 1;
    };
    step.events(AGENT, raise);
    step.events(BANK, raise);
    assert_eq!(scene.fault(&step), Rule::Authority);
}

#[test]
fn whom_an_action_takes_effect_on_is_told_the_same() {
    let mut scene = Scene::new();
    let mut step = scene.decided("fund", fund(BANK, 100));
    step.events(BANK, |all| all[0][16] += 1);
    assert_eq!(scene.fault(&step), Rule::FeedEvent);
}

#[test]
fn money_set_aside_that_was_never_set_aside_is_found() {
    let mut scene = funded();
    let (participant, currency) = (BANK, EUR);
    let defund = scene.id("defund");
    let action = Action::Defund {
        participant,
        currency,
        amount: 10,
    };
    let mut step = scene.decided("defund", action);
    step.told.groups.retain(|group| group.head.participant != BANK);
    step.events(AGENT, |all| _ = all.pop());
    scene.holds(&step);
    let release = scene.decided("release", Action::ReleaseDefund { defund });
    assert_eq!(scene.fault(&release), Rule::Reservations);
}

#[test]
fn a_balance_that_answers_and_events_do_not_explain_is_found() {
    let scene = funded();
    let place = (BANK.0, EUR);
    let line = Line {
        balance: 100,
        ..Line::default()
    };
    scene
        .tally
        .explains(place, &line, 3)
        .expect("the fund explains it");
    let more = Line { balance: 101, ..line };
    let fault = scene
        .tally
        .explains(place, &more, 3)
        .expect_err("nothing explains one more");
    assert_eq!(fault.rule, Rule::EffectsExplainState);
    scene.tally.whole(3).expect("all of it holds");
}
