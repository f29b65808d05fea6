//! A payment settles at once, waits or is rejected: what one record may ask for.
use crate::support::check;

#[test]
fn a_payment_moves_money_from_one_account_to_the_other() {
    check(
        "
        open A B C EUR JPY
        fund A EUR 100 ref R1
        pay A B EUR 40 -> settled
        pay B C EUR 15 interbank -> settled
        balance A EUR 60
        balance B EUR 25
        balance C EUR 15
        balance A JPY 0
        waiting 0 ; due none
        ",
    );
}

#[test]
fn a_payment_without_money_waits_and_settles_when_money_comes() {
    check(
        "
        open A B EUR
        fund A EUR 50
        pay A B EUR 70 id 5 -> queued 1
        balance A EUR 50 queued 1 value 70
        again 5 -> queued replayed
        fund A EUR 19
        fund A EUR 1 ; effects 5 settled
        again 5 -> settled replayed
        balance A EUR 0
        balance B EUR 70
        ",
    );
}

#[test]
fn settle_or_reject_never_waits() {
    check(
        "
        open A B EUR
        fund A EUR 50
        pay A B EUR 51 id 1 sor -> insufficient_liquidity
        pay A B EUR 50 sor -> settled
        again 1 -> insufficient_liquidity replayed
        balance A EUR 0
        ",
    );
}

#[test]
fn settle_or_reject_never_overtakes_what_waits() {
    check(
        "
        open A B EUR
        fund A EUR 50
        pay A B EUR 60 id big -> queued 1
        pay A B EUR 1 sor -> insufficient_liquidity
        fund A EUR 10 ; effects big settled
        again big -> settled replayed
        ",
    );
}

#[test]
fn a_payment_tells_the_balance_after_it_where_it_is_asked() {
    check(
        "
        open A B C EUR
        fund A EUR 100
        cap A EUR 20
        batch A {
          pay A B EUR 30 show -> settled left 70
          pay A B EUR 5 -> settled
          pay A C EUR 80 show -> settled left -15
          pay A C EUR 6 show -> queued 1 left -15
          pay A C EUR 6 show sor -> insufficient_liquidity left -15
          pay A C EUR 0 show -> amount_zero left -15
        }
        ",
    );
}

#[test]
fn money_that_comes_back_in_the_same_entry_is_in_the_balance() {
    check(
        "
        open A B EUR
        fund A EUR 100
        pay B A EUR 30 id back -> queued 1
        pay A B EUR 50 show -> settled left 80 ; effects back settled
        ",
    );
}

/// Regression: a record that was refused before its debtor was looked at told the balance of any bank.
#[test]
fn nobody_is_told_the_balance_of_another() {
    check(
        "
        open A B C EUR
        fund A EUR 123
        pay A B EUR 1 show by C -> not_authorised
        pay A B EUR 1 show kind 9 by C -> kind_unknown
        pay A B EUR 1 show reserved 1 by C -> malformed
        pay A B EUR 1 show flags 512 by C -> flags_unknown
        pay A B EUR 1 show priority 3 by C -> priority_unknown
        pay A B EUR 1 show extension 9 x by C -> extension_invalid
        pay A B EUR 1 show number 77 by C -> session_disorder
        pay A B EUR 1 show until -1s by C -> batch_too_late
        pay A B EUR 1 show by C.5 -> key_not_active
        pay C B EUR 1 id used sor -> insufficient_liquidity
        pay A B EUR 1 show id used by C -> id_reused
        ",
    );
}

#[test]
fn a_clearing_reference_travels_with_its_payment() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id plain ref RTGS-2026/7 -> settled
        again plain -> settled replayed
        pay A B EUR 1 ref 35-printable-characters-are-allowed -> settled
        pay A B EUR 1 ref 36-printable-characters-are-too-many -> extension_invalid
        pay A B EUR 1 ref '' -> extension_invalid
        pay A B EUR 1 ref Zürich -> extension_invalid
        pay A B EUR 1 extension 2 text -> extension_invalid
        pay A B EUR 1 ref fine extension 2 text -> extension_invalid
        batch A {
          pay A B EUR 1 -> settled
          pay A B EUR 1 ref second -> settled
          pay A B EUR 1 -> settled
          pay A B EUR 90 id waits ref fourth -> queued 1
        }
        fund A EUR 90 ; effects waits settled
        again waits -> settled replayed
        ",
    );
}

#[test]
fn a_payment_on_three_hops_with_one_reference_is_three_settlements() {
    check(
        "
        open A B C D EUR
        fund A EUR 10
        pay A B EUR 10 uetr one -> settled
        pay B C EUR 10 uetr one -> settled
        pay C D EUR 10 uetr one document text -> settled
        balance D EUR 10
        ",
    );
}

#[test]
fn the_largest_amounts_do_not_overflow() {
    check(
        "
        open A B EUR
        fund A EUR max
        fund A EUR max
        pay A B EUR max -> settled
        pay A B EUR max -> settled
        balance B EUR 36893488147419103230
        pay A B EUR max id 1 -> queued 1
        pay A B EUR max id 2 -> queued 2
        balance A EUR 0 queued 2 value 36893488147419103230
        cap A EUR max ; effects 1 settled
        balance A EUR -18446744073709551615 queued 1
        balance B EUR 55340232221128654845
        pay B A EUR max -> settled ; effects 2 settled
        defund B EUR max id D
        balance B EUR 55340232221128654845 reserved 18446744073709551615
        confirm D ; tells B max
        balance B EUR 36893488147419103230
        ",
    );
}

#[test]
fn a_batch_is_judged_record_by_record() {
    check(
        "
        open A B C EUR JPY
        fund A EUR 10
        batch A {
          pay A B EUR 4 -> settled
          pay A A EUR 1 -> same_party
          pay A B EUR 7 id 3 -> queued 1
          pay A C JPY 1 id 4 -> queued 1
          pay A C EUR 1 id 5 -> queued 2
          pay B A EUR 1 -> not_authorised
        }
        pay B A EUR 2 -> settled ; effects 3 settled 5 settled
        balance A EUR 0
        balance A JPY 0 queued 1
        ",
    );
}
