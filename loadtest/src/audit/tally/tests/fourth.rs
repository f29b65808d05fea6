//! The invariants of version 4 of the rules, one broken at a time.
use causeway_message::action::{Action, Phase, WindowGrant};
use causeway_message::event::Role;
use causeway_message::record::{Instruction, Kind};
use causeway_message::{Status, event};

use super::scene::{AGENT, BANK, EUR, OTHER, Scene, Step, fund, id_of, pay};
use crate::audit::fault::Rule;

const TODAY: u16 = 3;

fn day(phase: Phase, date: u16) -> Action {
    Action::SetDay {
        currency: EUR,
        phase,
        date,
    }
}

/// A bank without money that may owe 90: of 100 in bonds 10 % do not count.
fn lent() -> Scene {
    let mut scene = Scene::by(4);
    scene.seconds = u64::from(TODAY) * 86_400;
    scene.decide("open", day(Phase::Open, TODAY));
    let (participant, currency) = (BANK, EUR);
    let collateral = Action::SetCollateral {
        participant,
        currency,
        asset: "BOND".into(),
        value: 100,
        haircut: 100_000,
    };
    scene.decide("collateral", collateral);
    let credit = Action::SetCredit {
        participant,
        currency,
        limit: 500,
    };
    scene.decide("credit", credit);
    scene
}

/// It owes 60 when the day closes.
fn unpaid() -> (Scene, Step) {
    let mut scene = lent();
    let step = scene.batch(BANK, &[pay("a", BANK, OTHER, 60)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Settled));
    scene.holds(&step);
    scene.decide("close", day(Phase::Closed, TODAY));
    let step = scene.tick();
    (scene, step)
}

/// What is left of the close: fees, statements.
fn finish(scene: &mut Scene) {
    for _ in 0..2 {
        let step = scene.tick();
        scene.holds(&step);
    }
}

#[test]
fn what_is_owed_beyond_the_line_is_found() {
    let mut scene = lent();
    let mut step = scene.batch(BANK, &[pay("a", BANK, OTHER, 91)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Queued));
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Limits);
    let mut scene = lent();
    let step = scene.batch(BANK, &[pay("a", BANK, OTHER, 90)]);
    scene.holds(&step);
}

#[test]
fn unpaid_credit_is_told_to_both() {
    let (mut scene, step) = unpaid();
    assert_eq!(step.count(BANK, Role::Subject), 1);
    assert_eq!(step.count(AGENT, Role::Submitter), 1);
    scene.holds(&step);
    for whose in [AGENT, BANK] {
        let (mut scene, mut step) = unpaid();
        step.events(whose, |all| drop(all.remove(0)));
        assert_eq!(scene.fault(&step), Rule::Credit);
    }
}

#[test]
fn another_amount_of_unpaid_credit_is_found() {
    let (mut scene, mut step) = unpaid();
    for whose in [AGENT, BANK] {
        step.events(whose, |all| {
            let told = all.first_mut().expect("it is told");
            let (event, _) = event::first(told).ok().flatten().expect("an event");
            assert_eq!(event.status(), Some(Status::CreditUnpaid));
            told[16] += 1;
        });
    }
    assert_eq!(scene.fault(&step), Rule::Credit);
}

#[test]
fn unpaid_credit_is_told_at_a_close_alone() {
    let (mut scene, step) = unpaid();
    scene.holds(&step);
    let own = step
        .told
        .groups
        .iter()
        .find(|group| group.head.participant == AGENT);
    let told = own.and_then(|group| event::each(&group.events).next());
    assert_eq!(told.and_then(|event| event.status()), Some(Status::CreditUnpaid));
    finish(&mut scene);
    scene.decide("next", day(Phase::Open, TODAY + 1));
    let mut again = scene.batch(OTHER, &[pay("b", OTHER, BANK, 1)]);
    let event = step.event(BANK, Role::Subject);
    again.tell(BANK, event);
    assert_eq!(scene.fault(&again), Rule::Credit);
}

