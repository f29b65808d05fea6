//! Chains: payments that settle whole, wait as one, or fail whole.
use serde_json::Value;

use crate::common::town::{A, B, C, D, Town, text};

fn chain<'a>(links: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["chain", "--currency", "EUR"];
    words.extend(more);
    words.extend(links);
    words
}

/// One field of each payment.
fn each(told: &Value, field: &str) -> Vec<String> {
    let payments = told["payments"].as_array().expect("payments");
    payments.iter().map(|one| text(one, field).to_owned()).collect()
}

#[test]
fn a_chain_waits_as_one_and_settles_whole_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let links = ["BETAFRPP=6.00", "GAMMGB2L=3.00", "DELTUS33=2.00"];
    let told = town.ask(A, &chain(&links, &[]));
    assert_eq!(each(&told, "status"), ["queued"; 3]);
    let ids = each(&told, "instruction_id");
    // The money for the first two is there; the third is named.
    let why = town.ask(A, &["explain", &ids[0]]);
    assert_eq!(why["reason"], "chain", "{why}");
    assert_eq!(why["obstacle"]["instruction_id"], *ids[2]);
    assert_eq!(why["obstacle"]["missing"], "1.00");

    town.cut_power();
    assert_eq!(town.queue(A), ids);
    assert_eq!(town.balances([A, B, C, D]), ["10.00", "0.00", "0.00", "0.00"]);
    town.fund(A, "1.00");
    assert!(town.queue(A).is_empty());
    assert_eq!(town.balances([A, B, C, D]), ["0.00", "6.00", "3.00", "2.00"]);
    let own = town.feed(A);
    for (id, amount) in ids.iter().zip(["6.00", "3.00", "2.00"]) {
        assert_eq!(town.status(A, id), "settled");
        assert_eq!(own.of(id), [format!("debit settled {amount}")]);
    }
    for (name, id) in [(B, &ids[0]), (C, &ids[1]), (D, &ids[2])] {
        assert_eq!(town.feed(name).of(id).len(), 1, "{name}");
    }
}

#[test]
fn a_chain_fails_whole_names_the_culprit_and_is_cancelled_whole_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let told = town.refused(
        A,
        &chain(&["BETAFRPP=1.00", "ALFADEFF=1.00", "GAMMGB2L=1.00"], &[]),
        "same_party",
    );
    assert_eq!(
        each(&told, "status"),
        ["chain_failed", "same_party", "chain_failed"]
    );
    let told = town.refused(
        A,
        &chain(&["BETAFRPP=9.00", "GAMMGB2L=2.00"], &["--settle-or-reject"]),
        "insufficient_liquidity",
    );
    assert_eq!(each(&told, "status"), ["chain_failed", "insufficient_liquidity"]);
    assert_eq!(town.balances([A, B, C]), ["10.00", "0.00", "0.00"]);

    let told = town.ask(A, &chain(&["BETAFRPP=9.00", "GAMMGB2L=2.00"], &[]));
    let ids = each(&told, "instruction_id");
    let behind = town.pay(A, D, "10.00", &[]).must_be("queued").id;
    town.cut_power();
    town.send(A, &["cancel", &ids[1]]).must_be("executed");
    for id in &ids {
        assert_eq!(town.status(A, id), "cancelled");
    }
    assert_eq!(town.status(A, &behind), "settled");
    assert_eq!(town.balances([A, B, C, D]), ["0.00", "0.00", "0.00", "10.00"]);
    assert!(town.feed(B).kind("credit").is_empty());
    // The same command again takes effect no more.
    let first = ids[0].clone();
    let again = chain(&["BETAFRPP=9.00", "GAMMGB2L=2.00"], &["--id", &first]);
    let told = town.refused(A, &again, "cancelled");
    assert_eq!(each(&told, "instruction_id"), ids);
    assert!(told["payments"][1]["replayed"] == true, "{told}");
}
