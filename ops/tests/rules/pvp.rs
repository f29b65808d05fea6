//! Trades, payment versus payment: alleged, matched, settled whole; withdrawn, amended, expired.
use serde_json::Value;

use crate::common::town::{A, B, C, Town, text};
use crate::common::{causeway, code, stderr, stdout, word};

/// Business date of both currencies.
pub const DATE: &str = "2026-12-01";
/// The settlement agent of dollars.
const FED: &str = "FED-FEDWIRE";

/// A town in which both currencies are open.
pub fn open() -> Town {
    let town = Town::under(3);
    town.day_in("EUR", "open", DATE);
    town.day_in("USD", "open", DATE);
    town
}

/// Words for one side of a trade.
pub fn side<'a>(to: &'a str, pay: &'a str, get: &'a str, date: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![
        "pvp",
        "--to",
        to,
        "--pay",
        pay,
        "--get",
        get,
        "--value-date",
        date,
    ];
    words.extend(more);
    words
}

/// A trade of 110 dollars of the first bank for 100 euros of the second, matched: the ids of both sides.
fn matched(town: &Town) -> (String, String) {
    let own = town
        .send(A, &side(B, "USD:110.00", "EUR:100.00", DATE, &[]))
        .must_be("unmatched")
        .id;
    let other = town
        .send(B, &side(A, "EUR:100.00", "USD:110.00", DATE, &[]))
        .must_be("matched")
        .id;
    (own, other)
}

fn balances(town: &Town) -> [String; 4] {
    [(A, "USD"), (A, "EUR"), (B, "USD"), (B, "EUR")]
        .map(|(name, currency)| town.ledger.balance(name, currency))
}

/// The last event of an instruction in a feed.
fn last(town: &Town, name: &str, id: &str) -> Value {
    let told = town.feed(name).0;
    let of = told.into_iter().rfind(|event| event["instruction_id"] == id);
    of.expect("an event")
}

#[test]
fn a_trade_is_alleged_matched_and_settled_whole_across_a_kill() {
    let mut town = open();
    town.fund_in(FED, "USD", A, "109.99");
    town.fund(B, "100.00");
    let more = ["--reference", "DEAL-7"];
    let sent = town
        .send(A, &side(B, "USD:110.00", "EUR:100.00", DATE, &more))
        .must_be("unmatched");
    assert_eq!(text(&sent.told, "counter_amount"), "100.00");
    assert_eq!(text(&sent.told, "reference"), "DEAL-7");
    let id = sent.id;
    assert_eq!(town.why(A, &id).0, "unmatched");
    assert_eq!(
        town.say(A, &["explain", &id]),
        "waits for BETAFRPP, which has not sent its instruction.\n"
    );
    assert_eq!(town.feed(B).of(&id), ["notice alleged 110.00"]);
    let alleged = last(&town, B, &id);
    assert_eq!(text(&alleged, "counter_amount"), "100.00");
    assert_eq!(text(&alleged, "reference"), "DEAL-7");
    assert!(
        text(&alleged, "text")
            .starts_with("ALFADEFF says that it pays 110.00 USD for 100.00 EUR on 2026-12-01"),
        "{alleged}"
    );
    // A bank that is no party hears nothing of it.
    assert!(town.feed(C).of(&id).is_empty());
    let line = &town.ask(A, &["queue"])["payments"][0];
    assert_eq!(
        (text(line, "status"), &line["position"]),
        ("unmatched", &0.into())
    );

    // Another reference does not match.
    let stray = town
        .send(
            B,
            &side(A, "EUR:100.00", "USD:110.00", DATE, &["--reference", "DEAL-8"]),
        )
        .must_be("unmatched")
        .id;
    town.send(B, &["cancel", &stray]).must_be("executed");
    let other = town
        .send(B, &side(A, "EUR:100.00", "USD:110.00", DATE, &more))
        .must_be("matched")
        .id;
    assert_eq!(town.status(A, &id), "matched");
    assert_eq!(town.why(A, &id), ("funds".into(), "0.01".into()));
    let why = town.ask(B, &["explain", &other]);
    assert_eq!((text(&why, "reason"), text(&why, "party")), ("counterparty", A));
    let line = &town.ask(A, &["queue", "--currency", "USD"])["payments"][0];
    assert_eq!((text(line, "status"), &line["position"]), ("matched", &1.into()));
    assert_eq!(balances(&town), ["109.99", "0.00", "0.00", "100.00"]);

    town.cut_power();
    assert_eq!(town.status(A, &id), "matched");
    assert_eq!(town.why(A, &id), ("funds".into(), "0.01".into()));
    town.fund_in(FED, "USD", A, "0.01");
    assert_eq!(
        (town.status(A, &id), town.status(B, &other)),
        ("settled".into(), "settled".into())
    );
    assert_eq!(balances(&town), ["0.00", "100.00", "110.00", "0.00"]);
    assert_eq!(
        town.feed(A).of(&id),
        ["waits matched 110.00", "trade settled 110.00"]
    );
    assert_eq!(town.feed(B).of(&id), ["notice alleged 110.00"]);
    assert_eq!(town.feed(B).of(&other), ["trade settled 100.00"]);
    for (name, of, got, sentence) in [
        (A, &id, "100.00", "paid 110.00 USD and got 100.00 EUR"),
        (B, &other, "110.00", "paid 100.00 EUR and got 110.00 USD"),
    ] {
        let event = last(&town, name, of);
        assert_eq!(text(&event, "counter_amount"), got);
        assert!(text(&event, "text").contains(sentence), "{event}");
        let history = town.say(name, &["history", of]);
        assert!(
            history.contains(sentence) && history.contains("now settled"),
            "{history}"
        );
        assert!(history.contains("DEAL-7"), "{history}");
    }
    let cause = |name, id: &str| town.ask(name, &["status", "--id", id])["cause"].clone();
    assert_eq!(cause(A, &id), cause(B, &other), "both legs in one entry");
    receipts_show_both_legs(&town, &id);
    town.refused(A, &["cancel", &id], "not_waiting");
    town.refused(B, &["return", &id], "original_unknown");
}

