//! Netting: a gridlock across currencies is named, and settles when an operator lets it, or by itself.
use serde_json::Value;

use super::pvp::{DATE, side};
use crate::common::town::{A, B, C, D, Town, text};
use crate::common::{causeway, code, stderr, stdout};

/// A town whose node proposes nothing by itself, or what the configuration says.
fn open(netting: &str) -> Town {
    let town = Town::configured(3, |node| {
        let text = format!("[netting]\nlook_ms = 20\n{netting}\n");
        let changed = node.replacen("[netting]\n", &text, 1);
        assert_ne!(changed, node);
        changed
    });
    town.day_in("EUR", "open", DATE);
    town.day_in("USD", "open", DATE);
    town
}

/// Five instructions of three banks without any money, of which each waits for another: two payments in euros, one in
/// dollars, and a trade of both.
fn knot(town: &Town) -> Vec<(&'static str, String)> {
    let pay = |from: &'static str, to, currency, amount| {
        let words = ["pay", "--to", to, "--currency", currency, "--amount", amount];
        (from, town.send(from, &words).must_be("queued").id)
    };
    let mut sent = vec![
        pay(B, C, "EUR", "50.00"),
        pay(C, A, "EUR", "50.00"),
        pay(A, B, "USD", "60.00"),
    ];
    let own = town.send(A, &side(B, "EUR:50.00", "USD:60.00", DATE, &[]));
    sent.push((A, own.must_be("unmatched").id));
    let other = town.send(B, &side(A, "USD:60.00", "EUR:50.00", DATE, &[]));
    sent.push((B, other.must_be("matched").id));
    sent
}

fn netting(town: &Town, more: &[&str]) -> Value {
    let address = town.metrics();
    let mut words = vec!["admin", "netting", "--json", "--node", &address];
    words.extend(more);
    town.ledger.ask(&words)
}

#[test]
fn a_gridlock_across_currencies_is_named_and_settles_when_an_operator_lets_it() {
    let mut town = open("gridlock = false");
    let sent = knot(&town);
    let dead = town.pay(D, A, "7.00", &[]).must_be("queued").id;
    for (bank, id) in &sent {
        town.await_reason(bank, id, "gridlock");
    }
    let said = town.say(B, &["explain", &sent[0].1]);
    assert!(said.contains("waits in a gridlock"), "{said}");
    assert_eq!(town.why(D, &dead).0, "funds");
    town.cut_power();
    for (bank, id) in &sent {
        town.await_reason(bank, id, "gridlock");
    }
    let seen = netting(&town, &[]);
    assert_eq!(
        (&seen["gridlock"], &seen["gridlocked"]),
        (&true.into(), &5.into())
    );
    assert_eq!(seen["proposed_for"], Value::Null);

    let done = netting(&town, &["--run"]);
    assert_eq!(
        (text(&done, "proposed_for"), &done["plans"], &done["queued"]),
        ("operator", &1.into(), &6.into())
    );
    let euros = &done["currencies"].as_array().expect("a list")[1];
    assert_eq!(text(euros, "currency"), "EUR");
    assert_eq!(
        ["queued", "liquidity", "found", "saved"].map(|field| text(euros, field)),
        ["15700", "0", "15000", "15000"]
    );
    town.cut_power();
    for (bank, id) in &sent {
        assert_eq!(town.status(bank, id), "settled");
    }
    assert_eq!(town.status(D, &dead), "queued");
    assert_eq!(town.balances([A, B]), ["0.00", "0.00"]);
    // The creditor of a payment is told as by any other settlement, and its receipt can be verified.
    assert_eq!(town.feed(C).of(&sent[0].1), ["credit settled 50.00"]);
}

#[test]
fn a_gridlock_settles_by_itself() {
    let town = open("mode = \"fifo\"");
    let sent = knot(&town);
    for (bank, id) in &sent {
        town.await_status(bank, id, "settled");
    }
    let seen = netting(&town, &[]);
    assert_eq!((text(&seen, "mode"), &seen["gridlock"]), ("fifo", &false.into()));
}

#[test]
fn netting_that_is_off_says_so_and_a_node_that_is_not_there_too() {
    let town = open("mode = \"off\"");
    let address = town.metrics();
    let off = causeway(&["admin", "netting", "--run", "--node", &address]);
    assert_eq!(code(&off), 1, "{}", stdout(&off));
    assert!(stderr(&off).contains("netting is off"), "{}", stderr(&off));
    drop(town);
    let gone = causeway(&["admin", "netting", "--node", &address]);
    assert_eq!(code(&gone), 3);
    assert!(stderr(&gone).contains(&address), "{}", stderr(&gone));
}
