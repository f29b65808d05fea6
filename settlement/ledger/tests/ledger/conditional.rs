//! Conditional payments: money set aside until a condition is met (section 22.3).
use crate::support::check;

#[test]
fn money_is_set_aside_and_the_preimage_releases_it() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 100
        conditional A B EUR 40 id c condition SECRET expires 60s show -> set_aside left 100 ; effects c set_aside=0@B
        balance A EUR 100 reserved 40
        pay A B EUR 61 sor -> insufficient_liquidity
        release A B EUR 40 of c by B preimage WRONG -> condition_unmet
        release A B EUR 40 of c by X preimage SECRET -> not_authorised
        release A B EUR 40 of c by B preimage SECRET id r -> executed ; effects c settled=40@A,B
        again r by B -> executed replayed
        balance A EUR 60
        balance B EUR 40
        release A B EUR 40 of c by B preimage SECRET -> not_waiting
        due none
        ",
    );
}

#[test]
fn debtor_creditor_and_approver_may_show_the_preimage_and_the_approver_needs_none() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 100
        conditional A B EUR 10 id 1 condition K approver X expires 60s -> set_aside ; effects 1 set_aside=0@B,X
        conditional A B EUR 10 id 2 condition K approver X expires 60s -> set_aside ; effects 2 set_aside
        conditional A B EUR 10 id 3 condition K approver X expires 60s -> set_aside ; effects 3 set_aside
        conditional A B EUR 10 id 4 condition K approver X expires 60s -> set_aside ; effects 4 set_aside
        release A B EUR 10 of 1 -> not_authorised
        release A B EUR 10 of 1 by B -> not_authorised
        release A B EUR 10 of 1 by X preimage L -> condition_unmet
        release A B EUR 10 of 1 preimage K -> executed ; effects 1 settled=10@A,B,X
        release A B EUR 10 of 2 by B preimage K -> executed ; effects 2 settled
        release A B EUR 10 of 3 by X preimage K -> executed ; effects 3 settled
        release A B EUR 10 of 4 by X -> executed ; effects 4 settled
        ",
    );
}

#[test]
fn an_approver_without_an_account_releases_and_a_preimage_without_a_condition_is_wrong() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        conditional A B EUR 10 id 1 approver OP expires 60s -> set_aside ; effects 1 set_aside=0@B,OP
        release A B EUR 10 of 1 by B preimage K -> condition_unmet
        release A B EUR 10 of 1 by OP preimage K -> condition_unmet
        release A B EUR 10 of 1 by OP -> executed ; effects 1 settled=10@A,B,OP
        ",
    );
}

#[test]
fn a_part_is_released_only_where_parts_are_meant() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 100
        conditional A B EUR 40 id p partial approver X expires 60s -> set_aside ; effects p set_aside
        conditional A B EUR 40 id w approver X expires 60s -> set_aside ; effects w set_aside
        release A B EUR 39 of w by X -> return_exceeds
        release A B EUR 41 of w by X -> return_exceeds
        release A B EUR 41 of p by X -> return_exceeds
        release A B EUR 10 of p by X -> executed ; effects p set_aside=10@A,B,X
        balance A EUR 90 reserved 70
        release A B EUR 31 of p by X -> return_exceeds
        release A B EUR 29 of p by X -> executed ; effects p set_aside=29@A,B,X
        release A B EUR 1 of p by X -> executed ; effects p settled=1@A,B,X
        balance A EUR 60 reserved 40
        tick 60s ; effects w expired=0@A,B,X
        balance A EUR 60
        balance B EUR 40
        ",
    );
}

#[test]
fn what_is_left_is_given_back_when_its_time_is_over() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 40
        conditional A B EUR 40 id c partial approver X expires 60s -> set_aside ; effects c set_aside
        pay A B EUR 25 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        release A B EUR 10 of c by X -> executed ; effects c set_aside
        due 60s
        tick 60s ; effects c expired=0@A,B,X 1 settled 2 settled
        balance A EUR 0
        release A B EUR 1 of c by X -> not_waiting
        ",
    );
}

