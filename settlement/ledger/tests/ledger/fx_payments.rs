//! FX payments: limits, routes, fees, and what they wait for (section 24.3).
use crate::support::{check, opened};

/// P quotes euros in dollars and dollars in yen; all amounts are minor units, the yen has none.
const OPENING: &str = "
    ledger rules 3
    open A B F P EUR USD JPY
    exposure P EUR USD 10000000
    exposure P USD JPY 10000000
    fund P USD 1000000
    fund P EUR 1000000
    fund P JPY 1000000
    fund A EUR 100000
    quote P EUR 500000 USD expires 9h tiers 500000:109:111 id eu -> executed
";

fn checks(rest: &str) {
    check(&format!("{OPENING}\n{rest}"));
}

#[test]
fn under_earlier_rules_there_are_no_exchanges() {
    check(
        "
        ledger rules 2
        open A B EUR USD
        fx A B EUR 5 USD 0 -> kind_unknown
        lock A EUR 5 USD 0 expires 60s -> kind_unknown
        quote A EUR 5 USD expires 60s tiers 9:1:1 -> kind_unknown
        exposure A EUR USD 5 -> action_invalid
        reference EUR USD 110 2 0s -> action_invalid
        pay A B EUR 5 flags 1024 -> flags_unknown
        ",
    );
}

#[test]
fn a_fixed_source_rounds_down_and_a_fixed_target_rounds_up() {
    checks(
        "
        fx A B EUR 33 USD 35 id 1 -> settled at 109 ; effects 1 settled=33/35@A,B,P
        fx A B EUR 33 USD 36 target sor -> no_quote
        fx A B EUR 34 USD 36 target id 2 -> settled at 109 ; effects 2 settled=34/36
        fx A B EUR 33 USD 36 sor -> no_quote
        fx A A EUR 100 USD 0 id 3 -> settled at 109 ; effects 3 settled=100/109
        balance A EUR 99833
        balance A USD 109
        balance B USD 71
        ",
    );
}

#[test]
fn a_fee_is_a_leg_and_within_what_is_paid() {
    checks(
        "
        fee EUR 12 F flat 10
        fx A B EUR 110 USD 0 id 1 -> settled at 109 fee 10 ; effects 1 settled=110/109 ; fees A F 10
        balance F EUR 10
        fx A B EUR 110 USD 109 target id 2 -> settled at 109 fee 10 ; effects 2 settled=110/109 ; fees A F 10
        fx A B EUR 109 USD 109 target sor -> no_quote
        fx A B EUR 10 USD 0 sor -> no_quote
        fx A B EUR 11 USD 0 id 3 -> settled at 109 fee 10 ; effects 3 settled=11/1 ; fees A F 10
        fund F EUR 100
        fx F B EUR 100 USD 0 id 4 -> settled at 109 ; effects 4 settled=100/109
        lock A EUR 110 USD 0 expires 60s id l -> set_aside at 109 fee 10 ; effects l set_aside
        fx A B EUR 110 USD 0 locked l id 5 -> settled at 109 fee 10 ; effects l executed 5 settled ; fees A F 10
        ",
    );
}

#[test]
fn two_hops_round_at_each_and_the_better_route_is_taken() {
    checks(
        "
        fx A B EUR 1000 JPY 0 via USD sor -> no_quote
        quote P USD 500000 JPY expires 9h tiers 500000:15050:15150 id uj -> executed
        fx A B EUR 1000 JPY 0 sor -> no_quote
        fx A B EUR 1001 JPY 0 via USD id 1 -> settled at 0 ; effects 1 settled=1001/1641@A,B,P
        fx A B EUR 5000 JPY 1641 target via USD id 2 -> settled at 0 ; effects 2 settled=1001/1641
        exposure P EUR JPY 10000000
        quote P EUR 500000 JPY expires 9h tiers 500000:16500:16600 -> executed
        fx A B EUR 1001 JPY 0 via USD id 3 -> settled at 16500 ; effects 3 settled=1001/1651
        quote P EUR 0 JPY decline -> executed
        quote P EUR 500000 JPY expires 9h tiers 500000:16300:16600 -> executed
        fx A B EUR 1001 JPY 0 via USD id 4 -> settled at 0 ; effects 4 settled=1001/1641
        fx A B EUR 1001 JPY 0 id 5 -> settled at 16300 ; effects 5 settled=1001/1631
        ",
    );
}

#[test]
fn what_has_no_quote_waits_beside_the_queue_and_stops_nobody() {
    checks(
        "
        fx A B EUR 100 USD 110 id 1 -> awaiting_quote
        fx A B EUR 100 USD 112 id 2 expires 60s -> awaiting_quote
        fx A B EUR 100 USD 113 id 3 -> awaiting_quote
        pay A B EUR 5 -> settled
        cancel A B EUR 100 of 3 -> executed ; effects 3 cancelled=0@A
        quote P EUR 500000 USD expires 9h tiers 500000:110:111 -> executed ; effects 1 settled=100/110@A,B,P
        tick 60s ; effects 2 expired=0@A
        fx A B EUR 100 USD 115 id 4 -> awaiting_quote
        day EUR open 0d
        propose C day EUR closed 0d by OP.1 -> proposed
        approve C by OP.2 -> executed ; effects 4 rejected_close=0@A
        ",
    );
}

