//! Money enters and leaves against the settlement agent's liability, under four eyes.
use crate::support::check;

#[test]
fn a_credit_is_funded_once_in_each_currency() {
    check(
        "
        open A B EUR JPY
        fund A EUR 10 ref R1 ; tells A 10
        fund A EUR 10 ref R1 -> reference_used
        fund B EUR 11 ref R1 -> reference_used
        fund A JPY 10 ref R1
        fund A EUR 10 ref r1
        balance A EUR 20
        balance A JPY 10
        balance B EUR 0
        ",
    );
}

#[test]
fn a_refused_funding_leaves_its_reference_free() {
    check(
        "
        open A B EUR
        fund #9 EUR 10 ref R1 -> participant_unknown
        fund OP EUR 10 ref R1 -> account_missing
        fund A EUR 0 ref R1 -> amount_zero
        propose P fund A EUR 10 ref R1 by AG.1 -> proposed
        withdraw P by AG.1 -> executed
        fund A EUR 10 ref R1
        ",
    );
}

#[test]
fn a_reference_is_short_printable_text() {
    check(
        "
        open A B EUR
        fund A EUR 1 ref '' -> reference_invalid
        fund A EUR 1 ref Zürich -> reference_invalid
        fund A EUR 1 ref 35-printable-characters-are-allowed
        defund A EUR 1 id D
        confirm D ref '' -> reference_invalid
        confirm D ref 35-printable-characters-are-allowed
        ",
    );
}

#[test]
fn funding_releases_what_waits() {
    check(
        "
        open A B C EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 4 id 2 -> queued 1
        fund A EUR 12 ; effects 1 settled 2 settled ; tells A 12
        balance A EUR 2
        balance B EUR 6
        ",
    );
}

#[test]
fn a_pay_out_confirms_one_defunding_and_no_other() {
    check(
        "
        open A B EUR
        fund A EUR 100 ref R
        defund A EUR 60 id D1 ; tells A 60
        defund A EUR 40 id D2 ; tells A 40
        confirm D1 ref OUT ; tells A 60
        confirm D2 ref OUT -> reference_used
        confirm D2 ref R ; tells A 40
        balance A EUR 0
        ",
    );
}

#[test]
fn money_set_aside_is_neither_spent_nor_free() {
    check(
        "
        open A B EUR
        fund A EUR 100
        defund A EUR 60 id D ; tells A 60
        balance A EUR 100 reserved 60
        pay A B EUR 41 sor -> insufficient_liquidity
        pay A B EUR 40 show -> settled left 60
        pay A B EUR 1 id 1 -> queued 1
        defund A EUR 1 -> defund_uncovered
        confirm D ref OUT1 ; tells A 60
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn a_failed_pay_out_gives_the_money_back_and_releases_what_waits() {
    check(
        "
        open A B EUR
        fund A EUR 100
        defund A EUR 100 id D
        pay A B EUR 70 id 1 -> queued 1
        release D ; effects 1 settled ; tells A 100
        balance A EUR 30
        ",
    );
}

#[test]
fn a_defunding_ends_once() {
    check(
        "
        open A B EUR
        fund A EUR 100
        defund A EUR 30 id D1
        defund A EUR 70 id D2
        balance A EUR 100 reserved 100
        propose C1 confirm D1 ref X by AG.1 -> proposed
        propose C2 confirm D1 ref X by AG.1 -> proposed
        propose C3 release D1 by AG.1 -> proposed
        approve C1 by AG.2 -> executed ; tells A 30
        approve C2 by AG.2 -> defund_unknown ; tells nobody 0
        approve C3 by AG.2 -> defund_unknown
        confirm D1 ref Y -> defund_unknown
        release D1 -> defund_unknown
        confirm NEVER ref Y -> defund_unknown
        balance A EUR 70 reserved 70
        release D2
        defund A EUR 70 id D3
        balance A EUR 70 reserved 70
        ",
    );
}

#[test]
fn an_agent_ends_only_what_it_began() {
    check(
        "
        open A B EUR
        currency USD AG2
        fund A EUR 10
        defund A EUR 5 id D
        confirm D ref X by AG2 -> defund_unknown
        release D by AG2 -> defund_unknown
        release D by OP -> role_missing
        confirm D ref X
        ",
    );
}

#[test]
fn own_money_is_judged_when_it_is_set_aside_and_again_when_approved() {
    check(
        "
        open A B EUR
        cap A EUR 100
        fund A EUR 10
        propose P defund A EUR 10 by AG.1 -> proposed
        pay A B EUR 1 -> settled
        approve P by AG.2 -> defund_uncovered
        balance A EUR 9
        pay A B EUR 20 -> settled
        defund A EUR 1 -> defund_uncovered
        defund A EUR 0 -> amount_zero
        ",
    );
}

#[test]
fn a_lowered_cap_does_not_free_money_set_aside() {
    check(
        "
        open A B EUR
        cap A EUR 50
        fund A EUR 100
        defund A EUR 100 id D
        pay A B EUR 50 -> settled
        cap A EUR 0
        balance A EUR 50 reserved 100
        pay A B EUR 1 id 1 -> queued 1
        release D ; effects 1 settled
        balance A EUR 49
        ",
    );
}

#[test]
fn queued_payments_set_nothing_aside() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 11 id 1 -> queued 1
        defund A EUR 10 id D
        fund A EUR 10
        fund A EUR 1 ; effects 1 settled
        confirm D ref X
        balance A EUR 0
        ",
    );
}
