//! Participants under risk tests: what they may owe, and what they may pay out (sections 23.2 and 23.3).
use crate::support::check;

/// A and B under tests, EUR at 1.10 USD with a haircut of 5 %, limits that stop nothing. Amounts are cents.
const OPENING: &str = "
    ledger rules 3
    open A B C EUR USD
    valuation USD USD 1 0 0
    valuation EUR USD 110 2 50000
    tests A 1000000
    tests B 1000000
    short A USD 1000000
    short A EUR 1000000
    short B USD 1000000
    short B EUR 1000000
";

fn checks(rest: &str) {
    check(&format!("{OPENING}\n{rest}"));
}

const TRADE: &str = "
    pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
    pvp B A EUR 10000 USD 11000 value 0d id b -> matched ; effects a matched
";

#[test]
fn the_worked_case_waits_and_passes_as_it_says() {
    // A with 10 USD ends with +4.50 and passes; B without funds would end with 110 − 115.50 = −5.50 and waits.
    checks(&format!(
        "
        fund A USD 1000
        {TRADE}
        fund B USD 549
        fund B USD 1 ; effects a settled=11000/10000@A b settled=10000/11000@B
        balance A USD -10000
        balance A EUR 10000
        balance B USD 11550
        balance B EUR -10000
        "
    ));
}

#[test]
fn a_party_that_is_short_of_value_alone_keeps_the_trade() {
    // A without funds: −110 + 104.50 = −5.50.
    checks(&format!(
        "
        fund B USD 600
        {TRADE}
        fund A EUR 526
        fund A EUR 1 ; effects a settled b settled
        "
    ));
}

#[test]
fn a_short_position_limit_stops_it_until_it_is_raised() {
    checks(&format!(
        "
        fund A USD 1000
        fund B USD 600
        short A USD 9900
        {TRADE}
        short A USD 9999
        short A USD 10000 ; effects a settled b settled
        "
    ));
}

#[test]
fn the_aggregate_limit_counts_all_that_is_short_without_haircut() {
    checks(&format!(
        "
        fund A USD 1000
        fund B USD 600
        tests A 9999
        {TRADE}
        tests A 10000 ; effects a settled b settled
        "
    ));
}

#[test]
fn a_valuation_that_changes_lets_it_through() {
    checks(&format!(
        "
        fund A USD 1000
        {TRADE}
        valuation EUR USD 105 2 50000
        valuation EUR USD 105 2 40000 ; effects a settled b settled
        "
    ));
}

#[test]
fn caps_say_nothing_and_cash_is_all_that_leaves() {
    checks(
        "
        cap A USD 500
        fund A USD 1000
        pay A C USD 1001 sor -> insufficient_liquidity
        fund B USD 600
        pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 10000 USD 11000 value 0d id b -> settled ; effects a settled b settled
        pay A C USD 1 sor -> insufficient_liquidity
        pay A C EUR 431 sor -> insufficient_liquidity
        pay A C EUR 430 -> settled
        pay B C USD 51 sor -> insufficient_liquidity
        defund B USD 51 -> defund_uncovered
        pay B C USD 50 -> settled
        ",
    );
}

#[test]
fn a_credit_in_one_currency_wakes_what_waits_in_another() {
    checks(
        "
        fund A USD 1000
        fund B USD 600
        pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 10000 USD 11000 value 0d id b -> settled ; effects a settled b settled
        pay A C EUR 1000 id p -> queued 1
        fund A USD 594
        fund A USD 1 ; effects p settled
        ",
    );
}

#[test]
fn a_missed_deadline_is_told_and_keeps_trades_waiting() {
    checks(
        "
        fund A USD 1000
        fund B USD 600
        pay_in A USD 60s 6000 id late
        pay_in A USD 30s 10000
        pay_in A USD 90s 0 id gone
        pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 10000 USD 11000 value 0d id b -> settled ; effects a settled b settled
        tick 30s
        tick 60s ; notices late pay_in_missed ; tells A 0
        fund A EUR 5000
        fund B EUR 5000
        pvp A B EUR 100 USD 110 value 0d id c -> unmatched ; effects c alleged
        pvp B A USD 110 EUR 100 value 0d id d -> matched ; effects c matched
        fund A USD 3889
        fund A USD 1 ; effects c settled d settled
        fund A USD 6000
        tick 90s
        day USD open 0d
        day USD closed 0d
        ",
    );
}

#[test]
fn ending_the_tests_needs_positions_that_caps_cover() {
    checks(
        "
        fund A USD 1000
        fund B USD 600
        pvp A B USD 11000 EUR 10000 value 0d id a -> unmatched ; effects a alleged
        pvp B A EUR 10000 USD 11000 value 0d id b -> settled ; effects a settled b settled
        tests A off 0 -> valuation_invalid
        cap A USD 10000
        tests A off 0
        pay A C EUR 10000 -> settled
        pay A C USD 1 sor -> insufficient_liquidity
        ",
    );
}

#[test]
fn rules_of_the_actions() {
    checks(
        "
        valuation USD USD 2 0 0 -> valuation_invalid
        valuation USD USD 1 0 1 -> valuation_invalid
        valuation USD USD 100 2 0
        valuation EUR USD 0 0 0 -> valuation_invalid
        valuation EUR GBP 1 0 0 -> valuation_invalid
        valuation JPY USD 1 0 0 -> currency_not_open
        valuation EUR USD 1 0 0 by A.1 -> role_missing
        tests #77 1 -> participant_unknown
        short A GBP 1 -> currency_not_open
        short C USD 1 by A.1 -> role_missing
        pay_in A USD 0s 1 -> time_invalid
        pay_in A JPY 60s 1 -> currency_not_open
        tests A off 0
        tests B off 0
        valuation EUR EUR 1 0 0
        ",
    );
}
