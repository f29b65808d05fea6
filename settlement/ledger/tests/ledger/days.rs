//! The day of a currency: open, cut-off, closed (section 22.9).
use crate::support::check;

#[test]
fn a_day_goes_from_open_to_cut_off_to_closed_and_to_the_next() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR cut_off 0d -> day_invalid
        day EUR closed 0d -> day_invalid
        day EUR open 0d ; tells nobody 0
        day EUR open 0d -> day_invalid
        day EUR open 1d -> day_invalid
        day EUR cut_off 1d -> day_invalid
        day EUR closed 1d -> day_invalid
        day EUR cut_off 0d ; tells nobody 0
        day EUR cut_off 0d -> day_invalid
        day EUR open 1d -> day_invalid
        day EUR closed 1d -> day_invalid
        day EUR closed 0d ; tells nobody 0
        day EUR closed 0d -> day_invalid
        day EUR cut_off 0d -> day_invalid
        day EUR open 0d -> day_invalid
        day EUR open -1d -> day_invalid
        day EUR open 3d
        day EUR closed 3d
        ",
    );
}

#[test]
fn a_day_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d by A.1 -> role_missing
        day EUR open 0d by AG.1 -> role_missing
        day 1 closed 0d -> currency_unknown
        day USD closed 0d -> currency_not_open
        day EUR closed 0d -> day_invalid
        propose P day EUR open 0d by OP.1 -> proposed
        approve P by OP.3 -> same_person
        day EUR open 0d
        approve P by OP.2 -> day_invalid
        ",
    );
}

#[test]
fn at_cut_off_nothing_new_is_taken_and_what_waits_may_still_settle() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        day EUR open 0d
        fund A EUR 6
        fund A JPY 5
        pay A B EUR 1 id s -> settled
        pay A B EUR 7 id 1 -> queued 1
        pay A B EUR 2 id w from 60s -> warehoused
        day EUR cut_off 0d
        pay A B EUR 1 urgent -> rejected_cut_off
        pay A B JPY 1 -> settled
        return B A EUR 1 of s -> rejected_cut_off
        conditional A B EUR 1 urgent approver B expires 60s -> rejected_cut_off
        limit A B EUR 50 -> executed
        reserve A EUR 0 high -> executed
        amend A EUR of 1 high -> executed
        fund A EUR 2 ; effects 1 settled
        cancel A B EUR 1 of s id q -> cancellation_pending ; effects q cancellation_pending
        fund A EUR 2
        tick 60s ; effects w settled
        ",
    );
}

#[test]
fn at_close_all_that_waits_ends_in_order() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        day EUR open 0d
        pay A B JPY 5 id j -> queued 1
        pay B A EUR 5 id b1 -> queued 1
        pay A B EUR 5 id w from 1h -> warehoused
        pay A B EUR 5 id n1 -> queued 1
        pay A B EUR 5 id h1 high -> queued 2
        pay A B EUR 5 id p -> queued 3
        pay A B EUR 5 id u1 urgent -> queued 4
        pay A B EUR 5 id h2 high -> queued 5
        hold A p ; effects p pending
        day EUR closed 0d ; effects u1 rejected_close=0@A h1 rejected_close h2 rejected_close n1 rejected_close b1 rejected_close=0@B w rejected_close p rejected_close
        waiting 1
        pay A B EUR 1 -> rejected_cut_off
        unhold A p -> not_held
        fund A EUR 50
        ",
    );
}

#[test]
fn what_was_over_when_the_close_came_has_expired() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d
        pay A B EUR 5 id 1 expires 60s -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        propose P day EUR closed 0d by OP.1 -> proposed
        at 60s
        approve P by OP.2 -> executed ; effects 1 expired 2 rejected_close
        ",
    );
}

#[test]
fn set_aside_money_and_questions_are_not_touched_by_a_close() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        conditional A B EUR 5 id c approver B expires 2d -> set_aside ; effects c set_aside
        cancel A B EUR 5 of 1 id q -> cancellation_pending ; effects q cancellation_pending
        day EUR closed 0d
        balance A EUR 15 reserved 5
        resolve A B EUR 5 of q -> executed ; effects q executed
        cancel A B EUR 5 of 1 id q2 -> cancellation_pending ; effects q2 cancellation_pending
        limit A B EUR 1 -> executed
        at 2d
        tick ; effects c expired
        ",
    );
}

#[test]
fn until_the_first_day_the_date_is_that_of_the_entry_and_then_that_of_the_day() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        fund A EUR 20
        fund A JPY 20
        pay A B EUR 1 value 0d -> settled
        pay A B EUR 1 value 1d -> value_date_closed
        day EUR open 3d
        pay A B EUR 1 value 3d -> settled
        pay A B EUR 1 value 0d -> value_date_closed
        pay A B JPY 1 value 0d -> settled
        pay A B EUR 1 -> settled
        at 4d
        pay A B EUR 1 value 4d -> value_date_closed
        pay A B EUR 1 value 3d -> settled
        pay A B JPY 1 value 4d -> settled
        ",
    );
}

#[test]
fn a_payment_whose_hold_ends_after_the_close_has_ended_with_it() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d
        fund A EUR 9
        hold_party B
        pay A B EUR 5 id 1 -> pending
        day EUR closed 0d ; effects 1 rejected_close
        unhold_party B
        balance A EUR 9
        ",
    );
}

#[test]
fn other_currencies_go_on_while_one_is_closed() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        day EUR open 0d
        day EUR closed 0d
        fund A EUR 5
        fund A JPY 5
        pay A B JPY 5 -> settled
        pay A B EUR 5 -> rejected_cut_off
        day EUR open 1d
        pay A B EUR 5 -> settled
        ",
    );
}
