//! Mistakes that settlement systems made, each kept from coming back here.
use causeway_ledger::limits::{DUE_PER_ENTRY, RELEASES_PER_ENTRY};
use causeway_message::action::{Action, Phase};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::limits::DEFERRED_EFFECTS_MAX;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, Uetr};

use crate::support::{Head, World, check, check_cut, id_of, opened};

const OPERATOR: ParticipantId = ParticipantId(0);
const A: ParticipantId = ParticipantId(3);
const B: ParticipantId = ParticipantId(4);
const EUR: u16 = 978;

/// A position was counted once when the payment was queued and once more when it settled: it doubled.
#[test]
fn a_position_moves_once_whichever_way_a_payment_settles() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        pay A B EUR 10 show -> settled left 90
        reserve A EUR 90 urgent -> executed
        pay A B EUR 10 id q -> queued 1
        pay A B EUR 10 id w from 60s -> warehoused
        pay A B EUR 10 id p high -> queued 2
        hold A p ; effects p pending
        balance A EUR 90 queued 1 value 10
        reserve A EUR 0 urgent -> executed ; effects q settled
        unhold A p ; effects p settled
        tick 60s ; effects w settled
        conditional A B EUR 10 id c partial approver B expires 90s -> set_aside ; effects c set_aside
        release A B EUR 5 of c by B -> executed ; effects c set_aside
        release A B EUR 5 of c by B -> executed ; effects c settled
        balance A EUR 50
        balance B EUR 50
        ",
    );
}

/// Debits in flight were not seen by the next check of funds, and money that was promised was spent again.
#[test]
fn money_set_aside_and_money_being_defunded_is_not_spent() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        defund A EUR 30 id D
        conditional A B EUR 30 id c approver B expires 60s -> set_aside ; effects c set_aside
        balance A EUR 100 reserved 60
        pay A B EUR 41 urgent sor -> insufficient_liquidity
        conditional A B EUR 41 sor approver B expires 60s -> insufficient_liquidity
        batch A {
          pay A B EUR 20 linked sor -> chain_failed
          pay A B EUR 21 sor -> insufficient_liquidity
        }
        pay A B EUR 41 id 1 -> queued 1
        defund A EUR 41 -> defund_uncovered
        pay A B EUR 40 urgent -> settled
        release A B EUR 30 of c by B -> executed ; effects c settled
        confirm D
        balance A EUR 0 queued 1
        ",
    );
}

/// What waited was in no figure that a treasurer saw: the account looked richer than it was.
#[test]
fn what_is_queued_shows_in_the_balances() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 20 id 2 urgent -> queued 2
        conditional A B EUR 30 id c high approver B expires 60s -> queued 3
        pay A B EUR 40 id w from 60s -> warehoused
        balance A EUR 5 queued 3 value 60
        amend A EUR of 2 back -> executed
        balance A EUR 5 queued 3 value 60
        hold A 1 ; effects 1 pending
        balance A EUR 5 queued 2 value 50
        cancel A B EUR 20 of 2 -> executed ; effects 2 cancelled
        balance A EUR 5 queued 1 value 30
        ",
    );
}

/// One side of an escrow heard that it was over, the others never did and went on shipping goods.
#[test]
fn all_parties_of_a_conditional_payment_are_told_of_each_end() {
    check(
        "
        ledger rules 2
        open A B X EUR
        day EUR open 0d
        fund A EUR 100
        conditional A B EUR 10 id 1 approver X expires 60s -> set_aside ; effects 1 set_aside@B,X
        conditional A B EUR 10 id 2 approver X expires 90s -> set_aside ; effects 2 set_aside@B,X
        conditional A B EUR 10 id 3 approver X expires 90s -> set_aside ; effects 3 set_aside@B,X
        conditional A B EUR 10 id 4 approver X expires 2d partial -> set_aside ; effects 4 set_aside@B,X
        tick 60s ; effects 1 expired=0@A,B,X
        release A B EUR 10 of 2 by X -> executed ; effects 2 settled=10@A,B,X
        release A B EUR 0 of 3 by B decline -> executed ; effects 3 given_back=0@A,B,X
        release A B EUR 4 of 4 by X -> executed ; effects 4 set_aside=4@A,B,X
        day EUR closed 0d
        tick 2d ; effects 4 expired=0@A,B,X
        ",
    );
}

