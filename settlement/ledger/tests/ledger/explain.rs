//! Why a payment waits: the rule that holds it, how much is missing, and to whom that is told.
use causeway_ledger::Sight;
use causeway_message::reason::Reason;
use causeway_message::record::{Instruction, Kind};
use causeway_message::wire::Explanation;
use causeway_message::{ParticipantId, Status, Uetr};

use crate::support::{Head, World, id_of, opened};

fn member(world: &World, name: &str) -> ParticipantId {
    let found = world
        .genesis
        .participants
        .iter()
        .position(|grant| grant.name == name);
    ParticipantId(found.expect("it takes part") as u32)
}

fn explain(world: &World, label: &str) -> Explanation {
    let told = world.ledger.explain(member(world, "A"), id_of(label), Sight::Own);
    told.expect("it is remembered")
}

/// An instruction of A about its own account.
fn own(world: &mut World, label: &str, kind: Kind, against: &str, amount: u64, class: u8) {
    let (a, b) = (member(world, "A"), member(world, against));
    let mut record = Instruction::payment(id_of(label), Uetr::default(), a, b, 978, amount);
    (record.kind, record.priority) = (kind as u8, class);
    let outcome = world.instruct(Head::of(a, 1), &[record], &[]);
    assert_eq!(outcome.answers[0].status(), Some(Status::Executed), "{label}");
}

fn begun() -> World {
    opened(
        "
        ledger ids 100 queue 10 rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 50 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        ",
    )
}

#[test]
fn a_payment_beyond_the_balance_says_how_much_is_missing() {
    let world = begun();
    let told = explain(&world, "1");
    assert_eq!((told.reason, told.missing), (Reason::Funds, 40));
    assert_eq!((told.balance, told.free, told.cap, told.ahead), (10, 10, 0, 0));
    assert_eq!(told.obstacle, None);
}

#[test]
fn what_stands_behind_another_says_why_that_one_waits() {
    let world = begun();
    let told = explain(&world, "2");
    assert_eq!((told.reason, told.ahead), (Reason::QueueHead, 1));
    let head = told.obstacle.expect("the head");
    assert_eq!(
        (head.id, head.reason, head.missing),
        (id_of("1"), Reason::Funds, 40)
    );
    let lines = world.ledger.queue_lines(member(&world, "A"), 0, 0);
    let places: Vec<u32> = lines.lines.iter().map(|line| line.position).collect();
    assert_eq!((places.as_slice(), lines.next), ([1, 2].as_slice(), 0));
    let other = world.ledger.treasury(member(&world, "B"), 978);
    assert_eq!(
        (other.lines[0].incoming.count, other.lines[0].incoming.value),
        (2, 55)
    );
}

#[test]
fn limits_and_reservations_are_named_with_what_they_lack() {
    let mut world = begun();
    own(&mut world, "limit", Kind::Limit, "B", 20, 0);
    own(&mut world, "kept", Kind::Reservation, "A", 30, 2);
    let told = explain(&world, "1");
    assert_eq!((told.reason, told.missing, told.kept), (Reason::Funds, 40, 30));
    let accounts = world.ledger.treasury(member(&world, "A"), 0);
    assert_eq!(
        (accounts.lines[0].urgent.set, accounts.limits[0].amount),
        (30, 20)
    );
    assert_eq!(accounts.lines[0].outgoing[0].value, 55);
}

#[test]
fn what_is_final_does_not_wait_and_what_is_unknown_is_not_explained() {
    let world = opened(
        "
        ledger ids 100 queue 10 rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 5 id 1 -> settled
        ",
    );
    assert_eq!(explain(&world, "1").reason, Reason::Nothing);
    let unknown = world.ledger.explain(member(&world, "A"), id_of("2"), Sight::All);
    assert!(unknown.is_none());
}

#[test]
fn a_risk_test_names_the_currency_that_is_too_short() {
    let world = opened(
        "
        ledger rules 3
        open A B EUR USD JPY
        valuation USD USD 1 0 0
        valuation EUR USD 110 2 0
        valuation JPY USD 1 2 0
        tests A 1000000
        short A USD 10000
        fund A USD 1000
        fund B EUR 10000
        fund B JPY 100
        pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 10000 USD 11000 value 0d id b -> settled ; effects a settled b settled
        short A USD 9000
        pvp A B EUR 10 JPY 100 value 0d id c -> unmatched ; effects c alleged
        pvp B A JPY 100 EUR 10 value 0d id d -> matched ; effects c matched
        ",
    );
    let told = explain(&world, "c");
    assert_eq!((told.reason, told.missing), (Reason::ShortPosition, 1_000));
    assert_eq!((told.currency, told.missing_currency), (978, 840));
}