#[test]
fn the_approver_or_the_creditor_gives_it_back() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 30
        conditional A B EUR 10 id 1 condition K approver X expires 60s -> set_aside ; effects 1 set_aside
        conditional A B EUR 10 id 2 condition K approver X expires 60s -> set_aside ; effects 2 set_aside
        release A B EUR 0 of 1 decline -> not_authorised
        release A B EUR 0 of 1 decline preimage K -> not_authorised
        release A B EUR 5 of 1 decline by B -> malformed
        release A B EUR 0 of 1 by B decline preimage L -> condition_unmet
        release A B EUR 0 of 1 by B decline preimage K reason FRAD -> executed ; effects 1 given_back=0@A,B,X
        release A B EUR 0 of 2 by X decline -> executed ; effects 2 given_back=0@A,B,X
        release A B EUR 0 of 2 by X decline -> not_waiting
        balance A EUR 30
        ",
    );
}

#[test]
fn what_is_given_back_moves_before_the_next_record_is_judged() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        conditional A B EUR 10 id c approver B expires 60s -> set_aside ; effects c set_aside
        pay A B EUR 10 id 1 -> queued 1
        batch B {
          release A B EUR 0 of c decline -> executed
          pay B A EUR 10 show -> settled left 0
        } ; effects c given_back 1 settled
        ",
    );
}

#[test]
fn it_waits_for_funds_like_a_payment_and_is_set_aside_in_its_turn() {
    check(
        "
        ledger rules 2
        open A B X EUR
        conditional A B EUR 40 id c approver X expires 60s -> queued 1
        conditional A B EUR 5 id d approver X expires 60s -> queued 2
        pay A B EUR 5 id 1 -> queued 3
        conditional A B EUR 1 sor approver X expires 60s -> insufficient_liquidity
        release A B EUR 40 of c by X -> not_waiting
        fund A EUR 44 ; effects c set_aside=0@A,B,X
        balance A EUR 44 reserved 40 queued 2
        fund A EUR 6 ; effects d set_aside=0@A,B,X 1 settled
        balance A EUR 45 reserved 45
        cancel A B EUR 40 of c -> not_waiting
        release A B EUR 40 of c by X -> executed ; effects c settled=40@A,B,X
        ",
    );
}

#[test]
fn one_that_expires_or_is_cancelled_while_it_waits_concerns_its_submitter_alone() {
    check(
        "
        ledger rules 2
        open A B X EUR
        conditional A B EUR 40 id 1 approver X expires 60s -> queued 1
        conditional A B EUR 40 id 2 approver X expires 60s -> queued 2
        cancel A B EUR 40 of 2 -> executed ; effects 2 cancelled=0@A
        tick 60s ; effects 1 expired=0@A
        ",
    );
}

#[test]
fn suspended_and_held_parties_do_not_stop_a_release() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 40
        conditional A B EUR 40 id c partial approver X expires 60s -> set_aside ; effects c set_aside
        suspend A
        suspend B
        suspend X
        hold_party A
        hold_party B
        release A B EUR 10 of c by X -> executed ; effects c set_aside=10
        release A B EUR 0 of c by B decline -> executed ; effects c given_back
        balance B EUR 10
        ",
    );
}

#[test]
fn a_cap_that_was_lowered_under_set_aside_money_does_not_stop_its_release() {
    check(
        "
        ledger rules 2
        open A B X EUR
        cap A EUR 100
        conditional A B EUR 80 id c partial approver X expires 60s -> set_aside ; effects c set_aside
        cap A EUR 0
        release A B EUR 30 of c by X -> executed ; effects c set_aside=30
        release A B EUR 50 of c by X -> executed ; effects c settled=50
        balance A EUR -80 cap 0
        balance B EUR 80
        ",
    );
}

#[test]
fn a_release_whose_time_is_over_pays_nothing_though_the_sweep_is_behind() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 40
        conditional A B EUR 40 id c approver X expires 60s -> set_aside ; effects c set_aside
        at 60s
        release A B EUR 40 of c by X -> not_waiting ; effects c expired
        ",
    );
}

#[test]
fn in_a_closed_currency_a_release_does_not_pay_but_may_give_back() {
    check(
        "
        ledger rules 2
        open A B X EUR
        day EUR open 0d
        fund A EUR 40
        conditional A B EUR 10 id 1 approver X expires 2d -> set_aside ; effects 1 set_aside
        conditional A B EUR 10 id 2 approver X expires 2d -> set_aside ; effects 2 set_aside
        conditional A B EUR 10 id 3 approver X expires 2d -> set_aside ; effects 3 set_aside
        day EUR cut_off 0d
        release A B EUR 10 of 1 by X -> executed ; effects 1 settled
        day EUR closed 0d
        release A B EUR 10 of 2 by X -> rejected_cut_off
        release A B EUR 0 of 2 by X decline -> executed ; effects 2 given_back
        day EUR open 1d
        release A B EUR 10 of 3 by X -> executed ; effects 3 settled
        ",
    );
}

