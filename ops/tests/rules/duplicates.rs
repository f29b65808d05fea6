//! A reference that was seen before between the same parties.
use crate::common::town::{A, B, C, Town};

#[test]
fn a_second_payment_with_one_reference_must_be_meant_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "5.00");
    let uetr = "97ed4827-7b6f-4491-a06f-b548d5a7512d";
    let other = "97ed4827-7b6f-4491-a06f-b548d5a7512e";
    town.pay(A, B, "5.00", &["--uetr", uetr]).must_be("settled");
    let waits = town.pay(A, B, "2.00", &["--uetr", other]).must_be("queued").id;
    let again = |uetr| Town::payment(B, "5.00", &["--uetr", uetr]);
    town.refused(A, &again(uetr), "duplicate_suspected");

    town.cut_power();
    // What settled and what waits are both remembered.
    town.refused(A, &again(uetr), "duplicate_suspected");
    let told = town.refused(A, &again(other), "duplicate_suspected");
    assert_eq!(told["final"], true);
    // Another creditor, or the word that it is meant.
    town.pay(A, C, "1.00", &["--uetr", uetr]).must_be("queued");
    town.pay(A, B, "1.00", &["--uetr", uetr, "--duplicate"])
        .must_be("queued");
    town.fund(A, "4.00");
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.balances([A, B, C]), ["0.00", "8.00", "1.00"]);
    assert_eq!(town.feed(B).kind("credit").len(), 3);
}
