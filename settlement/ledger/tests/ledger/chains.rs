//! Linked chains: whole, waiting as one item, or failed whole (section 22.5).
use crate::support::check;

#[test]
fn a_chain_settles_whole_counting_what_stands_before() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        fund A EUR 10
        fund A JPY 5
        batch A {
          pay A B EUR 6 linked -> settled
          pay A C JPY 5 linked -> settled
          pay A C EUR 4 -> settled
        }
        batch A {
          pay A B EUR 1 linked sor id 1 -> insufficient_liquidity
          pay A C EUR 1 sor id 2 -> chain_failed
        }
        fund A EUR 10
        batch A {
          pay A B EUR 6 linked sor -> chain_failed
          pay A C EUR 5 sor -> insufficient_liquidity
        }
        ",
    );
}

#[test]
fn a_chain_that_does_not_fit_waits_as_one_item() {
    check(
        "
        ledger rules 2
        open A B C EUR
        batch A {
          pay A B EUR 6 linked id 1 -> queued 1
          pay A C EUR 4 id 2 -> queued 2
        }
        pay A B EUR 1 id 3 -> queued 3
        fund A EUR 9
        balance A EUR 9 queued 3
        fund A EUR 2 ; effects 1 settled=6@A,B 2 settled=4@A,C 3 settled
        ",
    );
}

#[test]
fn a_chain_over_two_accounts_is_first_in_both_before_it_settles() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        pay A B JPY 3 id j -> queued 1
        batch A {
          pay A B EUR 6 linked id 1 -> queued 1
          pay A B JPY 4 id 2 -> queued 2
        }
        fund A EUR 6
        fund A JPY 2
        fund A JPY 1 ; effects j settled
        fund A JPY 4 ; effects 1 settled 2 settled
        waiting 0
        ",
    );
}

#[test]
fn on_entry_nothing_may_wait_in_any_account_that_it_debits() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        fund A EUR 10
        fund A JPY 10
        pay A B JPY 30 id j -> queued 1
        batch A {
          pay A B EUR 6 linked sor -> chain_failed
          pay A B JPY 4 sor -> insufficient_liquidity
        }
        batch A {
          pay A B EUR 6 linked id 1 -> queued 1
          pay A B JPY 4 id 2 -> queued 2
        }
        batch A {
          pay A B EUR 6 linked urgent -> settled
          pay A B JPY 4 urgent -> settled
        }
        ",
    );
}

#[test]
fn the_first_record_that_stands_in_the_way_is_named() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        fund A JPY 10
        pay A B JPY 30 id j -> queued 1
        batch A {
          pay A B EUR 6 linked sor -> insufficient_liquidity
          pay A B JPY 4 sor -> chain_failed
        }
        fund A EUR 10
        limit A B EUR 7 -> executed
        batch A {
          pay A B EUR 4 linked sor -> chain_failed
          pay A B EUR 4 sor -> limit_exceeded
        }
        hold_party B
        batch A {
          pay A B EUR 1 linked sor -> insufficient_liquidity
          pay A B EUR 1 sor -> chain_failed
        }
        ",
    );
}

#[test]
fn a_record_that_breaks_a_rule_is_the_culprit_and_all_others_fail() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        suspend C
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A C EUR 1 linked -> creditor_suspended
          pay A B EUR 0 -> chain_failed
        }
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A B EUR 1 reserved 1 -> malformed
        }
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A B EUR 1 linked kind 99 -> kind_unknown
          pay A B EUR 1 -> chain_failed
        }
        batch A {
          pay A B EUR 1 -> settled
          pay A B EUR 1 linked value 1d -> value_date_closed
          pay A B EUR 1 -> chain_failed
          pay A B EUR 1 -> settled
        }
        balance A EUR 8
        ",
    );
}

