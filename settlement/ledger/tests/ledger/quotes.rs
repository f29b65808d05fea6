//! Quotes of liquidity providers, their exposure, and locks (sections 24.1 and 24.2).
use crate::support::check;

/// P and Q quote euros in dollars; all amounts are cents.
const OPENING: &str = "
    ledger rules 3
    open A B P Q EUR USD
    exposure P EUR USD 1000000
    exposure Q EUR USD 1000000
    fund P USD 1000000
    fund Q USD 1000000
    fund P EUR 1000000
    fund A EUR 100000
";

fn checks(rest: &str) {
    check(&format!("{OPENING}\n{rest}"));
}

#[test]
fn the_best_price_is_taken_then_the_oldest_quote() {
    checks(
        "
        quote P EUR 50000 USD expires 9h tiers 90000:109:112 id p -> executed
        quote Q EUR 50000 USD expires 9h tiers 90000:110:113 id q -> executed
        quote P EUR 50000 USD expires 9h tiers 90000:110:114 id r -> executed
        fx A B EUR 10000 USD 0 id 1 -> settled at 110 ; effects 1 settled=10000/11000@A,B,Q
        quote Q EUR 0 USD decline of q -> executed
        fx A B EUR 10000 USD 0 id 2 -> settled at 110 ; effects 2 settled=10000/11000@A,B,P
        quote P EUR 0 USD decline of r -> executed
        fx A B EUR 10000 USD 0 id 3 -> settled at 109 ; effects 3 settled=10000/10900@A,B,P
        balance A EUR 70000
        balance B USD 32900
        balance P EUR 1020000
        balance P USD 978100
        balance Q EUR 10000
        balance Q USD 989000
        ",
    );
}

#[test]
fn a_size_has_its_own_price_and_what_is_left_is_all() {
    checks(
        "
        quote P EUR 50000 USD expires 9h tiers 1000:110:112,40000:108:114 -> executed
        fx A B EUR 1000 USD 0 id 1 -> settled at 110 ; effects 1 settled=1000/1100
        fx A B EUR 1001 USD 0 id 2 -> settled at 108 ; effects 2 settled=1001/1081
        fx A B EUR 40001 USD 0 sor -> no_quote
        fx A B EUR 40000 USD 0 id 3 -> settled at 108 ; effects 3 settled=40000/43200
        fx A B EUR 8000 USD 0 sor -> no_quote
        fx A B EUR 7999 USD 0 id 4 -> settled at 108 ; effects 4 settled=7999/8638
        fx A B EUR 1 USD 0 sor -> no_quote
        ",
    );
}

#[test]
fn a_quote_ends_with_its_time_and_is_replaced_by_another() {
    checks(
        "
        quote P EUR 50000 USD expires 60s tiers 90000:110:112 id p -> executed
        quote P EUR 50000 USD expires 9h tiers 90000:105:112 of p id r -> executed
        fx A B EUR 100 USD 0 id 1 -> settled at 105 ; effects 1 settled
        quote P EUR 50000 USD expires 9h tiers 90000:111:112 of p -> quote_unknown
        quote Q EUR 50000 USD expires 9h tiers 90000:111:112 of r -> quote_unknown
        quote Q EUR 50000 USD expires 60s tiers 90000:111:112 id q -> executed
        at 60s
        fx A B EUR 100 USD 0 id 2 -> settled at 105 ; effects 2 settled
        quote Q EUR 0 USD decline of q -> quote_unknown
        quote Q EUR 0 USD decline -> quote_unknown
        quote P EUR 0 USD decline -> executed
        fx A B EUR 100 USD 0 sor -> no_quote
        ",
    );
}

#[test]
fn an_exposure_bounds_what_a_provider_takes_on() {
    checks(
        "
        exposure P EUR USD 1500
        fund B USD 100000
        quote P EUR 50000 USD expires 9h tiers 90000:110:110 -> executed
        fx A B EUR 1500 USD 0 id 1 -> settled at 110 ; effects 1 settled
        fx A B EUR 1 USD 0 sor -> no_quote
        fx B A USD 2200 EUR 0 id 2 -> settled at 110 ; effects 2 settled=2200/2000
        fx B A USD 1100 EUR 0 id 3 -> settled at 110 ; effects 3 settled=1100/1000
        fx B A USD 1101 EUR 0 sor -> no_quote
        fx B A USD 110 EUR 0 sor -> no_quote
        day EUR open 0d
        day EUR closed 0d
        day EUR open 1d
        fx B A USD 1100 EUR 0 id 5 -> settled at 110 ; effects 5 settled
        exposure P EUR USD 0
        fx A B EUR 1 USD 0 sor -> no_quote
        quote P EUR 50000 USD expires 9h tiers 90000:110:110 -> not_authorised
        ",
    );
}

#[test]
fn a_provider_pays_from_what_it_has_and_not_while_stopped() {
    checks(
        "
        quote Q EUR 90000 USD expires 9h tiers 90000:120:121 -> executed
        quote P EUR 90000 USD expires 9h tiers 90000:110:111 -> executed
        suspend Q
        fx A B EUR 100 USD 0 id 1 -> settled at 110 ; effects 1 settled
        reinstate Q
        hold_party Q
        fx A B EUR 100 USD 0 id 2 -> settled at 110 ; effects 2 settled
        unhold_party Q
        reserve Q USD 999990 high -> executed
        fx A B EUR 10 USD 0 id 3 -> settled at 110 ; effects 3 settled
        fx A B EUR 8 USD 0 id 4 -> settled at 120 ; effects 4 settled=8/9
        ",
    );
}

