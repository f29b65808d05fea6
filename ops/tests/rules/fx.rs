//! FX payments: at the best firm quote, at a lock, through a vehicle currency; awaited, told to all, and alive across a kill.
use serde_json::Value;

use super::pvp::DATE;
use crate::common::town::{A, B, C, D, OPERATOR, Town, text};
use crate::common::{causeway, code, stderr, stdout, word};

/// The settlement agents of dollars and yen.
pub(crate) const FED: &str = "FED-FEDWIRE";
pub(crate) const BOJ: &str = "BOJ-NET";

/// A town in which three currencies are open, the third and fourth bank may quote, and each has something to pay with.
pub(crate) fn open() -> Town {
    let town = Town::under(3);
    for currency in ["EUR", "USD", "JPY"] {
        town.day_in(currency, "open", DATE);
    }
    expose(&town, C, "EUR/USD", "100000.00");
    expose(&town, D, "USD/JPY", "100000.00");
    let rate = [
        "set-reference",
        "--rate",
        "EUR/USD=1.0900",
        "--source",
        "ECB",
        "--time",
        "2026-11-30T15:00:00Z",
    ];
    town.control(OPERATOR, &rate);
    town.fund(A, "10000.00");
    town.fund_in(FED, "USD", C, "20000.00");
    town.fund_in(BOJ, "JPY", D, "2000000");
    town
}

pub(crate) fn expose(town: &Town, who: &str, pair: &str, limit: &str) {
    let words = [
        "set-exposure",
        "--participant",
        who,
        "--pair",
        pair,
        "--limit",
        limit,
    ];
    town.control(OPERATOR, &words);
}

/// A fee of a thousandth of each FX payment in euros, for the fourth bank.
pub(crate) fn fee(town: &Town) {
    let words = [
        "set-fee",
        "--currency",
        "EUR",
        "--kind",
        "fx_payment",
        "--collector",
        D,
        "--per-million",
        "1000",
    ];
    town.control(OPERATOR, &words);
}

/// The third bank buys and sells euros for dollars; the number of its quote.
pub(crate) fn quote(town: &Town, prices: &str, more: &[&str]) -> (String, u64) {
    let tier = format!("EUR:5000.00={prices}");
    let mut words = vec![
        "quote",
        "--pair",
        "EUR/USD",
        "--size",
        "EUR:8000.00",
        "--tier",
        &tier,
        "--expires",
        "+1h",
    ];
    words.extend(more);
    let sent = town.send(C, &words).must_be("executed");
    let number = sent.told["number"].as_u64().expect("a number");
    (sent.id, number)
}

pub(crate) fn pay<'a>(to: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["fx", "--to", to];
    all.extend(words);
    all
}

pub(crate) fn balances(town: &Town, of: &[(&str, &str)]) -> Vec<String> {
    of.iter()
        .map(|(name, currency)| town.ledger.balance(name, currency))
        .collect()
}

/// The last event of an instruction in a feed.
pub(crate) fn last(town: &Town, name: &str, id: &str) -> Value {
    let told = town.feed(name).0;
    let of = told.into_iter().rfind(|event| event["instruction_id"] == id);
    of.expect("an event")
}

