//! How far below zero an account may go, and what changes when that changes.
use crate::support::check;

#[test]
fn an_account_goes_below_zero_as_far_as_its_cap() {
    check(
        "
        open A B EUR
        cap A EUR 50 ; tells A 0
        pay A B EUR 51 id 1 sor -> insufficient_liquidity
        pay A B EUR 50 show -> settled left -50
        pay A B EUR 1 id 2 -> queued 1
        balance A EUR -50 cap 50 queued 1
        pay B A EUR 1 -> settled ; effects 2 settled
        ",
    );
}

#[test]
fn a_higher_cap_releases_what_it_covers() {
    check(
        "
        open A B C EUR
        pay A B EUR 30 id 1 -> queued 1
        pay A B EUR 30 id 2 -> queued 2
        pay B C EUR 60 id 3 -> queued 1
        cap A EUR 59 ; effects 1 settled
        cap A EUR 60 ; effects 2 settled 3 settled
        ",
    );
}

#[test]
fn a_cap_below_present_use_stops_outflow_and_no_more() {
    check(
        "
        open A B EUR
        cap A EUR 50
        pay A B EUR 40 -> settled
        cap A EUR 10
        balance A EUR -40 cap 10
        pay A B EUR 1 id 1 -> queued 1
        pay B A EUR 30 -> settled
        balance A EUR -10 queued 1
        pay B A EUR 1 -> settled ; effects 1 settled
        cap A EUR 0
        pay B A EUR 9 -> settled
        balance A EUR -1
        ",
    );
}

#[test]
fn credit_is_spent_but_never_paid_out() {
    check(
        "
        open A B EUR
        cap A EUR 100
        fund A EUR 10
        defund A EUR 11 -> defund_uncovered
        defund A EUR 10 id D
        pay A B EUR 100 show -> settled left -90
        pay A B EUR 1 id 1 -> queued 1
        balance A EUR -90 reserved 10 queued 1
        confirm D ref OUT
        balance A EUR -100 queued 1
        ",
    );
}

#[test]
fn the_largest_cap_is_no_endless_credit() {
    check(
        "
        open A B EUR
        cap A EUR max
        pay A B EUR max -> settled
        pay A B EUR 1 id 1 -> queued 1
        balance A EUR -18446744073709551615 queued 1
        fund A EUR 1 ; effects 1 settled
        balance A EUR -18446744073709551615 cap max
        ",
    );
}

#[test]
fn a_cap_is_set_only_where_an_account_is() {
    check(
        "
        open A B EUR
        cap A USD 5 -> currency_not_open
        cap A 1 5 -> currency_unknown
        cap #9 EUR 5 -> participant_unknown
        cap OP EUR 5 -> account_missing
        propose P cap A EUR 5 by A.1 -> role_missing
        propose P2 cap A EUR 5 by AG.1 -> role_missing
        balance A EUR 0 cap 0
        ",
    );
}
