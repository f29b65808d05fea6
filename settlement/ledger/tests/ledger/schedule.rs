//! The business day by its schedule (section 26).
use crate::support::check;

#[test]
fn a_day_opens_cuts_off_and_closes_by_itself_at_its_instants() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 1d 86410s 86420s 86430s ; tells nobody 0
        due 10s
        tick 10s
        due 20s
        at 20s-1ns
        pay A B EUR 1 -> settled
        at 20s
        pay A B EUR 1 -> rejected_cut_off
        pay A B EUR 1 interbank -> settled
        due 30s
        pay A B EUR 9 interbank id late -> queued 1
        at 30s-1ns
        pay A B EUR 1 interbank high -> settled
        at 30s
        pay A B EUR 1 interbank -> rejected_cut_off
        fund A EUR 1
        due 45s
        tick 45s-1ns
        tick 45s ; effects late rejected_close
        due 1d
        at 1d-1ns
        pay A B EUR 1 interbank -> rejected_cut_off
        at 1d
        pay A B EUR 1 -> settled
        due 86410s
        ",
    );
}

#[test]
fn customers_and_banks_are_cut_off_of_exchanges_and_conditional_payments_alike() {
    check(
        "
        ledger rules 4
        open A B EUR USD
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s
        tick 10s
        at 20s
        conditional A B EUR 1 id c condition SECRET expires 60s -> rejected_cut_off
        conditional A B EUR 1 id d condition SECRET expires 60s interbank -> set_aside ; effects d set_aside=0@B
        fx A B EUR 1 USD 1 -> rejected_cut_off
        fx A B EUR 1 USD 1 interbank -> awaiting_quote
        pvp A B USD 110 EUR 100 value 0d id t -> unmatched ; effects t alleged@B
        at 30s
        pvp A B USD 111 EUR 100 value 0d -> rejected_cut_off
        ",
    );
}

#[test]
fn an_extension_comes_before_the_close_and_reopens_what_was_cut_off() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 60s 70s 80s 90s
        extend EUR 0d 10s 20s 30s 50s -> day_invalid
        tick 10s
        extend EUR 0d 10s 20s 30s 40s -> day_invalid
        extend EUR 0d 10s 19s 30s 40s -> day_invalid
        extend EUR 0d 10s 20s 30s 61s -> day_invalid
        extend EUR 0d 11s 20s 30s 50s -> day_invalid
        extend EUR 1d 10s 20s 30s 50s -> day_invalid
        extend EUR 0d 10s 41s 35s 50s -> day_invalid
        extend USD 0d 10s 20s 30s 50s -> currency_not_open
        extend EUR 0d 10s 20s 30s 50s by A.1 -> role_missing
        at 30s
        pay A B EUR 1 interbank -> rejected_cut_off
        extend EUR 0d 10s 25s 35s 50s
        pay A B EUR 1 -> rejected_cut_off
        pay A B EUR 1 interbank -> settled
        extend EUR 0d 10s 45s 45s 50s
        pay A B EUR 1 -> settled
        propose P extend EUR 0d 10s 45s 45s 60s by OP.1 -> proposed
        at 49s
        extend EUR 0d 10s 45s 45s 55s
        tick 55s
        approve P by OP.2 -> day_invalid
        tick 60s
        pay A B EUR 1 value 1d -> settled
        ",
    );
}

#[test]
fn a_schedule_is_refused_rule_by_rule() {
    check(
        "
        ledger rules 4
        open A B EUR
        schedule EUR 1d 1d 86410s 86420s 86430s by A.1 -> role_missing
        schedule USD 1d 1d 86410s 86420s 86430s -> currency_not_open
        schedule EUR 1d 10s 10s 20s 30s -> day_invalid
        schedule EUR 1d 10s 30s 20s 30s -> day_invalid
        schedule EUR 1d 10s 20s 30s 29s -> day_invalid
        schedule EUR 1d 0s 20s 30s 30s -> day_invalid
        schedule EUR 1d none -> day_invalid
        schedule EUR 1d 10s 20s 30s 30s and 1d 40s 50s 60s 60s -> day_invalid
        schedule EUR 2d 10s 20s 30s 30s and 1d 40s 50s 60s 60s -> day_invalid
        schedule EUR 1d 10s 20s 30s 30s and 2d 29s 50s 60s 60s -> day_invalid
        schedule EUR 1d 10s 20s 30s 30s and 2d 40s 50s 60s 60s and 3d 60s 70s 70s 70s
        day EUR open 0d -> day_invalid
        schedule EUR 2d 25s 50s 60s 60s -> day_invalid
        schedule EUR 2d 40s 50s 60s 61s -> day_invalid
        schedule EUR 2d none
        schedule EUR 2d none -> day_invalid
        tick 10s
        schedule EUR 1d none -> day_invalid
        schedule EUR 1d 40s 50s 60s 60s -> day_invalid
        day EUR cut_off 0d -> day_invalid
        day EUR cut_off 1d
        day EUR cut_off 1d -> day_invalid
        extend EUR 1d 10s 20s 35s 35s
        pay A B EUR 1 sor -> insufficient_liquidity
        day EUR closed 1d
        extend EUR 1d 10s 20s 36s 36s -> day_invalid
        pay A B EUR 1 sor -> rejected_cut_off
        due 60s
        ",
    );
}

#[test]
fn days_that_were_missed_whole_are_passed_over() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        schedule EUR 0d 10s 20s 30s 40s and 1d 50s 60s 60s 60s and 2d 70s 80s 90s 90s and 3d 100s 110s 120s 120s
        tick 10s
        pay A B EUR 99 id w -> queued 1
        at 75s
        pay A B EUR 1 -> rejected_cut_off ; effects w rejected_close
        at 85s
        pay A B EUR 1 value 2d -> rejected_cut_off
        pay A B EUR 1 value 2d interbank -> settled
        due 90s
        at 115s
        pay A B EUR 1 value 2d interbank -> rejected_cut_off
        at 116s
        pay A B EUR 1 value 3d interbank -> settled
        ",
    );
}

#[test]
fn before_version_4_there_is_no_schedule() {
    check(
        "
        ledger rules 3
        open A B EUR
        schedule EUR 1d 10s 20s 30s 30s -> action_invalid
        rules 4
        schedule EUR 1d 10s 20s 30s 30s
        ",
    );
}

#[test]
fn a_day_that_was_missed_whole_stands_in_nobodys_way() {
    check(
        "
        ledger rules 4
        open A B EUR
        day EUR open 0d
        schedule EUR 1d 1d 86410s 86420s 86430s
        at 86440s
        day EUR closed 0d
        day EUR open 1d
        day EUR closed 1d
        schedule EUR 1d 90000s 90010s 90020s 90030s -> day_invalid
        schedule EUR 2d 90000s 90010s 90020s 90030s
        tick 90000s
        pay A B EUR 1 sor -> insufficient_liquidity
        ",
    );
}

#[test]
fn a_first_day_is_none_of_yesterday() {
    check(
        "
        ledger rules 4
        open A B EUR
        schedule EUR -1d 10s 20s 30s 40s -> day_invalid
        schedule EUR 0d 10s 20s 30s 40s
        ",
    );
}
