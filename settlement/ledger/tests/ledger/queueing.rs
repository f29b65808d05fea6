//! One queue for each account, first in first out, and what a credit sets in motion.
use crate::support::check;

#[test]
fn a_small_later_payment_never_overtakes() {
    check(
        "
        open A B EUR
        fund A EUR 50
        pay A B EUR 60 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        pay A B EUR 50 id 3 -> queued 3
        balance A EUR 50 queued 3 value 115
        fund A EUR 9
        fund A EUR 1 ; effects 1 settled
        fund A EUR 4
        fund A EUR 1 ; effects 2 settled
        fund A EUR 50 ; effects 3 settled
        balance A EUR 0
        ",
    );
}

#[test]
fn accounts_of_one_bank_do_not_wait_for_each_other() {
    check(
        "
        open A B EUR JPY
        fund A JPY 5
        pay A B EUR 1 id 1 -> queued 1
        pay A B JPY 5 -> settled
        pay A B JPY 1 id 2 -> queued 1
        fund A EUR 1 ; effects 1 settled
        ",
    );
}

#[test]
fn what_waits_for_one_bank_does_not_stop_payments_to_it() {
    check(
        "
        open A B C EUR
        fund C EUR 5
        pay A B EUR 6 id 1 -> queued 1
        pay C A EUR 2 -> settled
        pay C B EUR 3 -> settled
        balance A EUR 2 queued 1
        ",
    );
}

#[test]
fn one_credit_runs_through_a_chain_in_one_entry() {
    check(
        "
        open A B C D E EUR
        pay D E EUR 10 id 4 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C D EUR 10 id 3 -> queued 1
        pay A B EUR 10 id 1 -> queued 1
        fund A EUR 10 ; effects 1 settled 2 settled 3 settled 4 settled
        balance E EUR 10
        balance D EUR 0
        ",
    );
}

#[test]
fn a_chain_moves_in_the_order_in_which_accounts_were_told() {
    check(
        "
        open A B C D EUR
        pay A B EUR 1 id ab -> queued 1
        pay A C EUR 1 id ac -> queued 2
        pay B D EUR 1 id bd -> queued 1
        pay C D EUR 1 id cd -> queued 1
        pay D A EUR 2 id da -> queued 1
        fund A EUR 2 ; effects ab settled ac settled bd settled cd settled da settled
        balance A EUR 2
        ",
    );
}

#[test]
fn a_payment_of_a_bank_can_set_a_chain_in_motion_that_pays_it_back() {
    check(
        "
        open A B C EUR
        fund A EUR 10
        pay B C EUR 10 id 1 -> queued 1
        pay C A EUR 10 id 2 -> queued 1
        pay A B EUR 10 -> settled ; effects 1 settled 2 settled
        balance A EUR 10
        ",
    );
}

#[test]
fn a_ring_without_any_money_waits() {
    check(
        "
        open A B C EUR
        pay A B EUR 10 id 1 -> queued 1
        pay B C EUR 10 id 2 -> queued 1
        pay C A EUR 10 id 3 -> queued 1
        tick 1h
        waiting 3
        fund B EUR 10 ; effects 2 settled 3 settled 1 settled
        balance B EUR 10
        waiting 0
        ",
    );
}

#[test]
fn a_credit_releases_as_many_from_the_head_as_it_covers() {
    check(
        "
        open A B EUR
        batch A {
          pay A B EUR 3 id 1 -> queued 1
          pay A B EUR 3 id 2 -> queued 2
          pay A B EUR 3 id 3 -> queued 3
          pay A B EUR 1 id 4 -> queued 4
        }
        fund A EUR 8 ; effects 1 settled 2 settled
        balance A EUR 2 queued 2 value 4
        fund A EUR 2 ; effects 3 settled 4 settled
        ",
    );
}

#[test]
fn a_credit_in_the_middle_of_a_batch_releases_before_the_next_record() {
    check(
        "
        open A B EUR
        fund A EUR 20
        pay B A EUR 15 id 1 -> queued 1
        batch A {
          pay A B EUR 14 show -> settled left 6
          pay A B EUR 5 show -> settled left 16
          pay A B EUR 17 id 2 show -> queued 1 left 16
        } ; effects 1 settled
        balance B EUR 4
        ",
    );
}

#[test]
fn what_expiry_frees_moves_before_what_arrives_in_the_entry() {
    check(
        "
        open A B EUR
        fund A EUR 70
        pay A B EUR 100 id 1 expires 60s -> queued 1
        pay A B EUR 60 id 2 -> queued 2
        at 60s
        pay A B EUR 5 id 3 -> settled ; effects 1 expired 2 settled
        again 3 -> settled replayed
        balance A EUR 5
        ",
    );
}

#[test]
fn a_payment_in_the_middle_leaves_and_the_others_keep_their_order() {
    check(
        "
        open A B EUR
        pay A B EUR 5 id 1 -> queued 1
        pay A B EUR 5 id 2 expires 60s -> queued 2
        pay A B EUR 5 id 3 -> queued 3
        pay A B EUR 5 id 4 expires 60s -> queued 4
        tick 60s ; effects 2 expired 4 expired
        pay A B EUR 5 id 5 -> queued 3
        pay A B EUR 5 id 6 -> queued 4
        fund A EUR 20 ; effects 1 settled 3 settled 5 settled 6 settled
        ",
    );
}

#[test]
fn the_ledger_holds_no_more_waiting_payments_than_its_genesis_says() {
    check(
        "
        ledger queue 2
        open A B EUR
        pay A B EUR 5 id 1 -> queued 1
        pay B A EUR 5 id 2 expires 60s -> queued 1
        pay A B EUR 5 id 3 -> queue_full
        pay A B EUR 5 sor -> insufficient_liquidity
        again 3 -> queue_full replayed
        tick 60s ; effects 2 expired
        pay A B EUR 5 id 4 -> queued 2
        pay B A EUR 5 -> queue_full
        fund A EUR 5 ; effects 1 settled
        pay A B EUR 5 id 5 -> queued 2
        waiting 2
        ",
    );
}
