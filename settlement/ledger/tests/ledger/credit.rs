//! Intraday credit against collateral: the line, what it gives, and what becomes of it at close (section 29).
use causeway_ledger::{Sight, Survey};
use causeway_message::reason::Reason;
use causeway_message::{ParticipantId, Status};

use crate::support::{World, check, id_of, opened};

/// A may owe 100 as its cap, and 450 more: of 500 in bonds 10 % do not count.
const OPENING: &str = "
    ledger rules 4
    open A B C EUR USD
    cap A EUR 100
    collateral A EUR BOND 500 100000 ; tells A 0
    credit A EUR 1000 id line ; tells A 0
";

fn checks(rest: &str) {
    check(&format!("{OPENING}\n{rest}"));
}

#[test]
fn a_bank_pays_on_cap_and_line_and_no_further() {
    checks(
        "
        pay A B EUR 551 sor -> insufficient_liquidity
        pay A B EUR 550 -> settled
        pay A B EUR 1 id 1 -> queued 1
        balance A EUR -550 queued 1 cap 100
        collateral A EUR CASH 1 0 ; effects 1 settled
        pay B A EUR 5 -> settled
        pay A B EUR 6 sor -> insufficient_liquidity
        pay A B EUR 5 sor -> settled
        ",
    );
}

#[test]
fn the_limit_bounds_what_is_lent_whatever_the_collateral() {
    checks(
        "
        credit A EUR 449
        pay A B EUR 550 id 1 -> queued 1
        credit A EUR 450 ; effects 1 settled
        credit A EUR 0
        pay B A EUR 449 -> settled
        pay A B EUR 1 id 2 -> queued 1
        fund A EUR 2 ; effects 2 settled
        balance A EUR -100 cap 100
        ",
    );
}

#[test]
fn collateral_without_a_limit_lends_nothing_and_a_limit_without_collateral_neither() {
    check(
        "
        ledger rules 4
        open A B EUR
        collateral A EUR BOND 500 0
        pay A B EUR 1 sor -> insufficient_liquidity
        credit B EUR 500
        pay B A EUR 1 sor -> insufficient_liquidity
        credit A EUR 500
        pay A B EUR 500 -> settled
        ",
    );
}

#[test]
fn collateral_that_falls_takes_nothing_back_and_what_would_need_it_waits() {
    checks(
        "
        pay A B EUR 300 -> settled
        collateral A EUR BOND 100 100000
        balance A EUR -300 cap 100
        pay A B EUR 1 id 1 -> queued 1
        fund A EUR 110
        collateral A EUR BOND 101 0 ; effects 1 settled
        collateral A EUR BOND 0 0
        pay A B EUR 1 sor -> insufficient_liquidity
        ",
    );
}

#[test]
fn a_cap_that_changes_leaves_the_line_as_it_is() {
    checks(
        "
        cap A EUR 0
        pay A B EUR 451 sor -> insufficient_liquidity
        pay A B EUR 450 -> settled
        cap A EUR 7
        balance A EUR -450 cap 7
        pay A B EUR 7 -> settled
        cap A EUR max
        pay A B EUR max -> queued 1
        ",
    );
}

#[test]
fn credit_in_use_at_close_is_told_and_frozen_until_it_is_repaid() {
    checks(
        "
        day EUR open 0d
        pay A B EUR 160 -> settled
        pay B C EUR 10 -> settled
        day EUR closed 0d ; notices line credit_unpaid ; tells A 60
        day EUR open 1d
        pay A B EUR 40 id 1 -> queued 1
        fund A EUR 59
        collateral A EUR CASH 500 0
        fund A EUR 1 ; effects 1 settled
        balance A EUR -140 cap 100
        day EUR closed 1d ; notices line credit_unpaid ; tells A 40
        day EUR open 2d
        day EUR closed 2d ; notices line credit_unpaid ; tells A 40
        day EUR open 3d
        pay B A EUR 40 -> settled
        day EUR closed 3d
        ",
    );
}

#[test]
fn what_is_repaid_before_the_close_is_not_told() {
    checks(
        "
        day EUR open 0d
        pay A B EUR 160 -> settled
        pay B A EUR 60 -> settled
        day EUR closed 0d
        day EUR open 1d
        pay A B EUR 450 -> settled
        ",
    );
}