fn payments(name: &str, debtor: ParticipantId, creditor: ParticipantId, count: usize) -> Vec<Instruction> {
    let one = |i| {
        let id = id_of(&format!("{name} {i}"));
        Instruction::payment(id, Uetr(id.0), debtor, creditor, EUR, 1)
    };
    (0..count).map(one).collect()
}

/// Statuses of a batch that is sent in parts.
fn send(world: &mut World, all: &[Instruction], extensions: &[u8]) -> Vec<Status> {
    let debtor = ParticipantId(all[0].debtor.get());
    let mut told = Vec::new();
    for part in all.chunks(8_190) {
        let outcome = world.instruct(Head::of(debtor, 1), part, extensions);
        told.extend(outcome.answers.iter().filter_map(|answer| answer.status()));
    }
    told
}

/// A business day did not end: all that waited was to be rejected in one transaction, which ran out of its time.
#[test]
fn a_close_with_many_that_wait_takes_several_entries_and_says_that_it_is_not_done() {
    const WAITING: usize = 20_000;
    let mut world = opened("ledger rules 2 ids 40000 queue 40000\nopen A B EUR\nday EUR open 0d");
    let told = send(&mut world, &payments("p", A, B, WAITING), &[]);
    assert!(told.iter().all(|status| *status == Status::Queued));
    let day = |phase, days: u64| Action::SetDay {
        currency: EUR,
        phase,
        date: (World::start().days() + days) as u16,
    };
    let closed = day(Phase::Closed, 0);
    let digest = proposal_digest(world.ledger.id(), OPERATOR, id_of("close"), &closed);
    world.control(
        Head::of(OPERATOR, 1),
        &[(id_of("close"), Control::Propose(closed))],
    );
    let mut ended = Vec::new();
    let mut ticks = 0;
    world.control(
        Head::of(OPERATOR, 2),
        &[(id_of("approve"), Control::Approve(digest))],
    );
    let cut = world.log.len() - 1;
    while world.ledger.next_due() == Some(world.now()) {
        // Nothing settles in between, and the next day does not begin.
        let next = [(
            id_of(&format!("open {ticks}")),
            Control::Propose(day(Phase::Open, 1)),
        )];
        let effects = &world.last().outcome.deferred;
        assert!(effects.len() <= RELEASES_PER_ENTRY);
        ended.extend(effects.iter().map(|d| (d.entry, d.ordinal, d.status)));
        let told = world.control(Head::of(OPERATOR, 1), &next).answers[0].status();
        let left = world.ledger.next_due() == Some(world.now());
        assert_eq!(
            told == Some(Status::DayInvalid),
            left,
            "what is left is due at once"
        );
        ticks += 1;
    }
    ended.extend(
        world
            .last()
            .outcome
            .deferred
            .iter()
            .map(|d| (d.entry, d.ordinal, d.status)),
    );
    assert_eq!(ticks, WAITING / RELEASES_PER_ENTRY, "entries that it took");
    assert_eq!(ended.len(), WAITING);
    assert!(
        ended
            .iter()
            .all(|(_, _, status)| *status == Status::RejectedClose)
    );
    assert!(ended.is_sorted(), "in order of place");
    assert_eq!(world.ledger.waiting(), 0);
    check_cut(&world, cut);
}

