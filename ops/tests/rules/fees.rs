//! Fees accrue beside the settled amounts, and are billed when the currency closes.
use crate::common::town::{A, B, D, OPERATOR, Town, text};

#[test]
fn fees_accrue_and_are_billed_at_the_close_as_far_as_the_money_goes_across_a_kill() {
    let mut town = Town::open();
    let fee = |kind: &'static str, flat: &'static str| {
        let words = ["set-fee", "--currency", "EUR", "--kind", kind];
        let mut words = words.to_vec();
        words.extend(["--collector", D, "--flat", flat, "--per-million", "1000"]);
        words
    };
    town.control(OPERATOR, &fee("payment", "0.10"));
    town.control(OPERATOR, &fee("return", "0.50"));
    town.day("open", "2030-01-07");
    town.fund(A, "50.00");
    let paid = town.pay(A, B, "40.00", &[]).must_be("settled").id;
    town.send(B, &["return", &paid, "--amount", "39.90"])
        .must_be("settled");
    let waits = town.pay(A, B, "99.00", &[]).must_be("queued").id;
    // The settled amounts are whole; what waits costs nothing.
    assert_eq!(town.balances([A, B, D]), ["49.90", "0.10", "0.00"]);
    assert_eq!(text(&town.account(A), "fees"), "0.14");
    assert_eq!(text(&town.account(B), "fees"), "0.54");

    town.cut_power();
    assert_eq!(text(&town.account(A), "fees"), "0.14");
    town.day("closed", "2030-01-07");
    assert_eq!(town.status(A, &waits), "rejected_close");
    assert_eq!(town.balances([A, B, D]), ["49.76", "0.00", "0.24"]);
    assert_eq!(text(&town.account(A), "fees"), "0.00");
    // What its money did not cover stays.
    assert_eq!(text(&town.account(B), "fees"), "0.44");
    assert_eq!(
        town.feed(A).kind("fee"),
        [format!("paid fees of 0.14 EUR to {D}")]
    );
    assert_eq!(
        town.feed(B).kind("fee"),
        [format!("paid fees of 0.10 EUR to {D}")]
    );
    let collected = town.feed(D);
    let collected = collected.kind("fee");
    assert_eq!(collected.len(), 2, "{collected:?}");
    assert!(collected.contains(&&*format!("collected fees of 0.14 EUR from {A}")));
}
