//! A treasurer's way, with nothing but the `causeway` command: a payment waits, says why, settles, and is asked back. The
//! steps are those of README.md.
mod common;

use common::town::{bank, second_rules, text};
use common::{causeway, code, stderr, stdout, word};

#[test]
fn a_payment_waits_says_why_settles_and_is_asked_back() {
    let ledger = second_rules(|text| text);
    let _node = ledger.start();
    let (a, b) = (ledger.bank("ALFADEFF"), ledger.bank("BETAFRPP"));
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "10.00", "RTGS-1");

    // Beyond its balance: it waits, and says why.
    let pay = [
        "pay",
        "--to",
        "BETAFRPP",
        "--currency",
        "EUR",
        "--amount",
        "50.00",
    ];
    let waits = bank(&ledger, &a, &pay);
    assert_eq!(waits["status"], "queued");
    let id = text(&waits, "instruction_id").to_owned();
    let said = causeway(&["bank", "explain", "--config", word(&a), &id]);
    assert_eq!(code(&said), 0, "{}", stderr(&said));
    assert_eq!(
        stdout(&said),
        "waits: 40.00 EUR more are needed. Balance 10.00, cap 0.00, set aside 0.00; first in its queue.\n"
    );
    let why = bank(&ledger, &a, &["explain", &id]);
    assert_eq!((text(&why, "reason"), text(&why, "missing")), ("funds", "40.00"));
    let behind = bank(
        &ledger,
        &a,
        &["pay", "--to", "BETAFRPP", "--currency", "EUR", "--amount", "1.00"],
    );
    let behind = text(&behind, "instruction_id").to_owned();
    let why = bank(&ledger, &a, &["explain", &behind]);
    assert_eq!((text(&why, "reason"), &why["ahead"]), ("queue_head", &1.into()));
    assert_eq!(text(&why["obstacle"], "instruction_id"), id);
    assert_eq!(text(&why["obstacle"], "reason"), "funds");
    let foreign = causeway(&[
        "bank",
        "explain",
        "--config",
        word(&b),
        "--submitter",
        "ALFADEFF",
        &id,
    ]);
    assert_eq!(code(&foreign), 1, "{}", stdout(&foreign));
    let operator = ledger.bank("OPERATOR");
    let watched = bank(&ledger, &operator, &["explain", "--submitter", "ALFADEFF", &id]);
    assert_eq!(text(&watched, "reason"), "funds");

    // Queue, limits, amendment, cancellation.
    let queue = bank(&ledger, &a, &["queue", "--currency", "EUR"]);
    let lines = queue["payments"].as_array().expect("lines");
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (text(&lines[0], "instruction_id"), text(&lines[0], "class")),
        (&*id, "normal")
    );
    let accounts = bank(&ledger, &b, &["limits", "--currency", "EUR"]);
    assert_eq!(text(&accounts["accounts"][0]["queued_in"], "value"), "51.00");
    let amended = bank(&ledger, &a, &["amend", &behind, "--priority", "urgent"]);
    assert_eq!(amended["status"], "executed");
    assert_eq!(
        bank(&ledger, &a, &["status", "--id", &behind])["status"],
        "settled"
    );
    let limit = [
        "limits",
        "set",
        "--currency",
        "EUR",
        "--to",
        "BETAFRPP",
        "--amount",
        "20.00",
    ];
    assert_eq!(bank(&ledger, &a, &limit)["status"], "executed");
    let reserve = [
        "limits",
        "reserve",
        "--currency",
        "EUR",
        "--class",
        "urgent",
        "--amount",
        "2.00",
    ];
    assert_eq!(bank(&ledger, &a, &reserve)["status"], "executed");
    let accounts = bank(&ledger, &a, &["limits", "--currency", "EUR"]);
    let account = &accounts["accounts"][0];
    assert_eq!(text(&account["bilateral_limits"][0], "amount"), "20.00");
    assert_eq!(text(&account["reserved_urgent"], "left"), "2.00");

    // Funded, it waits for the limit; without it, it settles.
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "60.00", "RTGS-2");
    let why = bank(&ledger, &a, &["explain", &id]);
    assert_eq!(
        (text(&why, "reason"), text(&why, "missing")),
        ("bilateral_limit", "30.00")
    );
    assert_eq!(text(&why, "party"), "BETAFRPP");
    let remove = [
        "limits",
        "set",
        "--currency",
        "EUR",
        "--to",
        "BETAFRPP",
        "--remove",
    ];
    assert_eq!(bank(&ledger, &a, &remove)["status"], "executed");
    assert_eq!(bank(&ledger, &a, &["status", "--id", &id])["status"], "settled");
    assert_eq!(ledger.balance("BETAFRPP", "EUR"), "51.00");

    // It is asked back, and comes back.
    let asked = bank(&ledger, &a, &["cancel", &id]);
    assert_eq!(asked["status"], "cancellation_pending");
    let question = text(&asked, "instruction_id").to_owned();
    let why = bank(&ledger, &a, &["explain", &question]);
    assert_eq!(
        (text(&why, "reason"), text(&why, "party")),
        ("answer", "BETAFRPP")
    );
    assert_eq!(
        bank(&ledger, &b, &["resolve", &id, "--accept"])["status"],
        "executed"
    );
    let returned = bank(&ledger, &b, &["return", &id, "--amount", "50.00"]);
    assert_eq!(returned["status"], "settled");
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "69.00");

    // Both histories.
    for (config, name) in [(&a, id.as_str()), (&b, id.as_str()), (&b, text(&waits, "uetr"))] {
        let history = bank(&ledger, config, &["history", name]);
        assert_eq!(text(&history, "status"), "settled", "{history}");
        assert_eq!(text(&history, "instruction_id"), id);
    }
    let told = causeway(&["bank", "history", "--config", word(&a), &id]);
    for part in [
        "released from the queue: paid 50.00 EUR to BETAFRPP",
        "received 50.00 EUR from BETAFRPP",
        "now settled",
    ] {
        assert!(
            stdout(&told).contains(part),
            "{part} is missing from\n{}",
            stdout(&told)
        );
    }
}

