//! Value dates ahead (section 26.4).
use causeway_ledger::limits::RELEASES_PER_ENTRY;
use causeway_ledger::{Sight, Survey};
use causeway_message::answer::Answer;
use causeway_message::reason::Reason;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, Uetr};

use crate::support::{Head, World, check, check_cut, id_of, opened};

#[test]
fn what_is_dated_settles_when_its_day_opens_in_the_order_in_which_it_came() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s and 2d 100s 110s 120s 130s
        tick 10s
        pay A B EUR 6 value 1d id first -> warehoused
        pay A B EUR 9 value 2d id later -> warehoused
        pay A B EUR 5 value 1d id second -> warehoused
        pay A B EUR 3 value 1d id third high -> warehoused
        pay A B EUR 1 -> settled
        waiting 4
        due 20s
        tick 45s
        at 60s-1ns
        pay A B EUR 1 value 1d id last -> warehoused
        balance A EUR 9 queued 0
        at 60s
        tick 60s ; effects first settled=6@A,B second queued=0@A third settled=3@A,B last queued=0@A
        fund A EUR 5 ; effects second settled
        tick 95s ; effects last rejected_close
        tick 100s ; effects later queued
        ",
    );
}

#[test]
fn a_date_ahead_is_taken_in_every_phase_and_of_either_class() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        pay A B EUR 1 value 1d id w -> warehoused
        at 20s
        pay A B EUR 1 -> rejected_cut_off
        pay A B EUR 1 value 1d id x -> warehoused
        at 30s
        pay A B EUR 1 interbank -> rejected_cut_off
        pay A B EUR 1 value 1d id y -> warehoused
        at 50s
        pay A B EUR 1 interbank -> rejected_cut_off
        pay A B EUR 1 value 1d id z -> warehoused
        at 60s
        pay A B EUR 1 value 1d -> settled ; effects w settled x settled y settled z settled
        ",
    );
}

#[test]
fn a_date_without_a_day_is_closed_in_every_phase() {
    // The second date is a holiday.
    check(
        "
        ledger rules 4
        open A B EUR JPY
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s and 3d 100s 110s 120s 130s
        tick 10s
        pay A B EUR 1 value 2d -> value_date_closed
        pay A B EUR 1 value 4d -> value_date_closed
        pay A B EUR 1 value 3d -> warehoused
        pay A B EUR 1 value 3d sor -> value_date_closed
        conditional A B EUR 1 value 3d condition SECRET expires 125s -> value_date_closed
        pay A B JPY 1 value 3d -> value_date_closed
        tick 45s
        at 60s
        pay A B EUR 1 value 0d -> value_date_closed
        at 80s
        pay A B EUR 1 value 2d interbank -> value_date_closed
        pay A B EUR 1 value 0d interbank -> rejected_cut_off
        batch A {
            pay A B EUR 1 value 3d linked -> chain_invalid
            pay A B EUR 1 -> chain_failed
        }
        batch A {
            pay A B EUR 1 value 2d linked -> value_date_closed
            pay A B EUR 1 -> chain_failed
        }
        ",
    );
}

#[test]
fn a_day_that_is_taken_away_ends_what_is_dated_for_it() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 1d 10s 20s 30s 40s and 2d 60s 70s 80s 90s and 3d 100s 110s 120s 130s
        pay A B EUR 1 value 2d id a -> warehoused
        pay A B EUR 1 value 3d id b -> warehoused
        pay A B EUR 1 value 2d id c -> warehoused
        pay A B EUR 1 value 2d id held -> warehoused
        hold A held ; effects held pending
        schedule EUR 2d 61s 70s 80s 90s
        waiting 4
        schedule EUR 2d none ; effects a value_date_closed=0@A c value_date_closed=0@A
        unhold A held ; effects held value_date_closed=0@A
        waiting 1
        schedule EUR 2d 61s 70s 80s 90s
        pay A B EUR 2 value 2d id d -> warehoused
        tick 45s
        tick 61s ; effects d settled
        tick 95s
        tick 100s ; effects b settled
        ",
    );
}

#[test]
fn a_day_that_was_missed_whole_ends_what_is_dated_for_it() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 1d 10s 20s 30s 40s and 2d 60s 70s 80s 90s and 3d 100s 110s 120s 130s
        pay A B EUR 1 value 3d id b -> warehoused
        pay A B EUR 1 value 2d id a -> warehoused
        pay A B EUR 1 value 2d id e expires 95s -> warehoused
        pay A B EUR 1 value 2d id held -> warehoused
        hold A held ; effects held pending
        tick 100s ; effects e expired a value_date_closed b settled
        unhold A held ; effects held value_date_closed
        waiting 0
        ",
    );
}

