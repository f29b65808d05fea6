//! Reports of the running day, and what is refused, with nothing but the `causeway` command.
mod common;

use common::town::{A, AGENT, B, C, OPERATOR, REGULATOR, Town, text};
use common::{causeway, code, stderr, stdout, word};

/// Exit code, and all that a command of one participant said.
fn say(town: &Town, name: &str, group: &str, words: &[&str]) -> (i32, String, String) {
    let config = town.config(name);
    let mut all = vec![group, words[0], "--config", word(&config)];
    all.extend(&words[1..]);
    let output = causeway(&all);
    (code(&output), stdout(&output), stderr(&output))
}

#[test]
fn a_report_leads_from_nothing_to_the_balance_in_every_format() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    town.pay(A, B, "12.34", &[]).must_be("settled");
    let paid = town.pay(A, B, "0.66", &[]).must_be("settled").id;
    town.pay(B, A, "2.00", &[]).must_be("settled");
    town.pay(A, B, "500.00", &[]).must_be("queued");
    town.cut_power();
    let report = town.ask(A, &["report", "--currency", "EUR"]);
    assert_eq!(
        (text(&report, "opening"), text(&report, "closing")),
        ("0.00", "89.00")
    );
    assert_eq!(
        (report["running"] == true, &report["date"]),
        (true, &serde_json::Value::Null)
    );
    let lines = report["lines"].as_array().expect("lines");
    let brief: Vec<_> = lines
        .iter()
        .map(|line| ["side", "amount", "balance", "counterparty", "kind"].map(|field| text(line, field)))
        .collect();
    assert_eq!(
        brief,
        [
            ["credit", "100.00", "100.00", AGENT, "fund"],
            ["debit", "12.34", "87.66", B, "payment"],
            ["debit", "0.66", "87.00", B, "payment"],
            ["credit", "2.00", "89.00", B, "payment"],
        ]
    );
    assert_eq!(text(&lines[0], "reference"), "RTGS-0");
    // Each line is found in the log: the receipt of the instruction names the same entry, the feed the same event.
    assert_eq!(text(&lines[2], "id"), paid);
    let receipt = town.ledger.file("line.receipt");
    let (exit, _, error) = say(
        &town,
        A,
        "bank",
        &["receipt", "--id", &paid, "--out", word(&receipt)],
    );
    assert_eq!(exit, 0, "{error}");
    let key = format!("@{}", word(&town.ledger.dir.join("log.key")));
    let verified = causeway(&["verify", "receipt", word(&receipt), "--key", &key, "--json"]);
    let proof: serde_json::Value = serde_json::from_str(&stdout(&verified)).expect("JSON");
    assert_eq!(proof["entry"], lines[2]["entry"], "{proof}");
    let from = lines[3]["event"].to_string();
    let (_, feed, _) = say(&town, A, "bank", &["feed", "--from", &from]);
    assert!(
        feed.lines()
            .next()
            .expect("an event")
            .contains("received 2.00 EUR"),
        "{feed}"
    );

    let (exit, csv, error) = say(
        &town,
        A,
        "bank",
        &["report", "--currency", "EUR", "--format", "csv"],
    );
    assert_eq!(exit, 0, "{error}");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 7, "{csv}");
    assert!(
        rows[1].contains(",opening,0.00,0.00,") && rows[6].contains(",closing,89.00,89.00,"),
        "{csv}"
    );
    let (_, camt, error) = say(
        &town,
        A,
        "bank",
        &["report", "--currency", "EUR", "--format", "camt052"],
    );
    assert!(
        camt.contains("camt.052.001.08") && camt.matches("<Ntry>").count() == 4,
        "{camt}{error}"
    );
    let (_, words, _) = say(&town, A, "bank", &["report", "--currency", "EUR"]);
    assert!(words.contains("closing 89.00 at log entry"), "{words}");

    // The agent's liability, and what the reconciliation reads of it.
    let running = ["statement", "--currency", "EUR", "--running", "--format", "csv"];
    let (exit, csv, error) = say(&town, AGENT, "control", &running);
    assert_eq!(exit, 0, "{error}");
    assert!(
        csv.contains(",credit,100.00,100.00,EUR,ALFADEFF,fund,RTGS-0,"),
        "{csv}"
    );
    let file = town.ledger.file("liability.csv");
    std::fs::write(&file, &csv).expect("written");
    let words = ["reconcile", "--currency", "EUR", "--statement", word(&file)];
    let (exit, told, error) = say(&town, AGENT, "control", &words);
    assert_eq!(exit, 0, "{told}{error}");
    assert!(told.contains("1 of 1 lines agree, 0 differences"), "{told}");
    std::fs::write(&file, csv.replace(",100.00,100.00,", ",99.00,99.00,")).expect("written");
    let (exit, told, _) = say(&town, AGENT, "control", &words);
    assert!(exit == 1 && told.contains("the amounts differ"), "{told}");
}

#[test]
fn accounts_are_shown_to_their_holders_and_to_those_who_watch() {
    let town = Town::under(4);
    town.fund(A, "5.00");
    let report = ["report", "--currency", "EUR", "--of", A];
    for name in [OPERATOR, REGULATOR] {
        let report = town.ask(name, &report);
        assert_eq!((text(&report, "account"), text(&report, "closing")), (A, "5.00"));
    }
    for (name, group, words, exit, rule) in [
        (B, "bank", &report[..], 1, "there is no account in EUR"),
        (C, "bank", &["report", "--currency", "XXX"], 2, "--currency"),
        (
            AGENT,
            "bank",
            &["report", "--currency", "EUR"],
            1,
            "there is no account in EUR",
        ),
        (
            A,
            "bank",
            &["statement", "--currency", "EUR"],
            1,
            "there is no statement in EUR yet",
        ),
        (
            A,
            "bank",
            &["statement", "--currency", "EUR", "--date", "2026-11-30"],
            1,
            "there is no statement in EUR of 2026-11-30",
        ),
        (
            A,
            "bank",
            &["statement", "--currency", "EUR", "--date", "today"],
            2,
            "--date",
        ),
        (
            A,
            "bank",
            &["statement", "--currency", "EUR", "--format", "camt052"],
            2,
            "--format",
        ),
        (
            A,
            "bank",
            &["report", "--currency", "EUR", "--format", "camt053"],
            2,
            "--format",
        ),
        (
            A,
            "bank",
            &["report", "--currency", "EUR", "--format", "pdf"],
            2,
            "--format",
        ),
        (
            A,
            "control",
            &["statement", "--currency", "EUR", "--running"],
            1,
            "there is no account in EUR",
        ),
        (
            A,
            "bank",
            &["report", "--currency", "EUR", "--of", "NOBODY"],
            1,
            "--of",
        ),
    ] {
        let (found, out, error) = say(&town, name, group, words);
        assert!(
            found == exit && error.contains(rule),
            "{words:?}: {found} {out}{error}"
        );
    }
}