#[test]
fn a_provider_without_money_is_looked_at_again_when_it_has() {
    checks(
        "
        quote P EUR 0 USD decline -> executed
        quote P EUR 9000000 USD expires 9h tiers 9000000:109:111 -> executed
        fund A EUR 1000000
        fx A B EUR 1000000 USD 0 id 1 -> awaiting_quote
        fund B USD 90001
        pay B P USD 1 -> settled
        pay B P USD 89998 -> settled
        pay B P USD 1 -> settled ; effects 1 settled=1000000/1090000@A,B,P
        ",
    );
}

#[test]
fn a_payment_that_waits_for_funds_stands_in_the_queue() {
    checks(
        "
        fx A B EUR 100001 USD 0 id 1 -> queued 1
        fx A B EUR 1 USD 0 id 2 -> queued 2
        fx A B EUR 1 USD 0 sor -> insufficient_liquidity
        fx A B EUR 300000 USD 0 urgent sor -> insufficient_liquidity
        fx A B EUR 1 USD 0 urgent id 3 -> settled at 109 ; effects 3 settled
        fund A EUR 3 ; effects 1 settled=100001/109001@A,B,P 2 settled=1/1
        fx A B EUR 5 USD 0 id 4 -> queued 1
        quote P EUR 0 USD decline -> executed
        fund A EUR 5 ; effects 4 awaiting_quote=0@A
        quote P EUR 500000 USD expires 9h tiers 500000:110:111 -> executed ; effects 4 settled=5/5
        ",
    );
}

#[test]
fn days_of_both_currencies_count() {
    checks(
        "
        day USD open 0d
        day USD cut_off 0d
        fx A B EUR 100 USD 0 sor -> rejected_cut_off
        fx A B EUR 100 USD 0 id 1 -> awaiting_quote
        fx A B EUR 100 USD 0 value 1d -> value_date_closed
        day USD closed 0d
        propose O day USD open 1d by OP.1 -> proposed
        approve O by OP.2 -> executed ; effects 1 settled
        day EUR open 0d
        day EUR cut_off 0d
        fx A B EUR 100 USD 0 -> rejected_cut_off
        ",
    );
}

#[test]
fn limits_holds_and_duplicates_count_as_for_a_payment() {
    checks(
        "
        limit A B EUR 150 -> executed
        fx A B EUR 100 USD 0 uetr u id 1 -> settled at 109 ; effects 1 settled
        fx A B EUR 100 USD 0 uetr u -> duplicate_suspected
        fx A B EUR 100 USD 0 sor -> limit_exceeded
        fx A B EUR 100 USD 0 id 2 -> queued 1
        cancel A B EUR 100 of 2 -> executed ; effects 2 cancelled
        hold_party B
        fx A B EUR 50 USD 0 sor -> insufficient_liquidity
        fx A B EUR 50 USD 0 id 3 -> pending
        unhold_party B ; effects 3 settled
        fx A B EUR 40 USD 99 urgent id 4 -> awaiting_quote
        hold A 4 by OP ; effects 4 pending
        unhold A 4 by OP ; effects 4 awaiting_quote
        suspend B
        fx A B EUR 40 USD 0 -> creditor_suspended
        quote P EUR 500000 USD expires 9h tiers 500000:300:301 -> executed ; effects 4 creditor_suspended
        cancel A B EUR 100 of 1 -> original_unknown
        return B A EUR 100 of 1 -> debtor_suspended
        ",
    );
}

#[test]
fn a_payment_is_refused_rule_by_rule() {
    checks(
        "
        account F GBP 0 -> currency_not_open
        fx A B EUR 5 EUR 0 -> malformed
        fx A B EUR 5 USD 0 via EUR -> malformed
        fx A B EUR 5 USD 0 of x -> malformed
        fx A B EUR 5 USD 0 linked -> flags_unknown
        fx A B EUR 5 USD 0 priority 3 -> priority_unknown
        fx A B EUR 5 USD 0 tiers 9:1:1 -> extension_invalid
        fx A B EUR 5 USD 0 extension 11 x -> extension_invalid
        fx A B EUR 5 USD 0 by B.1 -> not_authorised
        fx A B EUR 0 USD 0 -> amount_zero
        fx A B EUR 5 USD 0 target -> amount_zero
        fx A B EUR 5 1 0 -> currency_unknown
        fx A B EUR 5 GBP 0 -> currency_not_open
        fx AG B EUR 5 USD 0 -> debtor_unknown
        fx A AG EUR 5 USD 0 -> creditor_unknown
        fx A B EUR 5 USD 0 expires -1s -> expired
        fx A B EUR 5 USD 0 quote 77 -> quote_unknown
        ",
    );
}

