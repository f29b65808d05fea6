//! Sender limits: how much more an account pays in normal payments than it gets back (section 22.2).
use crate::support::check;

#[test]
fn a_limit_against_one_stops_normal_payments_to_it_alone() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 100
        limit A B EUR 10 -> executed
        pay A B EUR 6 -> settled
        pay A B EUR 5 sor -> limit_exceeded
        pay A C EUR 50 -> settled
        pay A B EUR 20 high -> settled
        pay A B EUR 5 urgent sor -> settled
        pay A B EUR 4 -> settled
        pay A B EUR 1 id 1 -> queued 1
        pay A C EUR 1 id 2 -> queued 2
        pay B A EUR 1 -> settled ; effects 1 settled 2 settled
        ",
    );
}

#[test]
fn what_comes_back_in_any_class_makes_room() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        limit A B EUR 10 -> executed
        pay A B EUR 10 id o -> settled
        pay A B EUR 8 id 1 -> queued 1
        pay B A EUR 3 urgent -> settled
        pay B A EUR 4 high -> settled
        return B A EUR 1 of o -> settled ; effects 1 settled
        pay A B EUR 1 sor -> limit_exceeded
        ",
    );
}

#[test]
fn use_goes_below_zero_where_more_comes_in() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund B EUR 50
        fund A EUR 50
        limit A B EUR 10 -> executed
        pay B A EUR 20 -> settled
        pay A B EUR 31 sor -> limit_exceeded
        pay A B EUR 30 sor -> settled
        ",
    );
}

#[test]
fn a_multilateral_limit_is_against_all_that_have_none_of_their_own() {
    check(
        "
        ledger rules 2
        open A B C D EUR
        fund A EUR 100
        limit A A EUR 10 -> executed
        limit A D EUR 30 -> executed
        pay A B EUR 6 -> settled
        pay A C EUR 5 sor -> limit_exceeded
        pay A D EUR 30 -> settled
        pay A D EUR 1 sor -> limit_exceeded
        pay A C EUR 4 -> settled
        pay A B EUR 1 id 1 -> queued 1
        pay D A EUR 9 -> settled
        pay C A EUR 1 -> settled ; effects 1 settled
        ",
    );
}

#[test]
fn setting_another_amount_keeps_the_use_and_removing_forgets_it() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        limit A B EUR 10 -> executed
        pay A B EUR 8 -> settled
        limit A B EUR 5 -> executed below
        pay A B EUR 1 sor -> limit_exceeded
        limit A B EUR 9 -> executed
        pay A B EUR 2 sor -> limit_exceeded
        pay A B EUR 1 sor -> settled
        limit A B EUR 0 decline -> executed
        pay A B EUR 30 sor -> settled
        limit A B EUR 5 -> executed
        pay A B EUR 5 sor -> settled
        limit A B EUR 0 -> executed below
        limit A B EUR 0 decline id gone -> executed
        again gone -> executed replayed
        limit A A EUR 0 -> executed
        pay A B EUR 1 sor -> limit_exceeded
        limit A A EUR 0 decline -> executed
        pay A B EUR 1 sor -> settled
        ",
    );
}

#[test]
fn a_higher_limit_or_none_wakes_the_account() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        limit A B EUR 0 -> executed
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 6 id 2 -> queued 2
        limit A B EUR 7 -> executed ; effects 1 settled
        limit A B EUR 0 decline -> executed ; effects 2 settled
        limit A A EUR 0 -> executed
        pay A B EUR 7 id 3 -> queued 1
        limit A B EUR 7 -> executed ; effects 3 settled
        ",
    );
}

#[test]
fn queued_amounts_consume_nothing_and_set_aside_ones_do() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 20
        limit A B EUR 10 -> executed
        pay A B EUR 30 id big -> queued 1
        cancel A B EUR 30 of big -> executed ; effects big cancelled=0@A
        conditional A B EUR 10 id c approver B expires 60s -> set_aside ; effects c set_aside=0@B,B
        pay A B EUR 1 sor -> limit_exceeded
        release A B EUR 0 of c by B decline -> executed ; effects c given_back=0@A,B,B
        pay A B EUR 10 sor -> settled
        ",
    );
}

#[test]
fn a_high_conditional_payment_is_bound_by_no_limit() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 20
        limit A B EUR 5 -> executed
        conditional A B EUR 10 id c high approver B expires 60s -> set_aside ; effects c set_aside
        release A B EUR 0 of c by B decline -> executed ; effects c given_back
        pay A B EUR 6 sor -> limit_exceeded
        pay A B EUR 5 sor -> settled
        ",
    );
}

#[test]
fn closing_resets_the_use_and_what_was_set_aside_before_gives_none_back() {
    check(
        "
        ledger rules 2
        open A B EUR
        day EUR open 0d
        fund A EUR 50
        limit A B EUR 10 -> executed
        conditional A B EUR 4 id c approver B expires 2d -> set_aside ; effects c set_aside
        pay A B EUR 6 -> settled
        day EUR closed 0d
        day EUR open 1d
        pay A B EUR 10 sor -> settled
        release A B EUR 0 of c by B decline -> executed ; effects c given_back
        pay A B EUR 1 sor -> limit_exceeded
        ",
    );
}

#[test]
fn a_limit_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR
        limit A B EUR 5 decline -> malformed
        limit A B EUR 5 of x -> malformed
        limit A B EUR 5 expires 60s -> malformed
        limit A B EUR 5 value 0d -> malformed
        limit A B EUR 5 sor -> flags_unknown
        limit A B EUR 5 high -> priority_unknown
        limit A B EUR 5 reason R -> extension_invalid
        limit A B EUR 5 by B -> not_authorised
        limit A B 1 5 -> currency_unknown
        limit A B USD 5 -> currency_not_open
        limit OP B EUR 5 -> debtor_unknown
        limit A OP EUR 5 -> creditor_unknown
        limit A #77 EUR 5 -> creditor_unknown
        suspend A
        suspend B
        limit A B EUR 5 -> executed
        ",
    );
}