#[test]
fn a_close_leaves_what_is_dated_for_a_later_day() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        tick 10s
        pay A B EUR 1 value 1d id dated -> warehoused
        pay A B EUR 1 value 1d id held -> warehoused
        pay A B EUR 1 value 0d from 50s id late -> warehoused
        pay A B EUR 1 value 1d from 65s id both -> warehoused
        hold A held ; effects held pending
        tick 45s ; effects late rejected_close
        waiting 3
        unhold A held ; effects held warehoused
        tick 60s ; effects dated settled held settled
        due 65s
        tick 65s ; effects both settled
        ",
    );
}

#[test]
fn before_its_day_it_is_cancelled_expires_and_is_no_amendment_s() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        tick 10s
        pay A B EUR 1 value 1d id gone -> warehoused
        pay A B EUR 1 value 1d id short expires 59s -> warehoused
        pay A B EUR 1 value 1d id point expires 60s -> warehoused
        pay A B EUR 1 value 1d id told till 50s expires 61s -> warehoused
        pay A C EUR 1 value 1d id unpaid -> warehoused
        amend A EUR of gone priority 1 -> not_waiting
        cancel A B EUR 1 of gone -> executed ; effects gone cancelled
        suspend C
        tick 50s ; effects told warehoused
        tick 59s ; effects short expired
        tick 60s ; effects point expired told settled unpaid creditor_suspended
        ",
    );
}

#[test]
fn holds_of_parties_and_limits_are_judged_when_it_joins() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        tick 10s
        limit A B EUR 2 -> executed
        pay A B EUR 2 value 1d id b -> warehoused
        pay A B EUR 2 value 0d -> settled
        pay A B EUR 1 id over -> queued 1
        pay A C EUR 1 value 1d id c high -> warehoused
        hold_party C
        tick 45s ; effects over rejected_close
        tick 60s ; effects b settled c pending
        unhold_party C ; effects c settled
        ",
    );
}

#[test]
fn what_is_dated_takes_room_and_is_a_duplicate_from_its_arrival_on() {
    check(
        "
        ledger rules 4 queue 2
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        tick 10s
        pay A B EUR 1 value 1d uetr U -> warehoused
        pay A B EUR 1 value 1d uetr U -> duplicate_suspected
        pay A B EUR 1 value 1d uetr V -> warehoused
        pay A B EUR 1 value 1d uetr W -> queue_full
        pay A B EUR 1 uetr W -> settled
        ",
    );
}

#[test]
fn a_return_with_a_date_ahead_counts_against_its_original() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        tick 10s
        pay A B EUR 5 id p -> settled
        return B A EUR 4 of p value 1d id r -> warehoused
        return B A EUR 2 of p -> return_exceeds
        schedule EUR 1d none ; effects r value_date_closed
        return B A EUR 5 of p -> settled
        ",
    );
}

#[test]
fn an_fx_payment_waits_for_the_days_of_both_currencies() {
    check(
        "
        ledger rules 4
        open A B P EUR USD JPY
        fund A EUR 1000
        fund P USD 5000
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s and 2d 200s 210s 220s 230s
        schedule USD 0d 10s 20s 30s 40s and 1d 65s 70s 80s 90s
        exposure P EUR USD 100000
        tick 10s
        fx A B EUR 100 USD 90 value 1d id both -> warehoused
        fx A B EUR 100 USD 90 value 1d sor -> value_date_closed
        fx A B EUR 100 USD 90 value 2d -> value_date_closed
        fx A B EUR 100 JPY 90 value 1d -> value_date_closed
        tick 45s
        at 60s
        quote P EUR 100000 USD expires 150s tiers 100000:110:111 -> executed ; effects both awaiting_quote
        fx A B EUR 100 USD 90 value 1d id there -> awaiting_quote
        fx A B EUR 100 USD 90 value 1d sor -> value_date_closed
        tick 65s ; effects both settled=100/110 there settled=100/110
        ",
    );
}

#[test]
fn a_trade_needs_the_day_in_each_currency_that_has_a_schedule() {
    check(
        "
        ledger rules 4
        open A B EUR USD JPY
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s and 2d 100s 110s 120s 130s
        schedule USD 0d 10s 20s 30s 40s and 1d 65s 70s 80s 90s
        tick 10s
        pvp A B USD 110 EUR 100 value 1d id t -> unmatched ; effects t alleged@B
        pvp A B USD 110 EUR 100 value 2d -> value_date_closed
        pvp A B EUR 110 USD 100 value 2d -> value_date_closed
        pvp A B EUR 110 JPY 100 value 2d id u -> unmatched ; effects u alleged@B
        pvp A B EUR 110 JPY 100 value 3d -> value_date_closed
        ",
    );
}

