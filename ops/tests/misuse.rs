//! Wrong words on the command line: a message that names the place and the rule, and the exit code that was promised.
mod common;

use common::node::Ledger;
use common::{causeway, code, scratch, stderr, word};

/// Runs a command that must fail so, and say so.
fn fails(words: &[&str], exit: i32, says: &str) {
    let output = causeway(words);
    let why = stderr(&output);
    assert_eq!(code(&output), exit, "{words:?}: {why}");
    assert!(why.contains(says), "{words:?} should say {says:?}: {why}");
    assert!(!why.contains("panicked"), "{why}");
}

#[test]
fn what_is_wrong_in_the_words_is_said_before_anybody_is_asked() {
    // No node runs: nothing here may need one.
    let ledger = Ledger::new();
    let config = ledger.bank("ALFADEFF");
    let bank = word(&config);
    let pay = |currency: &str, amount: &str, exit: i32, says: &str| {
        let words = [
            "bank",
            "pay",
            "--config",
            bank,
            "--to",
            "BETAFRPP",
            "--currency",
            currency,
            "--amount",
            amount,
        ];
        fails(&words, exit, says);
    };
    pay(
        "EUR",
        "12.345",
        2,
        "--amount: the amount has 3 digits after the point: EUR has 2 in ISO 4217",
    );
    pay("JPY", "0.5", 2, "JPY has 0 in ISO 4217");
    pay("EUR", "-1", 2, "--amount");
    pay("EUR", "0.00", 2, "--amount: the amount is zero");
    pay("EUR", "1,00", 2, "--amount: the amount is not a decimal number");
    pay("eur", "1.00", 2, "--currency: currency code \"eur\" is malformed");
    pay("XAU", "1.00", 2, "--currency: currency XAU has no minor units");
    let rest = ["--to", "BETAFRPP", "--currency", "EUR", "--amount", "1.00"];
    for (option, says) in [
        ("--id", "--id: must be 32 hexadecimal digits"),
        ("--uetr", "--uetr: must be a UUID"),
    ] {
        let mut words = vec!["bank", "pay", "--config", bank, option, "xyz"];
        words.extend(rest);
        fails(&words, 2, says);
    }
    let mut words = vec!["bank", "pay", "--config", bank, "--receipt", bank];
    words.extend(rest);
    fails(&words, 1, "exists already and is never overwritten");

    let missing = ledger.file("nowhere.toml");
    fails(
        &["bank", "balance", "--config", word(&missing)],
        3,
        "nowhere.toml: cannot be read",
    );
    let node = ledger.node_config();
    fails(&["bank", "balance", "--config", word(&node)], 2, "node.toml");
    fails(&["bank", "balance"], 2, "--config");
    fails(
        &["bank", "status", "--config", bank, "--id", "00"],
        2,
        "--id: must be 32 hexadecimal digits",
    );
    fails(
        &["control", "approve", "--config", bank, "--person", "2", "00"],
        2,
        "DIGEST: must be 64 hexadecimal",
    );
    fails(
        &[
            "control",
            "approve",
            "--config",
            bank,
            "--person",
            "9",
            &"0".repeat(64),
        ],
        2,
        "no [[key]] of person 9",
    );
    let propose = ["control", "propose", "--config", bank, "--person", "1"];
    let mut words = propose.to_vec();
    words.extend([
        "fund",
        "--participant",
        "X",
        "--currency",
        "KWD",
        "--amount",
        "1.2345",
        "--reference",
        "R",
    ]);
    fails(&words, 2, "KWD has 3 in ISO 4217");
    let mut words = propose.to_vec();
    words.extend(["confirm-defund", "--defund", "12", "--reference", "R"]);
    fails(&words, 2, "--defund: must be 32 hexadecimal digits");
    let mut words = propose.to_vec();
    words.extend([
        "add-key",
        "--participant",
        "X",
        "--key",
        "3",
        "--holder",
        "3",
        "--rights",
        "all",
        "--public",
        "00",
    ]);
    fails(&words, 2, "--rights");
    fails(
        &["bank", "balance", "--config", bank, "--timeout", "1"],
        3,
        "does not answer within 1 seconds",
    );
    let empty = scratch();
    fails(
        &["verify", "log", word(empty.path())],
        3,
        "genesis.bin: cannot be read",
    );
    fails(
        &["verify", "log", word(&ledger.dir), "--ledger", "00"],
        2,
        "--ledger: must be 64 hexadecimal digits",
    );
    fails(
        &["verify", "log", word(&ledger.dir), "--ledger", &"0".repeat(64)],
        1,
        "the genesis is that of ledger",
    );
}

