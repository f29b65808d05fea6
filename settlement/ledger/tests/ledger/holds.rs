//! Holds on payments and on participants (section 22.7).
use crate::support::check;

#[test]
fn a_payment_that_waits_is_held_let_go_or_rejected() {
    check(
        "
        ledger rules 2
        open A B screener:S EUR
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 4 id 2 -> queued 2
        pay A B EUR 3 id 3 from 60s -> warehoused
        hold A 1 ref CASE/1 by S.1 ; effects 1 pending=0@A ; tells nobody 0
        hold A 1 by S.1 -> not_held
        hold A 3 by OP.1 ; effects 3 pending
        fund A EUR 4 ; effects 2 settled
        unhold A 1 by S.1 ; effects 1 queued=0@A ; tells nobody 0
        unhold A 1 by S.1 -> not_held
        unhold A 3 by S.1 ; effects 3 warehoused=0@A
        hold A 1 by S.1 ; effects 1 pending
        unhold A 1 reject by S.1 ; effects 1 rejected_by_order=0@A ; tells nobody 0
        hold A 1 by S.1 -> not_held
        waiting 1
        ",
    );
}

#[test]
fn a_payment_let_go_settles_as_on_entry_or_stands_at_the_end() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 3 id 2 -> queued 2
        pay B A EUR 5 id b -> queued 1
        hold A 1 ; effects 1 pending
        fund A EUR 2
        unhold A 1 ; effects 1 queued
        hold A 1 ; effects 1 pending
        fund A EUR 7 ; effects 2 settled
        unhold A 1 ; effects 1 settled=5@A,B b settled
        ",
    );
}

#[test]
fn what_a_held_payment_stood_before_goes_on() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 3
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 3 id 2 -> queued 2
        hold A 1 ; effects 1 pending 2 settled
        ",
    );
}

#[test]
fn a_held_payment_expires_and_is_cancelled_all_the_same() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 5 id 1 expires 60s -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        hold A 1 ; effects 1 pending
        hold A 2 ; effects 2 pending
        cancel A B EUR 5 of 2 -> executed ; effects 2 cancelled
        tick 60s ; effects 1 expired=0@A
        unhold A 1 -> not_held
        ",
    );
}

#[test]
fn payments_of_a_held_participant_do_not_leave_their_queue() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        hold_party A ref ORDER ; tells nobody 0
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 5 sor -> insufficient_liquidity
        conditional A B EUR 5 id c approver B expires 60s -> queued 2
        fund A EUR 10
        pay A B EUR 5 id w from 60s -> warehoused
        tick 60s ; effects c expired w queued
        unhold_party A ref OVER ; effects 1 settled w settled ; tells nobody 0
        ",
    );
}

#[test]
fn payments_to_a_held_participant_are_pending_when_they_would_settle() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        hold_party B
        pay A B EUR 4 id 1 -> pending
        pay A B EUR 20 id 2 -> queued 1
        pay A B EUR 1 urgent sor -> insufficient_liquidity
        conditional A B EUR 1 id c urgent approver B expires 60s -> pending
        fund A EUR 15 ; effects 2 pending=0@A
        pay A C EUR 5 -> settled
        pay A C EUR 17 -> settled
        unhold_party B ; effects 1 queued 2 queued c set_aside=0@A,B,B
        fund A EUR 2 ; effects 1 settled
        fund A EUR 20 ; effects 2 settled
        ",
    );
}

#[test]
fn what_waited_for_a_hold_joins_in_the_order_in_which_it_came() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        hold_party B
        pay A B EUR 6 id 1 -> pending
        pay A B EUR 5 id 2 -> pending
        pay A B EUR 4 id 3 -> pending
        unhold_party B ; effects 1 settled 2 queued 3 queued
        fund A EUR 1 ; effects 2 settled
        ",
    );
}

#[test]
fn a_payment_held_by_order_is_not_let_go_with_its_party() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id 1 -> queued 1
        hold A 1 ; effects 1 pending
        hold_party B
        unhold A 1 ; effects 1 queued
        hold A 1 ; effects 1 pending
        fund A EUR 6
        unhold A 1
        hold A 1 -> not_held
        unhold A 1 -> not_held
        unhold_party B ; effects 1 settled
        ",
    );
}

#[test]
fn one_whose_time_is_over_does_not_settle_when_its_hold_ends() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id 1 from 10s expires 20s -> warehoused
        fund A EUR 6
        tick 30s ; effects 1 expired=0@A
        balance A EUR 6
        ",
    );
}

#[test]
fn a_payment_let_go_to_a_suspended_creditor_ends() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 6 id 1 -> queued 1
        hold A 1 ; effects 1 pending
        suspend B
        fund A EUR 6
        unhold A 1 ; effects 1 creditor_suspended=0@A
        ",
    );
}

#[test]
fn a_hold_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B screener:S regulator:R EUR
        fund A EUR 5
        pay A B EUR 1 id done -> settled
        pay A B EUR 60 id 1 -> queued 1
        conditional A B EUR 1 id c urgent approver B expires 60s -> set_aside ; effects c set_aside
        hold A 1 by A.1 -> role_missing
        hold A 1 by AG.1 -> role_missing
        hold A 1 by R.1 -> role_missing
        unhold A 1 by A.1 -> role_missing
        hold_party A by A.1 -> role_missing
        unhold_party A by R.1 -> role_missing
        hold #77 1 ref '' by S.1 -> participant_unknown
        hold A done ref '' by S.1 -> reference_invalid
        hold A done by S.1 -> not_held
        hold A c by S.1 -> not_held
        hold A never by S.1 -> not_held
        hold B 1 by S.1 -> not_held
        unhold #77 1 by S.1 -> participant_unknown
        unhold A 1 by S.1 -> not_held
        hold_party #77 ref '' by S.1 -> participant_unknown
        hold_party A ref '' by S.1 -> reference_invalid
        unhold_party A by S.1 -> not_held
        propose P hold A 1 by S.1 -> proposed
        approve P by S.3 -> same_person
        cancel A B EUR 60 of 1 -> executed ; effects 1 cancelled
        approve P by S.2 -> not_held
        hold_party A by S.1
        hold_party A by S.1 -> not_held
        ",
    );
}

#[test]
fn an_account_opened_while_its_owner_is_held_is_held_too() {
    check(
        "
        ledger rules 2
        open A B EUR
        currency JPY AG
        account B JPY 0
        hold_party A
        account A JPY 9
        pay A B JPY 5 id 1 -> queued 1
        unhold_party A ; effects 1 settled
        ",
    );
}

#[test]
fn what_ends_or_is_held_outside_its_queue_wakes_nobody() {
    check(
        "
        ledger rules 2
        open A B C EUR
        pay A B EUR 5 id 1 expires 10s -> queued 1
        pay A B EUR 5 id 2 from 20s -> warehoused
        pay A C EUR 5 id 3 -> queued 2
        hold A 1 ; effects 1 pending
        suspend C
        hold A 2 ; effects 2 pending
        at 10s
        tick ; effects 1 expired
        cancel A B EUR 5 of 2 -> executed ; effects 2 cancelled
        fund A EUR 1 ; effects 3 creditor_suspended
        ",
    );
}

#[test]
fn a_chain_waits_for_the_hold_on_the_first_of_its_creditors_that_is_held() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        hold_party B
        hold_party C
        batch A {
          pay A B EUR 5 linked id 1 -> pending
          pay A C EUR 5 id 2 -> pending
        }
        reserve A EUR 10 urgent -> executed
        unhold_party C
        unhold_party B ; effects 1 queued 2 queued
        ",
    );
}
