//! Cancelling what waits, asking for what settled, and paying it back.
use crate::common::town::{A, B, C, Town, text};

#[test]
fn what_waits_is_cancelled_at_once_and_its_creditor_never_hears_of_it() {
    let mut town = Town::open();
    let id = town.pay(A, B, "10.00", &[]).must_be("queued").id;
    let behind = town.pay(A, C, "2.00", &[]).must_be("queued").id;
    town.fund(A, "5.00");
    town.cut_power();
    let told = town.send(A, &["cancel", &id, "--reason", "DUPL"]);
    assert_eq!(told.status, "executed");
    assert_eq!(town.status(A, &id), "cancelled");
    assert_eq!(town.why(A, &id).0, "nothing");
    // What stood behind it goes.
    assert_eq!(town.status(A, &behind), "settled");
    assert_eq!(town.balances([A, B, C]), ["3.00", "0.00", "2.00"]);
    assert_eq!(town.feed(A).of(&id), ["not_paid cancelled 10.00"]);
    assert!(town.feed(B).of(&id).is_empty());
    town.refused(A, &["cancel", &id], "not_waiting");
}

#[test]
fn a_settled_payment_becomes_a_question_that_is_answered_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let id = town.pay(A, B, "10.00", &[]).must_be("settled").id;
    let question = town
        .send(A, &["cancel", &id, "--reason", "CUST"])
        .must_be("cancellation_pending")
        .id;
    let why = town.ask(A, &["explain", &question]);
    assert_eq!((text(&why, "reason"), text(&why, "party")), ("answer", B));
    town.refused(A, &["cancel", &id], "duplicate_suspected");

    town.cut_power();
    assert_eq!(town.status(A, &question), "cancellation_pending");
    town.refused(A, &["cancel", &id], "duplicate_suspected");
    town.send(B, &["resolve", &id, "--refuse", "--reason", "CUST"])
        .must_be("executed");
    assert_eq!(town.status(A, &question), "cancellation_refused");
    assert_eq!(town.balances([A, B]), ["0.00", "10.00"]);

    let again = town.send(A, &["cancel", &id]).must_be("cancellation_pending").id;
    town.send(B, &["resolve", &again, "--accept"]).must_be("executed");
    assert_eq!(town.status(A, &again), "executed");
    // An answer moves nothing: a return does.
    assert_eq!(town.balances([A, B]), ["0.00", "10.00"]);
    town.send(B, &["return", &id]).must_be("settled");
    assert_eq!(town.balances([A, B]), ["10.00", "0.00"]);

    let (own, other) = (town.feed(A), town.feed(B));
    let last = |told: Vec<String>| told.last().cloned().unwrap_or_default();
    assert!(last(own.of(&question)).contains("cancellation_refused"));
    assert!(last(own.of(&again)).contains("executed"));
    assert!(other.of(&question)[0].contains("cancellation_pending"));
    assert!(last(other.of(&question)).contains("cancellation_refused"));
    assert!(last(other.of(&again)).contains("executed"));
}

#[test]
fn returns_that_wait_count_and_never_exceed_the_original_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let id = town.pay(A, B, "10.00", &[]).must_be("settled").id;
    town.pay(B, C, "10.00", &[]).must_be("settled");
    let waits = town
        .send(B, &["return", &id, "--amount", "7.00"])
        .must_be("queued")
        .id;
    assert_eq!(town.why(B, &waits), ("funds".into(), "7.00".into()));
    town.refused(C, &["return", &id], "only what was received");

    town.cut_power();
    town.refused(B, &["return", &id, "--amount", "4.00"], "return_exceeds");
    town.fund(B, "8.00");
    assert_eq!(town.status(B, &waits), "settled");
    assert_eq!(town.balances([A, B]), ["7.00", "1.00"]);
    town.refused(B, &["return", &id, "--amount", "3.01"], "return_exceeds");
    town.fund(B, "2.00");
    town.send(B, &["return", &id, "--amount", "3.00"])
        .must_be("settled");
    town.refused(B, &["return", &id, "--amount", "0.01"], "return_exceeds");
    assert_eq!(town.balances([A, B, C]), ["10.00", "0.00", "10.00"]);
    assert_eq!(town.feed(A).of(&waits), ["credit settled 7.00"]);
    assert_eq!(town.feed(B).of(&waits), ["debit settled 7.00"]);
    // A cancelled return is free to be made again.
    let history = town.ask(A, &["history", &id]);
    let credits = history["events"].as_array().expect("events").iter();
    assert_eq!(credits.filter(|event| event["kind"] == "credit").count(), 2);
}