fn receipts_show_both_legs(town: &Town, id: &str) {
    let file = town.ledger.file("trade.receipt");
    let told = town.ask(A, &["receipt", "--id", id, "--out", word(&file)]);
    assert_eq!(
        (text(&told, "amount"), text(&told, "counter_amount")),
        ("110.00", "100.00")
    );
    let key = format!("@{}", word(&town.ledger.dir.join("log.key")));
    let verified = causeway(&["verify", "receipt", word(&file), "--key", &key]);
    assert_eq!(code(&verified), 0, "{}", stderr(&verified));
    assert!(
        stdout(&verified).contains("110.00 USD and got 100.00 EUR"),
        "{}",
        stdout(&verified)
    );
}

#[test]
fn a_trade_that_both_cover_settles_with_the_second_side_at_once() {
    let town = open();
    town.fund_in(FED, "USD", A, "110.00");
    town.fund(B, "101.00");
    let tolerant = |currency| format!("{currency}:1.00");
    let (euros, dollars) = (tolerant("EUR"), tolerant("USD"));
    let id = town
        .send(
            A,
            &side(B, "USD:110.00", "EUR:100.00", DATE, &["--tolerance", &euros]),
        )
        .must_be("unmatched")
        .id;
    // Within the tolerance of each: both pay what they have signed.
    let file = town.ledger.file("trade.receipt");
    let more = ["--tolerance", dollars.as_str(), "--receipt", word(&file)];
    let sent = town
        .send(B, &side(A, "EUR:100.70", "USD:110.50", DATE, &more))
        .must_be("settled");
    assert_eq!(text(&sent.told, "receipt"), word(&file));
    assert_eq!(balances(&town), ["0.00", "100.70", "110.00", "0.30"]);
    let event = last(&town, A, &id);
    assert_eq!(
        (text(&event, "amount"), text(&event, "counter_amount")),
        ("110.00", "100.70")
    );
    let event = last(&town, B, &sent.id);
    assert_eq!(
        (text(&event, "amount"), text(&event, "counter_amount")),
        ("100.70", "110.00")
    );
    // Again under the same id: nothing moves.
    let again = town.send(
        B,
        &side(
            A,
            "EUR:100.70",
            "USD:110.50",
            DATE,
            &["--tolerance", &dollars, "--id", &sent.id],
        ),
    );
    assert_eq!(again.must_be("settled").told["replayed"], true);
    assert_eq!(balances(&town), ["0.00", "100.70", "110.00", "0.30"]);
    // By its UETR its history is found as well.
    let history = town.ask(B, &["history", text(&sent.told, "uetr")]);
    assert_eq!(text(&history, "instruction_id"), sent.id);
    // The other party was told of its own side, and of this one never.
    town.refused(A, &["history", text(&sent.told, "uetr")], "nothing is known");
}

