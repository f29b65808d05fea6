//! Classes, first in first out inside each, and what an amendment changes.
use crate::common::town::{A, B, Town};

#[test]
fn classes_settle_in_their_order_and_an_amendment_changes_it_across_a_kill() {
    let mut town = Town::open();
    let first = town.pay(A, B, "10.00", &[]).must_be("queued").id;
    let second = town.pay(A, B, "20.00", &[]).must_be("queued").id;
    let high = town
        .pay(A, B, "5.00", &["--priority", "high"])
        .must_be("queued")
        .id;
    let urgent = town
        .pay(A, B, "7.00", &["--priority", "urgent"])
        .must_be("queued")
        .id;
    assert_eq!(town.queue(A), [&*urgent, &high, &first, &second]);
    let why = town.ask(A, &["explain", &first]);
    assert_eq!((&why["reason"], &why["ahead"]), (&"queue_head".into(), &2.into()));
    assert_eq!(why["obstacle"]["instruction_id"], *urgent);

    let amended = |words: &[&str]| {
        town.send(A, words).must_be("executed");
    };
    amended(&["amend", &second, "--front"]);
    assert_eq!(town.queue(A), [&*urgent, &high, &second, &first]);
    amended(&["amend", &first, "--priority", "high"]);
    assert_eq!(town.queue(A), [&*urgent, &high, &first, &second]);
    amended(&["amend", &high, "--back"]);
    let order = [urgent.clone(), first.clone(), high.clone(), second.clone()];
    assert_eq!(town.queue(A), order);
    town.refused(A, &["amend", &urgent, "--priority", "urgent"], "not_waiting");

    town.cut_power();
    assert_eq!(town.queue(A), order);
    assert_eq!(town.balances([A, B]), ["0.00", "0.00"]);
    town.fund(A, "18.00");
    // 7 and 10 settle; 1 is left, and the next of the same class takes 5.
    assert_eq!(town.queue(A), [&*high, &second]);
    assert_eq!(town.why(A, &high), ("funds".into(), "4.00".into()));
    assert_eq!(town.why(A, &second).0, "queue_head");
    assert_eq!(town.balances([A, B]), ["1.00", "17.00"]);
    town.fund(A, "24.00");
    assert!(town.queue(A).is_empty());
    assert_eq!(town.balances([A, B]), ["0.00", "42.00"]);

    let (debtor, creditor) = (town.feed(A), town.feed(B));
    for (id, amount) in [
        (&urgent, "7.00"),
        (&first, "10.00"),
        (&high, "5.00"),
        (&second, "20.00"),
    ] {
        assert_eq!(debtor.of(id), [format!("debit settled {amount}")]);
        assert_eq!(creditor.of(id), [format!("credit settled {amount}")]);
    }
    town.refused(A, &["amend", &urgent, "--front"], "not_waiting");
}

#[test]
fn what_must_settle_at_once_is_rejected_instead_of_waiting() {
    let town = Town::open();
    let words = Town::payment(B, "1.00", &["--settle-or-reject"]);
    let told = town.refused(A, &words, "insufficient_liquidity");
    assert_eq!(told["final"], true);
    town.fund(A, "5.00");
    town.pay(A, B, "9.00", &["--priority", "urgent"])
        .must_be("queued");
    // The money would be there, but a higher class waits.
    town.refused(A, &words, "insufficient_liquidity");
    assert_eq!(town.balances([A, B]), ["5.00", "0.00"]);
    assert!(town.feed(B).kind("credit").is_empty());
}
