//! Payments that look as if they were sent twice (section 22.6).
use crate::support::check;

#[test]
fn the_same_uetr_between_the_same_two_is_suspected_unless_it_is_meant() {
    check(
        "
        ledger rules 2
        open A B C EUR JPY
        fund A EUR 100
        fund A JPY 100
        pay A B EUR 1 uetr u -> settled
        pay A B EUR 2 uetr u id again -> duplicate_suspected
        pay A B JPY 2 uetr u -> duplicate_suspected
        pay A B EUR 2 uetr u duplicate -> settled
        pay A C EUR 1 uetr u -> settled
        pay A B EUR 1 uetr v -> settled
        conditional A B EUR 1 uetr u approver B expires 60s id c -> set_aside ; effects c set_aside
        conditional A B EUR 1 uetr u approver B expires 60s -> duplicate_suspected
        again again -> duplicate_suspected replayed
        ",
    );
}

#[test]
fn what_waits_at_first_was_accepted_and_what_was_refused_was_not() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 1
        pay A B EUR 5 uetr r sor -> insufficient_liquidity
        pay A B EUR 1 uetr r -> settled
        pay A B EUR 5 uetr q expires 60s id q -> queued 1
        pay A B EUR 5 uetr w from 60s id w -> warehoused
        pay A B EUR 5 uetr q -> duplicate_suspected
        pay A B EUR 5 uetr w -> duplicate_suspected
        cancel A B EUR 5 of q -> executed ; effects q cancelled
        pay A B EUR 5 uetr q -> duplicate_suspected
        pay A B EUR 5 uetr q duplicate id d -> queued 1
        batch A {
          pay A B EUR 1 uetr x linked id 1 -> queued 2
          pay A B EUR 1 uetr y id 2 -> queued 3
        }
        pay A B EUR 1 uetr y -> duplicate_suspected
        ",
    );
}

#[test]
fn returns_count_by_their_kind() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 9 id 1 uetr u -> settled
        pay B A EUR 1 uetr u -> settled
        return B A EUR 1 of 1 uetr u -> settled
        return B A EUR 1 of 1 uetr u -> duplicate_suspected
        return B A EUR 1 of 1 uetr u duplicate -> settled
        ",
    );
}

#[test]
fn a_window_is_a_day_long_and_the_last_one_counts() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        at 23h
        pay A B EUR 1 uetr u -> settled
        at 24h-1ns
        pay A B EUR 1 uetr u -> duplicate_suspected
        at 24h
        pay A B EUR 1 uetr u -> duplicate_suspected
        at 48h-1ns
        pay A B EUR 1 uetr u -> duplicate_suspected
        at 48h
        pay A B EUR 1 uetr u -> settled
        ",
    );
}

#[test]
fn a_window_begins_with_the_first_entry_after_the_end_of_the_one_before() {
    check(
        "
        ledger rules 2
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 uetr u -> settled
        tick 30h
        pay A B EUR 1 uetr u -> duplicate_suspected
        pay A B EUR 1 uetr v -> settled
        at 54h-1s
        pay A B EUR 1 uetr u -> duplicate_suspected
        at 54h
        pay A B EUR 1 uetr u -> settled
        pay A B EUR 1 uetr v -> duplicate_suspected
        tick 10d
        pay A B EUR 1 uetr u -> duplicate_suspected
        pay A B EUR 1 uetr v -> settled
        ",
    );
}

#[test]
fn what_was_accepted_under_the_first_version_is_not_remembered() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 uetr u -> settled
        pay A B EUR 1 uetr u -> settled
        rules 2
        pay A B EUR 1 uetr u -> settled
        pay A B EUR 1 uetr u -> duplicate_suspected
        ",
    );
}
