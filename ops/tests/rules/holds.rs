//! Payments and participants that an authority holds; the banks see only that they are pending.
use crate::common::town::{A, B, C, OPERATOR, REGULATOR, SCREENER, Town};

fn payment<'a>(verb: &'a str, id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![verb, "--participant", A, "--payment", id];
    words.extend(more);
    words
}

#[test]
fn a_held_payment_is_pending_until_it_is_released_or_rejected_across_a_kill() {
    let mut town = Town::open();
    let released = town.pay(A, B, "10.00", &[]).must_be("queued").id;
    let rejected = town.pay(A, B, "20.00", &[]).must_be("queued").id;
    let behind = town.pay(A, C, "1.00", &[]).must_be("queued").id;
    for id in [&released, &rejected] {
        town.control(SCREENER, &payment("hold-payment", id, &["--reference", "FILE-1"]));
    }
    town.fund(A, "50.00");
    assert_eq!(town.status(A, &behind), "settled");

    town.cut_power();
    for id in [&released, &rejected] {
        assert_eq!(town.status(A, id), "pending");
        assert_eq!(town.why(A, id).0, "pending");
        for authority in [SCREENER, REGULATOR, OPERATOR] {
            assert_eq!(town.why_of(authority, A, id), "payment_held");
        }
        // To the creditor it is as if there were none.
        town.refused(B, &["explain", "--submitter", A, id], "not_found");
        town.refused(B, &["status", "--submitter", A, "--id", id], "not_found");
    }
    assert_eq!(town.balances([A, B, C]), ["49.00", "0.00", "1.00"]);
    town.control(SCREENER, &payment("end-hold", &released, &["--release"]));
    town.control(SCREENER, &payment("end-hold", &rejected, &["--reject"]));
    assert_eq!(town.status(A, &released), "settled");
    assert_eq!(town.status(A, &rejected), "rejected_by_order");
    assert_eq!(town.balances([A, B, C]), ["39.00", "10.00", "1.00"]);

    let (own, other) = (town.feed(A), town.feed(B));
    assert_eq!(own.of(&released), ["waits pending 10.00", "debit settled 10.00"]);
    assert_eq!(
        own.of(&rejected),
        ["waits pending 20.00", "not_paid rejected_by_order 20.00"]
    );
    assert_eq!(other.of(&released), ["credit settled 10.00"]);
    assert!(other.of(&rejected).is_empty());
    // Nobody but who ordered it is told of the order.
    for feed in [own, other] {
        assert!(feed.kind("control").iter().all(|told| !told.contains("hold")));
    }
    assert_eq!(town.feed(SCREENER).kind("control").len(), 4);
}

#[test]
fn what_a_held_bank_pays_and_is_paid_waits_until_the_hold_ends_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    town.fund(B, "10.00");
    let hold = ["hold-participant", "--participant", B, "--reference", "FILE-2"];
    town.control(SCREENER, &hold);
    let paid_to = town.pay(A, B, "4.00", &[]).must_be("pending").id;
    let paid_by = town.pay(B, A, "3.00", &[]).must_be("queued").id;
    // Others are not touched.
    town.pay(A, C, "1.00", &[]).must_be("settled");

    town.cut_power();
    assert_eq!(town.why(A, &paid_to).0, "pending");
    assert_ne!(town.why(B, &paid_by).0, "participant_held");
    assert_eq!(town.why_of(REGULATOR, A, &paid_to), "participant_held");
    assert_eq!(town.why_of(REGULATOR, B, &paid_by), "participant_held");
    assert_eq!(town.balances([A, B, C]), ["9.00", "10.00", "1.00"]);
    let mut end = hold.to_vec();
    end.push("--end");
    town.control(SCREENER, &end);
    assert_eq!(town.status(A, &paid_to), "settled");
    assert_eq!(town.status(B, &paid_by), "settled");
    assert_eq!(town.balances([A, B, C]), ["8.00", "11.00", "1.00"]);
    let (own, other) = (town.feed(A), town.feed(B));
    assert_eq!(own.of(&paid_to), ["debit settled 4.00"]);
    assert_eq!(own.of(&paid_by), ["credit settled 3.00"]);
    assert_eq!(other.of(&paid_to), ["credit settled 4.00"]);
    assert_eq!(other.of(&paid_by), ["debit settled 3.00"]);
}

#[test]
fn a_suspended_bank_neither_pays_nor_is_paid_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let to = town.pay(C, B, "1.00", &[]).must_be("queued").id;
    let by = town.pay(B, A, "2.00", &[]).must_be("queued").id;
    town.control(OPERATOR, &["suspend", "--participant", B]);
    town.cut_power();
    assert_eq!(town.account(B)["suspended"], true);
    town.refused(A, &Town::payment(B, "1.00", &[]), "creditor_suspended");
    town.refused(B, &Town::payment(A, "1.00", &[]), "debtor_suspended");
    assert_eq!(town.why(B, &by).0, "debtor_suspended");
    // What is funded meanwhile does not go to it, and what it owes stays.
    town.fund(C, "1.00");
    town.fund(B, "2.00");
    assert_eq!(town.status(C, &to), "creditor_suspended");
    assert_eq!(town.status(B, &by), "queued");
    assert_eq!(town.feed(C).of(&to), ["not_paid creditor_suspended 1.00"]);
    town.control(OPERATOR, &["reinstate", "--participant", B]);
    assert_eq!(town.status(B, &by), "settled");
    assert_eq!(town.balances([A, B, C]), ["12.00", "0.00", "1.00"]);
    assert_eq!(town.feed(A).of(&by), ["credit settled 2.00"]);
}
