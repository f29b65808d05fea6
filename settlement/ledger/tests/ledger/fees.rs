//! Fees: accrued as instructions take effect, billed when the currency closes (section 22.8).
use crate::support::check;

#[test]
fn fees_accrue_on_what_moves_and_are_billed_at_close() {
    check(
        "
        ledger rules 2
        open A B C EUR
        day EUR open 0d
        fee EUR 1 C flat 2 millionths 10000 ; tells C 0
        fund A EUR 1000
        pay A B EUR 149 -> settled
        pay A B EUR 150 -> settled
        pay A B EUR 5000 id 1 sor -> insufficient_liquidity
        balance A EUR 701
        day EUR cut_off 0d
        day EUR closed 0d ; fees A C 7
        balance A EUR 694
        balance C EUR 7
        day EUR open 1d
        day EUR closed 1d
        ",
    );
}

#[test]
fn a_fee_is_rounded_half_up_and_bounded_at_both_ends() {
    check(
        "
        ledger rules 2
        open A B D C EUR
        day EUR open 0d
        fee EUR 1 C millionths 10000 least 2 most 4
        fund A EUR 2000
        pay A B EUR 100 -> settled
        pay A D EUR 250 -> settled
        pay A D EUR 349 -> settled
        pay A D EUR 900 -> settled
        fee EUR 1 C millionths 5000
        pay B D EUR 99 -> settled
        pay B D EUR 1 -> settled
        pay D B EUR 100 -> settled
        day EUR closed 0d ; fees A C 12 D C 1
        ",
    );
}

#[test]
fn each_kind_has_its_own_fee_and_its_submitter_pays() {
    check(
        "
        ledger rules 2
        open A B C D EUR
        day EUR open 0d
        fund A EUR 100
        pay A B EUR 20 id 1 -> settled
        fee EUR 2 C flat 1
        fee EUR 3 D flat 10
        fee EUR 4 D flat 2
        fee EUR 5 D flat 3
        fee EUR 8 D flat 4
        fee EUR 10 D flat 5
        conditional A B EUR 10 id c partial approver D expires 60s -> set_aside ; effects c set_aside
        release A B EUR 4 of c by D -> executed ; effects c set_aside
        release A B EUR 6 of c by B preimage K -> condition_unmet
        release A B EUR 6 of c by D -> executed ; effects c settled
        return B A EUR 1 of 1 -> settled
        pay A B EUR 1000 id q -> queued 1
        cancel A B EUR 1000 of q -> executed ; effects q cancelled
        limit A B EUR 1000 -> executed
        limit A B EUR 1000 by B -> not_authorised
        discipline A EUR bypass -> executed
        fund D EUR 30
        day EUR closed 0d ; fees A C 14 B C 2 D C 20
        ",
    );
}

#[test]
fn a_cancellation_that_its_creditor_grants_costs_when_it_is_executed() {
    check(
        "
        ledger rules 2
        open A B C EUR
        day EUR open 0d
        fee EUR 5 C flat 3
        fund A EUR 100
        pay A B EUR 20 id 1 -> settled
        pay A B EUR 20 id 2 -> settled
        cancel A B EUR 20 of 1 id q1 -> cancellation_pending ; effects q1 cancellation_pending
        cancel A B EUR 20 of 2 id q2 -> cancellation_pending ; effects q2 cancellation_pending
        resolve A B EUR 20 of q1 decline -> executed ; effects q1 cancellation_refused
        resolve A B EUR 20 of q2 -> executed ; effects q2 executed
        day EUR closed 0d ; fees A C 3
        ",
    );
}

#[test]
fn it_is_billed_as_far_as_what_is_free_goes_after_what_waits_was_rejected() {
    check(
        "
        ledger rules 2
        open A B C EUR
        day EUR open 0d
        fee EUR 1 C flat 30
        fund A EUR 40
        conditional A B EUR 15 id c approver B expires 2d -> set_aside ; effects c set_aside
        pay A B EUR 10 -> settled
        pay A B EUR 20 id 1 -> queued 1
        day EUR closed 0d ; effects 1 rejected_close ; fees A C 15
        balance A EUR 15 reserved 15
        day EUR open 1d
        fund A EUR 100
        day EUR closed 1d ; fees A C 15
        day EUR open 2d
        day EUR closed 2d
        ",
    );
}

#[test]
fn credit_is_free_too_and_the_collector_itself_is_not_billed() {
    check(
        "
        ledger rules 2
        open A B C EUR
        day EUR open 0d
        fee EUR 1 C flat 5
        cap A EUR 50
        fund C EUR 50
        pay A B EUR 48 -> settled
        pay C B EUR 1 -> settled
        day EUR closed 0d ; fees A C 2
        balance A EUR -50 cap 50
        balance C EUR 51
        ",
    );
}

#[test]
fn the_collector_of_the_lowest_kind_that_has_a_fee_is_paid_for_all() {
    check(
        "
        ledger rules 2
        open A B C D EUR JPY
        day EUR open 0d
        day JPY open 0d
        fee EUR 8 D flat 5
        fee EUR 1 C
        fee JPY 8 D flat 7
        fund A EUR 50
        fund A JPY 50
        limit A B EUR 5 -> executed
        limit A B JPY 5 -> executed
        day EUR closed 0d ; fees A C 5
        day JPY closed 0d ; fees A D 7
        ",
    );
}

#[test]
fn a_fee_never_changes_what_settles() {
    check(
        "
        ledger rules 2
        open A B C EUR
        day EUR open 0d
        fee EUR 1 C flat 100
        fund A EUR 10
        pay A B EUR 10 show -> settled left 0
        day EUR closed 0d
        day EUR open 1d
        fund A EUR 100
        pay A B EUR 1 show -> settled left 99
        ",
    );
}

#[test]
fn a_fee_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR
        currency JPY AG
        account B JPY 0
        fee EUR 1 B flat 1 by A.1 -> role_missing
        fee EUR 1 B flat 1 by AG.1 -> role_missing
        fee 1 0 B flat 1 -> currency_unknown
        fee USD 0 B flat 1 -> currency_not_open
        fee EUR 0 B flat 1 -> fee_invalid
        fee EUR 11 B flat 1 -> fee_invalid
        fee EUR 1 B flat 1 least 3 most 2 -> fee_invalid
        fee EUR 1 B flat 1 least 3 most 3 -> executed
        fee EUR 1 B flat 1 least 3 -> executed
        fee EUR 1 #77 flat 1 -> fee_invalid
        fee EUR 1 OP flat 1 -> fee_invalid
        fee JPY 1 A flat 1 -> fee_invalid
        fee JPY 1 B flat 1 -> executed
        ",
    );
}
