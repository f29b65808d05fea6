//! The auditor agrees with the ledger at the bounds of an entry's work under version 3 of the rules (PROTOCOL §22.10,
//! §23).
use causeway_message::action::{Action, Phase};
use causeway_message::extension::ExtensionType::{Replaces, Tolerance};
use causeway_message::record::{Instruction, Kind};
use causeway_message::{ParticipantId, Status};

use crate::support::{
    AGENT, EUR, Log, OPERATOR, Rig, USD, decide, genesis_by, pay, pay_with, payment, whole,
};

const MINUTE: u64 = 60 * 1_000_000_000;
/// Instructions of one participant against another that may stay unmatched.
const UNMATCHED: usize = 4_096;

fn rig() -> Rig {
    Rig::new(genesis_by(3, 100_000, 60_000))
}

fn fund(rig: &mut Rig, participant: u32, currency: u16, amount: u64) {
    let action = Action::Fund {
        participant: ParticipantId(participant),
        currency,
        amount,
        reference: format!("R{participant} {currency}"),
    };
    decide(rig, AGENT, &format!("fund {participant} {currency}"), action);
}

/// How often the last batch was answered so.
fn count(rig: &Rig, status: Status) -> usize {
    let last = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    let answers = last.answers.iter();
    answers.filter(|answer| answer.status() == Some(status)).count()
}

/// What node and auditor say is the same to the last byte.
fn agree(rig: &mut Rig) {
    rig.observe().expect("the auditor agrees");
    whole(rig);
}

/// A side of the trade of this number: EUR of one bank for USD of another.
fn side(rig: &Rig, name: &str, from: u32, to: u32, number: u64, pays_eur: bool) -> Instruction {
    let own = payment(&format!("{name} {number}"), from, to, number);
    let (pays, gets) = if pays_eur { (EUR, USD) } else { (USD, EUR) };
    let parties = (ParticipantId(from), ParticipantId(to));
    let day = rig.now().days() as u16;
    Instruction::pvp(
        own.id(),
        causeway_message::Uetr(own.uetr),
        parties,
        (pays, 1),
        (gets, 1),
        day,
    )
}

/// Both sides of so many trades, each with a reference of its own.
fn trade(rig: &mut Rig, name: &str, count: u64, change: impl Fn(&mut Instruction)) {
    for (from, to, eur) in [(3, 4, true), (4, 3, false)] {
        let one = |number| {
            let mut record = side(rig, name, from, to, number, eur);
            record.related[..8].copy_from_slice(&number.to_le_bytes());
            change(&mut record);
            record
        };
        let records: Vec<Instruction> = (1..=count).map(one).collect();
        pay(rig, from, &records);
    }
}

#[test]
fn no_more_stay_unmatched_against_one_participant_than_may() {
    let mut rig = rig();
    let many = |rig: &Rig, count: u64| {
        (0..count)
            .map(|n| side(rig, "a", 3, 4, n, true))
            .collect::<Vec<_>>()
    };
    let all = many(&rig, UNMATCHED as u64);
    pay(&mut rig, 3, &all);
    assert_eq!(count(&rig, Status::Unmatched), UNMATCHED);
    let more = [side(&rig, "b", 3, 4, 0, true), side(&rig, "b", 3, 5, 1, true)];
    pay(&mut rig, 3, &more);
    assert_eq!(count(&rig, Status::TooManyUnmatched), 1);
    assert_eq!(count(&rig, Status::Unmatched), 1);
    // In the place of another it may stay.
    let instead = side(&rig, "c", 3, 4, 0, true);
    let named = all[7].instruction_id.to_vec();
    pay_with(&mut rig, 3, &[instead], &[(0, Replaces, named)]);
    assert_eq!(count(&rig, Status::Unmatched), 1);
    // What finds the other side does not stay.
    let other = side(&rig, "d", 4, 3, 0, true);
    let (mut theirs, mut own) = (other, side(&rig, "e", 3, 4, 0, false));
    (theirs.amount, own.counter_amount) = (5.into(), 5.into());
    pay(&mut rig, 4, &[theirs]);
    pay(&mut rig, 3, &[own]);
    assert_eq!(count(&rig, Status::Matched), 1);
    agree(&mut rig);
}

