//! Four eyes on the command line: what two persons can do, and what one cannot.
mod common;

use common::node::Ledger;
use common::{causeway, code, stderr, stdout, word};
use serde_json::Value;

/// Proposes as a person of a participant; the JSON, and the exit code.
fn propose(ledger: &Ledger, who: &str, person: &str, action: &[&str]) -> (Value, i32, String) {
    let config = ledger.bank(who);
    let mut words = vec![
        "control",
        "propose",
        "--config",
        word(&config),
        "--person",
        person,
        "--json",
    ];
    words.extend(action);
    let output = causeway(&words);
    (
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        code(&output),
        stderr(&output),
    )
}

fn decide(ledger: &Ledger, verb: &str, who: &str, person: &str, digest: &str) -> (Value, i32, String) {
    let config = ledger.bank(who);
    let output = causeway(&[
        "control",
        verb,
        "--config",
        word(&config),
        "--person",
        person,
        "--json",
        digest,
    ]);
    (
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        code(&output),
        stderr(&output),
    )
}

/// Proposes as the first person and approves as the second; the id of the proposal.
fn both(ledger: &Ledger, who: &str, action: &[&str]) -> String {
    let (proposed, exit, why) = propose(ledger, who, "1", action);
    assert_eq!(exit, 0, "{action:?}: {why}");
    let (approved, exit, why) = decide(
        ledger,
        "approve",
        who,
        "2",
        proposed["digest"].as_str().expect("a digest"),
    );
    assert_eq!(exit, 0, "{action:?}: {why}");
    assert_eq!(approved["status"], "executed");
    assert_eq!(
        approved["action"], proposed["action"],
        "what is approved is shown"
    );
    proposed["id"].as_str().expect("an id").to_owned()
}

fn fund<'a>(bank: &'a str, amount: &'a str, reference: &'a str) -> [&'a str; 9] {
    [
        "fund",
        "--participant",
        bank,
        "--currency",
        "EUR",
        "--amount",
        amount,
        "--reference",
        reference,
    ]
}

fn pay(ledger: &Ledger, amount: &str) -> (Value, i32, String) {
    let config = ledger.bank("ALFADEFF");
    let output = causeway(&[
        "bank",
        "pay",
        "--config",
        word(&config),
        "--to",
        "BETAFRPP",
        "--currency",
        "EUR",
        "--amount",
        amount,
        "--settle-or-reject",
        "--json",
    ]);
    (
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
        code(&output),
        stderr(&output),
    )
}

#[test]
fn nobody_approves_alone_and_no_credit_is_funded_twice() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    let (proposed, exit, _) = propose(&ledger, "ECB-TARGET", "1", &fund("ALFADEFF", "100.00", "R-1"));
    assert_eq!((exit, &proposed["status"]), (0, &"proposed".into()));
    let digest = proposed["digest"].as_str().expect("a digest");

    let (refused, exit, why) = decide(&ledger, "approve", "ECB-TARGET", "1", digest);
    assert_eq!((exit, &refused["status"]), (1, &"same_person".into()));
    assert!(
        why.contains("same_person: The person who proposes cannot approve."),
        "{why}"
    );
    let (refused, exit, _) = decide(&ledger, "approve", "FED-FEDWIRE", "2", digest);
    assert_eq!(
        (exit, &refused["status"]),
        (1, &"proposal_unknown".into()),
        "another participant's person"
    );
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "0.00");

    let config = ledger.bank("ECB-TARGET");
    let shown = causeway(&[
        "control",
        "approve",
        "--config",
        word(&config),
        "--person",
        "2",
        "--show",
        digest,
    ]);
    assert!(
        stdout(&shown).contains("fund ALFADEFF with 100.00 EUR against RTGS credit R-1"),
        "{}",
        stdout(&shown)
    );
    let (_, exit, why) = decide(&ledger, "approve", "ECB-TARGET", "2", digest);
    assert_eq!(exit, 0, "{why}");
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "100.00");
    let (again, exit, why) = decide(&ledger, "approve", "ECB-TARGET", "2", digest);
    assert_eq!((exit, &again["status"]), (1, &"proposal_approved".into()));
    assert!(why.contains("The proposal was approved before."), "{why}");
    let (again, exit, _) = decide(&ledger, "withdraw", "ECB-TARGET", "1", digest);
    assert_eq!((exit, &again["status"]), (1, &"proposal_approved".into()));
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "100.00");

    let (used, exit, _) = propose(&ledger, "ECB-TARGET", "1", &fund("ALFADEFF", "100.00", "R-1"));
    assert_eq!((exit, &used["status"]), (1, &"reference_used".into()));
    let (wrong, exit, _) = propose(&ledger, "FED-FEDWIRE", "1", &fund("ALFADEFF", "1.00", "R-2"));
    assert_eq!(
        (exit, &wrong["status"]),
        (1, &"role_missing".into()),
        "another currency's agent"
    );

    let (proposed, _, _) = propose(&ledger, "ECB-TARGET", "1", &fund("ALFADEFF", "5.00", "R-3"));
    let digest = proposed["digest"].as_str().expect("a digest");
    let (withdrawn, exit, _) = decide(&ledger, "withdraw", "ECB-TARGET", "1", digest);
    assert_eq!((exit, &withdrawn["status"]), (0, &"executed".into()));
    for verb in ["approve", "withdraw"] {
        let (gone, exit, _) = decide(&ledger, verb, "ECB-TARGET", "2", digest);
        assert_eq!((exit, &gone["status"]), (1, &"proposal_withdrawn".into()));
    }
}