/// An entry caused more effects than its form has room for: each kind of work had a bound, and their sum none.
#[test]
fn an_entry_causes_no_more_effects_than_its_form_holds() {
    let mut world = opened(
        "ledger rules 2 ids 60000 queue 60000\nopen A B EUR\nfund A EUR 100000\npay A B EUR 1 -> settled",
    );
    let start = World::start().seconds() as u32;
    // These expire at the beginning of the entry, those are released by its first record.
    let mut over = payments("over", B, A, DUE_PER_ENTRY);
    over.iter_mut()
        .for_each(|record| record.expires_at = (start + 60).into());
    over[0].amount = 50_000.into();
    send(&mut world, &over, &[]);
    send(&mut world, &payments("freed", B, A, RELEASES_PER_ENTRY), &[]);
    let mut all = payments("c", A, B, 8_190);
    all[0].amount = 20_000.into();
    let mut extensions = Vec::new();
    for (place, record) in all.iter_mut().enumerate().skip(1) {
        record.kind = Kind::Conditional as u8;
        record.expires_at = (start + 90).into();
        let approver = B.0.to_le_bytes();
        extension::put(&mut extensions, place as u16, ExtensionType::Approver, &approver);
    }
    world.at(Timestamp::from_seconds(start + 60));
    let told = send(&mut world, &all, &extensions);
    let outcome = &world.last().outcome;
    assert!(
        outcome.deferred.len() <= DEFERRED_EFFECTS_MAX,
        "{}",
        outcome.deferred.len()
    );
    let count = |status| told.iter().filter(|told| **told == status).count();
    assert_eq!(count(Status::Settled), 1);
    assert!(count(Status::EntryFull) > 0);
    assert_eq!(count(Status::SetAside) + count(Status::EntryFull), 8_189);
}

/// With more due than one entry looks at, a release after the end paid, and a cancellation of what was over was granted.
#[test]
fn what_is_over_is_over_though_the_sweep_has_not_come_to_it() {
    let mut world = opened(
        "ledger rules 2 queue 5000\nopen A B EUR\nfund A EUR 10\n\
         conditional A B EUR 5 id c approver B expires 60s -> set_aside ; effects c set_aside\n\
         pay A B EUR 1 id s -> settled\n\
         cancel A B EUR 1 of s id q expires 60s -> cancellation_pending ; effects q cancellation_pending\n\
         hold_party A",
    );
    let start = World::start().seconds() as u32;
    let mut over = payments("over", A, B, 2 * DUE_PER_ENTRY + 5);
    over[0].amount = 50_000.into();
    over.iter_mut()
        .for_each(|record| record.expires_at = (start + 60).into());
    send(&mut world, &over, &[]);
    world.at(Timestamp::from_seconds(start + 60));
    let about = |name: &str, kind: Kind, of: &str, amount: u64| {
        let id = id_of(name);
        let mut record = Instruction::payment(id, Uetr(id.0), A, B, EUR, amount);
        record.kind = kind as u8;
        record.related = id_of(of).0;
        record
    };
    let both = [
        about("release", Kind::Release, "c", 5),
        about("resolve", Kind::Resolve, "q", 1),
    ];
    let told = world.instruct(Head::of(B, 1), &both, &[]).answers.clone();
    let told: Vec<_> = told.iter().filter_map(|answer| answer.status()).collect();
    assert_eq!(told, [Status::NotWaiting, Status::OriginalUnknown]);
    let last = about(
        "cancel",
        Kind::Cancel,
        &format!("over {}", 2 * DUE_PER_ENTRY + 4),
        1,
    );
    let told = world.instruct(Head::of(A, 1), &[last], &[]).answers[0].status();
    assert_eq!(told, Some(Status::NotWaiting));
    assert_eq!(world.ledger.waiting(), 5);
    world.tick();
    assert_eq!(world.ledger.waiting(), 0);
    let ends = world.last().outcome.deferred.iter().map(|d| d.status);
    assert!(ends.into_iter().all(|status| status == Status::Expired));
}