#[test]
fn a_higher_cap_thaws_too_and_another_limit_does_not() {
    checks(
        "
        day EUR open 0d
        pay A B EUR 160 -> settled
        day EUR closed 0d ; notices line credit_unpaid ; tells A 60
        day EUR open 1d
        pay A B EUR 1 id 1 -> queued 1
        credit A EUR 800 id more
        cap A EUR 159
        cap A EUR 160 ; effects 1 settled
        day EUR closed 1d ; notices more credit_unpaid ; tells A 1
        ",
    );
}

#[test]
fn a_line_that_was_taken_away_is_told_of_at_close_all_the_same() {
    checks(
        "
        day EUR open 0d
        pay A B EUR 160 -> settled
        collateral A EUR BOND 0 0
        credit A EUR 0 id none
        day EUR closed 0d ; notices none credit_unpaid ; tells A 60
        ",
    );
}

#[test]
fn a_balance_below_a_lowered_cap_is_no_credit_without_a_limit() {
    check(
        "
        ledger rules 4
        open A B EUR
        cap A EUR 100
        pay A B EUR 100 -> settled
        cap A EUR 50
        collateral A EUR BOND 500 0
        day EUR open 0d
        day EUR closed 0d
        ",
    );
}

#[test]
fn the_close_of_another_currency_asks_for_nothing() {
    checks(
        "
        day USD open 0d
        pay A B EUR 160 -> settled
        day USD closed 0d
        pay A B EUR 390 -> settled
        ",
    );
}

#[test]
fn fees_are_billed_without_the_line() {
    checks(
        "
        fee EUR 1 C flat 7
        day EUR open 0d
        pay A B EUR 95 -> settled
        day EUR closed 0d ; fees A C 5
        balance A EUR -100
        day EUR open 1d
        pay A B EUR 1 -> settled
        day EUR closed 1d ; notices line credit_unpaid ; tells A 1
        ",
    );
}

#[test]
fn what_a_collector_gets_repays_after_it_was_told() {
    // A's account comes before B's: it is told of before B's fees come in, and these repay it.
    checks(
        "
        fee EUR 1 A flat 60
        day EUR open 0d
        fund B EUR 100
        pay B C EUR 1 -> settled
        pay A B EUR 160 -> settled
        day EUR closed 0d ; notices line credit_unpaid ; tells A 60 ; fees B A 60
        day EUR open 1d
        pay A B EUR 450 -> settled
        ",
    );
}

#[test]
fn under_risk_tests_the_line_says_nothing() {
    checks(
        "
        valuation USD USD 1 0 0
        tests A 1000
        pay A B EUR 1 sor -> insufficient_liquidity
        tests A off 0
        day EUR open 0d
        pay A B EUR 160 -> settled
        tests A 1000
        day EUR closed 0d
        tests A off 0
        day EUR open 1d
        pay A B EUR 390 -> settled
        tests A 1000
        collateral A EUR BOND 400 0
        tests A off 0 -> valuation_invalid
        ",
    );
}

#[test]
fn rules_of_the_actions() {
    checks(
        "
        collateral A EUR BOND 1 0 by A.1 -> role_missing
        credit A EUR 1 by AG.1 -> role_missing
        collateral A EUR NONE 0 0 -> collateral_invalid
        collateral A JPY BOND 1 0 -> currency_not_open
        collateral A 1 BOND 1 0 -> currency_unknown
        collateral #77 EUR BOND 1 0 -> participant_unknown
        collateral OP EUR BOND 1 0 -> account_missing
        credit A JPY 1 -> currency_not_open
        credit #77 EUR 1 -> participant_unknown
        credit OP EUR 1 -> account_missing
        propose P collateral A EUR BOND 0 0 by OP.1 -> proposed
        collateral A EUR BOND 0 0
        approve P by OP.2 -> collateral_invalid
        ",
    );
}