#[test]
fn a_draw_on_a_frozen_line_is_found_and_after_repayment_it_is_none() {
    let (mut scene, step) = unpaid();
    scene.holds(&step);
    finish(&mut scene);
    scene.decide("next", day(Phase::Open, TODAY + 1));
    let mut step = scene.batch(BANK, &[pay("b", BANK, OTHER, 1)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Queued));
    step.settle(0);
    assert_eq!(scene.fault(&step), Rule::Credit);

    let (mut scene, step) = unpaid();
    scene.holds(&step);
    finish(&mut scene);
    scene.decide("next", day(Phase::Open, TODAY + 1));
    let step = scene.batch(OTHER, &[pay("c", OTHER, BANK, 60)]);
    scene.holds(&step);
    let step = scene.batch(BANK, &[pay("d", BANK, OTHER, 90)]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Settled));
    scene.holds(&step);
}

/// Statements are told by the entry that comes.
fn stated() -> (Scene, Step) {
    let (mut scene, step) = unpaid();
    scene.holds(&step);
    let fees = scene.tick();
    scene.holds(&fees);
    let step = scene.tick();
    (scene, step)
}

#[test]
fn a_statement_that_is_wrong_in_any_field_is_found() {
    let (mut scene, step) = stated();
    assert_eq!(step.count(BANK, Role::Subject), 1);
    scene.holds(&step);
    let body = step.event(BANK, Role::Subject).len() - 64;
    // Opening, closing, from, to, before.
    for place in [8, 24, 40, 48, 56] {
        let (mut scene, mut step) = stated();
        step.events(BANK, |all| all[0][body + place] ^= 1);
        assert_eq!(scene.fault(&step), Rule::Statement, "byte {place}");
    }
}

#[test]
fn a_statement_too_many_or_too_few_is_found() {
    let (mut scene, mut step) = stated();
    let own = step.event(BANK, Role::Subject);
    step.tell(BANK, own.clone());
    assert_eq!(scene.fault(&step), Rule::Statement);
    let (mut scene, mut step) = stated();
    step.events(BANK, |all| all.retain(|event| *event != own));
    assert_eq!(scene.fault(&step), Rule::Statement);
    let (mut scene, step) = stated();
    scene.holds(&step);
    let mut late = scene.tick();
    late.tell(BANK, own);
    assert_eq!(scene.fault(&late), Rule::Statement);
}

/// A window in which a bank owes seven and paid them in settles in the entry that comes.
fn netted() -> (Scene, Step) {
    let mut scene = Scene::by(4);
    scene.seconds = 1_000_000;
    scene.decide("fund", fund(BANK, 10));
    let begin = scene.seconds as u32;
    let window = Action::OpenWindow(WindowGrant {
        currencies: vec![EUR],
        close: begin + 10,
        pay_in_by: begin + 20,
        ends: begin + 30,
    });
    scene.decide("window", window);
    let of_window = |kind: Kind, record: Instruction| Instruction {
        kind: kind as u8,
        related: id_of("window").0,
        ..record
    };
    let owes = of_window(Kind::Obligation, pay("owes", BANK, OTHER, 7));
    let step = scene.batch(BANK, &[owes]);
    assert_eq!(step.told.answers[0].status(), Some(Status::Collected));
    scene.holds(&step);
    let paid = of_window(Kind::PayIn, pay("paid", BANK, BANK, 7));
    let step = scene.batch(BANK, &[paid]);
    assert_eq!(step.told.answers[0].status(), Some(Status::SetAside));
    scene.holds(&step);
    scene.seconds += 10;
    let step = scene.tick();
    (scene, step)
}

#[test]
fn a_window_that_settles_without_one_of_its_obligations_is_found() {
    let (mut scene, step) = netted();
    scene.holds(&step);
    let (mut scene, mut step) = netted();
    let obligation = |event: &Vec<u8>| {
        let told = event::each(event)
            .next()
            .and_then(|told| Some(told.payment()?.0.kind));
        told == Some(Kind::Obligation as u8)
    };
    for whose in [BANK, OTHER] {
        step.events(whose, |all| all.retain(|event| !obligation(event)));
    }
    assert_eq!(scene.fault(&step), Rule::Window);
}
