//! Netting: what a plan names settles together, as far as queues, funds and limits allow (section 25).
use crate::support::check;

#[test]
fn a_ring_without_any_money_settles_by_a_plan_and_not_without() {
    check(
        "
        ledger rules 3
        open A B C EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C A EUR 10 id 3 -> queued 1
        tick 1h
        plan 1 2
        plan 1 2 3 ; effects 1 settled=10@A,B 2 settled=10@B,C 3 settled=10@C,A
        balance A EUR 0
        waiting 0
        again 1 -> settled replayed
        ",
    );
}

#[test]
fn what_settles_comes_in_the_order_in_which_it_came() {
    check(
        "
        ledger rules 3
        open A B C EUR
        pay C A EUR 10 id 3 -> queued 1
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 5 id u urgent -> queued 2
        pay B C EUR 10 id 2 -> queued 1
        pay B A EUR 5 id 4 -> queued 2
        plan 1 2 3 4 u ; effects 3 settled 1 settled u settled 2 settled 4 settled
        balance A EUR 0
        balance B EUR 0
        balance C EUR 0
        ",
    );
}

#[test]
fn a_trade_and_payments_settle_across_currencies() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        pay A C EUR 100 id 1 -> queued 1
        pay C B EUR 100 id 2 -> queued 1
        pay B A USD 110 id 3 -> queued 1
        plan a 1 2 3
        plan a b 1 2 3 ; effects a settled=110/100@A b settled=100/110@B 1 settled 2 settled 3 settled
        balance A EUR 0
        balance A USD 0
        balance B EUR 0
        balance B USD 0
        balance C EUR 0
        waiting 0
        ",
    );
}

#[test]
fn two_trades_against_each_other_need_no_money() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        pvp B A USD 110 EUR 90 value 0d id c -> unmatched ; effects c alleged
        pvp A B EUR 90 USD 110 value 0d id d -> matched ; effects c matched
        plan a b c d
        fund B EUR 10
        cancel A B USD 110 of a id q -> cancellation_pending ; effects q cancellation_pending@B
        plan a b c d ; effects q not_waiting@A,B a settled b settled c settled d settled
        balance A EUR 10
        balance B EUR 0
        ",
    );
}

#[test]
fn what_was_cancelled_before_falls_out_and_takes_what_needs_it() {
    check(
        "
        ledger rules 3
        open A B C D EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C A EUR 10 id 3 -> queued 1
        pay C D EUR 10 id 4 -> queued 2
        pay D C EUR 10 id 5 -> queued 1
        cancel B C EUR 10 of 2 -> executed ; effects 2 cancelled
        plan 1 2 3 4 5 nothing
        pay B C EUR 10 id 6 -> queued 1
        plan 1 2 3 4 5 nothing
        plan 1 2 3 4 5 6 ; effects 1 settled 3 settled 4 settled 5 settled 6 settled
        ",
    );
}

#[test]
fn what_stands_behind_something_that_is_not_named_stays() {
    check(
        "
        ledger rules 3
        open A B C EUR
        pay A C EUR 10 id first -> queued 1
        pay A B EUR 10 id 1 -> queued 2
        pay B A EUR 10 id 2 -> queued 1
        pay A B EUR 4 id h high -> queued 3
        pay B A EUR 4 id 3 high -> queued 2
        plan 1 2
        plan 1 2 3
        plan h 3 1 2 ; effects h settled 3 settled
        plan 1 2
        balance A EUR 0 queued 2
        ",
    );
}

#[test]
fn with_bypass_a_plan_passes_within_a_class_and_never_a_higher_one() {
    check(
        "
        ledger rules 3
        open A B C EUR
        discipline A EUR bypass -> executed
        pay A C EUR 100 id first -> queued 1
        pay A B EUR 10 id 1 -> queued 2
        pay A C EUR 50 id u urgent -> queued 3
        pay B A EUR 10 id 2 -> queued 1
        plan 1 2
        cancel A C EUR 50 of u -> executed ; effects u cancelled
        plan 1 2 ; effects 1 settled 2 settled
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn the_last_of_a_row_falls_and_takes_the_other_leg_of_its_trade_with_it() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        pvp A B EUR 5 USD 6 value 0d id a -> unmatched ; effects a alleged
        pvp B A USD 6 EUR 5 value 0d id b -> matched ; effects a matched
        pay B C USD 1 id 3 -> queued 2
        pay C B USD 7 id 4 -> queued 1
        fund C USD 6
        plan 1 2 3 4 a b ; effects 1 settled 2 settled
        balance A EUR 0 queued 1
        balance B USD 0 queued 2
        balance C USD 6 queued 1
        fund A EUR 5
        plan 3 4 a b ; effects a settled=5/6 b settled=6/5 3 settled 4 settled
        balance A USD 6
        balance B USD 0
        balance C USD 0
        ",
    );
}

