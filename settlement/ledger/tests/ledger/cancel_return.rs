//! Cancellations, the questions they become, and returns (section 22.4).
use crate::support::check;

#[test]
fn what_waits_is_cancelled_wherever_it_waits() {
    check(
        "
        ledger rules 2
        open A B EUR
        pay A B EUR 5 id q -> queued 1
        pay A B EUR 6 id w from 60s -> warehoused
        pay A B EUR 7 id p -> queued 2
        hold A p ; effects p pending
        cancel A B EUR 5 of q reason DUPL id c -> executed ; effects q cancelled=0@A
        cancel A B EUR 6 of w -> executed ; effects w cancelled=0@A
        cancel A B EUR 7 of p -> executed ; effects p cancelled=0@A
        again c -> executed replayed
        cancel A B EUR 5 of q -> not_waiting
        waiting 0
        due none
        ",
    );
}

#[test]
fn what_stands_behind_a_cancelled_payment_goes_on() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 5
        pay B A EUR 5 id b -> queued 1
        pay A B EUR 10 id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        cancel A B EUR 10 of 1 -> executed ; effects 1 cancelled 2 settled b settled
        ",
    );
}

#[test]
fn a_settled_payment_becomes_a_question_to_its_creditor() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        pay A B EUR 6 id 2 -> settled
        cancel A B EUR 5 of 1 id q1 reason DUPL -> cancellation_pending ; effects q1 cancellation_pending=0@B
        cancel A B EUR 5 of 1 -> duplicate_suspected
        cancel A B EUR 6 of 2 id q2 -> cancellation_pending ; effects q2 cancellation_pending=0@B
        resolve A B EUR 5 of q1 decline reason LEGL -> executed ; effects q1 cancellation_refused=0@A,B
        resolve A B EUR 6 of q2 -> executed ; effects q2 executed=0@A,B
        resolve A B EUR 6 of q2 -> original_unknown
        again q1 -> cancellation_refused replayed
        balance A EUR 9
        cancel A B EUR 5 of 1 id q3 -> cancellation_pending ; effects q3 cancellation_pending=0@B
        return B A EUR 5 of 1 -> settled
        resolve A B EUR 5 of q3 -> executed ; effects q3 executed=0@A,B
        ",
    );
}

#[test]
fn a_question_has_an_end_of_its_own() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        cancel A B EUR 5 of 1 expires -1s -> expired
        cancel A B EUR 5 of 1 id q expires 60s -> cancellation_pending ; effects q cancellation_pending
        due 60s
        tick 60s ; effects q expired=0@A,B
        resolve A B EUR 5 of q -> original_unknown
        cancel A B EUR 5 of 1 id q2 -> cancellation_pending ; effects q2 cancellation_pending
        ",
    );
}

#[test]
fn a_cancellation_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        pay A B EUR 50 id 2 -> queued 1
        pay A B EUR 50 id 3 sor -> insufficient_liquidity
        limit A C EUR 5 id l -> executed
        conditional A B EUR 5 id c urgent approver B expires 60s -> set_aside ; effects c set_aside
        cancel A B EUR 50 -> malformed
        cancel A B EUR 50 of 2 value 0d -> malformed
        cancel A B EUR 50 of 2 sor -> flags_unknown
        cancel A B EUR 50 of 2 high -> priority_unknown
        cancel A B EUR 50 of 2 ref R -> extension_invalid
        cancel A B EUR 50 of 2 by B -> not_authorised
        cancel A B EUR 0 of 2 -> amount_zero
        cancel A A EUR 50 of 2 -> same_party
        cancel A B USD 50 of 2 -> currency_not_open
        cancel OP B EUR 50 of 2 -> debtor_unknown
        cancel A OP EUR 50 of 2 -> creditor_unknown
        cancel A B EUR 50 of never -> original_unknown
        cancel A B EUR 5 of l -> original_unknown
        cancel A C EUR 50 of 2 -> original_mismatch
        cancel A B JPY 50 of 2 -> original_mismatch
        cancel A B EUR 51 of 2 -> original_mismatch
        cancel A B EUR 6 of 1 -> original_mismatch
        cancel A C EUR 5 of 1 -> original_mismatch
        cancel A B EUR 50 of 3 -> not_waiting
        cancel A B EUR 5 of c -> not_waiting
        suspend A
        suspend B
        cancel A B EUR 50 of 2 -> executed ; effects 2 cancelled
        cancel A B EUR 5 of 1 id q -> cancellation_pending ; effects q cancellation_pending
        ",
    );
}

#[test]
fn an_answer_to_a_question_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        cancel A B EUR 5 of 1 id q -> cancellation_pending ; effects q cancellation_pending
        resolve A B EUR 5 -> malformed
        resolve A B EUR 5 of q expires 60s -> malformed
        resolve A B EUR 5 of q value 0d -> malformed
        resolve A B EUR 5 of q sor -> flags_unknown
        resolve A B EUR 5 of q high -> priority_unknown
        resolve A B EUR 5 of q ref R -> extension_invalid
        resolve A B EUR 5 of q by A -> not_authorised
        resolve A B EUR 0 of q -> amount_zero
        resolve B B EUR 5 of q -> same_party
        resolve A B USD 5 of q -> currency_not_open
        resolve OP B EUR 5 of q -> debtor_unknown
        resolve A B EUR 5 of 1 -> original_unknown
        resolve A B EUR 5 of never -> original_unknown
        resolve A C EUR 5 of q -> original_unknown
        resolve C B EUR 5 of q -> original_unknown
        resolve A B EUR 6 of q -> original_mismatch
        resolve A B JPY 5 of q -> original_mismatch
        resolve A B EUR 5 of q -> executed ; effects q executed
        ",
    );
}

