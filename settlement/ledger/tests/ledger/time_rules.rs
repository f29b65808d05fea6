//! Expiry, value dates and the instants at which they turn.
use crate::support::check;

#[test]
fn a_payment_that_comes_too_late_is_expired_on_arrival() {
    check(
        "
        open A B EUR
        fund A EUR 10
        at 60s
        pay A B EUR 1 id 1 expires 59s -> expired
        at 61s
        pay A B EUR 1 id 2 expires 61s -> expired
        again 1 -> expired replayed
        pay A B EUR 1 expires 62s -> settled
        balance A EUR 9
        due none
        ",
    );
}

#[test]
fn a_waiting_payment_expires_by_the_clock_alone() {
    check(
        "
        open A B EUR
        pay A B EUR 1 id 1 expires 60s -> queued 1
        due 60s
        tick 30s
        tick 60s-1ns
        balance A EUR 0 queued 1
        tick 60s ; effects 1 expired
        due none
        again 1 -> expired replayed
        fund A EUR 5
        balance A EUR 5
        ",
    );
}

#[test]
fn a_credit_one_nanosecond_before_expiry_settles_and_at_expiry_does_not() {
    check(
        "
        open A B EUR
        fund B EUR 5
        pay A B EUR 1 id 1 expires 60s -> queued 1
        pay A B EUR 1 id 2 expires 61s -> queued 2
        at 60s-1ns
        pay B A EUR 1 -> settled ; effects 1 settled
        at 61s
        pay B A EUR 1 -> settled ; effects 2 expired
        balance A EUR 1
        ",
    );
}

#[test]
fn an_expired_head_makes_way_for_what_stands_behind_it() {
    check(
        "
        open A B EUR
        fund A EUR 5
        pay A B EUR 100 id 1 expires 60s -> queued 1
        pay A B EUR 3 id 2 -> queued 2
        pay A B EUR 3 id 3 expires 70s -> queued 3
        tick 60s ; effects 1 expired 2 settled
        due 70s
        tick 80s ; effects 3 expired
        balance A EUR 2
        ",
    );
}

#[test]
fn a_credit_of_the_entry_in_which_the_head_expires_goes_to_the_next() {
    check(
        "
        open A B C EUR
        fund C EUR 10
        pay A B EUR 10 id 1 expires 60s -> queued 1
        pay A B EUR 6 id 2 -> queued 2
        at 60s
        pay C A EUR 10 -> settled ; effects 1 expired 2 settled
        balance A EUR 4
        ",
    );
}

#[test]
fn payments_that_expire_together_leave_in_the_order_in_which_they_came() {
    check(
        "
        open A B C EUR
        pay C A EUR 9 id 1 expires 60s -> queued 1
        pay A B EUR 9 id 2 expires 60s -> queued 1
        pay B A EUR 9 id 3 expires 50s -> queued 1
        pay A C EUR 9 id 4 expires 60s -> queued 2
        pay C B EUR 9 id 5 expires 60s -> queued 2
        tick 60s ; effects 3 expired 1 expired 2 expired 4 expired 5 expired
        ",
    );
}

/// Regression: a place that became free was taken again, and with it the place in the order of expiry; after a
/// start from a snapshot the order was another.
#[test]
fn the_order_of_expiry_does_not_depend_on_where_payments_are_kept() {
    check(
        "
        open A B C EUR
        pay B A EUR 1 id gone -> queued 1
        pay C A EUR 9 id 1 expires 60s -> queued 1
        pay C A EUR 2 id 2 -> queued 2
        fund B EUR 1 ; effects gone settled
        fund A EUR 0 -> amount_zero
        defund A EUR 1
        pay A B EUR 9 id 3 expires 60s -> queued 1
        pay A B EUR 1 id 4 -> queued 2
        fund C EUR 2
        tick 60s ; effects 1 expired 3 expired 2 settled 4 settled
        ",
    );
}

#[test]
fn the_value_date_is_today_or_not_told() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 value 0d -> settled
        pay A B EUR 1 value 1d id 1 -> value_date_closed
        pay A B EUR 1 value -1d -> value_date_closed
        at 16h
        pay A B EUR 1 value 0d -> value_date_closed
        pay A B EUR 1 value 1d -> settled
        again 1 -> value_date_closed replayed
        ",
    );
}

#[test]
fn the_day_turns_at_midnight_utc() {
    check(
        "
        open A B EUR
        fund A EUR 10
        at 16h-1ns
        pay A B EUR 1 value 0d -> settled
        at 16h
        pay A B EUR 1 value 1d -> settled
        ",
    );
}

/// A value date is a condition of entry: what was accepted may settle on a later day, unless it expires.
#[test]
fn a_payment_that_waits_past_midnight_still_settles() {
    check(
        "
        open A B EUR
        pay A B EUR 1 id 1 value 0d -> queued 1
        at 20h
        fund A EUR 1 ; effects 1 settled
        ",
    );
}

#[test]
fn entries_about_the_log_itself_let_time_pass_too() {
    check(
        "
        open A B EUR
        pay A B EUR 1 id 1 expires 60s -> queued 1
        roots 60s ; effects 1 expired
        ",
    );
}