#[test]
fn under_bypass_too_what_falls_takes_what_stands_behind_it() {
    check(
        "
        ledger rules 3
        open A B C EUR
        discipline A EUR bypass -> executed
        pay A B EUR 10 id 1 -> queued 1
        pay A C EUR 30 id 2 -> queued 2
        pay A B EUR 5 id 3 -> queued 3
        pay B A EUR 15 id 4 -> queued 1
        plan 1 2 3 4
        plan 1 3 4 ; effects 1 settled 3 settled 4 settled
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn a_chain_settles_whole_or_not_and_wakes_whom_it_pays() {
    check(
        "
        ledger rules 3
        open A B C EUR
        batch A {
          pay A B EUR 10 id 1 linked -> queued 1
          pay A C EUR 10 id 2 -> queued 2
        }
        pay B A EUR 10 id 3 -> queued 1
        pay C A EUR 10 id 4 -> queued 1
        plan 1 3 4
        plan 1 2 3
        plan 1 2 3 4 ; effects 1 settled 2 settled 3 settled 4 settled
        ",
    );
}

#[test]
fn reservations_hold_in_a_plan() {
    check(
        "
        ledger rules 3
        open A B EUR
        fund A EUR 10
        reserve A EUR 10 urgent -> executed
        pay A B EUR 12 id 1 -> queued 1
        pay B A EUR 11 id 2 -> queued 1
        plan 1 2
        pay A B EUR 25 id u urgent -> queued 2
        pay B A EUR 16 id 3 -> queued 2
        plan 1 2 3 u ; effects 1 settled 2 settled u settled 3 settled
        balance A EUR 0
        fund A EUR 5
        pay A B EUR 5 -> settled
        ",
    );
}

#[test]
fn a_bilateral_limit_holds_for_what_settles_together() {
    check(
        "
        ledger rules 3
        open A B C EUR
        limit A B EUR 10 -> executed
        pay A B EUR 30 id 1 -> queued 1
        pay B C EUR 30 id 2 -> queued 1
        pay C A EUR 30 id 3 -> queued 1
        plan 1 2 3
        pay B A EUR 20 id 4 -> queued 2
        pay A B EUR 20 id 5 high -> queued 2
        plan 1 2 3 4 5 ; effects 1 settled 2 settled 3 settled 4 settled 5 settled
        fund A EUR 1
        pay A B EUR 1 sor -> limit_exceeded
        ",
    );
}

#[test]
fn a_multilateral_limit_holds_for_what_settles_together() {
    check(
        "
        ledger rules 3
        open A B C D EUR
        limit A A EUR 5 -> executed
        limit A D EUR 100 -> executed
        pay A B EUR 30 id 1 -> queued 1
        pay B D EUR 30 id x -> queued 1
        pay D A EUR 30 id y -> queued 1
        plan 1 x y
        cancel B D EUR 30 of x -> executed ; effects x cancelled
        pay B C EUR 30 id 2 -> queued 1
        pay C A EUR 26 id 3 -> queued 1
        fund A EUR 4
        plan 1 2 3 ; effects 1 settled 2 settled 3 settled
        fund A EUR 5
        pay A B EUR 2 sor -> limit_exceeded
        pay A B EUR 1 -> settled
        ",
    );
}

#[test]
fn a_plan_goes_down_to_the_cap_and_leaves_what_is_set_aside() {
    check(
        "
        ledger rules 3
        open A B EUR
        cap A EUR 5
        pay A B EUR 20 id 1 -> queued 1
        pay B A EUR 14 id 2 -> queued 1
        plan 1 2
        pay B A EUR 1 id 3 -> queued 2
        plan 1 2 3 ; effects 1 settled 2 settled 3 settled
        balance A EUR -5 cap 5
        balance B EUR 5
        defund B EUR 5
        pay B A EUR 3 id 4 -> queued 1
        pay A B EUR 3 id 5 -> queued 1
        pay B A EUR 1 id 6 -> queued 2
        plan 4 5 6 ; effects 4 settled 5 settled
        balance B EUR 5 reserved 5 queued 1
        ",
    );
}

#[test]
fn fees_accrue_by_kind_on_what_a_plan_moves() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        day EUR open 0d
        fee EUR 1 C flat 2
        fee EUR 11 C flat 7
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        pvp A B EUR 5 USD 6 value 0d id a -> unmatched ; effects a alleged
        pvp B A USD 6 EUR 5 value 0d id b -> matched ; effects a matched
        pay B A EUR 5 id 3 -> queued 2
        fund B USD 6
        plan 1 2 3 a b ; effects 1 settled 2 settled a settled b settled 3 settled
        fund A EUR 100
        fund B EUR 100
        day EUR closed 0d ; fees A C 9 B C 4
        ",
    );
}

