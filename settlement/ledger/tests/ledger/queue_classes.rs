//! Classes of payments, and what an amendment does to their order (section 22.1).
use crate::support::check;

#[test]
fn a_higher_class_settles_before_a_lower_one_and_each_class_in_order() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 10 id n1 -> queued 1
        pay A B EUR 10 id h1 high -> queued 2
        pay A B EUR 10 id u1 urgent -> queued 3
        pay A B EUR 10 id n2 -> queued 4
        pay A B EUR 10 id u2 urgent -> queued 5
        pay A B EUR 10 id h2 high -> queued 6
        fund A EUR 10 ; effects u1 settled=10@A,B
        fund A EUR 35 ; effects u2 settled h1 settled h2 settled
        balance A EUR 5 queued 2 value 20
        ",
    );
}

#[test]
fn lower_classes_do_not_move_while_a_higher_one_waits() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 9
        pay A B EUR 10 id u urgent -> queued 1
        pay A B EUR 1 id h high -> queued 2
        pay A B EUR 1 id n -> queued 3
        pay A B EUR 1 sor -> insufficient_liquidity
        fund A EUR 1 ; effects u settled
        fund A EUR 2 ; effects h settled n settled
        ",
    );
}

#[test]
fn on_entry_nothing_of_its_own_or_a_higher_class_may_wait() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay A B EUR 10 id h high -> queued 1
        pay A B EUR 1 id n -> queued 2
        pay A B EUR 1 id h2 high -> queued 3
        pay A B EUR 1 urgent -> settled
        pay A B EUR 10 id u urgent -> queued 4
        pay A B EUR 1 id u2 urgent -> queued 5
        ",
    );
}

#[test]
fn another_class_than_these_three_is_not_offered() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay A B EUR 1 priority 3 -> priority_unknown
        pay A B EUR 1 priority 255 -> priority_unknown
        pay A B EUR 1 priority 2 -> settled
        ",
    );
}

#[test]
fn an_amendment_gives_a_waiting_payment_another_class_at_its_end() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 10 id 2 urgent -> queued 2
        pay A B EUR 10 id 3 -> queued 3
        amend A EUR of 3 urgent -> executed
        fund A EUR 30 ; effects 2 settled 3 settled 1 settled
        ",
    );
}

#[test]
fn an_amendment_moves_to_the_front_or_to_the_end_of_a_class() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 10 id 2 -> queued 2
        pay A B EUR 10 id 3 -> queued 3
        pay A B EUR 10 id h high -> queued 4
        amend A EUR of 3 front -> executed
        amend A EUR of 1 back -> executed
        amend A EUR of 2 high front -> executed
        fund A EUR 40 ; effects 2 settled h settled 3 settled 1 settled
        ",
    );
}

#[test]
fn an_amendment_sets_in_motion_what_fits_now() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay B A EUR 7 id b -> queued 1
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        amend A EUR of 2 front -> executed ; effects 2 settled
        amend A EUR of 1 urgent -> executed
        fund A EUR 5
        fund A EUR 5 ; effects 1 settled b settled
        ",
    );
}

#[test]
fn an_amendment_lowers_a_payment_so_that_what_stood_behind_it_goes_on() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay A B EUR 10 id u urgent -> queued 1
        pay A B EUR 5 id n -> queued 2
        amend A EUR of u back -> executed ; effects n settled
        balance A EUR 0 queued 1
        ",
    );
}

#[test]
fn an_amendment_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        fund A EUR 1
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 1 id done urgent -> settled
        pay A B EUR 1 id later from 60s -> warehoused
        conditional A B EUR 1 id c approver B expires 60s -> queued 2
        amend A EUR of 1 front back -> flags_unknown
        amend A EUR of 1 linked -> flags_unknown
        amend A EUR of 1 priority 3 -> priority_unknown
        amend A EUR of 1 high expires 60s -> malformed
        amend A EUR of 1 high value 0d -> malformed
        amend A EUR high -> malformed
        amend A EUR of 1 high ref R -> extension_invalid
        amend A EUR of 1 high reason R -> extension_invalid
        amend A EUR of 1 high by B -> not_authorised
        amend A USD of 1 high -> currency_not_open
        amend A 1 of 1 high -> currency_unknown
        amend OP EUR of 1 high -> debtor_unknown
        amend A EUR of never high -> original_unknown
        amend B EUR of 1 high -> original_unknown
        amend A JPY of 1 high -> original_mismatch
        amend A EUR of 1 -> not_waiting
        amend A EUR of done high -> not_waiting
        amend A EUR of later high -> not_waiting
        amend A EUR of c back -> executed
        amend A EUR of 1 back -> executed
        amend A EUR of 1 high id twice -> executed
        again twice -> executed replayed
        amend A EUR of 1 high -> not_waiting
        ",
    );
}

#[test]
fn what_ends_beside_its_queue_does_not_bring_its_account_to_its_turn() {
    check(
        "
        ledger rules 2
        open A B EUR USD
        fund A USD 10
        fund B EUR 5
        conditional A B USD 10 id c condition SECRET expires 60s -> set_aside ; effects c set_aside=0@B
        pay A B USD 10 id u -> queued 1
        pay A B USD 1 id held expires 60s -> queued 2
        hold A held ; effects held pending
        pay B A EUR 100 id first expires 60s -> queued 1
        pay B A EUR 5 id next -> queued 2
        tick 60s ; effects held expired first expired c expired next settled u settled
        ",
    );
}

#[test]
fn a_chain_that_is_amended_wakes_its_accounts_in_its_order() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        batch A {
          pay A B EUR 50 urgent linked id 1 -> queued 1
          pay A B JPY 50 urgent id 2 -> queued 1
        }
        pay A B EUR 1 high id e -> queued 2
        pay A B JPY 1 high id j -> queued 2
        fund A EUR 1
        fund A JPY 1
        amend A JPY of 2 front -> executed ; effects e settled j settled
        ",
    );
}