#[test]
fn what_does_not_match_its_chain_is_chain_invalid() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A B EUR 1 high -> chain_invalid
        }
        batch A {
          pay A B EUR 1 linked expires 60s -> chain_failed
          pay A B EUR 1 linked expires 61s -> chain_invalid
          pay A B EUR 1 expires 60s -> chain_failed
        }
        batch A {
          pay A B EUR 1 linked sor -> chain_failed
          pay A B EUR 1 -> chain_invalid
        }
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A B EUR 1 from 60s -> chain_invalid
        }
        batch A {
          pay A B EUR 1 linked till 60s -> chain_invalid
          pay A B EUR 1 -> chain_failed
        }
        batch A {
          pay A B EUR 1 linked -> chain_failed
          limit A B EUR 1 -> chain_invalid
        }
        batch A {
          pay A B EUR 1 linked -> chain_failed
          conditional A B EUR 1 approver B expires 60s -> chain_invalid
        }
        pay A B EUR 1 linked -> chain_invalid
        batch A {
          pay A B EUR 1 linked -> chain_failed
          pay A B EUR 1 linked -> chain_invalid
        }
        ",
    );
}

#[test]
fn a_chain_has_at_most_sixteen_records() {
    let chain = |count: usize, culprit: Option<usize>| {
        let mut text = String::from("batch A {\n");
        for at in 1..=count {
            let linked = if at < count { "linked" } else { "" };
            let status = match culprit {
                None => "settled",
                Some(culprit) if culprit == at => "chain_invalid",
                Some(_) => "chain_failed",
            };
            text += &format!("pay A B EUR 1 {linked} -> {status}\n");
        }
        text + "}\n"
    };
    check(&format!(
        "ledger rules 2\nopen A B EUR\nfund A EUR 100\n{}{}",
        chain(16, None),
        chain(17, Some(17))
    ));
}

#[test]
fn a_record_that_is_known_is_answered_as_ever_and_breaks_the_others() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id known -> settled
        batch A {
          pay A B EUR 1 linked id a -> chain_failed
          pay A B EUR 1 id known uetr other -> id_reused
        }
        batch A {
          pay A B EUR 1 linked id twice uetr t -> chain_failed
          pay A B EUR 1 linked id twice uetr t -> chain_failed replayed
          pay A B EUR 1 id last -> chain_failed
        }
        batch A {
          pay A B EUR 0 linked id d -> chain_failed
          pay A B EUR 1 id known uetr other -> id_reused
        }
        batch A {
          pay A B EUR 0 linked id e uetr e -> chain_failed
          pay A B EUR 0 linked id e uetr e -> chain_failed replayed
          pay A B EUR 1 -> chain_failed
        }
        batch A {
          pay A B EUR 1 linked id b -> settled
          pay A B EUR 1 id c -> settled
        }
        resend -> settled
        balance A EUR 7
        ",
    );
}

#[test]
fn a_memory_without_room_for_all_takes_none() {
    check(
        "
        ledger rules 2 ids 4
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id 1 -> settled
        batch A {
          pay A B EUR 1 linked -> capacity_exhausted
          pay A B EUR 1 -> capacity_exhausted
        }
        batch A {
          pay A B EUR 1 linked uetr u id u -> chain_failed
          pay A B EUR 1 id 1 uetr other -> id_reused
        }
        batch A {
          pay A B EUR 1 linked -> capacity_exhausted
          pay A B EUR 1 id 1 uetr other -> id_reused
        }
        ids 4
        ",
    );
}

#[test]
fn a_chain_that_has_no_room_to_wait_names_its_first_record() {
    check(
        "
        ledger rules 2 queue 2
        open A B EUR
        pay A B EUR 1 id 1 -> queued 1
        batch A {
          pay A B EUR 1 linked -> queue_full
          pay A B EUR 1 -> chain_failed
        }
        ",
    );
}

#[test]
fn a_chain_ends_as_one() {
    check(
        "
        ledger rules 2
        open A B C EUR
        batch A {
          pay A B EUR 1 linked id 1 -> queued 1
          pay A C EUR 2 id 2 -> queued 2
        }
        cancel A C EUR 2 of 2 -> executed ; effects 1 cancelled 2 cancelled
        batch A {
          pay A B EUR 1 linked expires 60s id 3 -> queued 1
          pay A C EUR 2 expires 60s id 4 -> queued 2
        }
        pay A B EUR 1 id 5 -> queued 3
        fund A EUR 1
        tick 60s ; effects 3 expired 4 chain_failed 5 settled
        batch A {
          pay A B EUR 1 linked id 6 -> queued 1
          pay A C EUR 2 id 7 -> queued 2
        }
        suspend C
        fund A EUR 1 ; effects 6 chain_failed 7 creditor_suspended
        waiting 0
        ",
    );
}

