//! The same id and the same bytes are the same instruction, whatever else has happened since.
use crate::support::check;

#[test]
fn the_same_record_in_another_batch_is_known_again_with_its_origin() {
    check(
        "
        open A B EUR
        fund A EUR 10
        batch A {
          pay A B EUR 1 id 1 -> settled
          pay A B EUR 99 id 2 ref R expires 60s -> queued 1
          pay A B EUR 0 id 3 -> amount_zero
        }
        batch A key 2 session 5 {
          again 3 -> amount_zero replayed
          pay A B EUR 5 id 4 -> queued 2
          again 2 -> queued replayed
          again 1 -> settled replayed
        }
        balance A EUR 9 queued 2
        ",
    );
}

#[test]
fn a_record_twice_in_one_batch_takes_effect_once() {
    check(
        "
        open A B EUR
        fund A EUR 10
        batch A {
          pay A B EUR 4 id 1 uetr U -> settled
          pay A B EUR 4 id 1 uetr U -> settled replayed
          pay A B EUR 5 id 1 uetr U -> id_reused
        }
        balance A EUR 6
        ",
    );
}

#[test]
fn an_id_with_other_bytes_is_refused_and_does_not_touch_the_first() {
    check(
        "
        open A B C EUR
        fund A EUR 10
        pay A B EUR 60 id 1 uetr U -> queued 1
        pay A C EUR 60 id 1 uetr U -> id_reused
        pay A B EUR 61 id 1 uetr U -> id_reused
        pay A B EUR 60 id 1 uetr V -> id_reused
        pay A B EUR 60 id 1 uetr U sor -> id_reused
        pay A B EUR 60 id 1 uetr U ref X -> id_reused
        pay A B EUR 60 id 1 uetr U document D -> id_reused
        pay A B EUR 60 id 1 uetr U -> queued replayed
        fund A EUR 50 ; effects 1 settled
        ",
    );
}

#[test]
fn idempotency_is_judged_before_every_other_rule() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id 1 uetr U -> settled
        suspend A
        # The same bytes under a key without the right, too late and out of order.
        again 1 key 5 until -1s session 8 number 44 -> settled replayed
        # Other bytes that break every rule.
        pay B B 1 0 id 1 kind 9 reserved 1 flags 999 priority 9 extension 7 x by A.5 until -1s number 99 -> id_reused
        pay A B EUR 0 id 1 uetr U -> id_reused
        ",
    );
}

#[test]
fn an_id_belongs_to_its_submitter() {
    check(
        "
        open A B C EUR
        fund A EUR 10
        pay A B EUR 4 id 1 uetr U -> settled
        pay B C EUR 4 id 1 uetr U -> settled
        again 1 by A -> settled replayed
        again 1 by B -> settled replayed
        pay A B EUR 4 id 1 uetr U by C -> not_authorised
        pay A B EUR 4 id 2 uetr U by C -> not_authorised
        pay A B EUR 4 id 2 uetr U -> settled
        balance A EUR 2
        ",
    );
}

#[test]
fn a_rejection_is_remembered_like_any_other_outcome() {
    check(
        "
        open A B EUR
        pay A B EUR 5 id 1 sor -> insufficient_liquidity
        fund A EUR 5
        again 1 -> insufficient_liquidity replayed
        pay A B EUR 5 id 2 sor -> settled
        ",
    );
}

#[test]
fn a_full_memory_refuses_the_new_and_answers_the_old() {
    check(
        "
        ledger ids 6
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 id 1 -> settled
        pay A B EUR 99 id 2 expires 60s -> queued 1
        pay A B EUR 1 id 3 sor -> insufficient_liquidity
        batch A {
          again 1 -> settled replayed
          pay A B EUR 99 id 4 -> queued 2
          pay A B EUR 1 id 5 -> capacity_exhausted
          pay A A EUR 0 id 6 by A -> capacity_exhausted
          again 3 -> insufficient_liquidity replayed
        }
        ids 6
        pay A B EUR 1 id 5 -> capacity_exhausted
        pay A B EUR 2 id 1 -> id_reused
        propose P grant A.9 by A.1 -> capacity_exhausted
        approve P by A.2 -> capacity_exhausted
        tick 60s ; effects 2 expired
        again 2 -> expired replayed
        ids 6
        ",
    );
}
