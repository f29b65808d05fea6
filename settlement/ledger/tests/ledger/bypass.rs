//! An account whose holder lets payments of one class overtake each other (section 22.1, discipline).
use crate::support::check;

#[test]
fn what_does_not_fit_is_overtaken_within_its_class() {
    check(
        "
        ledger rules 2
        open A B EUR
        discipline A EUR bypass -> executed
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        pay A B EUR 7 id 3 -> queued 3
        pay A B EUR 2 id 4 -> queued 4
        fund A EUR 7 ; effects 2 settled 4 settled
        fund A EUR 7 ; effects 3 settled
        fund A EUR 10 ; effects 1 settled
        balance A EUR 0
        ",
    );
}

#[test]
fn on_entry_only_higher_classes_stand_in_the_way() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        discipline A EUR bypass -> executed
        pay A B EUR 10 id h high -> queued 1
        pay A B EUR 1 -> queued 2
        pay A B EUR 2 high -> settled
        pay A B EUR 1 urgent -> settled
        pay A B EUR 9 id u urgent -> queued 3
        pay A B EUR 1 high sor -> insufficient_liquidity
        pay A B EUR 1 urgent -> settled
        ",
    );
}

#[test]
fn a_lower_class_does_not_move_while_a_higher_one_waits() {
    check(
        "
        ledger rules 2
        open A B EUR
        discipline A EUR bypass -> executed
        pay A B EUR 10 id h high -> queued 1
        pay A B EUR 1 id n -> queued 2
        fund A EUR 9
        fund A EUR 2 ; effects h settled n settled
        ",
    );
}

#[test]
fn opting_in_sets_in_motion_what_fits_and_opting_out_ends_it() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 6
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        discipline A EUR bypass -> executed ; effects 2 settled
        discipline A EUR -> executed
        pay A B EUR 1 id 3 -> queued 2
        discipline A EUR bypass id d -> executed ; effects 3 settled
        again d -> executed replayed
        ",
    );
}

#[test]
fn another_pass_follows_where_the_account_is_credited_during_one() {
    check(
        "
        ledger rules 2
        open A B EUR
        discipline A EUR bypass -> executed
        pay B A EUR 9 id b -> queued 1
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 9 id 2 -> queued 2
        fund A EUR 9 ; effects 2 settled b settled
        fund A EUR 1 ; effects 1 settled
        ",
    );
}

#[test]
fn a_limit_against_one_does_not_stop_payments_to_others() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 20
        limit A B EUR 0 -> executed
        discipline A EUR bypass -> executed
        pay A B EUR 5 id 1 -> queued 1
        pay A C EUR 5 -> settled
        pay A B EUR 3 id 2 -> queued 2
        limit A B EUR 4 -> executed ; effects 2 settled
        ",
    );
}

#[test]
fn a_chain_is_overtaken_and_need_not_be_first() {
    check(
        "
        ledger rules 2
        open A B C EUR
        discipline A EUR bypass -> executed
        pay A B EUR 50 id 0 -> queued 1
        batch A {
          pay A B EUR 6 linked id 1 -> queued 2
          pay A C EUR 4 id 2 -> queued 3
        }
        pay A B EUR 5 id 3 -> queued 4
        fund A EUR 9 ; effects 3 settled
        fund A EUR 6 ; effects 1 settled 2 settled
        fund A EUR 3
        batch A {
          pay A B EUR 1 linked -> settled
          pay A C EUR 2 -> settled
        }
        ",
    );
}

#[test]
fn a_chain_over_two_accounts_stands_behind_higher_classes_of_both() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        discipline A EUR bypass -> executed
        discipline A JPY bypass -> executed
        pay A B JPY 9 id u urgent -> queued 1
        batch A {
          pay A B EUR 6 linked id 1 -> queued 1
          pay A B JPY 4 id 2 -> queued 2
        }
        fund A EUR 6
        fund A JPY 8
        fund A JPY 5 ; effects u settled 1 settled 2 settled
        ",
    );
}

#[test]
fn a_discipline_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR
        discipline A EUR bypass of x -> malformed
        discipline A EUR bypass expires 60s -> malformed
        discipline A EUR bypass value 0d -> malformed
        discipline A EUR bypass decline -> flags_unknown
        discipline A EUR bypass high -> priority_unknown
        discipline A EUR bypass ref R -> extension_invalid
        discipline A EUR bypass by B -> not_authorised
        discipline A 1 bypass -> currency_unknown
        discipline A USD bypass -> currency_not_open
        discipline OP EUR bypass -> debtor_unknown
        suspend A
        discipline A EUR bypass -> executed
        ",
    );
}