#[test]
fn before_the_fourth_version_there_is_no_credit() {
    check(
        "
        ledger rules 3
        open A B EUR
        collateral A EUR BOND 1 0 -> action_invalid
        credit A EUR 1 -> action_invalid
        rules 4
        collateral A EUR BOND 1 0
        credit A EUR 1
        pay A B EUR 1 -> settled
        ",
    );
}

#[test]
fn an_account_has_sixty_four_assets() {
    let mut script = OPENING.to_owned();
    for number in 1..64 {
        script.push_str(&format!("collateral A EUR ASSET{number} 1 0\n"));
    }
    script.push_str(
        "
        collateral A EUR MORE 1 0 -> collateral_invalid
        collateral A EUR BOND 5 0
        collateral A EUR ASSET9 0 0
        collateral A EUR MORE max 0
        collateral A EUR BOND max 0
        credit A EUR max
        pay A B EUR max id 1 -> settled
        balance A EUR -18446744073709551615 cap 100
        pay A B EUR 1 sor -> insufficient_liquidity
        ",
    );
    check(&script);
}

#[test]
fn a_plan_uses_the_line_and_a_frozen_one_not() {
    checks(
        "
        pay A B EUR 551 id 1 -> queued 1
        pay B A EUR 1 id 2 -> queued 1
        plan 1 2 ; effects 1 settled 2 settled
        balance A EUR -550
        day EUR open 0d
        day EUR closed 0d ; notices line credit_unpaid ; tells A 450
        day EUR open 1d
        pay A B EUR 10 id 3 -> queued 1
        fund C EUR 500
        pay C A EUR 460 -> settled ; effects 3 settled
        balance A EUR -100
        ",
    );
}

fn explain(world: &World, label: &str) -> (Reason, i128, u64) {
    let told = world.ledger.explain(ParticipantId(3), id_of(label), Sight::Own);
    let told = told.expect("it is remembered");
    assert_eq!(told.status, Status::Queued);
    (told.reason, told.missing, told.cap)
}

#[test]
fn what_waits_for_a_frozen_line_says_so() {
    let world = opened(&format!(
        "{OPENING}
        pay A B EUR 560 id 1 -> queued 1
        "
    ));
    assert_eq!(explain(&world, "1"), (Reason::Funds, 10, 100));
    let frozen = |amount| {
        opened(&format!(
            "{OPENING}
            day EUR open 0d
            pay A B EUR 160 -> settled
            day EUR closed 0d ; notices line credit_unpaid ; tells A 60
            day EUR open 1d
            pay A B EUR {amount} id 1 -> queued 1
            "
        ))
    };
    // 60 are used of 450.
    assert_eq!(explain(&frozen(390), "1"), (Reason::CreditFrozen, 450, 100));
    assert_eq!(explain(&frozen(391), "1"), (Reason::Funds, 451, 100));
}

#[test]
fn a_bank_sees_its_own_credit_and_who_watches_sees_the_sums() {
    let world = opened(&format!(
        "{OPENING}
        collateral C EUR GOLD 7 0
        collateral A EUR CASH 5 0
        day EUR open 0d
        pay A B EUR 160 -> settled
        day EUR closed 0d ; notices line credit_unpaid ; tells A 60
        "
    ));
    let told = world.ledger.credits(ParticipantId(3), 978);
    let [line] = told.lines.as_slice() else {
        panic!("one account has credit")
    };
    assert_eq!((line.cap, line.limit, line.line), (100, 1_000, 455));
    assert_eq!((line.collateral, line.in_use, line.frozen), (455, 60, true));
    let assets: Vec<(&str, u64)> = told
        .assets
        .iter()
        .map(|asset| (asset.asset.as_str(), asset.counts))
        .collect();
    assert_eq!(assets, [("BOND", 450), ("CASH", 5)]);
    assert!(world.ledger.credits(ParticipantId(3), 840).lines.is_empty());
    assert!(world.ledger.credits(ParticipantId(4), 0).lines.is_empty());
    let mut survey = Survey::default();
    let standing = survey.step(&world.ledger).expect("few take part");
    let eur = standing
        .currencies
        .iter()
        .find(|one| one.code == "EUR")
        .expect("it is open");
    assert_eq!(
        (eur.collateral, eur.credit_in_use, eur.credit_frozen),
        (462, 60, 1)
    );
}