#[test]
fn an_unmatched_side_is_withdrawn_alone_and_a_matched_trade_by_both() {
    let mut town = open();
    let alone = town
        .send(A, &side(B, "USD:1.00", "EUR:1.00", DATE, &[]))
        .must_be("unmatched")
        .id;
    town.send(A, &["cancel", &alone]).must_be("executed");
    assert_eq!(town.status(A, &alone), "withdrawn");
    assert_eq!(
        town.feed(B).of(&alone),
        ["notice alleged 1.00", "notice withdrawn 1.00"]
    );
    town.refused(A, &["cancel", &alone], "not_waiting");

    // Both ask.
    let (own, other) = matched(&town);
    let told = town.ask(A, &["cancel", &own]);
    assert_eq!(text(&told, "status"), "cancellation_pending");
    assert!(
        text(&told, "what").contains("trade of 110.00 USD for 100.00 EUR with BETAFRPP"),
        "{told}"
    );
    let question = text(&told, "instruction_id").to_owned();
    let why = town.ask(A, &["explain", &question]);
    assert_eq!((text(&why, "reason"), text(&why, "party")), ("answer", B));
    town.cut_power();
    town.send(B, &["cancel", &other]).must_be("executed");
    assert_eq!(town.status(A, &question), "executed");
    assert_eq!(
        (town.status(A, &own), town.status(B, &other)),
        ("withdrawn".into(), "withdrawn".into())
    );

    // One asks, the other refuses, then agrees.
    let (own, other) = matched(&town);
    let question = town.send(A, &["cancel", &own]).must_be("cancellation_pending").id;
    let told = town.ask(B, &["resolve", &question, "--refuse"]);
    assert_eq!(text(&told, "status"), "executed");
    assert!(
        text(&told, "what").contains("refuses to withdraw the trade"),
        "{told}"
    );
    assert_eq!(town.status(A, &question), "cancellation_refused");
    assert_eq!(town.status(B, &other), "matched");
    let question = town.send(A, &["cancel", &own]).must_be("cancellation_pending").id;
    town.send(B, &["resolve", &own, "--accept"]).must_be("executed");
    assert_eq!(town.status(A, &question), "executed");
    assert_eq!(
        (town.status(A, &own), town.status(B, &other)),
        ("withdrawn".into(), "withdrawn".into())
    );
    assert_eq!(balances(&town), ["0.00", "0.00", "0.00", "0.00"]);
}

#[test]
fn a_side_is_amended_by_another_while_it_is_unmatched_and_its_leg_moves_after() {
    let town = open();
    let old = town
        .send(A, &side(B, "USD:110.00", "EUR:100.00", DATE, &[]))
        .must_be("unmatched")
        .id;
    let new = town
        .send(
            A,
            &side(B, "USD:111.00", "EUR:100.00", DATE, &["--replaces", &old]),
        )
        .must_be("unmatched")
        .id;
    assert_eq!(town.status(A, &old), "amended");
    assert_eq!(
        town.feed(B).of(&old),
        ["notice alleged 110.00", "notice amended 110.00"]
    );
    assert_eq!(town.feed(B).of(&new), ["notice alleged 111.00"]);
    town.send(B, &side(A, "EUR:100.00", "USD:111.00", DATE, &[]))
        .must_be("matched");
    town.refused(
        A,
        &side(B, "USD:112.00", "EUR:100.00", DATE, &["--replaces", &new]),
        "not_waiting",
    );
    // Its own leg stands in a queue like a payment, and moves in it.
    let payment = [
        "pay",
        "--to",
        C,
        "--currency",
        "USD",
        "--amount",
        "5.00",
        "--priority",
        "high",
    ];
    let payment = town.send(A, &payment).must_be("queued").id;
    assert_eq!(town.why(A, &new).0, "queue_head");
    let told = town.ask(A, &["amend", &new, "--priority", "urgent"]);
    assert_eq!(
        text(&told, "what"),
        "moves the own leg of the trade to the end of class urgent"
    );
    assert_eq!(town.why(A, &new).0, "funds");
    assert_eq!(town.why(A, &payment).0, "queue_head");
}