#[test]
fn money_is_set_aside_released_in_parts_and_held_by_nobody_else() {
    let ledger = second_rules(|text| text);
    let _node = ledger.start();
    let (a, b, c) = (
        ledger.bank("ALFADEFF"),
        ledger.bank("BETAFRPP"),
        ledger.bank("GAMMGB2L"),
    );
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "100.00", "RTGS-1");
    let words = [
        "pay",
        "--to",
        "BETAFRPP",
        "--currency",
        "EUR",
        "--amount",
        "30.00",
        "--approver",
        "GAMMGB2L",
        "--partial",
        "--expires",
        "+1h",
    ];
    let aside = bank(&ledger, &a, &words);
    assert_eq!(aside["status"], "set_aside");
    let id = text(&aside, "instruction_id");
    let why = bank(&ledger, &a, &["explain", id]);
    assert_eq!(
        (text(&why, "reason"), text(&why, "set_aside")),
        ("condition", "30.00")
    );
    assert_eq!(
        bank(&ledger, &c, &["release", id, "--amount", "10.00"])["status"],
        "executed"
    );
    assert_eq!(ledger.balance("BETAFRPP", "EUR"), "10.00");
    assert_eq!(
        bank(&ledger, &b, &["release", id, "--decline"])["status"],
        "executed"
    );
    assert_eq!(bank(&ledger, &a, &["status", "--id", id])["status"], "given_back");

    let later = bank(
        &ledger,
        &a,
        &[
            "pay",
            "--to",
            "BETAFRPP",
            "--currency",
            "EUR",
            "--amount",
            "5.00",
            "--from-time",
            "+1h",
        ],
    );
    assert_eq!(later["status"], "warehoused");
    let id = text(&later, "instruction_id");
    assert_eq!(text(&bank(&ledger, &a, &["explain", id]), "reason"), "warehoused");
    let operator = ledger.bank("OPERATOR");
    let control = |words: &[&str]| {
        let mut all = vec![
            "control",
            "propose",
            "--config",
            word(&operator),
            "--person",
            "1",
            "--json",
        ];
        all.extend(words);
        let digest = text(&ledger.ask(&all), "digest").to_owned();
        let approve = [
            "control",
            "approve",
            "--config",
            word(&operator),
            "--person",
            "2",
            "--json",
            &digest,
        ];
        assert_eq!(ledger.ask(&approve)["status"], "executed");
    };
    control(&[
        "hold-payment",
        "--participant",
        "ALFADEFF",
        "--payment",
        id,
        "--reference",
        "FILE-1",
    ]);
    assert_eq!(text(&bank(&ledger, &a, &["explain", id]), "reason"), "pending");
    let watched = bank(&ledger, &operator, &["explain", "--submitter", "ALFADEFF", id]);
    assert_eq!(text(&watched, "reason"), "payment_held");
    control(&[
        "end-hold",
        "--participant",
        "ALFADEFF",
        "--payment",
        id,
        "--reject",
    ]);
    assert_eq!(
        bank(&ledger, &a, &["status", "--id", id])["status"],
        "rejected_by_order"
    );
    control(&[
        "set-fee",
        "--currency",
        "EUR",
        "--kind",
        "payment",
        "--collector",
        "BETAFRPP",
        "--flat",
        "0.10",
    ]);
}