#[test]
fn nothing_but_a_schedule_takes_dates_ahead() {
    check(
        "
        ledger rules 4
        open A B EUR
        pay A B EUR 1 value 1d -> value_date_closed
        day EUR open 0d
        pay A B EUR 1 value 1d -> value_date_closed
        schedule EUR 1d 86410s 86420s 86430s 86440s
        pay A B EUR 1 value 1d -> warehoused
        ",
    );
}

#[test]
fn its_day_may_be_opened_by_hand_when_it_was_missed() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        day EUR open 0d
        schedule EUR 1d 10s 20s 30s 40s and 2d 50s 60s 60s 60s
        pay A B EUR 1 value 1d id a -> warehoused
        pay A B EUR 1 value 2d id b -> warehoused
        at 70s
        day EUR closed 0d
        day EUR open 1d ; effects a settled b value_date_closed
        ",
    );
}

fn until(world: &World, label: &str) -> (Reason, u64) {
    let mut grants = world.genesis.participants.iter();
    let who = grants.position(|grant| grant.name == "A").expect("A takes part");
    let who = ParticipantId(who as u32);
    let told = world.ledger.explain(who, id_of(label), Sight::Own);
    let told = told.expect("it is remembered");
    (told.reason, told.until)
}

#[test]
fn it_is_told_for_which_day_it_waits() {
    let world = opened(
        "
        ledger rules 4
        open A B EUR
        schedule EUR 1d 10s 20s 30s 40s and 2d 60s 70s 80s 90s
        pay A B EUR 1 value 2d id a expires 80s -> warehoused
        ",
    );
    let open = Timestamp(World::start().0 + 60_000_000_000);
    assert_eq!(until(&world, "a"), (Reason::ValueDate, open.0));
    let counted = Survey::default().step(&world.ledger).expect("few take part");
    let dated = counted
        .currencies
        .iter()
        .map(|currency| (currency.code, currency.dated));
    assert_eq!(dated.collect::<Vec<_>>(), [("EUR", 1)]);
    assert_eq!(counted.warehoused, 1);
}

#[test]
fn a_day_for_which_more_is_dated_than_an_entry_moves_opens_over_several() {
    let mut world = opened(
        "
        ledger ids 30000 queue 30000 rules 4
        open A B EUR
        fund A EUR 20000
        schedule EUR 1d 10s 20s 30s 40s
        ",
    );
    let (a, b) = (ParticipantId(3), ParticipantId(4));
    let one = |i| {
        let id = id_of(&format!("dated {i}"));
        let mut record = Instruction::payment(id, Uetr(id.0), a, b, 978, 1);
        record.value_date = (World::start().days() as u16 + 1).into();
        record
    };
    let all: Vec<_> = (0..RELEASES_PER_ENTRY + 100).map(one).collect();
    for part in all.chunks(5_000) {
        let told = world.instruct(Head::of(a, 1), part, &[]);
        let waits = |answer: &Answer| answer.status() == Some(Status::Warehoused);
        assert!(told.answers.iter().all(waits));
    }
    let settled = |world: &mut World| {
        let told = world.tick();
        assert!(told.deferred.iter().all(|one| one.status == Status::Settled));
        told.deferred
            .iter()
            .map(|one| one.record.id())
            .collect::<Vec<_>>()
    };
    world.at(Timestamp(World::start().0 + 10_000_000_000));
    let first = settled(&mut world);
    assert_eq!(first.len(), RELEASES_PER_ENTRY);
    assert_eq!(world.ledger.next_due(), Some(world.now()), "it goes on at once");
    let cut = world.log.len() - 1;
    let told = [first, settled(&mut world)].concat();
    let expected: Vec<_> = all.iter().map(Instruction::id).collect();
    assert_eq!(told, expected, "in the order in which they came");
    assert_eq!(world.ledger.waiting(), 0);
    check_cut(&world, cut);
}

#[test]
fn what_is_dated_is_a_duplicate_for_as_long_as_it_waits() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 5d 5d 432010s 432020s 432030s
        tick 10s
        pay A B EUR 1 value 5d id w uetr U -> warehoused
        tick 45s
        at 3d
        pay A B EUR 1 value 5d id again uetr U -> duplicate_suspected
        pay A B EUR 1 value 5d id meant uetr U duplicate -> warehoused
        pay B A EUR 1 value 5d id other uetr U -> warehoused
        cancel A B EUR 1 of w -> executed ; effects w cancelled
        pay A B EUR 1 value 5d id third uetr U -> duplicate_suspected
        ",
    );
}
