//! The whole way as a stranger goes it, with nothing but the `causeway` command.
mod common;

use common::node::Ledger;
use common::{causeway, code, stderr, stdout, word};

#[test]
fn a_payment_settles_is_proven_and_survives_a_restart() {
    let ledger = Ledger::new();
    let node = ledger.start();
    let (a, b) = (ledger.bank("ALFADEFF"), ledger.bank("BETAFRPP"));
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "1000000.00", "RTGS-1");
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "1000000.00");

    let receipt = ledger.file("payment.receipt");
    let paid = ledger.ask(&[
        "bank",
        "pay",
        "--config",
        word(&a),
        "--to",
        "BETAFRPP",
        "--currency",
        "EUR",
        "--amount",
        "12.50",
        "--receipt",
        word(&receipt),
        "--json",
    ]);
    assert_eq!(
        (&paid["status"], &paid["final"]),
        (&"settled".into(), &true.into())
    );
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "999987.50");
    assert_eq!(ledger.balance("BETAFRPP", "EUR"), "12.50");

    let feed = causeway(&["bank", "feed", "--config", word(&b), "--once", "--json"]);
    assert_eq!(code(&feed), 0, "{}", stderr(&feed));
    let events: Vec<serde_json::Value> = stdout(&feed)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["kind"], "credit");
    assert_eq!(events[0]["amount"], "12.50");
    assert_eq!(events[0]["counterparty"], "ALFADEFF");
    assert_eq!(events[0]["uetr"], paid["uetr"]);
    let words = causeway(&["bank", "feed", "--config", word(&a)]);
    assert!(
        stdout(&words).contains("executed: fund ALFADEFF with 1000000.00 EUR"),
        "{}",
        stdout(&words)
    );

    let key = format!("@{}", word(&ledger.dir.join("log.key")));
    let held = causeway(&["verify", "receipt", word(&receipt), "--key", &key]);
    assert_eq!(code(&held), 0, "{}", stderr(&held));
    assert!(stdout(&held).contains("12.50 EUR"), "{}", stdout(&held));
    let other = Ledger::new();
    let stranger = format!("@{}", word(&other.dir.join("log.key")));
    assert_eq!(
        code(&causeway(&[
            "verify",
            "receipt",
            word(&receipt),
            "--key",
            &stranger
        ])),
        1
    );

    // While the node runs, and after it stopped.
    let running = ledger.ask(&["verify", "log", word(&ledger.dir), "--json"]);
    assert_eq!(
        (&running["holds"], &running["settled"]),
        (&true.into(), &1.into())
    );
    assert_eq!(node.terminate().code(), Some(0));
    let log = causeway(&["verify", "log", word(&ledger.dir)]);
    assert_eq!(code(&log), 0, "{}", stderr(&log));
    assert!(stdout(&log).starts_with("The log holds."), "{}", stdout(&log));

    let node = ledger.start();
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "999987.50");
    let id = paid["instruction_id"].as_str().expect("an id");
    let again = ledger.ask(&[
        "bank",
        "pay",
        "--config",
        word(&a),
        "--to",
        "BETAFRPP",
        "--currency",
        "EUR",
        "--amount",
        "12.50",
        "--id",
        id,
        "--json",
    ]);
    assert_eq!(
        (&again["status"], &again["replayed"]),
        (&"settled".into(), &true.into())
    );
    assert_eq!(
        ledger.balance("BETAFRPP", "EUR"),
        "12.50",
        "the same id never pays twice"
    );
    assert_eq!(node.terminate().code(), Some(0));
}

#[test]
fn a_payment_waits_for_money_and_its_late_outcome_is_proven_as_well() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    let (a, b) = (ledger.bank("ALFADEFF"), ledger.bank("BETAFRPP"));
    ledger.fund("BOJ-NET", "BETAFRPP", "JPY", "500", "RTGS-1");
    let pay = |config: &std::path::Path, to: &str, amount: &str| {
        ledger.ask(&[
            "bank",
            "pay",
            "--config",
            word(config),
            "--to",
            to,
            "--currency",
            "JPY",
            "--amount",
            amount,
            "--json",
        ])
    };
    let waits = pay(&a, "GAMMGB2L", "300");
    assert_eq!(
        (&waits["status"], &waits["queue_position"]),
        (&"queued".into(), &1.into())
    );
    let id = waits["instruction_id"].as_str().expect("an id");
    let status = |bank: &std::path::Path| {
        ledger.ask(&["bank", "status", "--config", word(bank), "--id", id, "--json"])["status"].clone()
    };
    assert_eq!(status(&a), "queued");
    let early = ledger.file("early.receipt");
    let refused = causeway(&[
        "bank",
        "receipt",
        "--config",
        word(&a),
        "--id",
        id,
        "--out",
        word(&early),
    ]);
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("not_final"), "{}", stderr(&refused));
    assert!(!early.exists());

    assert_eq!(pay(&b, "ALFADEFF", "400")["status"], "settled");
    assert_eq!(status(&a), "settled");
    assert_eq!(ledger.balance("ALFADEFF", "JPY"), "100");
    assert_eq!(ledger.balance("GAMMGB2L", "JPY"), "300");
    // The debtor's proof and the creditor's, both of the late outcome.
    let key = format!("@{}", word(&ledger.dir.join("log.key")));
    let creditor = ledger.bank("GAMMGB2L");
    for (bank, more, name) in [(&a, None, "debtor"), (&creditor, Some("ALFADEFF"), "creditor")] {
        let file = ledger.file(name);
        let mut words = vec![
            "bank",
            "receipt",
            "--config",
            word(bank),
            "--id",
            id,
            "--out",
            word(&file),
            "--json",
        ];
        words.extend(more.iter().flat_map(|submitter| ["--submitter", submitter]));
        assert_eq!(ledger.ask(&words)["deferred"], true);
        let facts = ledger.ask(&["verify", "receipt", word(&file), "--key", &key, "--json"]);
        assert_eq!(
            (&facts["deferred"], &facts["amount"]),
            (&true.into(), &"300 JPY".into())
        );
    }
    let feed = causeway(&["bank", "feed", "--config", word(&a), "--once"]);
    assert!(
        stdout(&feed).contains("released from the queue: paid 300 JPY to GAMMGB2L"),
        "{}",
        stdout(&feed)
    );
}
