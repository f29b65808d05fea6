//! Members on the command line: admitted by keys that they hold, suspended, closed; and a key that takes another's place
//! while payments flow.
mod common;

use common::town::{A, B, C, D, OPERATOR, Town, text};
use common::{causeway, code, stderr, word};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A value of a bank's configuration.
fn configured(town: &Town, who: &str, field: &str) -> String {
    let text = std::fs::read_to_string(town.config(who)).expect("a configuration");
    let table: toml::Table = text.parse().expect("TOML");
    match &table["bank"][field] {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Makes a key; its file and its public half.
fn keygen(town: &Town, name: &str) -> (PathBuf, String) {
    let file = town.ledger.file(&format!("{name}.key"));
    let made = town.ledger.ask(&["keygen", "--out", word(&file), "--json"]);
    (file, text(&made, "public").to_owned())
}

/// Has a key show that it is held: `whom` is `--name NAME` or `--participant ID`.
fn prove(town: &Town, key: &Path, id: &str, rights: &str, whom: [&str; 2]) -> PathBuf {
    let out = key.with_extension(format!("{id}.{}.proof", whom[1]));
    let ledger = configured(town, A, "ledger");
    let mut words = vec![
        "member", "prove", "--ledger", &ledger, "--key", id, "--holder", id,
    ];
    words.extend(whom);
    words.extend([
        "--rights",
        rights,
        "--signing-key",
        word(key),
        "--out",
        word(&out),
        "--json",
    ]);
    town.ledger.ask(&words);
    out
}

/// The operator decides about a member, with a file number.
fn decided(town: &Town, word: &str, who: &str, more: &[&str]) {
    let mut all = vec![word, "--participant", who, "--reference", "BOARD-7"];
    all.extend(more);
    town.control(OPERATOR, &all);
}

#[test]
fn a_newcomer_is_admitted_by_keys_that_it_holds_and_takes_part_once_it_is_activated() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    let (first, one) = keygen(&town, "first");
    let (second, two) = keygen(&town, "second");
    let description = town.ledger.file("newcomer.toml");
    let line = |person: u32, public: &str| {
        format!("{{ person = {person}, rights = [\"instruct\", \"control\"], public = \"{public}\" }}")
    };
    std::fs::write(
        &description,
        format!(
            "[participant]\nname = \"EPSIJPJT\"\nroles = [\"participant\", \"liquidity_provider\"]\nkeys = [{}, {}]\n\
             accounts = [{{ currency = \"EUR\" }}]\n",
            line(1, &one),
            line(2, &two)
        ),
    )
    .expect("written");
    let newcomer = ["--name", "EPSIJPJT"];
    let both = "instruct,control";
    let own = prove(&town, &first, "1", both, newcomer);
    let other = prove(&town, &second, "2", both, newcomer);
    let elsewhere = prove(&town, &second, "2", both, ["--name", "OTHER"]);
    let less = prove(&town, &second, "2", "instruct", ["--name", "EPSIJPJT "]);

    let admit = |proofs: &[&PathBuf]| {
        let mut words = vec!["admit", word(&description)];
        proofs
            .iter()
            .for_each(|proof| words.extend(["--proof", word(proof)]));
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let refuses = |proofs: &[&PathBuf], exit: i32, why: &str| {
        let words = admit(proofs);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (code, _, said) = town.not_proposed(&words);
        assert_eq!((code, said.contains(why)), (exit, true), "{said}");
    };
    refuses(&[&own], 2, "--proof: none shows key 2 of");
    refuses(&[&own, &elsewhere], 1, "--proof: it does not show this key");
    refuses(&[&own, &less], 1, "--proof: it does not show this key");
    refuses(&[&description], 2, "newcomer.toml");

    let words = admit(&[&other, &own]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    town.control(OPERATOR, &words);
    let (code, status, _) = town.not_proposed(&words);
    assert_eq!((code, status.as_str()), (1, "participant_exists"));
    town.refused(A, &Town::payment("EPSIJPJT", "1.00", &[]), "creditor_suspended");
    let (code, status, _) = town.not_proposed(&["suspend", "--participant", "EPSIJPJT"]);
    assert_eq!((code, status.as_str()), (1, "action_invalid"));
    town.cut_power();
    town.refused(A, &Town::payment("EPSIJPJT", "1.00", &[]), "creditor_suspended");
    town.control(
        OPERATOR,
        &["activate", "--participant", "EPSIJPJT", "--reference", "BOARD-12"],
    );
    town.pay(A, "EPSIJPJT", "1.00", &[]).must_be("settled");
}

#[test]
fn a_member_is_suspended_paid_or_not_and_closed_when_nothing_of_it_is_left() {
    let mut town = Town::under(4);
    town.fund(A, "100.00");
    town.fund(C, "5.00");
    decided(&town, "suspend", C, &["--inflow", "taken"]);
    town.refused(C, &Town::payment(A, "1.00", &[]), "debtor_suspended");
    town.pay(A, C, "1.00", &[]).must_be("settled");
    decided(&town, "suspend", C, &[]);
    town.refused(A, &Town::payment(C, "1.00", &[]), "creditor_suspended");
    let close = |who| ["close-member", "--participant", who, "--reference", "BOARD-9"];
    let (code, status, why) = town.not_proposed(&close(C));
    assert_eq!((code, status.as_str()), (1, "member_not_empty"), "{why}");
    decided(&town, "reinstate", C, &[]);
    town.pay(C, A, "6.00", &[]).must_be("settled");
    let (code, status, _) = town.not_proposed(&close(C));
    assert_eq!(
        (code, status.as_str()),
        (1, "action_invalid"),
        "it is suspended first"
    );
    decided(&town, "suspend", C, &[]);
    decided(&town, "close-member", C, &[]);

    town.refused(A, &Town::payment(C, "1.00", &[]), "creditor_closed");
    let (code, status, _) = town.not_proposed(&["reinstate", "--participant", C]);
    assert_eq!((code, status.as_str()), (1, "creditor_closed"));
    town.cut_power();
    town.refused(A, &Town::payment(C, "1.00", &[]), "creditor_closed");
    let config = town.config(C);
    let output = causeway(&[
        "bank",
        "pay",
        "--config",
        word(&config),
        "--to",
        A,
        "--currency",
        "EUR",
        "--amount",
        "1.00",
    ]);
    assert_ne!(output.status.code(), Some(0), "a closed member signs nothing");
    assert!(stderr(&output).contains("key_unknown"), "{}", stderr(&output));
}

#[test]
fn the_last_two_persons_who_decide_stay() {
    let town = Town::under(4);
    let (code, status, why) = town.not_proposed(&["revoke-key", "--participant", OPERATOR, "--key", "2"]);
    assert_eq!((code, status.as_str()), (1, "key_last"), "{why}");
    let roles = |who, roles| ["set-roles", "--participant", who, "--roles", roles];
    let (code, status, _) = town.not_proposed(&roles(OPERATOR, "participant"));
    assert_eq!((code, status.as_str()), (1, "key_last"));
    let (code, status, _) = town.not_proposed(&roles(common::town::AGENT, "participant"));
    assert_eq!((code, status.as_str()), (1, "member_not_empty"));
    town.control(OPERATOR, &roles(D, "participant,liquidity-provider"));
    let (third, _) = keygen(&town, "third");
    let id = configured(&town, OPERATOR, "participant");
    let proof = prove(&town, &third, "3", "control", ["--participant", &id]);
    let add = [
        "add-key",
        "--participant",
        OPERATOR,
        "--key",
        "3",
        "--holder",
        "3",
        "--rights",
        "control",
        "--proof",
    ];
    let words: Vec<&str> = add.into_iter().chain([word(&proof)]).collect();
    town.control(OPERATOR, &words);
    town.control(OPERATOR, &["revoke-key", "--participant", OPERATOR, "--key", "2"]);
}

/// Pays one cent; true if it settled, false if it was refused for its key. Nothing else may happen.
fn pays(config: &Path) -> bool {
    let output = causeway(&[
        "bank",
        "pay",
        "--config",
        word(config),
        "--to",
        B,
        "--currency",
        "EUR",
        "--amount",
        "0.01",
        "--json",
    ]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let why = stderr(&output);
    let settled = answer["status"] == "settled";
    let of_key = answer["status"] == "key_not_active" || why.contains("key_unknown");
    assert!(
        settled != of_key,
        "neither settled nor refused for its key: {answer} {why}"
    );
    settled
}

/// The same one after another until told to stop.
fn keeps_paying(config: &Path, stop: &AtomicBool) -> Vec<bool> {
    let mut told = Vec::new();
    while !stop.load(Ordering::Acquire) {
        told.push(pays(config));
    }
    told
}

/// The old key signs up to its revocation and no further, the next one from its addition on and no sooner, and in between
/// both do; nothing that was signed is lost, and nothing moves that is not told to have settled.
#[test]
fn a_key_takes_the_place_of_another_while_payments_flow() {
    let town = Town::under(4);
    town.fund(A, "100.00");
    let old = town.config(A);
    let (key, _) = keygen(&town, "next");
    let next = old.with_file_name("bank-next.toml");
    // The next key stands before the old one of the same person: the first one signs.
    let text = std::fs::read_to_string(&old).expect("a configuration");
    let line = format!(
        "[[key]]\nid = 3\nperson = 1\nfile = \"{}\"\n\n[[key]]",
        word(&key)
    );
    std::fs::write(&next, text.replacen("[[key]]", &line, 1)).expect("written");

    let id = configured(&town, A, "participant");
    let ledger = configured(&town, A, "ledger");
    let proof = key.with_extension("proof");
    town.ledger.ask(&[
        "member",
        "prove",
        "--ledger",
        &ledger,
        "--participant",
        &id,
        "--key",
        "3",
        "--holder",
        "1",
        "--rights",
        "instruct,control",
        "--signing-key",
        word(&key),
        "--out",
        word(&proof),
        "--json",
    ]);
    let (stop_old, stop_next) = (AtomicBool::new(false), AtomicBool::new(false));
    let (by_old, by_next) = thread::scope(|scope| {
        let by_old = scope.spawn(|| keeps_paying(&old, &stop_old));
        let by_next = scope.spawn(|| keeps_paying(&next, &stop_next));
        thread::sleep(Duration::from_millis(500));
        // The bank itself, with two persons of its own.
        town.control(
            A,
            &[
                "add-key",
                "--participant",
                A,
                "--key",
                "3",
                "--holder",
                "1",
                "--rights",
                "instruct,control",
                "--proof",
                word(&proof),
            ],
        );
        thread::sleep(Duration::from_millis(700));
        town.control(A, &["revoke-key", "--participant", A, "--key", "1"]);
        thread::sleep(Duration::from_millis(500));
        stop_old.store(true, Ordering::Release);
        stop_next.store(true, Ordering::Release);
        (by_old.join().expect("it pays"), by_next.join().expect("it pays"))
    });
    let more = usize::from(!by_old.contains(&true)) + usize::from(!by_next.contains(&true));
    assert_eq!(more, 0, "each key had its time: {by_old:?} {by_next:?}");
    assert_eq!(by_next.first(), Some(&false), "nothing is signed by it before");
    assert!(
        by_old.is_sorted_by(|a, b| a >= b),
        "the old key comes back: {by_old:?}"
    );
    assert!(by_next.is_sorted(), "the next key goes away: {by_next:?}");
    assert!(!pays(&old), "the old key is revoked");
    assert!(pays(&next), "the next key signs");
    let settled = by_old.iter().chain(&by_next).filter(|settled| **settled).count() + 1;
    let [balance] = town.balances([B]);
    assert_eq!(balance, format!("{}.{:02}", settled / 100, settled % 100));
    // What the bank decides, too, is decided by keys that are active now.
    let output = causeway(&[
        "control",
        "propose",
        "--config",
        word(&next),
        "--person",
        "1",
        "--json",
        "revoke-key",
        "--participant",
        A,
        "--key",
        "2",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}
