//! Trades: matched, alleged, settled whole, withdrawn, replaced, over (section 23.1).
use crate::support::check;

#[test]
fn two_that_match_settle_both_legs_at_once() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 110
        fund B EUR 100
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged=0@B
        balance A USD 110
        pvp B A EUR 100 USD 110 value 0d id b -> settled ; effects a settled=110/100@A b settled=100/110@B
        balance A USD 0
        balance A EUR 100
        balance B USD 110
        balance B EUR 0
        waiting 0
        ",
    );
}

#[test]
fn under_earlier_rules_there_are_no_trades() {
    check(
        "
        ledger rules 2
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d -> kind_unknown
        pay A B USD 1 extension 9 12345678 -> extension_invalid
        valuation USD USD 1 0 0 -> action_invalid
        tests A 0 -> action_invalid
        short A USD 0 -> action_invalid
        pay_in A USD 60s 0 -> action_invalid
        ",
    );
}

#[test]
fn a_trade_waits_as_one_item_for_the_last_unit_of_either_leg() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 109
        fund B EUR 99
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched=0@A
        balance A USD 109 queued 1 value 110
        balance B EUR 99 queued 1 value 100
        waiting 2
        fund A USD 1
        balance A USD 110 queued 1 value 110
        fund B EUR 1 ; effects a settled=110/100@A b settled=100/110@B
        balance A USD 0
        balance B EUR 0
        waiting 0
        ",
    );
}

#[test]
fn a_trade_stands_in_both_queues_and_what_it_frees_moves() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        fund B EUR 100
        pay A C USD 5 id 1 -> queued 1
        pvp A B USD 10 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 10 value 0d id b -> matched ; effects a matched
        pay B C EUR 1 id 2 -> queued 2
        pay B C EUR 1 id 3 urgent -> settled
        fund B EUR 2
        fund A USD 14 ; effects 1 settled
        fund A USD 1 ; effects a settled=10/100 b settled=100/10 2 settled
        balance B EUR 0
        waiting 0
        ",
    );
}

#[test]
fn what_comes_back_by_a_trade_releases_payments_of_both_parties() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        fund A USD 10
        fund B EUR 5
        pay A C EUR 5 id 1 -> queued 1
        pay B C USD 10 id 2 -> queued 1
        pvp A B USD 10 EUR 5 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 5 USD 10 value 0d id b -> settled ; effects a settled b settled 2 settled 1 settled
        ",
    );
}

#[test]
fn fields_that_differ_match_nothing() {
    check(
        "
        ledger rules 3
        open A B C EUR USD GBP
        fund A USD 500
        fund B EUR 500
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 111 value 0d id 1 -> unmatched ; effects 1 alleged
        pvp B A EUR 101 USD 110 value 0d id 2 -> unmatched ; effects 2 alleged
        pvp B A EUR 100 USD 110 value 1d id 3 -> unmatched ; effects 3 alleged
        pvp B A GBP 100 USD 110 value 0d id 4 -> unmatched ; effects 4 alleged
        pvp B C EUR 100 USD 110 value 0d id 5 -> unmatched ; effects 5 alleged@C
        pvp A B EUR 100 USD 110 value 0d id 6 -> unmatched ; effects 6 alleged
        pvp B A EUR 100 USD 110 value 0d id b -> settled ; effects a settled b settled
        waiting 6
        ",
    );
}

#[test]
fn references_that_both_give_must_be_one_and_the_first_that_fits_is_taken() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 100
        fund B EUR 100
        pvp A B USD 11 EUR 10 value 0d of R1 id a1 -> unmatched ; effects a1 alleged
        pvp A B USD 11 EUR 10 value 0d of R2 id a2 -> unmatched ; effects a2 alleged
        pvp A B USD 11 EUR 10 value 0d id a3 -> unmatched ; effects a3 alleged
        pvp A B USD 11 EUR 10 value 0d id a4 -> unmatched ; effects a4 alleged
        pvp B A EUR 10 USD 11 value 0d of R2 id b1 -> settled ; effects a2 settled b1 settled
        pvp B A EUR 10 USD 11 value 0d of R2 id b2 -> settled ; effects a3 settled b2 settled
        pvp B A EUR 10 USD 11 value 0d id b3 -> settled ; effects a1 settled b3 settled
        pvp B A EUR 10 USD 11 value 0d id b4 -> settled ; effects a4 settled b4 settled
        ",
    );
}

