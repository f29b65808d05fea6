//! Payments of one class overtake each other only where the account's holder opted in.
use crate::common::town::{A, B, C, Town};

#[test]
fn payments_of_a_class_overtake_only_after_the_account_opted_in_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let large = town.pay(A, B, "50.00", &[]).must_be("queued").id;
    let small = town.pay(A, C, "4.00", &[]).must_be("queued").id;
    let why = town.ask(A, &["explain", &small]);
    assert_eq!(why["reason"], "queue_head");
    assert_eq!(why["obstacle"]["instruction_id"], *large);
    assert_eq!(why["obstacle"]["missing"], "40.00");

    let bypass = |town: &Town, set| {
        let words = ["limits", "bypass", "--currency", "EUR", set];
        town.send(A, &words).must_be("executed");
    };
    bypass(&town, "on");
    assert_eq!(town.status(A, &small), "settled");
    assert_eq!(town.why(A, &large), ("funds".into(), "44.00".into()));

    town.cut_power();
    assert_eq!(town.account(A)["bypass"], true);
    town.pay(A, C, "1.00", &[]).must_be("settled");
    bypass(&town, "off");
    town.pay(A, C, "1.00", &[]).must_be("queued");
    assert_eq!(town.account(A)["bypass"], false);
    assert_eq!(town.balances([A, B, C]), ["5.00", "0.00", "5.00"]);
    assert_eq!(town.feed(A).of(&small), ["debit settled 4.00"]);
    assert_eq!(town.feed(C).of(&small), ["credit settled 4.00"]);
}
