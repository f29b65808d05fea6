//! Reservations: liquidity kept for a class and those above it (section 22.2).
use crate::support::check;

#[test]
fn what_is_kept_for_urgent_payments_is_not_taken_by_others() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        reserve A EUR 60 urgent -> executed
        pay A B EUR 41 high sor -> insufficient_liquidity
        pay A B EUR 41 sor -> insufficient_liquidity
        pay A B EUR 40 high -> settled
        pay A B EUR 1 id 1 -> queued 1
        pay A B EUR 60 urgent -> settled
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn what_is_kept_for_high_payments_serves_high_and_urgent_ones() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        reserve A EUR 60 high -> executed
        pay A B EUR 41 sor -> insufficient_liquidity
        pay A B EUR 40 sor -> settled
        pay A B EUR 30 high -> settled
        pay A B EUR 30 urgent -> settled
        balance A EUR 0
        ",
    );
}

#[test]
fn both_reservations_stand_before_normal_payments() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        reserve A EUR 30 high -> executed
        reserve A EUR 50 urgent -> executed
        pay A B EUR 51 high sor -> insufficient_liquidity
        pay A B EUR 21 sor -> insufficient_liquidity
        pay A B EUR 20 sor -> settled
        pay A B EUR 30 high sor -> settled
        pay A B EUR 1 high sor -> insufficient_liquidity
        ",
    );
}

#[test]
fn a_payment_of_the_class_takes_from_what_is_left_down_to_nothing() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        reserve A EUR 30 urgent -> executed
        pay A B EUR 20 urgent -> settled
        pay A B EUR 71 sor -> insufficient_liquidity
        pay A B EUR 70 sor -> settled
        pay A B EUR 10 urgent -> settled
        fund A EUR 25
        pay A B EUR 25 sor -> settled
        fund A EUR 40
        reserve A EUR 30 urgent -> executed
        pay A B EUR 35 urgent -> settled
        pay A B EUR 5 sor -> settled
        ",
    );
}

#[test]
fn one_that_is_larger_than_the_funds_is_filled_by_what_comes_in() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        reserve A EUR 30 urgent -> executed below
        pay A B EUR 1 id 1 -> queued 1
        fund A EUR 20
        fund A EUR 1 ; effects 1 settled
        balance A EUR 30
        ",
    );
}

#[test]
fn less_of_it_or_none_wakes_the_account() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 30
        reserve A EUR 30 urgent -> executed
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        reserve A EUR 25 urgent -> executed ; effects 1 settled
        reserve A EUR 0 urgent -> executed ; effects 2 settled
        balance A EUR 20
        ",
    );
}

#[test]
fn a_conditional_payment_of_the_class_takes_from_it_when_it_is_set_aside() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        reserve A EUR 30 urgent -> executed
        conditional A B EUR 30 id c urgent approver B expires 60s -> set_aside ; effects c set_aside
        balance A EUR 100 reserved 30
        pay A B EUR 71 sor -> insufficient_liquidity
        pay A B EUR 70 sor -> settled
        release A B EUR 30 of c by B -> executed ; effects c settled=30@A,B,B
        balance A EUR 0
        ",
    );
}

#[test]
fn closing_restores_what_was_set() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d
        fund A EUR 100
        reserve A EUR 30 urgent -> executed
        reserve A EUR 20 high -> executed
        pay A B EUR 30 urgent -> settled
        pay A B EUR 20 high -> settled
        day EUR closed 0d
        day EUR open 1d
        pay A B EUR 1 sor -> insufficient_liquidity
        reserve A EUR 0 high -> executed
        pay A B EUR 20 sor -> settled
        ",
    );
}

#[test]
fn money_set_aside_and_a_cap_count_for_what_is_free() {
    check(
        "
        ledger rules 2
        open A B EUR
        cap A EUR 50
        fund A EUR 20
        defund A EUR 20
        reserve A EUR 50 urgent -> executed
        reserve A EUR 51 urgent -> executed below
        pay A B EUR 1 sor -> insufficient_liquidity
        pay A B EUR 50 urgent -> settled
        balance A EUR -30 cap 50 reserved 20
        ",
    );
}

#[test]
fn a_reservation_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        reserve A EUR 5 urgent of x -> malformed
        reserve A EUR 5 urgent expires 60s -> malformed
        reserve A EUR 5 urgent sor -> flags_unknown
        reserve A EUR 5 -> priority_unknown
        reserve A EUR 5 priority 3 -> priority_unknown
        reserve A EUR 5 urgent ref R -> extension_invalid
        reserve A EUR 5 urgent by B -> not_authorised
        reserve A 1 5 urgent -> currency_unknown
        reserve A USD 5 urgent -> currency_not_open
        reserve OP EUR 5 urgent -> debtor_unknown
        reserve A EUR 0 urgent -> executed
        reserve A EUR max high -> executed below
        suspend A
        reserve A EUR 5 high id r -> executed
        again r -> executed replayed
        ",
    );
}
