//! What became of a proposal is told to who decides too late, under version 4 of the rules.
use causeway_ledger::Ledger;
use causeway_ledger::limits::{DUE_PER_ENTRY, ENDED_PER_PARTICIPANT, ENDED_SECONDS};
use causeway_message::action::{AccountGrant, Action};
use causeway_message::codec::Reader;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::limits::PROPOSAL_SECONDS;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{Digest, ParticipantId, Status, Uetr};

use crate::support::{Head, World, check, check_cut, id_of, opened};

const OPERATOR: ParticipantId = ParticipantId(0);
const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);
const EUR: u16 = 978;

#[test]
fn who_approves_twice_is_told_that_it_was_approved() {
    check(
        "
        ledger rules 4
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        approve P by AG.2 -> executed ; tells A 10
        approve P by AG.2 -> proposal_approved
        approve P by AG.1 -> proposal_approved
        withdraw P by AG.1 -> proposal_approved
        propose P fund A EUR 10 ref R by AG.1 -> executed replayed
        balance A EUR 10
        ",
    );
}

#[test]
fn who_approves_what_was_withdrawn_is_told_so() {
    check(
        "
        ledger rules 4
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        withdraw P by AG.1 -> executed
        approve P by AG.2 -> proposal_withdrawn
        withdraw P by AG.2 -> proposal_withdrawn
        propose P fund A EUR 10 ref R by AG.1 -> proposal_withdrawn replayed
        balance A EUR 0
        ",
    );
}

#[test]
fn an_approval_at_the_instant_of_expiry_or_later_is_told_that_it_expired() {
    check(
        "
        ledger rules 4
        open A B EUR
        at 60s
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        at 61s
        propose Q fund A EUR 10 ref R by AG.1 -> proposed
        at 60s+24h
        approve P by AG.2 -> proposal_expired ; notices P proposal_expired
        at 61s+24h-1ns
        approve Q by AG.2 -> executed
        approve P by AG.1 -> proposal_expired
        withdraw P by AG.1 -> proposal_expired
        ",
    );
}

#[test]
fn what_was_refused_when_it_was_approved_is_answered_alike_again() {
    check(
        "
        ledger rules 4
        open A B EUR
        propose P1 fund A EUR 10 ref R by AG.1 -> proposed
        propose P2 fund A EUR 10 ref R by AG.1 -> proposed
        approve P2 by AG.2 -> executed
        approve P1 by AG.2 -> reference_used
        approve P1 by AG.1 -> reference_used
        withdraw P1 by AG.1 -> reference_used
        balance A EUR 10
        ",
    );
}

#[test]
fn others_are_told_nothing_of_it() {
    check(
        "
        ledger rules 4
        open A B EUR
        propose P fund A EUR 10 by AG.1 -> proposed
        approve P by AG2.2 -> proposal_unknown
        approve P by AG.2 -> executed
        approve P by AG2.2 -> proposal_unknown
        withdraw P by OP.2 -> proposal_unknown
        approve NEVER by AG.2 -> proposal_unknown
        ",
    );
}

#[test]
fn it_is_forgotten_after_seven_days_and_by_an_entry() {
    check(
        "
        ledger rules 4
        open A B EUR
        at 60s
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        at 70s
        approve P by AG.2 -> executed
        due 70s+168h
        at 70s+168h-1ns
        approve P by AG.2 -> proposal_approved
        at 70s+168h
        approve P by AG.2 -> proposal_unknown
        due none
        ",
    );
}

#[test]
fn what_ended_before_version_4_is_not_known() {
    check(
        "
        ledger rules 3
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        propose Q fund A EUR 11 ref S by AG.1 -> proposed
        approve P by AG.2 -> executed
        approve P by AG.2 -> proposal_unknown
        rules 4
        approve P by AG.2 -> proposal_unknown
        approve Q by AG.2 -> executed
        approve Q by AG.2 -> proposal_approved
        ",
    );
}

fn cap(n: u64) -> Action {
    Action::SetCap {
        participant: A,
        account: AccountGrant {
            currency: EUR,
            cap: n,
        },
    }
}

fn answers(world: &World) -> Vec<Status> {
    let answers = world.last().outcome.answers.iter();
    answers.map(|answer| answer.status().expect("a status")).collect()
}

fn digest_of(world: &World, n: u64) -> Digest {
    proposal_digest(world.ledger.id(), OPERATOR, id_of(&format!("p{n}")), &cap(n))
}

fn approve(world: &mut World, label: &str, digests: &[Digest]) -> Vec<Status> {
    let records: Vec<_> = digests
        .iter()
        .enumerate()
        .map(|(n, digest)| (id_of(&format!("{label} {n}")), Control::Approve(*digest)))
        .collect();
    world.control(Head::of(OPERATOR, 2), &records);
    answers(world)
}

/// Proposes and withdraws so many, 64 in an entry.
fn withdrawn(world: &mut World, numbers: std::ops::Range<u64>) {
    let all: Vec<u64> = numbers.collect();
    for part in all.chunks(64) {
        let made = part
            .iter()
            .map(|n| (id_of(&format!("p{n}")), Control::Propose(cap(*n))));
        world.control(Head::of(OPERATOR, 1), &made.collect::<Vec<_>>());
        let ended = part
            .iter()
            // The last proposed ends first: of one entry, age is told by the proposals.
            .rev()
            .map(|n| (id_of(&format!("w{n}")), Control::Withdraw(digest_of(world, *n))));
        let ended: Vec<_> = ended.collect();
        world.control(Head::of(OPERATOR, 1), &ended);
        assert!(answers(world).iter().all(|status| *status == Status::Executed));
    }
}