#[test]
fn money_leaves_in_two_steps_and_comes_back_if_it_was_not_paid_out() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "100.00", "R-1");
    let defund = [
        "defund",
        "--participant",
        "ALFADEFF",
        "--currency",
        "EUR",
        "--amount",
        "60.00",
    ];
    let id = both(&ledger, "ECB-TARGET", &defund);
    let (refused, exit, _) = pay(&ledger, "50.00");
    assert_eq!(
        (exit, &refused["status"]),
        (1, &"insufficient_liquidity".into()),
        "what is set aside is not spent"
    );
    both(&ledger, "ECB-TARGET", &["release-defund", "--defund", &id]);
    let (paid, exit, why) = pay(&ledger, "50.00");
    assert_eq!((exit, &paid["status"]), (0, &"settled".into()), "{why}");
    let id = both(
        &ledger,
        "ECB-TARGET",
        &[
            "defund",
            "--participant",
            "ALFADEFF",
            "--currency",
            "EUR",
            "--amount",
            "20.00",
        ],
    );
    both(
        &ledger,
        "ECB-TARGET",
        &["confirm-defund", "--defund", &id, "--reference", "OUT-1"],
    );
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "30.00");
}

#[test]
fn operators_look_after_members_caps_keys_and_currencies() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    let operator = |action: &[&str]| both(&ledger, "OPERATOR", action);
    operator(&[
        "set-cap",
        "--participant",
        "ALFADEFF",
        "--currency",
        "EUR",
        "--cap",
        "40.00",
    ]);
    let (paid, exit, why) = pay(&ledger, "40.00");
    assert_eq!((exit, &paid["status"]), (0, &"settled".into()), "{why}");
    assert_eq!(ledger.balance("ALFADEFF", "EUR"), "-40.00");

    operator(&["suspend", "--participant", "BETAFRPP"]);
    let (refused, exit, _) = pay(&ledger, "0.01");
    assert_eq!((exit, &refused["status"]), (1, &"creditor_suspended".into()));
    operator(&["reinstate", "--participant", "BETAFRPP"]);

    operator(&["open-currency", "--currency", "SEK", "--agent", "ECB-TARGET"]);
    operator(&[
        "open-account",
        "--participant",
        "ALFADEFF",
        "--currency",
        "SEK",
        "--cap",
        "0",
    ]);
    let key = ledger.file("person-3.key");
    let made = ledger.ask(&["keygen", "--out", word(&key), "--json"]);
    let public = made["public"].as_str().expect("a key");
    let unproven = [
        "add-key",
        "--participant",
        "ALFADEFF",
        "--key",
        "3",
        "--holder",
        "3",
        "--rights",
        "instruct,control",
        "--public",
        public,
    ];
    let (refused, exit, _) = propose(&ledger, "OPERATOR", "1", &unproven);
    assert_eq!((exit, &refused["status"]), (1, &"action_invalid".into()));

    let newcomer = ledger.file("newcomer.toml");
    let text = format!(
        "[participant]\nname = \"EPSIJPJT\"\nroles = [\"participant\"]\n\
         keys = [{{ person = 1, rights = [\"instruct\", \"control\"], public = \"{public}\" }}]\n\
         accounts = [{{ currency = \"SEK\", cap = \"0\" }}]\n"
    );
    std::fs::write(&newcomer, &text).expect("written");
    let (refused, exit, _) = propose(&ledger, "OPERATOR", "1", &["register", word(&newcomer)]);
    assert_eq!((exit, &refused["status"]), (1, &"action_invalid".into()));
    std::fs::write(&newcomer, text.replace(&format!(", public = \"{public}\""), "")).expect("written");
    let (_, exit, why) = propose(&ledger, "OPERATOR", "1", &["register", word(&newcomer)]);
    assert_eq!(exit, 2);
    assert!(
        why.contains("newcomer.toml:4:") && why.contains("missing key `public`"),
        "{why}"
    );
}