#[test]
fn a_chain_is_held_rejected_and_let_go_as_one() {
    check(
        "
        ledger rules 2
        open A B C EUR
        batch A {
          pay A B EUR 1 linked id 1 -> queued 1
          pay A C EUR 2 id 2 -> queued 2
        }
        hold A 2 ; effects 1 pending 2 pending
        unhold A 1 ; effects 1 queued 2 queued
        hold A 1 ; effects 1 pending 2 pending
        unhold A 2 reject ; effects 1 chain_failed 2 rejected_by_order
        hold_party C
        fund A EUR 5
        batch A {
          pay A B EUR 1 linked id 3 -> pending
          pay A C EUR 2 id 4 -> pending
        }
        unhold_party C ; effects 3 settled 4 settled
        ",
    );
}

#[test]
fn one_currency_that_closes_ends_the_chain_in_the_other_too() {
    check(
        "
        ledger rules 2
        open A B EUR JPY
        day EUR open 0d
        batch A {
          pay A B JPY 1 linked id 1 -> queued 1
          pay A B EUR 2 id 2 -> queued 1
        }
        pay A B JPY 5 id 3 -> queued 2
        fund A JPY 5
        day EUR closed 0d ; effects 1 rejected_close 2 rejected_close 3 settled
        ",
    );
}

#[test]
fn a_chain_moves_as_one_when_it_is_amended() {
    check(
        "
        ledger rules 2
        open A B C EUR
        pay A B EUR 1 id 1 -> queued 1
        pay A B EUR 1 id u urgent -> queued 2
        batch A {
          pay A B EUR 1 linked id 2 -> queued 3
          pay A C EUR 2 id 3 -> queued 4
        }
        amend A EUR of 3 urgent front -> executed
        fund A EUR 2
        fund A EUR 3 ; effects 2 settled 3 settled u settled 1 settled
        ",
    );
}

#[test]
fn accounts_that_a_chain_credits_are_woken_in_order() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 3
        pay C A EUR 2 id c -> queued 1
        pay B A EUR 1 id b -> queued 1
        batch A {
          pay A B EUR 1 linked -> settled
          pay A C EUR 2 -> settled
        } ; effects b settled c settled
        ",
    );
}

#[test]
fn returns_of_one_original_in_a_chain_count_together() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 10 id 1 -> settled
        batch B {
          return B A EUR 6 linked of 1 -> chain_failed
          return B A EUR 5 of 1 -> return_exceeds
        }
        batch B {
          return B A EUR 6 linked of 1 -> settled
          return B A EUR 4 of 1 -> settled
        }
        return B A EUR 1 of 1 -> return_exceeds
        ",
    );
}

#[test]
fn a_chain_is_bound_by_limits_and_reservations_together() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 20
        limit A A EUR 9 -> executed
        batch A {
          pay A B EUR 5 linked id 1 -> queued 1
          pay A C EUR 5 id 2 -> queued 2
        }
        limit A A EUR 10 -> executed ; effects 1 settled 2 settled
        reserve A EUR 5 urgent -> executed
        batch A {
          pay A B EUR 3 high linked id 3 -> queued 1
          pay A C EUR 3 high id 4 -> queued 2
        }
        fund A EUR 1 ; effects 3 settled 4 settled
        ",
    );
}

#[test]
fn a_record_is_judged_by_its_form_before_its_place_in_a_chain() {
    check(
        "
        ledger rules 3
        open A B EUR USD
        batch A {
          pay A B EUR 1 linked id p -> chain_failed
          quote A EUR 0 USD expires 9h -> extension_invalid
        }
        ",
    );
}