#[test]
fn what_a_plan_wakes_settles_gross_in_the_same_entry() {
    check(
        "
        ledger rules 3
        open A B C D EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 12 id 2 -> queued 1
        pay A D EUR 2 id 4 -> queued 2
        pay D C EUR 2 id 5 -> queued 1
        fund B EUR 2
        plan 1 2 ; effects 1 settled 2 settled 4 settled 5 settled
        balance C EUR 2
        waiting 0
        ",
    );
}

#[test]
fn accounts_are_woken_in_the_order_in_which_they_are_credited() {
    check(
        "
        ledger rules 3
        open A B C D EUR
        fund A EUR 1
        fund B EUR 1
        fund C EUR 1
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C A EUR 10 id 3 -> queued 1
        pay A D EUR 1 id a -> queued 2
        pay B D EUR 1 id b -> queued 2
        pay C D EUR 1 id c -> queued 2
        plan 1 2 3 ; effects 1 settled 2 settled 3 settled b settled c settled a settled
        balance D EUR 3
        ",
    );
}

#[test]
fn what_may_not_settle_at_all_falls_out() {
    check(
        "
        ledger rules 3
        open A B C screener:S EUR USD
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        hold_party A
        plan 1 2
        unhold_party A
        suspend B
        plan 1 2
        reinstate B
        hold A 1 by S.1 ; effects 1 pending
        plan 1 2
        unhold A 1 by S.1 ; effects 1 queued
        conditional A B EUR 5 id c approver C expires 1h -> queued 2
        pay B A EUR 5 id 3 -> queued 2
        plan c 3
        plan 1 2 c 3 ; effects 1 settled 2 settled
        cancel A B EUR 5 of c -> executed ; effects c cancelled
        pvp A B EUR 5 USD 6 value 1d id a -> unmatched ; effects a alleged
        pvp B A USD 6 EUR 5 value 1d id b -> matched ; effects a matched
        plan a b 3
        ",
    );
}

#[test]
fn what_has_expired_but_is_not_ended_yet_falls_out() {
    check(
        "
        ledger rules 3
        open A B EUR
        pay A B EUR 10 id 1 expires 60s -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        at 60s
        plan 1 2 ; effects 1 expired
        ",
    );
}

#[test]
fn who_is_under_risk_tests_pays_nothing_by_a_plan_and_is_paid() {
    check(
        "
        ledger rules 3
        open A B C EUR
        valuation EUR EUR 1 0 0
        tests A 1000
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        pay B C EUR 5 id 3 -> queued 2
        pay C B EUR 15 id 4 -> queued 1
        fund C EUR 10
        plan 1 2
        plan 1 2 3 4 ; effects 2 settled 3 settled 4 settled 1 settled
        balance B EUR 10
        ",
    );
}

#[test]
fn a_plan_that_comes_twice_changes_nothing_more() {
    check(
        "
        ledger rules 3
        open A B EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B A EUR 10 id 2 -> queued 1
        pay A B EUR 10 id 3 -> queued 2
        plan 1 2 ; effects 1 settled 2 settled
        plan 1 2
        plan 1 2 3
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn places_in_queues_do_not_matter() {
    check(
        "
        ledger rules 3
        open A B C EUR
        pay A C EUR 1 id x -> queued 1
        pay A B EUR 10 id 1 -> queued 2
        pay B A EUR 10 id 2 -> queued 1
        pay A B EUR 5 id 3 -> queued 3
        pay B A EUR 5 id 4 -> queued 2
        amend A EUR of 3 urgent -> executed
        amend A EUR of 1 high front -> executed
        cancel A C EUR 1 of x -> executed ; effects x cancelled
        amend B EUR of 4 front -> executed
        plan 3 4 ; effects 3 settled 4 settled
        amend A EUR of 1 back -> executed
        plan 1 2 ; effects 1 settled 2 settled
        ",
    );
}

#[test]
fn under_earlier_rules_a_plan_does_what_a_tick_does() {
    for rules in [1, 2] {
        check(&format!(
            "
            ledger rules {rules}
            open A B EUR
            pay A B EUR 10 id 1 expires 60s -> queued 1
            pay A B EUR 10 id 2 -> queued 2
            pay B A EUR 10 id 3 -> queued 1
            at 60s
            plan 2 3 ; effects 1 expired
            waiting 2
            rules 3
            plan 2 3 ; effects 2 settled 3 settled
            "
        ));
    }
}
