//! Liquidity that is kept for classes, which lower ones cannot eat.
use crate::common::town::{A, B, Sent, Town, text};

fn reserve(town: &Town, class: &str, amount: &str) -> Sent {
    let words = ["limits", "reserve", "--currency", "EUR"];
    let mut words = words.to_vec();
    words.extend(["--class", class, "--amount", amount]);
    town.send(A, &words).must_be("executed")
}

#[test]
fn a_reservation_is_eaten_by_its_class_alone_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "50.00");
    assert_eq!(reserve(&town, "urgent", "30.00").told["below_use"], false);
    let normal = town.pay(A, B, "25.00", &[]).must_be("queued").id;
    let why = town.ask(A, &["explain", &normal]);
    assert_eq!(why["reason"], "reserved_for_higher_class");
    assert_eq!((text(&why, "missing"), text(&why, "kept")), ("5.00", "30.00"));
    // A high one takes what is not kept for urgent ones.
    town.pay(A, B, "15.00", &["--priority", "high"])
        .must_be("settled");
    let high = town
        .pay(A, B, "6.00", &["--priority", "high"])
        .must_be("queued")
        .id;
    assert_eq!(
        town.why(A, &high),
        ("reserved_for_higher_class".into(), "1.00".into())
    );

    town.cut_power();
    let account = town.account(A);
    assert_eq!(text(&account["reserved_urgent"], "left"), "30.00");
    town.pay(A, B, "20.00", &["--priority", "urgent"])
        .must_be("settled");
    let account = town.account(A);
    let urgent = &account["reserved_urgent"];
    assert_eq!((text(urgent, "set"), text(urgent, "left")), ("30.00", "10.00"));
    assert_eq!(text(&account, "balance"), "15.00");

    // More than there is: it takes effect, says so, and is filled by what comes in.
    assert_eq!(reserve(&town, "urgent", "40.00").told["below_use"], true);
    town.fund(A, "20.00");
    assert_eq!(
        town.why(A, &high),
        ("reserved_for_higher_class".into(), "11.00".into())
    );
    reserve(&town, "urgent", "0.00");
    assert_eq!(town.status(A, &high), "settled");
    assert_eq!(town.status(A, &normal), "settled");
    assert_eq!(town.balances([A, B]), ["4.00", "66.00"]);
    let (own, other) = (town.feed(A), town.feed(B));
    assert_eq!(own.of(&normal), ["debit settled 25.00"]);
    assert_eq!(other.of(&high), ["credit settled 6.00"]);
}