#[test]
fn of_those_with_a_tolerance_only_the_first_are_looked_at() {
    let mut rig = rig();
    let tolerance = |count: u16| -> Vec<_> {
        let of = |place| (place, Tolerance, 1_u64.to_le_bytes().to_vec());
        (0..count).map(of).collect()
    };
    for (before, status) in [(63, Status::Matched), (64, Status::Unmatched)] {
        let name = format!("{before}");
        let mut records: Vec<_> = (0..=before).map(|n| side(&rig, &name, 3, 4, n, true)).collect();
        for record in &mut records {
            record.related = [before as u8; 16];
            record.amount = 100.into();
        }
        let last = records.len() - 1;
        records[last].amount = 10.into();
        pay_with(&mut rig, 3, &records, &tolerance(records.len() as u16));
        let mut other = side(&rig, &format!("other {before}"), 4, 3, 0, false);
        other.related = [before as u8; 16];
        other.counter_amount = 11.into();
        pay_with(&mut rig, 4, &[other], &tolerance(1));
        assert_eq!(count(&rig, status), 1, "{before} stand before it");
    }
    agree(&mut rig);
}

#[test]
fn an_entry_takes_no_more_trades_than_it_can_tell_of() {
    let mut rig = rig();
    let of = |rig: &Rig, to, count| {
        (0..count)
            .map(|n| side(rig, &format!("to {to}"), 3, to, n, true))
            .collect::<Vec<_>>()
    };
    let mut records = of(&rig, 4, 4_096);
    records.extend(of(&rig, 5, 4_094));
    pay(&mut rig, 3, &records);
    assert_eq!(count(&rig, Status::Unmatched), 8_129);
    assert_eq!(count(&rig, Status::EntryFull), 8_190 - 8_129);
    agree(&mut rig);
}

#[test]
fn trades_that_settle_in_turn_take_as_many_steps_as_they_have_sides() {
    let mut rig = rig();
    trade(&mut rig, "a", 4_090, |_| {});
    trade(&mut rig, "b", 4_090, |_| {});
    assert_eq!(rig.auditor.waiting(), 4 * 4_090);
    fund(&mut rig, 4, USD, 50_000);
    fund(&mut rig, 3, EUR, 50_000);
    let mut entries = 0;
    while rig.auditor.next_due() == Some(rig.auditor.time()) {
        rig.tick().expect("the auditor agrees");
        rig.observe().expect("the auditor agrees");
        entries += 1;
    }
    assert!(entries > 0, "it was done at once");
    assert_eq!(rig.auditor.waiting(), 0);
    agree(&mut rig);
}

#[test]
fn questions_about_trades_that_settle_end_with_them() {
    let mut rig = rig();
    trade(&mut rig, "a", 600, |_| {});
    let ask = |n| {
        let mut record = payment(&format!("ask {n}"), 3, 4, 1);
        record.kind = Kind::Cancel as u8;
        record.related = payment(&format!("a {n}"), 3, 4, 1).instruction_id;
        record
    };
    let asked: Vec<_> = (1..=600).map(ask).collect();
    pay(&mut rig, 3, &asked);
    assert_eq!(count(&rig, Status::CancellationPending), 600);
    fund(&mut rig, 4, USD, 50_000);
    fund(&mut rig, 3, EUR, 50_000);
    assert_eq!(rig.auditor.waiting(), 0);
    agree(&mut rig);
}

#[test]
fn many_trades_that_are_due_at_once_end_one_after_the_other() {
    let mut rig = rig();
    let end = rig.now().seconds() as u32 + 60;
    trade(&mut rig, "a", 1_500, |record| {
        record.expires_at = (end + (record.currency.get() == EUR) as u32).into();
    });
    let mut records: Vec<_> = (0..700).map(|n| side(&rig, "c", 3, 5, n, true)).collect();
    records
        .iter_mut()
        .for_each(|record| record.expires_at = end.into());
    pay(&mut rig, 3, &records);
    rig.wait(MINUTE + 2_000_000_000);
    for _ in 0..6 {
        rig.tick().expect("the auditor agrees");
        rig.observe().expect("the auditor agrees");
    }
    assert_eq!(rig.auditor.waiting(), 0);
    agree(&mut rig);
}