#[test]
fn a_side_expires_unmatched_and_a_trade_waits_for_its_value_date() {
    let town = open();
    town.fund_in(FED, "USD", A, "110.00");
    town.fund(B, "100.00");
    let expires = town
        .send(A, &side(B, "USD:7.00", "EUR:7.00", DATE, &["--expires", "+8s"]))
        .must_be("unmatched")
        .id;
    town.await_status(A, &expires, "expired");
    assert_eq!(town.feed(A).of(&expires), ["not_paid expired 7.00"]);
    assert_eq!(
        town.feed(B).of(&expires),
        ["notice alleged 7.00", "notice expired 7.00"]
    );

    let later = "2026-12-02";
    let own = town
        .send(A, &side(B, "USD:110.00", "EUR:100.00", later, &[]))
        .must_be("unmatched")
        .id;
    let other = town
        .send(B, &side(A, "EUR:100.00", "USD:110.00", later, &[]))
        .must_be("matched")
        .id;
    let why = town.ask(A, &["explain", &own]);
    assert_eq!(
        (text(&why, "reason"), text(&why, "until")),
        ("value_date", "2026-12-02T00:00:00.000Z")
    );
    for currency in ["EUR", "USD"] {
        town.day_in(currency, "closed", DATE);
        town.day_in(currency, "open", later);
    }
    assert_eq!(
        (town.status(A, &own), town.status(B, &other)),
        ("settled".into(), "settled".into())
    );
    assert_eq!(balances(&town), ["0.00", "100.00", "110.00", "0.00"]);
    town.refused(
        A,
        &side(B, "USD:1.00", "EUR:1.00", DATE, &[]),
        "value_date_closed",
    );
}

#[test]
fn what_cannot_be_a_trade_is_refused_before_anything_is_sent() {
    let town = open();
    let config = town.config(A);
    for (words, complaint) in [
        (side(B, "USD:1.001", "EUR:1.00", DATE, &[]), "--pay"),
        (side(B, "USD:1.00", "EUR:1.001", DATE, &[]), "--get"),
        (
            side(B, "USD:1.00", "USD:1.00", DATE, &[]),
            "--get: must be in another currency",
        ),
        (side(B, "110.00", "EUR:1.00", DATE, &[]), "like USD:110.00"),
        (
            side(B, "USD:0.00", "EUR:1.00", DATE, &[]),
            "--pay: the amount is zero",
        ),
        (side(B, "USD:1.00", "EUR:1.00", "01.12.2026", &[]), "--value-date"),
        (side(B, "USD:1.00", "EUR:1.00", "2000-01-01", &[]), "--value-date"),
        (
            side(B, "USD:1.00", "EUR:1.00", DATE, &["--tolerance", "USD:0.05"]),
            "--tolerance: must be in",
        ),
        (
            side(
                B,
                "USD:1.00",
                "EUR:1.00",
                DATE,
                &["--reference", "longer than sixteen"],
            ),
            "--reference",
        ),
        (
            side(B, "USD:1.00", "EUR:1.00", DATE, &["--replaces", "7"]),
            "--replaces",
        ),
    ] {
        let mut all = vec!["bank", "pvp", "--config", word(&config)];
        all.extend(&words[1..]);
        let output = causeway(&all);
        assert_eq!(code(&output), 2, "{words:?}: {}", stdout(&output));
        assert!(
            stderr(&output).contains(complaint),
            "{words:?}: {}",
            stderr(&output)
        );
    }
    assert!(town.feed(B).kind("notice").is_empty());
    // Under the version before there are no trades.
    let before = Town::open();
    before.refused(A, &side(B, "USD:1.00", "EUR:1.00", DATE, &[]), "kind_unknown");
}