#[test]
fn a_tolerance_that_both_give_lets_amounts_differ_and_each_pays_what_it_signed() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 1000
        fund B EUR 1000
        pvp A B USD 110 EUR 100 value 0d id a tolerance 2 -> unmatched ; effects a alleged
        pvp B A EUR 98 USD 112 value 0d id 1 -> unmatched ; effects 1 alleged
        pvp B A EUR 97 USD 110 value 0d id 2 tolerance 5 -> unmatched ; effects 2 alleged
        pvp B A EUR 98 USD 112 value 0d id b tolerance 2 -> settled ; effects a settled=110/98@A b settled=98/110@B
        pvp A B USD 110 EUR 97 value 0d id c tolerance 0 -> settled ; effects 2 settled=97/110@B c settled=110/97@A
        ",
    );
}

#[test]
fn before_its_value_date_a_trade_stands_beside_the_queues() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 110
        fund B EUR 100
        pvp A B USD 110 EUR 100 value 1d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 1d id b -> matched ; effects a matched
        pay A B USD 10 -> settled
        pay B A USD 10 -> settled
        at 1d
        tick 1d ; effects a settled=110/100 b settled=100/110
        ",
    );
}

#[test]
fn a_currency_that_opens_on_the_value_date_lets_its_trades_join() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        day EUR open 0d
        day USD open 0d
        fund A USD 10
        fund B EUR 100
        pvp A B USD 110 EUR 100 value 1d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 1d id b -> matched ; effects a matched
        pvp A B USD 10 EUR 9 value 1d id c -> unmatched ; effects c alleged
        day EUR closed 0d
        day USD closed 0d
        tick 1d
        propose P day EUR open 1d by OP.1 -> proposed
        approve P by OP.2 -> executed
        propose Q day USD open 1d by OP.1 -> proposed
        approve Q by OP.2 -> executed
        balance A USD 10 queued 1 value 110
        fund A USD 100 ; effects a settled=110/100 b settled=100/110
        pvp B A EUR 9 USD 10 value 1d id d -> matched ; effects c matched
        fund B EUR 9
        fund A USD 10 ; effects c settled d settled
        ",
    );
}

#[test]
fn a_close_ends_trades_of_its_date_and_leaves_later_ones() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        day EUR open 0d
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        pvp A B USD 1 EUR 1 value 0d id u -> unmatched ; effects u alleged
        pvp A B EUR 1 USD 1 value 0d id x expires 2s -> unmatched ; effects x alleged
        pvp A B USD 2 EUR 1 value 1d id l -> unmatched ; effects l alleged
        day EUR cut_off 0d
        pvp A B USD 3 EUR 1 value 0d -> rejected_cut_off
        pvp A B USD 3 EUR 1 value 1d id m -> unmatched ; effects m alleged
        propose P day EUR closed 0d by OP.1 -> proposed
        at 1s
        approve P by OP.2 -> executed ; effects a rejected_close=0@A b rejected_close=0@B u rejected_close=0@A,B x rejected_close=0@A,B
        waiting 2
        ",
    );
}

#[test]
fn a_business_date_that_passes_ends_what_was_for_it() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        pvp A B USD 1 EUR 1 value 1d id u -> unmatched ; effects u alleged
        pvp A B USD 1 EUR 1 value -1d -> value_date_closed
        tick 1d ; effects a rejected_close b rejected_close
        tick 2d ; effects u rejected_close=0@A,B
        due none
        ",
    );
}

