//! Bounds of the work in one entry and of the state: what is left goes on, what does not fit is refused.
use causeway_ledger::limits::{
    DUE_PER_ENTRY, PROPOSALS_PER_PARTICIPANT, RELEASES_PER_ENTRY, SESSIONS_PER_PARTICIPANT,
};
use causeway_message::action::{AccountGrant, Action, KeyGrant, right};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::limits::{KEYS_PER_PARTICIPANT_MAX, PROPOSAL_SECONDS};
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{KeyId, ParticipantId, Status, Uetr};

use crate::support::{Head, World, check_cut, check_repeats, id_of, opened, signing_key};

const OPERATOR: ParticipantId = ParticipantId(0);
const AGENT: ParticipantId = ParticipantId(1);
const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);
const EUR: u16 = 978;

fn payments(name: &str, debtor: ParticipantId, creditor: ParticipantId, count: usize) -> Vec<Instruction> {
    let one = |i| {
        let id = id_of(&format!("{name} {i}"));
        Instruction::payment(id, Uetr(id.0), debtor, creditor, EUR, 1)
    };
    (0..count).map(one).collect()
}

fn statuses(world: &World) -> Vec<Status> {
    world
        .last()
        .outcome
        .answers
        .iter()
        .map(|a| a.status().expect("a status"))
        .collect()
}

/// Proposes and approves; the answer to the approval.
fn four_eyes(world: &mut World, who: ParticipantId, name: &str, action: &Action) -> Status {
    let digest = proposal_digest(world.ledger.id(), who, id_of(name), action);
    world.control(
        Head::of(who, 1),
        &[(id_of(name), Control::Propose(action.clone()))],
    );
    if statuses(world) != [Status::Proposed] {
        return statuses(world)[0];
    }
    world.control(
        Head::of(who, 2),
        &[(id_of(&format!("approve {name}")), Control::Approve(digest))],
    );
    statuses(world)[0]
}

fn ids(world: &World) -> Vec<String> {
    world
        .last()
        .outcome
        .deferred
        .iter()
        .map(|d| format!("{} {}", d.record.id(), d.status.name()))
        .collect()
}

#[test]
fn a_cascade_longer_than_an_entry_goes_on_with_the_next() {
    let mut world = opened("ledger ids 30000 queue 30000\nopen A B EUR");
    let all = payments("p", A, B, RELEASES_PER_ENTRY + 100);
    for part in all.chunks(5_000) {
        world.instruct(Head::of(A, 1), part, &[]);
        assert!(statuses(&world).iter().all(|status| *status == Status::Queued));
    }
    let fund = Action::Fund {
        participant: A,
        currency: EUR,
        amount: all.len() as u64 + 4,
        reference: "R".into(),
    };
    assert_eq!(four_eyes(&mut world, AGENT, "fund", &fund), Status::Executed);
    let first = ids(&world);
    assert_eq!(first.len(), RELEASES_PER_ENTRY);
    assert_eq!(world.ledger.waiting(), 100);
    assert_eq!(
        world.ledger.next_due(),
        Some(world.now()),
        "work that was left is due at once"
    );
    let cut = world.log.len() - 1;
    // What the budget left moves before what comes now.
    world.instruct(Head::of(A, 1), &payments("late", A, B, 3), &[]);
    assert_eq!(statuses(&world), [Status::Settled; 3]);
    let told = [first, ids(&world)].concat();
    let expected = all
        .iter()
        .map(|r| format!("{} settled", r.id()))
        .collect::<Vec<_>>();
    assert_eq!(told, expected);
    assert_eq!(world.ledger.waiting(), 0);
    assert_eq!(world.ledger.next_due(), None);
    let line = &world.ledger.balances(A, EUR).lines[0];
    assert_eq!((line.balance, line.queued), (1, 0));
    world.tick();
    check_cut(&world, cut);
}

#[test]
fn more_payments_than_one_sweep_expires_are_judged_by_time_and_not_by_the_sweep() {
    let mut world = opened("ledger queue 2000\nopen A B EUR\ncap B EUR 9");
    let seconds = World::start().seconds() as u32;
    let mut all = payments("p", A, B, DUE_PER_ENTRY + 40);
    for record in &mut all {
        record.amount = 10.into();
        record.expires_at = (seconds + 60).into();
    }
    world.instruct(Head::of(A, 1), &all[..500], &[]);
    world.instruct(Head::of(A, 1), &all[500..], &[]);
    world.instruct(Head::of(A, 1), &payments("last", A, B, 1), &[]);
    world.at(Timestamp::from_seconds(seconds + 60));
    // Money for the head comes in the very entry; it settles nothing whose time is over.
    let mut credit = payments("credit", B, A, 1);
    credit[0].amount = 9.into();
    world.instruct(Head::of(B, 1), &credit, &[]);
    assert_eq!(statuses(&world), [Status::Settled]);
    let expected: Vec<String> = all
        .iter()
        .map(|r| format!("{} expired", r.id()))
        .chain([format!("{} settled", id_of("last 0"))])
        .collect();
    assert_eq!(ids(&world), expected);
    assert_eq!(world.ledger.waiting(), 0);
    check_repeats(&world);
}

