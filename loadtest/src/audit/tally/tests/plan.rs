//! What a plan settles it settles together: nothing of what stood before it stays, and nobody is short afterwards.
use causeway_message::Status;
use causeway_message::record::Instruction;
use zerocopy::IntoBytes;

use super::scene::{BANK, OTHER, Scene, Step, THIRD, pay};
use crate::audit::fault::Rule;

/// Two payments of a bank that has nothing, one behind the other, and two that come back.
fn gridlock() -> (Scene, [Instruction; 4]) {
    let mut scene = Scene::by(3);
    let [first, second] = [pay("a", BANK, OTHER, 10), pay("b", BANK, OTHER, 10)];
    let [back, again] = [pay("c", OTHER, BANK, 10), pay("d", OTHER, BANK, 10)];
    for (who, records) in [(BANK, [first, second]), (OTHER, [back, again])] {
        let step = scene.batch(who, &records);
        let waits = step
            .told
            .answers
            .iter()
            .all(|answer| answer.status() == Some(Status::Queued));
        assert!(waits, "nobody has money");
        scene.holds(&step);
    }
    (scene, [first, second, back, again])
}

/// Says of the second payment what is said of the first.
fn of_the_second(step: &mut Step, second: &Instruction) {
    let change = |all: &mut Vec<Vec<u8>>| {
        let event = all
            .iter_mut()
            .find(|event| event[8] == 1 && event[6] == 0)
            .expect("the first");
        event[6] = 1;
        event[32..160].copy_from_slice(second.as_bytes());
    };
    step.events(BANK, change);
    step.events(OTHER, change);
}

#[test]
fn payments_may_settle_together_though_none_could_alone() {
    let (mut scene, all) = gridlock();
    let step = scene.plan(&all.each_ref());
    assert_eq!(step.told.groups.len(), 2);
    scene.holds(&step);
}

#[test]
fn what_passes_what_a_plan_leaves_is_found() {
    let (mut scene, [first, second, back, _]) = gridlock();
    let mut step = scene.plan(&[&first, &back]);
    of_the_second(&mut step, &second);
    assert_eq!(scene.fault(&step), Rule::QueueOrder);
}

#[test]
fn an_account_that_a_plan_leaves_short_is_found() {
    let (mut scene, [first, _, back, _]) = gridlock();
    let mut step = scene.plan(&[&first, &back]);
    for who in [BANK, OTHER] {
        step.events(who, |all| all.retain(|event| event[8] == 1));
    }
    assert_eq!(scene.fault(&step), Rule::Limits);
}

#[test]
fn what_a_plan_sets_in_motion_keeps_the_order_of_its_queue() {
    let (mut scene, [first, second, back, again]) = gridlock();
    // It waits behind what is netted, and its creditor behind nothing.
    let behind = pay("e", BANK, THIRD, 5);
    let step = scene.batch(BANK, &[behind]);
    scene.holds(&step);
    let more = pay("f", OTHER, BANK, 5);
    let step = scene.batch(OTHER, &[more]);
    scene.holds(&step);
    scene.decide("fund", super::fund(OTHER, 5));
    let step = scene.plan(&[&first, &second, &back, &again]);
    let told = step.count(BANK, causeway_message::event::Role::Debtor);
    assert_eq!(told, 3, "what waited behind settles too");
    scene.holds(&step);
}
