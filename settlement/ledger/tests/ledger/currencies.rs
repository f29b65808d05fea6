//! Amounts are integers of minor units, whatever the number of minor units is.
use std::fmt::Write;

use causeway_fx::Currency;

use crate::support::check;

#[test]
fn currencies_with_none_two_three_and_four_minor_units_settle_alike() {
    let digits = [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)];
    let mut script = String::from("open A B JPY EUR KWD CLF\n");
    for (code, minor_units) in digits {
        assert_eq!(Currency::from_alpha(code).map(|c| c.minor_units), Ok(minor_units));
        let _ = write!(
            script,
            "
            fund A {code} 12345 ref R1
            pay A B {code} 12344 show -> settled left 1
            pay A B {code} 2 id {code} -> queued 1
            fund A {code} 1 ; effects {code} settled
            balance B {code} 12346
            "
        );
    }
    check(&script);
}

#[test]
fn every_currency_with_minor_units_has_its_own_book() {
    let all: Vec<u16> = (0..1_000)
        .filter(|n| Currency::from_numeric(*n).is_some())
        .collect();
    assert!(all.len() > 150);
    let mut script = String::from("open A B EUR\naccount A 978 1 -> account_exists\n");
    for currency in all.iter().filter(|n| **n != 978) {
        let _ = writeln!(
            script,
            "propose P{currency} currency {currency} AG by OP.1 -> proposed"
        );
        let _ = writeln!(script, "approve P{currency} by OP.2 -> executed ; tells AG 0");
    }
    script += "account A 392 0\naccount B 392 0\nfund A 392 5\npay A B 392 5 -> settled\n";
    script += "account A 990 3\naccount B 990 0\npay A B 990 3 -> settled\nbalance A 978 0\n";
    let world = crate::support::opened(&script);
    assert_eq!(world.ledger.positions().len(), all.len());
    crate::support::check_cut(&world, world.log.len() - 9);
}

#[test]
fn numbers_without_a_currency_are_refused() {
    let mut script = String::from("open A B EUR\n");
    for currency in (0..=u16::MAX)
        .filter(|n| Currency::from_numeric(*n).is_none())
        .step_by(97)
    {
        let _ = writeln!(script, "pay A B {currency} 1 -> currency_unknown");
    }
    script += "pay A B 959 1 -> currency_unknown\npay A B 999 1 -> currency_unknown\n";
    script += "pay A B JPY 1 -> currency_not_open\n";
    let world = crate::support::opened(&script);
    crate::support::check_cut(&world, 1);
}