#[test]
fn a_return_pays_back_at_most_the_original_less_what_was_returned_or_waits() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 100
        pay A B EUR 60 id 1 -> settled
        return B A EUR 61 of 1 -> return_exceeds
        return B A EUR 20 of 1 reason AC04 -> settled
        return B A EUR 41 of 1 -> return_exceeds
        pay B A EUR 30 -> settled
        return B A EUR 25 of 1 id r -> queued 1
        return B A EUR 16 of 1 -> return_exceeds
        cancel B A EUR 25 of r -> executed ; effects r cancelled
        return B A EUR 10 of 1 -> settled
        return B A EUR 31 of 1 -> return_exceeds
        return B A EUR 30 of 1 sor -> insufficient_liquidity
        return B A EUR 30 of 1 expires 60s id e -> queued 1
        tick 60s ; effects e expired
        return B A EUR 30 of 1 id f -> queued 1
        fund B EUR 30 ; effects f settled=30@B,A
        return B A EUR 1 of 1 -> return_exceeds
        balance A EUR 130
        ",
    );
}

#[test]
fn returns_of_a_conditional_payment_count_alike() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        conditional A B EUR 10 id c approver B expires 60s -> set_aside ; effects c set_aside
        return B A EUR 10 of c -> original_unknown
        release A B EUR 10 of c by B -> executed ; effects c settled
        batch B {
          return B A EUR 4 of c -> settled
          return B A EUR 4 of c -> settled
          return B A EUR 4 of c -> return_exceeds
        }
        ",
    );
}

#[test]
fn an_original_may_stand_in_the_same_batch() {
    check(
        "
        ledger rules 2
        open A B C EUR
        fund A EUR 10
        batch A {
          pay A C EUR 1 ref FIRST -> settled
          pay A B EUR 5 id 1 ref HERE -> settled
          cancel A B EUR 5 of 1 id q -> cancellation_pending
        } ; effects q cancellation_pending
        return B A EUR 5 of 1 -> settled
        ",
    );
}

#[test]
fn a_return_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        fund A EUR 20
        pay A B EUR 5 id 1 -> settled
        pay A B EUR 50 id 2 -> queued 1
        pay A B EUR 50 id 3 sor -> insufficient_liquidity
        return B A EUR 5 -> malformed
        return B A EUR 5 of 1 counter 1 -> malformed
        return B A EUR 5 of 1 partial -> flags_unknown
        return B A EUR 5 of 1 priority 3 -> priority_unknown
        return B A EUR 5 of 1 from 10s -> extension_invalid
        return B A EUR 5 of 1 by A -> not_authorised
        return B A EUR 0 of 1 -> amount_zero
        return B B EUR 5 of 1 -> same_party
        return B A USD 5 of 1 -> currency_not_open
        return B OP EUR 5 of 1 -> creditor_unknown
        return B A EUR 5 of never -> original_unknown
        return B A EUR 5 of 2 -> original_unknown
        return B A EUR 5 of 3 -> original_unknown
        return A B EUR 5 of 1 -> original_unknown
        return C A EUR 5 of 1 -> original_mismatch
        return B A JPY 5 of 1 -> original_mismatch
        return B A EUR 6 of 1 -> return_exceeds
        return B A EUR 5 of 1 value 1d -> value_date_closed
        return B A EUR 5 of 1 expires -1s -> expired
        return B A EUR 5 of 1 urgent charges debtor reason AM05 ref R expires 60s value 0d id r -> settled
        return A B EUR 5 of r -> original_unknown
        suspend A
        return B A EUR 5 of 1 -> creditor_suspended
        ",
    );
}

#[test]
fn an_entry_looks_at_a_bounded_number_of_originals() {
    let mut script = String::from(
        "
        ledger rules 2 ids 2000
        open A B EUR
        fund A EUR 1000
        pay A B EUR 500 id 1 -> settled
        batch B {
        ",
    );
    for place in 0..258 {
        let status = if place < 256 { "settled" } else { "entry_full" };
        script += &format!("return B A EUR 1 of 1 id r{place} uetr u{place} -> {status}\n");
    }
    // What can be judged without the original has its place before that.
    script += "return B A EUR 1 of never -> original_unknown\n return B A EUR 1 of 1 value 1d -> value_date_closed\n";
    script += "return B A EUR 1 of 1 expires -1s -> expired\n return B A EUR 1 of 1 uetr u0 -> duplicate_suspected\n";
    script += "}\n return B A EUR 1 of 1 -> settled\n again r257 -> entry_full replayed\n batch A {\n";
    script += "cancel A B EUR 500 of 1 id q -> cancellation_pending\n";
    script += &"cancel A B EUR 500 of 1 -> duplicate_suspected\n".repeat(255);
    script += "cancel A B EUR 500 of 1 -> entry_full\n cancel A B EUR 500 of 1 expires -1s -> expired\n";
    script += "} ; effects q cancellation_pending";
    check(&script);
}