#[test]
fn a_day_that_begins_looks_at_more_trades_than_one_entry_may() {
    let mut rig = rig();
    fund(&mut rig, 4, USD, 50_000);
    fund(&mut rig, 3, EUR, 50_000);
    let day = rig.now().days() as u16;
    for part in ["a", "b"] {
        trade(&mut rig, part, 4_090, |record| {
            record.value_date = (day + 1).into()
        });
    }
    // Some of today that find no other side.
    let records: Vec<_> = (0..300).map(|n| side(&rig, "today", 3, 5, n, true)).collect();
    pay(&mut rig, 3, &records);
    rig.wait(24 * 60 * MINUTE);
    for _ in 0..4 {
        rig.tick().expect("the auditor agrees");
        rig.observe().expect("the auditor agrees");
    }
    assert_eq!(rig.auditor.waiting(), 0);
    agree(&mut rig);
}

#[test]
fn a_close_ends_more_trades_than_one_entry_may() {
    let mut rig = rig();
    let date = rig.now().days() as u16;
    for phase in [Phase::Open, Phase::Closed] {
        let action = Action::SetDay {
            currency: USD,
            phase,
            date,
        };
        decide(&mut rig, OPERATOR, &format!("{phase:?}"), action);
        if phase == Phase::Closed {
            break;
        }
        trade(&mut rig, "a", 4_090, |_| {});
        trade(&mut rig, "b", 500, |record| {
            record.value_date = (date + 1).into();
        });
        let records: Vec<_> = (0..300).map(|n| side(&rig, "c", 3, 5, n, true)).collect();
        pay(&mut rig, 3, &records);
    }
    for _ in 0..3 {
        rig.observe().expect("the auditor agrees");
        rig.tick().expect("the auditor agrees");
    }
    // Those of tomorrow stay.
    assert_eq!(rig.auditor.waiting(), 1_000);
    agree(&mut rig);
}

#[test]
fn an_account_has_no_more_deadlines_ahead_than_it_may() {
    let mut rig = rig();
    let now = rig.now().seconds() as u32;
    let set = |rig: &mut Rig, label: &str, deadline| {
        let action = Action::SetPayIn {
            participant: ParticipantId(3),
            currency: EUR,
            deadline: now + deadline,
            allowed: 1,
        };
        decide(rig, OPERATOR, label, action);
    };
    for n in 0..64 {
        set(&mut rig, &format!("{n}"), 100 + n);
        assert_eq!(count(&rig, Status::Executed), 1, "{n}");
    }
    set(&mut rig, "again", 107);
    assert_eq!(count(&rig, Status::Executed), 1);
    // Too many already when it is proposed: there is nothing to approve.
    set(&mut rig, "more", 400);
    assert_eq!(count(&rig, Status::ProposalUnknown), 1);
    agree(&mut rig);
    rig.wait(10 * MINUTE);
    rig.tick().expect("the auditor agrees");
    agree(&mut rig);
}

#[test]
fn what_ends_with_trades_finds_room_behind_all_that_records_told() {
    let mut rig = rig();
    fund(&mut rig, 4, USD, 50_000);
    fund(&mut rig, 5, EUR, 50_000);
    trade(&mut rig, "a", 4_090, |_| {});
    let ask = |n| {
        let mut record = payment(&format!("ask {n}"), 3, 4, 1);
        record.kind = Kind::Cancel as u8;
        record.related = payment(&format!("a {n}"), 3, 4, 1).instruction_id;
        record
    };
    let asked: Vec<_> = (1..=4_090).map(ask).collect();
    pay(&mut rig, 3, &asked);
    assert_eq!(count(&rig, Status::CancellationPending), 4_090);
    let mut records: Vec<_> = (0..4_096).map(|n| side(&rig, "b", 5, 6, n, true)).collect();
    records.extend((0..4_030).map(|n| side(&rig, "c", 5, 4, n, true)));
    records.push(payment("pays", 5, 3, 4_090));
    pay(&mut rig, 5, &records);
    assert_eq!(count(&rig, Status::Unmatched), 8_126);
    agree(&mut rig);
}

#[test]
fn what_is_over_matches_nothing_though_no_entry_has_ended_it() {
    let mut rig = rig();
    let end = rig.now().seconds() as u32 + 60;
    let mut records: Vec<_> = (0..1_100).map(|n| side(&rig, "a", 3, 4, n, true)).collect();
    records
        .iter_mut()
        .for_each(|record| record.expires_at = end.into());
    pay(&mut rig, 3, &records);
    rig.wait(MINUTE + 2_000_000_000);
    let late = side(&rig, "b", 4, 3, 1, false);
    pay(&mut rig, 4, &[late]);
    assert_eq!(count(&rig, Status::Unmatched), 1);
    agree(&mut rig);
}
