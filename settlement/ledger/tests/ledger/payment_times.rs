//! From-time, till-time and expiry of a payment (section 22.1, times and joining).
use crate::support::check;

#[test]
fn before_its_from_time_a_payment_is_warehoused_and_at_it_settles_or_joins() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 6 id 1 from 60s -> warehoused
        pay A B EUR 5 id 2 from 61s -> warehoused
        pay A B EUR 1 -> settled
        balance A EUR 9
        due 60s
        tick 60s ; effects 1 settled=6@A,B
        tick 61s ; effects 2 queued=0@A
        fund A EUR 2 ; effects 2 settled
        ",
    );
}

#[test]
fn it_joins_the_end_of_its_class() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id h high from 60s -> warehoused
        pay A B EUR 5 id n -> queued 1
        pay A B EUR 5 id h1 high -> queued 2
        tick 60s ; effects h queued
        fund A EUR 16 ; effects h1 settled h settled n settled
        ",
    );
}

#[test]
fn at_its_till_time_its_submitter_is_told_once_and_it_goes_on_waiting() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id 1 till 60s expires 90s -> queued 1
        pay A B EUR 6 id 2 from 50s till 60s -> warehoused
        pay A B EUR 6 id 3 till 60s -> queued 2
        hold A 3 ; effects 3 pending
        tick 50s ; effects 2 queued
        tick 60s ; effects 1 queued=0@A 2 queued=0@A 3 pending=0@A
        tick 61s
        fund A EUR 1
        tick 90s ; effects 1 expired
        fund A EUR 5 ; effects 2 settled
        due none
        ",
    );
}

#[test]
fn one_that_settled_before_its_till_time_is_not_told_of_it() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id 1 till 60s -> queued 1
        fund A EUR 6 ; effects 1 settled
        tick 60s
        ",
    );
}

#[test]
fn times_rise_and_one_that_is_to_settle_at_once_has_no_from_time_ahead() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 from 60s till 60s -> time_invalid
        pay A B EUR 1 from 61s till 60s -> time_invalid
        pay A B EUR 1 from 60s expires 60s -> time_invalid
        pay A B EUR 1 till 61s expires 60s -> time_invalid
        pay A B EUR 1 sor from 60s -> time_invalid
        pay A B EUR 1 sor from -60s -> settled
        pay A B EUR 1 from -60s -> settled
        pay A B EUR 1 sor till 60s expires 61s -> settled
        pay A B EUR 1 extension 2 x -> extension_invalid
        pay A B EUR 1 extension 3 xxxxx -> extension_invalid
        due none
        ",
    );
}

#[test]
fn from_till_and_expiry_in_one_late_entry_end_it_as_expired() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id 1 from 60s expires 70s -> warehoused
        pay A B EUR 1 id 2 from 60s expires 71s -> warehoused
        tick 70s ; effects 1 expired=0@A 2 settled
        balance A EUR 9
        ",
    );
}

#[test]
fn at_its_from_time_the_creditor_may_be_suspended_or_held_or_the_currency_closed() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        day JPY open 0d
        fund A EUR 10
        fund A JPY 10
        pay A B EUR 1 id 1 from 60s -> warehoused
        pay A C EUR 1 id 2 from 60s -> warehoused
        pay A C JPY 1 id 3 from 60s -> warehoused
        suspend B
        hold_party C
        tick 60s ; effects 1 creditor_suspended=0@A 2 pending=0@A 3 pending
        day JPY closed 0d ; effects 3 rejected_close
        unhold_party C ; effects 2 settled
        ",
    );
}