#[test]
fn a_proposal_behind_a_long_sweep_is_over_all_the_same() {
    let mut world = opened("ledger queue 2000\nopen A B EUR");
    let cap = Action::SetCap {
        participant: A,
        account: AccountGrant {
            currency: EUR,
            cap: 5,
        },
    };
    let digest = proposal_digest(world.ledger.id(), OPERATOR, id_of("p"), &cap);
    let start = World::start().seconds() as u32;
    world.at(Timestamp::from_seconds(start + 1));
    world.control(Head::of(OPERATOR, 1), &[(id_of("p"), Control::Propose(cap))]);
    let mut all = payments("p", A, B, DUE_PER_ENTRY);
    all.iter_mut()
        .for_each(|record| record.expires_at = (start + 60).into());
    world.instruct(Head::of(A, 1), &all, &[]);
    world.at(Timestamp::from_seconds(start + 1 + PROPOSAL_SECONDS as u32));
    world.control(Head::of(OPERATOR, 2), &[(id_of("a"), Control::Approve(digest))]);
    assert_eq!(statuses(&world), [Status::ProposalUnknown]);
    assert_eq!(world.last().outcome.deferred.len(), DUE_PER_ENTRY);
    assert!(
        world.last().outcome.notices.is_empty(),
        "its turn in the sweep comes with the next entry"
    );
    world.tick();
    assert_eq!(world.last().outcome.notices.len(), 1);
    check_repeats(&world);
}

#[test]
fn proposals_that_wait_are_bounded_for_each_participant() {
    let mut world = opened("open A B EUR");
    let cap = |n| Action::SetCap {
        participant: A,
        account: AccountGrant {
            currency: EUR,
            cap: n,
        },
    };
    let names: Vec<_> = (0..PROPOSALS_PER_PARTICIPANT as u64 + 1)
        .map(|n| (id_of(&format!("p{n}")), cap(n)))
        .collect();
    for part in names[..PROPOSALS_PER_PARTICIPANT].chunks(64) {
        let records: Vec<_> = part
            .iter()
            .map(|(id, action)| (*id, Control::Propose(action.clone())))
            .collect();
        world.control(Head::of(OPERATOR, 1), &records);
        assert!(statuses(&world).iter().all(|status| *status == Status::Proposed));
    }
    let (id, action) = names[PROPOSALS_PER_PARTICIPANT].clone();
    world.control(Head::of(OPERATOR, 1), &[(id, Control::Propose(action))]);
    assert_eq!(statuses(&world), [Status::TooManyProposals]);
    // The rule stands before those of the action itself.
    let nobody = Action::SetCap {
        participant: ParticipantId(99),
        account: AccountGrant {
            currency: EUR,
            cap: 1,
        },
    };
    world.control(Head::of(OPERATOR, 1), &[(id_of("n"), Control::Propose(nobody))]);
    assert_eq!(statuses(&world), [Status::TooManyProposals]);
    let twice = Action::RegisterParticipant(crate::support::member("A", 9, 1));
    world.control(Head::of(OPERATOR, 1), &[(id_of("t"), Control::Propose(twice))]);
    assert_eq!(statuses(&world), [Status::TooManyProposals]);
    // Another participant has room of its own, and one that ends makes room.
    let own = Action::RevokeKey {
        participant: A,
        key: KeyId(4),
    };
    assert_eq!(four_eyes(&mut world, A, "own", &own), Status::Executed);
    let digest = proposal_digest(world.ledger.id(), OPERATOR, names[0].0, &names[0].1);
    world.control(Head::of(OPERATOR, 1), &[(id_of("w"), Control::Withdraw(digest))]);
    assert_eq!(four_eyes(&mut world, OPERATOR, "room", &cap(1)), Status::Executed);
    check_repeats(&world);
}

#[test]
fn keys_of_a_participant_are_bounded_and_revoked_ones_count() {
    let mut world = opened("open A B EUR\nrevoke A.4");
    let grant = |key| KeyGrant {
        key: KeyId(key),
        person: key,
        rights: right::INSTRUCT,
        public: signing_key(A, key).public(),
    };
    let before = 5;
    for key in before + 1..=KEYS_PER_PARTICIPANT_MAX as u32 {
        let add = Action::AddKey {
            participant: A,
            grant: grant(key),
        };
        assert_eq!(
            four_eyes(&mut world, A, &format!("key {key}"), &add),
            Status::Executed
        );
    }
    let add = Action::AddKey {
        participant: A,
        grant: grant(65),
    };
    assert_eq!(four_eyes(&mut world, A, "key 65", &add), Status::KeyInvalid);
    check_cut(&world, 20);
}

#[test]
fn a_bank_with_too_many_sessions_opens_no_other() {
    let mut world = opened("ledger queue 2000\nopen A B EUR");
    for session in 1..=SESSIONS_PER_PARTICIPANT as u64 {
        let head = Head {
            session,
            ..Head::of(A, 1)
        };
        world.instruct(head, &payments(&format!("s{session}"), A, B, 1), &[]);
        assert_eq!(statuses(&world), [Status::Queued]);
    }
    let head = Head {
        session: 5_000,
        ..Head::of(A, 1)
    };
    world.instruct(head, &payments("more", A, B, 1), &[]);
    assert_eq!(statuses(&world), [Status::SessionDisorder]);
    world.instruct(Head { session: 7, ..head }, &payments("known", A, B, 1), &[]);
    assert_eq!(statuses(&world), [Status::Queued]);
    check_cut(&world, SESSIONS_PER_PARTICIPANT);
}