#[test]
fn an_end_of_its_own_ends_a_side_or_both() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d id u expires 60s -> unmatched ; effects u alleged
        pvp A B USD 11 EUR 10 value 0d id a expires 90s -> unmatched ; effects a alleged
        pvp B A EUR 10 USD 11 value 0d id b -> matched ; effects a matched
        pvp A B USD 12 EUR 10 value 0d expires -1s -> expired
        tick 60s ; effects u expired=0@A,B
        pvp B A EUR 100 USD 110 value 0d id v -> unmatched ; effects v alleged
        tick 90s ; effects a expired=0@A b expired=0@B
        ",
    );
}

#[test]
fn an_unmatched_instruction_is_replaced_and_loses_its_place() {
    check(
        "
        ledger rules 3
        open A B C EUR USD
        fund A USD 110
        fund B EUR 100
        pvp A B USD 111 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> unmatched ; effects b alleged
        pvp A C USD 110 EUR 100 value 0d replaces a -> original_mismatch
        pvp A B USD 110 EUR 100 value 0d replaces nobody -> original_unknown
        pvp B A EUR 100 USD 110 value 0d replaces a -> original_unknown
        pvp A B USD 112 EUR 100 value 0d id a2 replaces a -> unmatched ; effects a amended=0@A,B a2 alleged
        pvp A B USD 110 EUR 100 value 0d id a3 replaces a -> not_waiting
        pvp A B USD 110 EUR 100 value 0d id a4 replaces a2 -> settled ; effects a2 amended b settled a4 settled
        pvp A B USD 1 EUR 1 value 0d id m -> unmatched ; effects m alleged
        pvp B A EUR 1 USD 1 value 0d id n -> matched ; effects m matched
        pvp A B USD 1 EUR 2 value 0d replaces m -> not_waiting
        pay A B USD 5 id p -> queued 2
        pvp A B USD 1 EUR 2 value 0d replaces p -> original_mismatch
        ",
    );
}

#[test]
fn one_party_withdraws_what_is_unmatched_and_both_what_is_matched() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        cancel A B USD 111 of a -> original_mismatch
        cancel A B USD 110 of a -> executed ; effects a withdrawn=0@A,B
        cancel A B USD 110 of a -> not_waiting
        pvp A B USD 110 EUR 100 value 0d id c -> unmatched ; effects c alleged
        pvp B A EUR 100 USD 110 value 0d id d -> matched ; effects c matched
        cancel A B USD 110 of c id q -> cancellation_pending ; effects q cancellation_pending=0@B
        cancel A B USD 110 of c -> duplicate_suspected
        cancel B A EUR 100 of d -> executed ; effects q executed=0@A,B c withdrawn=0@A d withdrawn=0@B
        waiting 0
        pvp A B USD 110 EUR 100 value 0d id e -> unmatched ; effects e alleged
        pvp B A EUR 100 USD 110 value 0d id f -> matched ; effects e matched
        cancel A B USD 110 of e id r -> cancellation_pending ; effects r cancellation_pending
        resolve A B USD 110 of r decline -> executed ; effects r cancellation_refused=0@A,B
        cancel A B USD 110 of e id s -> cancellation_pending ; effects s cancellation_pending
        resolve A B USD 110 of s -> executed ; effects s executed e withdrawn f withdrawn
        ",
    );
}

#[test]
fn questions_about_a_trade_end_just_before_it_does() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        pvp A B USD 110 EUR 100 value 0d id c -> unmatched ; effects c alleged
        pvp B A EUR 100 USD 110 value 0d id d -> matched ; effects c matched
        cancel B A EUR 100 of d id q -> cancellation_pending ; effects q cancellation_pending
        fund A USD 110
        fund B EUR 100 ; effects q not_waiting=0@B,A c settled d settled
        cancel A B USD 110 of c -> not_waiting
        return B A USD 110 of c -> original_unknown
        hold A c by OP -> not_held
        ",
    );
}

#[test]
fn held_and_suspended_parties_keep_a_trade_waiting() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 110
        fund B EUR 100
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        hold_party B
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        suspend A
        unhold_party B
        reinstate A ; effects a settled b settled
        suspend A
        pvp A B USD 1 EUR 1 value 0d -> debtor_suspended
        pvp B A USD 1 EUR 1 value 0d -> creditor_suspended
        ",
    );
}