#[test]
fn of_one_participant_so_many_are_remembered_and_the_oldest_go() {
    let mut world = opened("ledger rules 4\nopen A B EUR");
    let most = ENDED_PER_PARTICIPANT as u64;
    withdrawn(&mut world, 0..most);
    let first = [0, 1, most - 1].map(|n| digest_of(&world, n));
    assert_eq!(approve(&mut world, "a", &first), [Status::ProposalWithdrawn; 3]);
    withdrawn(&mut world, most..most + 1);
    let told = approve(&mut world, "b", &first);
    use Status::{ProposalUnknown, ProposalWithdrawn};
    assert_eq!(told, [ProposalUnknown, ProposalWithdrawn, ProposalWithdrawn]);
    // What was forgotten early is due no more.
    let kept = world.log[4].time;
    assert!(world.ledger.next_due().expect("one is due") > kept);
    check_cut(&world, 20);
    check_cut(&world, world.log.len() - 2);
}

#[test]
fn its_time_is_over_though_no_entry_has_forgotten_it() {
    let mut world = opened("ledger queue 2000 rules 4\nopen A B EUR");
    let start = World::start().seconds() as u32;
    world.at(Timestamp::from_seconds(start + 1));
    world.control(Head::of(OPERATOR, 1), &[(id_of("p1"), Control::Propose(cap(1)))]);
    let digest = digest_of(&world, 1);
    world.at(Timestamp::from_seconds(start + 2));
    assert_eq!(approve(&mut world, "a", &[digest]), [Status::Executed]);
    let over = start + 2 + ENDED_SECONDS as u32;
    let one = |i: usize| {
        let id = id_of(&format!("pay {i}"));
        let mut record = Instruction::payment(id, Uetr(id.0), B, A, EUR, 1);
        record.expires_at = over.into();
        record
    };
    let all: Vec<_> = (0..DUE_PER_ENTRY).map(one).collect();
    world.instruct(Head::of(B, 1), &all, &[]);
    world.at(Timestamp::from_seconds(over));
    assert_eq!(approve(&mut world, "b", &[digest]), [Status::ProposalUnknown]);
    assert_eq!(world.last().outcome.deferred.len(), DUE_PER_ENTRY);
    assert_eq!(world.ledger.next_due(), Some(Timestamp::from_seconds(over)));
    world.tick();
    assert_eq!(world.ledger.next_due(), None);
    check_cut(&world, world.log.len() - 2);
}

#[test]
fn a_proposal_behind_a_long_sweep_has_expired_all_the_same() {
    let mut world = opened("ledger queue 2000 rules 4\nopen A B EUR");
    let start = World::start().seconds() as u32;
    world.at(Timestamp::from_seconds(start + 1));
    world.control(Head::of(OPERATOR, 1), &[(id_of("p1"), Control::Propose(cap(1)))]);
    let over = start + 1 + PROPOSAL_SECONDS as u32;
    let one = |i: usize| {
        let id = id_of(&format!("pay {i}"));
        let mut record = Instruction::payment(id, Uetr(id.0), B, A, EUR, 1);
        record.expires_at = over.into();
        record
    };
    world.instruct(
        Head::of(B, 1),
        &(0..DUE_PER_ENTRY).map(one).collect::<Vec<_>>(),
        &[],
    );
    world.at(Timestamp::from_seconds(over));
    let digest = digest_of(&world, 1);
    assert_eq!(approve(&mut world, "a", &[digest]), [Status::ProposalExpired]);
    assert!(
        world.last().outcome.notices.is_empty(),
        "its turn comes with the next entry"
    );
    world.tick();
    assert_eq!(world.last().outcome.notices.len(), 1);
    assert_eq!(approve(&mut world, "b", &[digest]), [Status::ProposalExpired]);
    check_cut(&world, world.log.len() - 2);
}

#[test]
fn a_snapshot_with_what_cannot_be_is_refused() {
    let world = opened(
        "
        ledger rules 4
        open A B EUR
        propose P fund A EUR 10 ref R by AG.1 -> proposed
        withdraw P by AG.1 -> executed
        ",
    );
    let whole = &world.last().snapshot;
    // Of one: digest, proposer, entry, place, time, status; behind them stand four counts.
    let at = whole.len() - 16 - 55;
    let restore = |bytes: &[u8]| Ledger::restore(&world.genesis, 0, &mut Reader::new(bytes)).map(drop);
    assert!(restore(whole).is_ok());
    let spoilt = [
        (32, "ended.proposer: is unknown"),
        (43, "ended.at: lies ahead"),
        (53, "ended.at: lies ahead"),
        (54, "ended.status: is no final status"),
    ];
    for (byte, why) in spoilt {
        let mut bytes = whole.clone();
        bytes[at + byte] = 0xff;
        let found = restore(&bytes).expect_err(why).to_string();
        assert!(found.contains(why), "{found}");
    }
}