#[test]
fn what_the_ledger_refuses_is_named_with_its_meaning() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    let config = ledger.bank("ALFADEFF");
    let bank = word(&config);
    let pay = |to: &str, more: &[&str], exit: i32, says: &str| {
        let mut words = vec![
            "bank",
            "pay",
            "--config",
            bank,
            "--to",
            to,
            "--currency",
            "EUR",
            "--amount",
            "1.00",
        ];
        words.extend(more);
        fails(&words, exit, says);
    };
    pay("NOBODY", &[], 1, "--to: the ledger has no participant \"NOBODY\"");
    pay("4711", &[], 1, "--to: the ledger has no participant \"4711\"");
    pay(
        "ALFADEFF",
        &[],
        1,
        "same_party: Debtor and creditor are the same participant.",
    );
    pay("OPERATOR", &[], 1, "creditor_unknown");
    pay(
        "BETAFRPP",
        &["--settle-or-reject"],
        1,
        "insufficient_liquidity: It could not settle at once",
    );
    pay("BETAFRPP", &["--person", "2"], 1, "key_not_active");
    fails(
        &["bank", "status", "--config", bank, "--id", &"1".repeat(32)],
        1,
        "not_found",
    );
    let file = ledger.file("no.receipt");
    fails(
        &[
            "bank",
            "receipt",
            "--config",
            bank,
            "--id",
            &"1".repeat(32),
            "--out",
            word(&file),
        ],
        1,
        "not_found",
    );
    assert!(!file.exists());
    fails(
        &[
            "control",
            "approve",
            "--config",
            bank,
            "--person",
            "2",
            &"0".repeat(64),
        ],
        1,
        "proposal_unknown",
    );
    // The certificate of another ledger's bank opens nothing here.
    let other = Ledger::new();
    let text = std::fs::read_to_string(&config).expect("bank.toml");
    let address = text
        .lines()
        .find(|line| line.starts_with("address"))
        .expect("an address");
    let foreign = other.bank("ALFADEFF");
    let own = std::fs::read_to_string(&foreign).expect("bank.toml");
    let there = own
        .lines()
        .find(|line| line.starts_with("address"))
        .expect("an address");
    std::fs::write(&foreign, own.replace(there, address)).expect("written");
    fails(
        &["bank", "balance", "--config", word(&foreign), "--timeout", "5"],
        3,
        "connection",
    );
}

#[test]
fn a_damaged_log_is_refused_naming_the_entry() {
    let ledger = Ledger::new();
    let node = ledger.start();
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "100.00", "R-1");
    assert_eq!(node.terminate().code(), Some(0));
    let segment = std::fs::read_dir(ledger.dir.join("journal"))
        .expect("a journal")
        .map(|entry| entry.expect("an entry").path())
        .min()
        .expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("bytes");
    let reference = bytes
        .windows(3)
        .position(|run| run == b"R-1")
        .expect("the reference is in the log");
    bytes[reference] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    fails(&["verify", "log", word(&ledger.dir)], 1, "the log does not hold");
    let output = causeway(&["verify", "log", word(&ledger.dir), "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["holds"], false);
    assert!(
        json["reason"].as_str().expect("a reason").contains("entry"),
        "{json}"
    );
}