#[test]
fn a_lock_keeps_the_price_and_the_money_for_one_payment() {
    checks(
        "
        quote P EUR 10000 USD expires 9h tiers 90000:110:111 id p -> executed
        lock A EUR 6000 USD 0 expires 60s id l -> set_aside at 110 ; effects l set_aside=0@A,P
        balance P USD 1000000 reserved 6600
        fx B A EUR 100 USD 0 locked l -> quote_unknown
        fx A B EUR 5999 USD 0 locked l -> quote_mismatch
        fx A B EUR 6000 USD 6000 locked l target -> quote_mismatch
        fx A B EUR 4001 USD 0 sor -> no_quote
        quote P EUR 0 USD decline -> executed
        fx A B EUR 6000 USD 6601 locked l sor -> no_quote
        fx A B EUR 6000 USD 6600 locked l id 1 -> settled at 110 ; effects l executed=0@A,P 1 settled=6000/6600@A,B,P
        fx A B EUR 6000 USD 0 locked l -> quote_unknown
        balance P USD 993400
        ",
    );
}

#[test]
fn a_lock_that_ends_gives_all_back() {
    checks(
        "
        exposure P EUR USD 6000
        quote P EUR 10000 USD expires 9h tiers 90000:110:111 id p -> executed
        lock A EUR 6000 USD 0 expires 60s id l -> set_aside at 110 ; effects l set_aside
        fx A B EUR 1 USD 0 sor -> no_quote
        tick 60s ; effects l expired=0@A,P
        balance P USD 1000000
        fx A B EUR 6000 USD 0 id 1 -> settled at 110 ; effects 1 settled
        fx A B EUR 6000 USD 0 locked l -> quote_unknown
        lock A EUR 6000 USD 0 expires 120s id m -> no_quote
        ",
    );
}

#[test]
fn a_payment_that_waits_with_a_lock_ends_without_it() {
    checks(
        "
        quote P EUR 300000 USD expires 9h tiers 300000:110:111 -> executed
        lock A EUR 100001 USD 0 expires 60s id l -> set_aside at 110 ; effects l set_aside
        fx A B EUR 100001 USD 0 locked l id 1 -> queued 1
        lock A EUR 100002 USD 0 expires 90s id m -> set_aside at 110 ; effects m set_aside
        fx A B EUR 100002 USD 0 locked m id 2 -> queued 2
        fund A EUR 1 ; effects l executed 1 settled=100001/110001
        tick 90s ; effects m expired
        fund A EUR 1 ; effects 2 quote_unknown=0@A
        ",
    );
}

#[test]
fn rules_of_quotes_and_locks() {
    checks(
        "
        exposure P EUR EUR 5 -> exposure_invalid
        exposure P EUR GBP 5 -> currency_not_open
        exposure #77 EUR USD 5 -> participant_unknown
        exposure P EUR USD 5 by P.1 -> role_missing
        reference EUR EUR 5 2 0s -> exposure_invalid
        reference EUR USD 0 2 0s -> exposure_invalid
        reference EUR 1 5 2 0s -> exposure_invalid
        quote P EUR 5 EUR expires 9h tiers 9:1:1 -> malformed
        quote P EUR 5 USD tiers 9:1:1 -> malformed
        quote P EUR 5 USD expires 9h tiers 9:1:1 counter 4 -> malformed
        quote P EUR 5 USD expires 9h tiers 9:1:1 flags 1 -> flags_unknown
        quote P EUR 5 USD expires 9h tiers 9:1:1 high -> priority_unknown
        quote P EUR 5 USD expires 9h -> extension_invalid
        quote P EUR 5 USD expires 9h extension 12 x -> extension_invalid
        quote P EUR 0 USD decline tiers 9:1:1 -> extension_invalid
        quote P EUR 5 USD expires 25h tiers 9:1:1 -> time_invalid
        quote A EUR 5 USD expires 9h tiers 9:1:1 -> not_authorised
        quote P USD 5 EUR expires 9h tiers 9:1:1 -> not_authorised
        quote P EUR 5 USD expires 9h tiers 9:1:1 by Q.1 -> not_authorised
        quote P EUR 0 USD expires 9h tiers 9:1:1 -> amount_zero
        quote P EUR 5 USD expires -1s tiers 9:1:1 -> expired
        lock A EUR 5 EUR 0 expires 60s -> malformed
        lock A EUR 5 USD 0 -> malformed
        lock A EUR 5 USD 0 expires 60s via USD -> malformed
        lock A EUR 5 USD 0 expires 60s high -> priority_unknown
        lock A EUR 5 USD 0 expires 60s sor -> flags_unknown
        lock A EUR 5 USD 0 expires 301s -> time_invalid
        lock A EUR 5 USD 0 expires 60s by B.1 -> not_authorised
        lock A EUR 0 USD 0 expires 60s -> amount_zero
        lock A EUR 5 USD 0 expires 60s target -> amount_zero
        lock A EUR 5 GBP 0 expires 60s -> currency_not_open
        lock A EUR 5 USD 0 expires -1s -> expired
        lock A EUR 5 USD 0 expires 60s -> no_quote
        suspend P
        quote P EUR 5 USD expires 9h tiers 9:1:1 -> debtor_suspended
        ",
    );
}

#[test]
fn a_pair_has_sixteen_quotes_of_one_provider() {
    let quotes: String = (0..16)
        .map(|_| "quote P EUR 5 USD expires 9h tiers 9:1:1 -> executed\n")
        .collect();
    checks(&format!(
        "
        quote P EUR 5 USD expires 9h tiers 9:1:1 id first -> executed
        quote P EUR 0 USD decline -> executed
        {quotes}
        quote P EUR 5 USD expires 9h tiers 9:1:1 -> queue_full
        quote P EUR 0 USD decline -> executed
        quote P EUR 5 USD expires 9h tiers 9:1:1 -> executed
        "
    ));
}