#[test]
fn reference_and_spread_are_told() {
    let world = opened(&format!(
        "{OPENING}
        reference USD EUR 90 2 5s
        fx A B EUR 10000 USD 0 id 1 -> settled at 109 ; effects 1 settled=10000/10900
        reference EUR USD 110 2 7s
        fx A B EUR 33 USD 0 id 2 -> settled at 109 ; effects 2 settled=33/35
        "
    ));
    let outcome = &world.last().outcome;
    let told = outcome.exchange(&outcome.deferred[0]).expect("an exchange");
    let hop = told.hops[0];
    let reference = hop.reference.expect("there is a reference rate");
    // 33 × 1.09 = 35.97: 0.97 stays with the provider; at 1.10 it were 36.30, so 36: one cent of spread.
    assert_eq!((hop.remainder, reference.spread), (970_000, 1));
    assert_eq!(
        (reference.priced.rate, reference.priced.base_is_from),
        (110, true)
    );
}

#[test]
fn nothing_goes_through_a_vehicle_currency_that_is_closed() {
    checks(
        "
        quote P USD 500000 JPY expires 9h tiers 500000:15050:15150 -> executed
        lock A EUR 1001 JPY 0 via USD expires 60s id l -> set_aside at 0 ; effects l set_aside
        day USD open 0d
        day USD cut_off 0d
        fx A B EUR 1001 JPY 0 via USD id 1 -> settled at 0 ; effects 1 settled
        day USD closed 0d
        fx A B EUR 1001 JPY 0 via USD sor -> no_quote
        fx A B EUR 1001 JPY 0 locked l sor -> no_quote
        fx A B EUR 1001 JPY 0 via USD id 2 -> awaiting_quote
        propose O day USD open 1d by OP.1 -> proposed
        approve O by OP.2 -> executed ; effects 2 settled
        ",
    );
}

#[test]
fn a_value_date_that_has_passed_in_the_other_currency_ends_it() {
    checks(
        "
        quote P EUR 0 USD decline -> executed
        day USD open 0d
        day EUR open 0d
        fx A B EUR 100 USD 0 value 0d id 1 -> awaiting_quote
        fx A B EUR 100 USD 0 id 2 -> awaiting_quote
        day USD closed 0d
        propose O day USD open 1d by OP.1 -> proposed
        approve O by OP.2 -> executed ; effects 1 rejected_close=0@A
        quote P EUR 500000 USD expires 9h tiers 500000:110:111 -> executed ; effects 2 settled
        ",
    );
}

#[test]
fn a_lock_is_of_no_use_while_its_provider_may_not_pay() {
    checks(
        "
        lock A EUR 100 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside
        hold_party P
        fx A B EUR 100 USD 0 locked l sor -> no_quote
        fx A B EUR 100 USD 0 locked l id 1 -> awaiting_quote
        unhold_party P ; effects l executed 1 settled
        lock A EUR 100 USD 0 expires 60s id m -> set_aside at 109 ; effects m set_aside
        suspend P
        fx A B EUR 100 USD 0 locked m sor -> no_quote
        ",
    );
}

/// What is set aside is used, whatever the provider's cap has become meanwhile.
#[test]
fn a_lock_is_good_though_the_cap_of_its_provider_was_lowered() {
    check(
        "
        ledger rules 3
        open A B P EUR USD
        cap P USD 200
        fund A EUR 100
        exposure P EUR USD 1000
        quote P EUR 500 USD expires 9h tiers 500:109:111 id q -> executed
        lock A EUR 100 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside
        cap P USD 0
        fx A B EUR 100 USD 0 locked l id x -> settled at 109 ; effects l executed x settled
        balance P USD -109
        balance B USD 109
        ",
    );
}

#[test]
fn one_to_oneself_can_be_cancelled() {
    checks(
        "
        fx A A EUR 100001 USD 0 urgent id 1 -> queued 1
        pay A B EUR 5 id 2 -> queued 2
        cancel A A EUR 100000 of 1 -> original_mismatch
        cancel A B EUR 100001 of 1 by B.1 -> not_authorised
        cancel A A EUR 100001 of 1 -> executed ; effects 1 cancelled=0@A 2 settled
        ",
    );
}

#[test]
fn what_another_brings_its_provider_is_of_use_in_the_next_entry() {
    check(
        "
        ledger rules 3
        open A B P EUR USD
        exposure P EUR USD 10000000
        fund P EUR 1000
        fund A EUR 1000
        fund B USD 1000
        hold_party P
        fx A B EUR 100 USD 0 id 1 -> awaiting_quote
        fx B A USD 555 EUR 0 id 2 -> awaiting_quote
        unhold_party P
        quote P EUR 500000 USD expires 9h tiers 500000:109:111 -> executed ; effects 2 settled=555/500
        tick 1s ; effects 1 settled=100/109
        ",
    );
}

#[test]
fn what_a_lock_set_aside_is_paid_though_the_cap_fell_since() {
    check(
        "
        ledger rules 3
        open A B P EUR USD
        exposure P EUR USD 100000
        cap P USD 500
        fund A EUR 100
        quote P EUR 500 USD expires 9h tiers 500:109:111 id q -> executed
        lock A EUR 100 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside
        cap P USD 0
        fx A B EUR 100 USD 0 locked l id 1 -> settled at 109 ; effects l executed 1 settled
        balance P USD -109
        balance B USD 109
        ",
    );
}