#[test]
fn a_payment_at_a_firm_quote_tells_rate_reference_spread_and_fee_to_all() {
    let town = open();
    fee(&town);
    let (_, number) = quote(&town, "1.0850/1.0870", &[]);
    let file = town.ledger.file("fx.receipt");
    let more = [
        "--pay",
        "EUR:1000.01",
        "--at-least",
        "USD:1080.00",
        "--receipt",
        word(&file),
    ];
    let sent = town.send(A, &pay(B, &more)).must_be("settled");
    // 1.00 of it is the fee; 999.01 at 1.0850 are 1083.92585, rounded down.
    let told = &sent.told["exchange"];
    let shown = [
        "paid",
        "received",
        "fee",
        "fixed",
        "paid_currency",
        "received_currency",
    ];
    assert_eq!(
        shown.map(|field| text(told, field)),
        ["1000.01", "1083.92", "1.00", "source", "EUR", "USD"]
    );
    assert_eq!(told["lock"], Value::Null);
    let hop = &told["hops"][0];
    let shown = ["provider", "from_amount", "to_amount", "rate", "remainder"];
    assert_eq!(
        shown.map(|field| text(hop, field)),
        [C, "999.01", "1083.92", "1 EUR = 1.0850 USD", "0.00585000"]
    );
    assert_eq!(hop["quote"], number);
    // At the reference rate 999.01 are 1088.9209.
    let reference = &hop["reference"];
    let shown = ["rate", "source", "time", "spread", "spread_currency"];
    assert_eq!(
        shown.map(|field| text(reference, field)),
        [
            "1 EUR = 1.0900 USD",
            "ECB",
            "2026-11-30T15:00:00.000Z",
            "5.00",
            "USD"
        ]
    );
    assert_eq!(reference["spread_millionths"], 4_591);
    let all = [
        (A, "EUR"),
        (B, "USD"),
        (C, "EUR"),
        (C, "USD"),
        (D, "EUR"),
        (A, "USD"),
    ];
    assert_eq!(
        balances(&town, &all),
        ["8999.99", "1083.92", "999.01", "18916.08", "1.00", "0.00"]
    );

    // The debtor, the creditor, the provider, the collector; nobody else.
    assert_eq!(town.feed(A).of(&sent.id), ["exchange settled 1000.01"]);
    assert_eq!(town.feed(B).of(&sent.id), ["credit settled 1083.92"]);
    assert_eq!(town.feed(C).of(&sent.id), ["provided settled 1083.92"]);
    assert!(town.feed(D).of(&sent.id).is_empty());
    assert_eq!(
        town.feed(D).kind("fee"),
        ["collected fees of 1.00 EUR from ALFADEFF"]
    );
    assert_eq!(
        text(&last(&town, B, &sent.id)["exchange"]["hops"][0], "provider"),
        C
    );
    let event = last(&town, C, &sent.id);
    assert_eq!(
        (text(&event, "counter_amount"), text(&event, "counter_currency")),
        ("999.01", "EUR")
    );
    let sentence = "GAMMGB2L gets 999.01 EUR and pays 1083.92 USD, at 1 EUR = 1.0850 USD";
    assert!(text(&event, "text").contains(sentence), "{event}");
    let history = town.say(A, &["history", &sent.id]);
    for told in [
        "1000.01 EUR for at least 1080.00 USD",
        "paid 1000.01 EUR, and BETAFRPP received 1083.92 USD, at 1 EUR = 1.0850 USD",
        "now settled",
    ] {
        assert!(history.contains(told), "{told}: {history}");
    }
    let history = town.say(B, &["history", text(&sent.told, "uetr")]);
    assert!(
        history.contains("received 1083.92 USD from ALFADEFF"),
        "{history}"
    );
    receipts_show_what_it_came_to(&town, &sent.id, word(&file));

    // Again under the same id: nothing moves, and it came to the same.
    let again = [
        "--pay",
        "EUR:1000.01",
        "--at-least",
        "USD:1080.00",
        "--id",
        &sent.id,
    ];
    let again = town.send(A, &pay(B, &again)).must_be("settled").told;
    assert_eq!(
        (&again["replayed"], &again["exchange"]),
        (&true.into(), &sent.told["exchange"])
    );
    town.refused(A, &["cancel", &sent.id], "original_unknown");
    town.refused(B, &["return", &sent.id], "original_unknown");
}

fn receipts_show_what_it_came_to(town: &Town, id: &str, own: &str) {
    let theirs = town.ledger.file("theirs.receipt");
    let told = town.ask(
        B,
        &["receipt", "--submitter", A, "--id", id, "--out", word(&theirs)],
    );
    assert_eq!(
        (text(&told, "amount"), text(&told, "counter_amount")),
        ("1000.01", "1083.92")
    );
    let key = format!("@{}", word(&town.ledger.dir.join("log.key")));
    for file in [own, word(&theirs)] {
        let verified = causeway(&["verify", "receipt", file, "--key", &key]);
        assert_eq!(code(&verified), 0, "{}", stderr(&verified));
        let said = stdout(&verified);
        assert!(
            said.contains("1000.01 EUR, which received 1083.92 USD."),
            "{said}"
        );
    }
}

