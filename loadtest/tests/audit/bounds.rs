//! The auditor agrees with the ledger at the bounds of an entry's work under version 2 of the rules (PROTOCOL §22.10).
use causeway_message::action::{Action, Phase};
use causeway_message::extension::ExtensionType::{Approver, FromTime};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status};

use crate::support::{
    AGENT, EUR, Extended, Log, OPERATOR, Rig, USD, decide, genesis_by, pay, pay_with, payment, whole,
};

/// Records of a full batch.
const FULL: usize = 8_190;
/// Steps of one entry.
const STEPS: usize = 8_192;

fn rig() -> Rig {
    Rig::new(genesis_by(2, 100_000, 60_000))
}

fn fund(rig: &mut Rig, participant: u32, currency: u16, amount: u64) {
    let action = Action::Fund {
        participant: ParticipantId(participant),
        currency,
        amount,
        reference: format!("R{currency}"),
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

fn many(name: &str, count: usize, from: u32, to: u32) -> Vec<Instruction> {
    let one = |n| payment(&format!("{name} {n}"), from, to, 1);
    (0..count).map(one).collect()
}

/// Payments that become due in a minute.
fn early(rig: &Rig, name: &str, from: u32, currency: u16, count: usize) -> (Vec<Instruction>, Vec<Extended>) {
    let mut records = many(name, count, from, 3);
    records
        .iter_mut()
        .for_each(|record| record.currency = currency.into());
    let instant = (rig.now().seconds() as u32 + 60).to_le_bytes().to_vec();
    let times = (0..count as u16).map(|place| (place, FromTime, instant.clone()));
    (records, times.collect())
}

/// Conditional payments in USD that the creditor approves.
fn conditionals(rig: &Rig, count: usize) -> (Vec<Instruction>, Vec<Extended>) {
    let mut records = many("conditional", count, 3, 4);
    for record in &mut records {
        record.kind = Kind::Conditional as u8;
        record.currency = USD.into();
        record.expires_at = (rig.now().seconds() as u32 + 900).into();
    }
    let approver = 4_u32.to_le_bytes().to_vec();
    let approvers = (0..count as u16).map(|place| (place, Approver, approver.clone()));
    (records, approvers.collect())
}

/// A batch of conditional payments, as many as fit: how many were set aside tells what steps the entry had left.
fn set_aside_all_it_can(rig: &mut Rig) -> usize {
    let (records, approvers) = conditionals(rig, FULL);
    pay_with(rig, 3, &records, &approvers);
    let set_aside = count(rig, Status::SetAside);
    assert_eq!(set_aside + count(rig, Status::EntryFull), FULL);
    set_aside
}

fn about(label: &str, kind: Kind, original: &Instruction) -> Instruction {
    Instruction {
        kind: kind as u8,
        related: original.instruction_id,
        instruction_id: payment(label, 3, 4, 1).instruction_id,
        uetr: original.uetr,
        ..payment(
            label,
            original.debtor.get(),
            original.creditor.get(),
            original.amount.get(),
        )
    }
}

#[test]
fn an_entry_without_room_for_more_effects_takes_nothing_that_causes_one() {
    let mut rig = rig();
    fund(&mut rig, 3, USD, 50_000);
    fund(&mut rig, 3, EUR, 1);
    let (settled, waits) = (payment("settled", 3, 4, 1), payment("waits", 3, 4, 1));
    pay(&mut rig, 3, &[settled, waits]);
    let back = payment("back", 4, 3, 1);
    let ask = about("ask", Kind::Cancel, &back);
    pay(&mut rig, 4, &[back, ask]);
    assert_eq!(count(&rig, Status::CancellationPending), 1);
    let (mut records, approvers) = conditionals(&rig, 8_131);
    let aside = records[0];
    let mut give_up = about("give up", Kind::Release, &aside);
    (give_up.currency, give_up.amount, give_up.flags) = (USD.into(), 0.into(), flags::DECLINE.into());
    let mut never = about("never", Kind::Cancel, &waits);
    never.related = [3; 16];
    records.extend([
        about("question", Kind::Cancel, &settled),
        about("take back", Kind::Cancel, &waits),
        about("answer", Kind::Resolve, &ask),
        never,
        give_up,
        payment("more", 3, 4, 1),
    ]);
    pay_with(&mut rig, 3, &records, &approvers);
    assert_eq!(count(&rig, Status::SetAside), 8_129);
    assert_eq!(count(&rig, Status::EntryFull), 2 + 3);
    // What is judged before is told as ever, and what may wait causes nothing.
    assert_eq!(count(&rig, Status::OriginalUnknown), 1);
    assert_eq!(count(&rig, Status::NotAuthorised), 1);
    assert_eq!(count(&rig, Status::Queued) + count(&rig, Status::Settled), 1);
    agree(&mut rig);
}

#[test]
fn a_participant_asks_no_more_questions_than_it_may() {
    let mut rig = rig();
    fund(&mut rig, 3, EUR, 5_000);
    let paid = many("paid", 4_098, 3, 4);
    pay(&mut rig, 3, &paid);
    let ask = |paid: &Instruction| {
        let label: String = paid
            .instruction_id
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        about(&label, Kind::Cancel, paid)
    };
    let asked: Vec<_> = paid.iter().map(ask).collect();
    for part in asked[..4_096].chunks(256) {
        pay(&mut rig, 3, part);
        assert_eq!(count(&rig, Status::CancellationPending), 256);
    }
    pay(&mut rig, 3, &asked[4_096..4_097]);
    assert_eq!(count(&rig, Status::QueueFull), 1);
    pay(&mut rig, 4, &[about("answer", Kind::Resolve, &asked[7])]);
    assert_eq!(count(&rig, Status::Executed), 1);
    pay(&mut rig, 3, &asked[4_097..]);
    assert_eq!(count(&rig, Status::CancellationPending), 1);
    agree(&mut rig);
}

#[test]
fn each_record_of_a_chain_counts_where_many_are_due_at_once() {
    let mut rig = rig();
    // What is held does not end because its turn comes.
    hold(&mut rig, 3, true);
    let mut records = many("link", 2_400, 3, 4);
    let end = rig.now().seconds() as u32 + 60;
    for (place, record) in records.iter_mut().enumerate() {
        record.expires_at = end.into();
        if place % 15 != 14 {
            record.flags = flags::LINKED.into();
        }
    }
    pay(&mut rig, 3, &records);
    assert_eq!(rig.auditor.waiting(), 2_400);
    rig.wait(60 * 1_000_000_000);
    // 69 chains of 15: the last goes beyond the 1,024 things.
    for left in [2_400 - 1_035, 2_400 - 2 * 1_035, 0] {
        rig.tick().expect("the auditor agrees");
        assert_eq!(rig.auditor.waiting(), left);
    }
    agree(&mut rig);
}

fn day(rig: &mut Rig, phase: Phase) {
    let date = rig.now().days() as u16;
    let action = Action::SetDay {
        currency: EUR,
        phase,
        date,
    };
    decide(rig, OPERATOR, &format!("{phase:?}"), action);
}

#[test]
fn a_close_that_takes_two_entries_leaves_the_second_the_steps_that_it_did_not_take() {
    let mut rig = rig();
    day(&mut rig, Phase::Open);
    fund(&mut rig, 3, USD, 50_000);
    pay(&mut rig, 3, &many("a", 8_000, 3, 4));
    pay(&mut rig, 3, &many("b", STEPS - 8_000, 3, 4));
    for (name, who, currency, count) in [("c", 5, USD, 3), ("d", 6, EUR, 2), ("e", 5, USD, 1)] {
        let (records, times) = early(&rig, name, who, currency, count);
        pay_with(&mut rig, who, &records, &times);
        assert_eq!(self::count(&rig, Status::Warehoused), count);
    }
    day(&mut rig, Phase::Closed);
    assert_eq!(rig.auditor.waiting(), 6);
    // The accounts of all currencies twice, and all that waits outside a queue; two of those end.
    let (accounts, outside) = (5 + 4 + 4, 6);
    let set_aside = set_aside_all_it_can(&mut rig);
    assert_eq!(set_aside, 8_129 + 2 * accounts + outside - 2);
    assert_eq!(rig.auditor.waiting(), 4);
    agree(&mut rig);
}

fn hold(rig: &mut Rig, participant: u32, held: bool) {
    let action = Action::HoldParticipant {
        participant: ParticipantId(participant),
        held,
        reference: "CASE".into(),
    };
    decide(rig, OPERATOR, &format!("hold {participant} {held}"), action);
}

#[test]
fn the_end_of_a_hold_that_takes_two_entries_looks_at_all_that_waits_outside_a_queue() {
    let mut rig = rig();
    fund(&mut rig, 3, USD, 50_000);
    fund(&mut rig, 3, EUR, 50_000);
    hold(&mut rig, 4, true);
    let (records, times) = early(&rig, "c", 5, USD, 3);
    pay_with(&mut rig, 5, &records, &times);
    pay(&mut rig, 3, &many("a", 8_000, 3, 4));
    pay(&mut rig, 3, &many("b", 200, 3, 4));
    assert_eq!(count(&rig, Status::Pending), 200);
    let (records, times) = early(&rig, "d", 5, USD, 4);
    pay_with(&mut rig, 5, &records, &times);
    hold(&mut rig, 4, false);
    assert_eq!(rig.auditor.waiting() as usize, 3 + 8_200 + 4 - (STEPS - 3));
    // Eleven settle, and four are looked at.
    assert_eq!(set_aside_all_it_can(&mut rig), 8_129 + 4);
    assert_eq!(rig.auditor.waiting(), 7);
    agree(&mut rig);
}
