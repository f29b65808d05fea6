//! What holds for a whole batch: its key, its time, its place in its session.
use crate::support::check;

#[test]
fn a_key_signs_only_what_it_has_the_right_to() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 key 1 -> settled
        pay A B EUR 1 key 4 -> settled
        pay A B EUR 1 key 5 -> key_not_active
        pay A B EUR 1 key 9 -> key_not_active
        propose P grant A.9 by A.4 -> key_not_active
        propose P2 grant A.9 by A.5 -> proposed
        ",
    );
}

#[test]
fn a_key_revoked_between_two_batches_signs_the_first_and_not_the_second() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id 1 key 2 -> settled
        pay A B EUR 90 id 2 key 2 -> queued 1
        revoke A.2
        pay A B EUR 1 id 3 key 2 -> key_not_active
        again 1 key 2 -> settled replayed
        again 3 key 1 -> key_not_active replayed
        fund A EUR 90 ; effects 2 settled         # what was accepted stays accepted
        pay A B EUR 1 key 1 -> settled
        ",
    );
}

#[test]
fn every_record_of_a_batch_with_a_revoked_key_is_rejected() {
    check(
        "
        open A B EUR
        fund A EUR 10
        revoke A.2
        batch A key 2 {
          pay A B EUR 1 -> key_not_active
          pay A A EUR 0 -> key_not_active
        }
        balance A EUR 10
        ",
    );
}

#[test]
fn a_batch_is_taken_within_the_second_of_its_not_after_and_not_later() {
    check(
        "
        open A B EUR
        fund A EUR 10
        at 60s
        pay A B EUR 1 until 60s -> settled
        at 61s-1ns
        pay A B EUR 1 until 60s -> settled
        at 61s
        pay A B EUR 1 id 1 until 60s -> batch_too_late
        pay A B EUR 1 until 61s -> settled
        again 1 -> batch_too_late replayed
        propose P grant A.9 by A.1 until 60s -> batch_too_late
        ",
    );
}

#[test]
fn batches_of_a_session_come_in_order_without_gaps() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 session 7 number 2 -> session_disorder
        pay A B EUR 1 session 7 number 1 -> settled
        pay A B EUR 1 session 7 number 3 -> session_disorder
        pay A B EUR 1 session 7 number 1 -> session_disorder      # its number was used with other bytes
        pay A B EUR 1 session 7 number 2 -> settled
        pay A B EUR 1 session 7 number 3 -> settled
        balance A EUR 7
        ",
    );
}

#[test]
fn sessions_of_one_bank_and_of_others_are_counted_apart() {
    check(
        "
        open A B EUR
        fund A EUR 10
        fund B EUR 10
        pay A B EUR 1 session 1 number 1 -> settled
        pay A B EUR 1 session 2 number 1 -> settled
        pay B A EUR 1 session 1 number 1 -> settled
        pay A B EUR 1 session 1 number 2 -> settled
        propose P grant A.9 by A.1 session 1 number 3 -> proposed
        pay A B EUR 1 session 1 number 3 -> session_disorder
        ",
    );
}

#[test]
fn the_same_batch_twice_is_the_same_answers() {
    check(
        "
        open A B EUR
        fund A EUR 10
        batch A session 3 {
          pay A B EUR 1 show -> settled left 9
          pay A B EUR 2 -> settled
          pay A B EUR 3 ref X -> settled
        }
        resend -> settled
        resend -> settled
        balance A EUR 4
        pay A B EUR 90 id 1 -> queued 1
        resend -> queued
        fund A EUR 90 ; effects 1 settled
        resend -> settled
        ",
    );
}

#[test]
fn a_batch_that_was_refused_still_took_its_number() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 key 5 session 9 number 1 -> key_not_active
        pay A B EUR 1 session 9 number 1 -> session_disorder
        pay A B EUR 1 until -1s session 9 number 2 -> batch_too_late
        pay A B EUR 1 session 9 number 3 -> settled
        ",
    );
}

#[test]
fn a_participant_without_accounts_has_sessions_and_no_money() {
    check(
        "
        open A B EUR
        pay OP A EUR 1 -> debtor_unknown
        pay A AG EUR 1 -> creditor_unknown
        pay AG A EUR 1 show -> debtor_unknown
        ",
    );
}
