//! Intraday credit against collateral: the line, what it gives, and what becomes of it when the currency closes.
use crate::common::town::{A, B, OPERATOR, Town, text};
use crate::common::{causeway, code, stderr, word};

fn collateral(town: &Town, value: &str) {
    let words = [
        "set-collateral",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--asset",
        "DE0001102580",
        "--value",
        value,
        "--haircut-per-million",
        "100000",
    ];
    town.control(OPERATOR, &words);
}

fn lend(town: &Town, limit: &str) {
    let words = [
        "set-credit",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--limit",
        limit,
    ];
    town.control(OPERATOR, &words);
}

/// Limit, line, collateral, what is in use, and whether it is frozen.
#[track_caller]
fn shows(town: &Town, expected: [&str; 4], frozen: bool) {
    let account = town.account(A);
    let credit = &account["credit"];
    let told = ["limit", "line", "collateral", "in_use"].map(|field| text(credit, field));
    assert_eq!(told, expected);
    assert_eq!(credit["frozen"], frozen);
    assert_eq!(text(&account, "cap"), "0.00");
}

#[test]
fn a_bank_pays_on_credit_and_has_it_again_when_it_has_repaid_across_kills() {
    let mut town = Town::under(4);
    town.day("open", "2030-01-07");
    assert!(town.account(A)["credit"].is_null());
    town.refused(
        A,
        &Town::payment(B, "1.00", &["--settle-or-reject"]),
        "insufficient_liquidity",
    );
    collateral(&town, "100.00");
    lend(&town, "200.00");
    shows(&town, ["200.00", "90.00", "90.00", "0.00"], false);
    town.pay(A, B, "60.00", &[]).must_be("settled");
    shows(&town, ["200.00", "90.00", "90.00", "60.00"], false);
    town.cut_power();
    shows(&town, ["200.00", "90.00", "90.00", "60.00"], false);

    // The collateral falls: nothing is taken back, and nothing more is lent.
    collateral(&town, "50.00");
    shows(&town, ["200.00", "45.00", "45.00", "60.00"], false);
    assert_eq!(town.balances([A, B]), ["-60.00", "60.00"]);
    let waits = town.pay(A, B, "1.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("funds".into(), "16.00".into()));
    collateral(&town, "100.00");
    assert_eq!(town.status(A, &waits), "settled");

    town.day("closed", "2030-01-07");
    town.cut_power();
    let unpaid = |text: &&str| text.starts_with("credit_unpaid: lend ALFADEFF at most 200.00 EUR");
    assert_eq!(
        town.feed(A)
            .kind("control")
            .iter()
            .filter(|text| unpaid(text))
            .count(),
        1
    );
    assert_eq!(
        town.feed(OPERATOR)
            .kind("control")
            .iter()
            .filter(|text| unpaid(text))
            .count(),
        1
    );
    shows(&town, ["200.00", "90.00", "90.00", "61.00"], true);

    town.day("open", "2030-01-08");
    let waits = town.pay(A, B, "2.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("credit_frozen".into(), "63.00".into()));
    let said = town.say(A, &["explain", &waits]);
    assert!(said.contains("was not repaid when the currency closed"), "{said}");
    let said = town.say(A, &["limits"]);
    assert!(
        said.contains("90.00 of at most 200.00, 61.00 in use, frozen until it is repaid"),
        "{said}"
    );
    town.pay(B, A, "60.99", &[]).must_be("settled");
    assert_eq!(town.status(A, &waits), "queued");
    town.cut_power();
    town.pay(B, A, "0.01", &[]).must_be("settled");
    assert_eq!(town.status(A, &waits), "settled");
    shows(&town, ["200.00", "90.00", "90.00", "2.00"], false);
    town.pay(B, A, "2.00", &[]).must_be("settled");
    town.day("closed", "2030-01-08");
    shows(&town, ["200.00", "90.00", "90.00", "0.00"], false);
    let told = town.feed(A);
    assert_eq!(told.kind("control").iter().filter(|text| unpaid(text)).count(), 1);
}

#[test]
fn values_of_credit_actions_are_checked_before_they_are_proposed() {
    let town = Town::under(4);
    let config = town.config(OPERATOR);
    let refused = |words: &[&str], complaint: &str| {
        let mut all = vec!["control", "propose", "--config", word(&config), "--person", "1"];
        all.extend(words);
        let output = causeway(&all);
        assert_ne!(code(&output), 0, "{words:?}");
        assert!(stderr(&output).contains(complaint), "{}", stderr(&output));
    };
    let of = ["set-collateral", "--participant", A, "--currency", "EUR"];
    let with = |more: &[&'static str]| [&of, more].concat();
    refused(&with(&["--asset", " X", "--value", "1"]), "--asset");
    refused(&with(&["--asset", "X", "--value", "1.001"]), "--value");
    refused(
        &with(&["--asset", "X", "--value", "1", "--haircut-per-million", "1000001"]),
        "--haircut-per-million",
    );
    refused(&with(&["--asset", "X", "--value", "0"]), "collateral_invalid");
    let limit = [
        "set-credit",
        "--participant",
        A,
        "--currency",
        "EUR",
        "--limit",
        "-1",
    ];
    refused(&limit, "--limit");
}