#[test]
fn classes_limits_and_fees_count_a_leg_like_a_payment() {
    check(
        "
        ledger rules 3
        open A B F EUR USD
        fee USD 11 F flat 2
        fund A USD 200
        fund B EUR 200
        limit A B USD 100 -> executed
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 110 value 0d id b -> matched ; effects a matched
        amend A USD of a high -> executed ; effects a settled=110/100@A b settled
        pvp A B USD 60 EUR 10 value 0d id c -> unmatched ; effects c alleged
        pvp B A EUR 10 USD 60 value 0d id d -> settled ; effects c settled d settled
        day USD open 0d
        propose P day USD closed 0d by OP.1 -> proposed
        approve P by OP.2 -> executed ; fees A F 4
        ",
    );
}

#[test]
fn a_payment_and_a_trade_wait_behind_each_other_until_their_turn() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund B EUR 100
        pvp A B USD 10 EUR 100 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 100 USD 10 value 0d id b -> matched ; effects a matched
        pay B A EUR 1 id 1 -> queued 2
        discipline B EUR bypass -> executed ; effects 1 settled
        discipline B EUR -> executed
        fund A USD 10
        fund B EUR 1 ; effects a settled b settled
        ",
    );
}

#[test]
fn a_trade_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 3 queue 2
        open A B S EUR USD
        currency GBP AG
        account S GBP 0
        account A GBP 0
        pvp A B USD 1 USD 1 value 0d -> malformed
        pvp A B USD 1 EUR 1 -> malformed
        pvp A B USD 1 EUR 1 value 0d quote 4 -> malformed
        pvp A B USD 1 EUR 1 value 0d sor -> flags_unknown
        pvp A B USD 1 EUR 1 value 0d priority 3 -> priority_unknown
        pvp A B USD 1 EUR 1 value 0d extension 9 x -> extension_invalid
        pvp A B USD 1 EUR 1 value 0d till 60s -> extension_invalid
        pvp A B USD 1 EUR 1 value 0d by B.1 -> not_authorised
        pvp A B USD 0 EUR 1 value 0d -> amount_zero
        pvp A B USD 1 EUR 0 value 0d -> amount_zero
        pvp A A USD 1 EUR 1 value 0d -> same_party
        pvp A B 1 1 EUR 1 value 0d -> currency_unknown
        pvp A B EUR 1 JPY 1 value 0d -> currency_not_open
        pvp B A USD 1 GBP 1 value 0d -> debtor_unknown
        pvp A B USD 1 GBP 1 value 0d -> creditor_unknown
        pvp A B USD 1 EUR 1 value 0d id 1 -> unmatched ; effects 1 alleged
        pvp A B USD 2 EUR 1 value 0d id 2 -> unmatched ; effects 2 alleged
        pvp A B USD 3 EUR 1 value 0d -> queue_full
        pvp A B USD 3 EUR 1 value 0d id 3 replaces 2 -> unmatched ; effects 2 amended 3 alleged
        ",
    );
}

#[test]
fn in_one_batch_a_party_may_not_match_itself() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        fund A USD 10
        fund B EUR 10
        batch A {
          pvp A B USD 5 EUR 5 value 0d id 1 -> unmatched
          pvp A B EUR 5 USD 5 value 0d id 2 -> unmatched
        } ; effects 1 alleged 2 alleged
        batch B {
          pvp B A EUR 5 USD 5 value 0d id 3 -> settled
          pvp B A USD 5 EUR 5 value 0d id 4 -> settled
        } ; effects 1 settled 3 settled 2 settled 4 settled
        resend -> settled
        ",
    );
}

#[test]
fn before_there_are_trades_a_cancel_of_one_finds_no_original() {
    check(
        "
        ledger rules 2
        open A B EUR USD
        pvp A B USD 10 EUR 9 value 0d id x -> kind_unknown
        cancel A B USD 10 of x -> original_unknown
        rules 3
        cancel A B USD 10 of x -> not_waiting
        ",
    );
}