#[test]
fn a_fixed_target_costs_what_it_costs_and_is_told_so() {
    let town = open();
    fee(&town);
    quote(&town, "1.0850/1.0870", &[]);
    let file = town.ledger.file("fx.receipt");
    let words = [
        "--get",
        "USD:1085.00",
        "--at-most",
        "EUR:1002.00",
        "--receipt",
        word(&file),
    ];
    let sent = town.send(A, &pay(B, &words)).must_be("settled");
    let told = &sent.told["exchange"];
    assert_eq!(
        ["paid", "received", "fee", "fixed"].map(|field| text(told, field)),
        ["1001.00", "1085.00", "1.00", "target"]
    );
    assert_eq!(
        balances(&town, &[(A, "EUR"), (B, "USD"), (D, "EUR")]),
        ["8999.00", "1085.00", "1.00"]
    );
    // The receipt proves what was paid, not the most that might have been.
    let key = format!("@{}", word(&town.ledger.dir.join("log.key")));
    let verified = causeway(&["verify", "receipt", word(&file), "--key", &key]);
    let said = stdout(&verified);
    assert!(
        said.contains("1001.00 EUR, which received 1085.00 USD."),
        "{said}"
    );
    let said = town.say(A, &pay(B, &["--get", "USD:1.00", "--at-most", "EUR:2.00"]));
    for line in [
        "ALFADEFF paid 0.93 EUR, and BETAFRPP received 1.00 USD. It is final.",
        "asked       1.00 USD for at most 2.00 EUR",
        "arrives     1.00 USD, as fixed",
        "converts    GAMMGB2L gets 0.93 EUR and pays 1.00 USD, at 1 EUR = 1.0850 USD",
        "reference 1 EUR = 1.0900 USD, fixed by ECB at 2026-11-30T15:00:00.000Z",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let words = pay(B, &["--get", "USD:1085.00", "--at-most", "EUR:1000.99"]);
    let sent = town.send(A, &words).must_be("awaiting_quote");
    assert_eq!(sent.told["exchange"], Value::Null);
}

#[test]
fn a_payment_awaits_a_quote_across_a_kill_and_settles_when_one_is_published() {
    let mut town = open();
    let words = pay(B, &["--pay", "EUR:1000.00", "--at-least", "USD:1080.00"]);
    let mut at_once = words.clone();
    at_once.push("--settle-or-reject");
    town.refused(A, &at_once, "no_quote");
    let id = town.send(A, &words).must_be("awaiting_quote").id;
    assert_eq!(town.why(A, &id).0, "quote");
    assert!(
        town.say(A, &["explain", &id])
            .starts_with("awaits a quote: no firm quote covers it"),
    );
    let line = &town.ask(A, &["queue"])["payments"][0];
    assert_eq!(
        (text(line, "status"), &line["position"]),
        ("awaiting_quote", &0.into())
    );
    assert!(town.say(A, &["queue"]).contains("(FX payment)"));
    // A price beyond its limit is no quote for it.
    let (dear, _) = quote(&town, "1.0799/1.0870", &[]);
    town.refused(A, &at_once, "no_quote");
    assert_eq!(town.status(A, &id), "awaiting_quote");
    let other = town
        .send(A, &pay(B, &["--pay", "EUR:2.00", "--at-least", "USD:3.00"]))
        .must_be("awaiting_quote")
        .id;
    let told = town.ask(A, &["cancel", &other]);
    assert_eq!(
        (text(&told, "status"), text(&told, "what")),
        (
            "executed",
            "cancels the FX payment of 2.00 EUR for at least 3.00 USD to BETAFRPP"
        )
    );
    assert_eq!(town.status(A, &other), "cancelled");

    town.cut_power();
    assert_eq!(town.status(A, &id), "awaiting_quote");
    let (_, number) = quote(&town, "1.0800/1.0870", &["--replaces", &dear]);
    town.await_status(A, &id, "settled");
    assert_eq!(balances(&town, &[(A, "EUR"), (B, "USD")]), ["9000.00", "1080.00"]);
    assert_eq!(town.feed(A).of(&id), ["exchange settled 1000.00"]);
    let event = last(&town, A, &id);
    assert_eq!(event["exchange"]["hops"][0]["quote"], number);
    let file = town.ledger.file("later.receipt");
    let told = town.ask(A, &["receipt", "--id", &id, "--out", word(&file)]);
    assert_eq!(
        (text(&told, "counter_amount"), &told["deferred"]),
        ("1080.00", &true.into())
    );
    // The same again waits for it no longer, and tells what it came to.
    let mut again = words.clone();
    again.extend(["--id", &id]);
    let again = town.send(A, &again).must_be("settled");
    assert_eq!(text(&again.told["exchange"], "received"), "1080.00");

    // What is withdrawn is firm no longer.
    town.send(C, &["quote", "--pair", "EUR/USD", "--withdraw"])
        .must_be("executed");
    town.refused(A, &at_once, "no_quote");
    town.refused(C, &["quote", "--pair", "EUR/USD", "--withdraw"], "quote_unknown");
}

#[test]
fn a_lock_lives_across_a_kill_is_used_once_and_expires() {
    let mut town = open();
    let (id, _) = quote(&town, "1.0850/1.0870", &[]);
    let lock = |more: &[&'static str]| {
        let mut words = vec!["lock", "--pay", "EUR:1000.00", "--at-least", "USD:1080.00"];
        words.extend(more);
        words
    };
    let sent = town.send(A, &lock(&["--expires", "+4m"])).must_be("set_aside");
    let number = sent.told["number"].as_u64().expect("a number").to_string();
    assert_eq!(sent.told["exchange"]["lock"].to_string(), number);
    assert_eq!(
        text(&sent.told["exchange"]["hops"][0], "rate"),
        "1 EUR = 1.0850 USD"
    );
    assert_eq!(town.why(A, &sent.id).0, "lock");
    assert_eq!(town.feed(C).of(&sent.id), ["provided set_aside 1085.00"]);
    // The price moves away; the lock keeps it.
    quote(&town, "1.0500/1.0870", &["--replaces", &id]);
    town.cut_power();
    assert_eq!(town.status(A, &sent.id), "set_aside");
    let with = |amount, number| pay(B, &["--pay", amount, "--into", "USD", "--lock", number]);
    town.refused(A, &with("EUR:999.00", &number), "quote_mismatch");
    town.refused(B, &with("EUR:1000.00", &number), "quote_unknown");
    let paid = town.send(A, &with("EUR:1000.00", &number)).must_be("settled");
    assert_eq!(text(&paid.told["exchange"], "received"), "1085.00");
    assert_eq!(paid.told["exchange"]["lock"].to_string(), number);
    assert_eq!(town.status(A, &sent.id), "executed");
    town.refused(A, &with("EUR:1000.00", &number), "quote_unknown");
    assert_eq!(
        town.feed(A).of(&sent.id),
        ["lock set_aside 1000.00", "lock executed 1000.00"]
    );
    assert_eq!(balances(&town, &[(A, "EUR"), (B, "USD")]), ["9000.00", "1085.00"]);

    let words = ["lock", "--pay", "EUR:10.00", "--into", "USD", "--expires", "+8s"];
    let said = town.say(A, &words);
    assert!(
        said.starts_with("Locked as ") && said.contains("at 1 EUR = 1.0500 USD."),
        "{said}"
    );
    let short = town.send(A, &words).must_be("set_aside");
    let number = short.told["number"].as_u64().expect("a number").to_string();
    town.await_status(A, &short.id, "expired");
    town.refused(A, &with("EUR:10.00", &number), "quote_unknown");
    assert_eq!(
        town.feed(C).of(&short.id),
        ["provided set_aside 10.50", "provided expired 10.50"]
    );
    town.refused(A, &lock(&[]), "no_quote");
    town.refused(
        A,
        &["lock", "--pay", "EUR:1.00", "--into", "USD", "--expires", "+6m"],
        "time_invalid",
    );
}

#[test]
fn two_hops_lead_through_the_vehicle_currency() {
    let town = open();
    quote(&town, "1.0850/1.0870", &[]);
    let words = [
        "quote",
        "--pair",
        "USD/JPY",
        "--size",
        "USD:50000.00",
        "--tier",
        "USD:5000.00=150.25/150.75",
        "--expires",
        "+1h",
    ];
    town.send(D, &words).must_be("executed");
    let straight = ["--pay", "EUR:100.00", "--into", "JPY", "--settle-or-reject"];
    town.refused(A, &pay(B, &straight), "no_quote");
    let mut through = straight.to_vec();
    through.extend(["--via", "USD"]);
    let sent = town.send(A, &pay(B, &through)).must_be("settled");
    // 108.50 dollars at 150.25 are 16302.125 yen.
    let told = &sent.told["exchange"];
    assert_eq!((text(told, "paid"), text(told, "received")), ("100.00", "16302"));
    let hops = told["hops"].as_array().expect("hops");
    let shown: Vec<[&str; 4]> = hops
        .iter()
        .map(|hop| ["provider", "from_amount", "to_amount", "rate"].map(|field| text(hop, field)))
        .collect();
    assert_eq!(
        shown,
        [
            [C, "100.00", "108.50", "1 EUR = 1.0850 USD"],
            [D, "108.50", "16302", "1 USD = 150.25 JPY"]
        ]
    );
    assert_eq!(text(&hops[1], "remainder"), "0.125000");
    assert_eq!(hops[1]["reference"], Value::Null);
    let all = [
        (A, "EUR"),
        (C, "EUR"),
        (C, "USD"),
        (D, "USD"),
        (D, "JPY"),
        (B, "JPY"),
    ];
    assert_eq!(
        balances(&town, &all),
        ["9900.00", "100.00", "19891.50", "108.50", "1983698", "16302"]
    );
    assert_eq!(town.feed(C).of(&sent.id), ["provided settled 108.50"]);
    assert_eq!(town.feed(D).of(&sent.id), ["provided settled 16302"]);
}