#[test]
fn a_conditional_payment_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B X EUR
        fund A EUR 40
        conditional A B EUR 1 of x approver X expires 60s -> malformed
        conditional A B EUR 1 linked approver X expires 60s -> flags_unknown
        conditional A B EUR 1 decline approver X expires 60s -> flags_unknown
        conditional A B EUR 1 priority 3 approver X expires 60s -> priority_unknown
        conditional A B EUR 1 approver X from 10s expires 60s -> extension_invalid
        conditional A B EUR 1 approver X preimage K expires 60s -> extension_invalid
        conditional A B EUR 1 extension 4 short approver X expires 60s -> extension_invalid
        conditional A B EUR 1 expires 60s -> condition_invalid
        conditional A B EUR 1 approver X -> condition_invalid
        conditional A B EUR 1 condition K -> condition_invalid
        conditional A B EUR 1 approver X expires 60s by B -> not_authorised
        conditional A B EUR 0 approver X expires 60s -> amount_zero
        conditional A A EUR 1 approver X expires 60s -> same_party
        conditional A B 1 1 approver X expires 60s -> currency_unknown
        conditional A B USD 1 approver X expires 60s -> currency_not_open
        conditional A OP EUR 1 approver X expires 60s -> creditor_unknown
        conditional A B EUR 1 approver #77 expires 60s -> approver_unknown
        conditional A B EUR 1 approver A expires 60s -> approver_unknown
        conditional A B EUR 1 condition K expires -1s -> expired
        conditional A B EUR 1 condition K expires 60s value 1d -> value_date_closed
        conditional A B EUR 1 condition K expires 60s charges shared ref R -> set_aside ; effects auto-22 set_aside
        ",
    );
}

#[test]
fn a_release_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B C X EUR JPY
        fund A EUR 40
        pay A B EUR 1 id paid -> settled
        conditional A B EUR 10 id c condition K expires 60s -> set_aside ; effects c set_aside
        release A B EUR 10 of c by B preimage K expires 60s -> malformed
        release A B EUR 10 of c by B preimage K value 0d -> malformed
        release A B EUR 10 of c by B preimage K sor -> flags_unknown
        release A B EUR 10 of c by B preimage K high -> priority_unknown
        release A B EUR 10 of c by B preimage K ref R -> extension_invalid
        release A B EUR 10 of c by B preimage '' -> extension_invalid
        release A B EUR 10 of c by B preimage K reason frad -> extension_invalid
        release A B EUR 0 of c by B preimage K -> amount_zero
        release A A EUR 10 of c preimage K -> same_party
        release A B USD 10 of c by B preimage K -> currency_not_open
        release OP B EUR 10 of c by B preimage K -> debtor_unknown
        release A OP EUR 10 of c preimage K -> creditor_unknown
        release A B EUR 10 of never by B preimage K -> original_unknown
        release A B EUR 10 of never by X -> original_unknown
        release B A EUR 10 of c by B preimage K -> original_unknown
        release A B EUR 10 of paid by B preimage K -> not_waiting
        release A B EUR 10 of c by C preimage K -> not_authorised
        release A C EUR 10 of c -> not_authorised
        release A C EUR 10 of c preimage K -> original_mismatch
        release A B JPY 10 of c preimage K -> original_mismatch
        release A B EUR 10 of c preimage K -> executed ; effects c settled
        ",
    );
}

#[test]
fn set_aside_money_counts_for_what_the_genesis_bounds() {
    check(
        "
        ledger rules 2 queue 2
        open A B EUR
        fund A EUR 40
        conditional A B EUR 1 id 1 approver B expires 60s -> set_aside ; effects 1 set_aside
        pay A B EUR 100 id 2 -> queued 1
        conditional B A EUR 1 approver A expires 60s -> queue_full
        pay B A EUR 1 -> queue_full
        cancel A B EUR 100 of 2 -> executed ; effects 2 cancelled
        pay A B EUR 5 id s -> settled
        cancel A B EUR 5 of s id q -> cancellation_pending ; effects q cancellation_pending@B
        pay B A EUR 100 -> queue_full
        conditional A B EUR 1 approver B expires 60s -> queue_full
        tick 60s ; effects 1 expired
        pay B A EUR 100 -> queued 1
        ",
    );
}
