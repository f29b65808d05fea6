//! `causeway verify governance`: who proposed, approved and withdrew what, and what became of it.
mod common;

use common::node::{Ledger, Node};
use common::town::{A, AGENT, REGULATOR, SCREENER, Town, under_rules};
use common::{causeway, code, scratch, stderr, stdout, word};
use serde_json::Value;

/// Proposes a funding as the first person of the euro's agent; its digest.
fn propose(ledger: &Ledger, reference: &str) -> String {
    let config = ledger.bank("ECB-TARGET");
    let words = [
        "control",
        "propose",
        "--config",
        word(&config),
        "--person",
        "1",
        "--json",
        "fund",
        "--participant",
        "ALFADEFF",
        "--currency",
        "EUR",
        "--amount",
        "100.00",
        "--reference",
        reference,
    ];
    let told = ledger.ask(&words);
    told["digest"].as_str().expect("a digest").to_owned()
}

fn decide(ledger: &Ledger, verb: &str, who: &str, person: &str, digest: &str) -> i32 {
    let config = ledger.bank(who);
    let words = [
        "control",
        verb,
        "--config",
        word(&config),
        "--person",
        person,
        "--json",
        digest,
    ];
    code(&causeway(&words))
}

/// A ledger on which one funding was approved, one withdrawn, and one waits.
fn decided() -> (Ledger, [String; 3]) {
    let (ledger, node, digests) = deciding();
    assert_eq!(node.terminate().code(), Some(0));
    (ledger, digests)
}

/// The same while its node runs.
fn deciding() -> (Ledger, Node, [String; 3]) {
    let ledger = Ledger::new();
    let node = ledger.start();
    let digests = ["R-1", "R-2", "R-3"].map(|reference| propose(&ledger, reference));
    let [first, second, _] = &digests;
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "1", first), 1);
    assert_eq!(decide(&ledger, "approve", "FED-FEDWIRE", "2", first), 1);
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "2", first), 0);
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "2", first), 1);
    assert_eq!(decide(&ledger, "withdraw", "ECB-TARGET", "1", second), 0);
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "2", &"5".repeat(64)), 1);
    (ledger, node, digests)
}

/// `control log` of somebody.
fn log(ledger: &Ledger, who: &str, more: &[&str]) -> std::process::Output {
    let config = ledger.bank(who);
    let mut words = vec!["control", "log", "--config", word(&config)];
    words.extend(more);
    causeway(&words)
}

fn governance(ledger: &Ledger, more: &[&str]) -> Value {
    let mut words = vec!["verify", "governance", word(&ledger.dir), "--json"];
    words.extend(more);
    let told = ledger.ask(&words);
    assert_eq!(told["holds"], true);
    told
}

fn of<'a>(told: &'a Value, what: &str) -> Vec<&'a Value> {
    let lines = told["lines"].as_array().expect("lines");
    lines.iter().filter(|line| line["what"] == what).collect()
}

#[test]
fn every_proposal_is_listed_with_who_decided_and_what_became_of_it() {
    let (ledger, digests) = decided();
    let told = governance(&ledger, &[]);
    let log = ledger.ask(&["verify", "log", word(&ledger.dir), "--json"]);
    for field in ["ledger", "entries", "tree_size", "root"] {
        assert_eq!(told[field], log[field], "{field}");
    }
    let proposals = of(&told, "proposal");
    let statuses: Vec<&str> = proposals
        .iter()
        .map(|line| line["status"].as_str().expect("a status"))
        .collect();
    assert_eq!(statuses, ["executed", "proposal_withdrawn", "proposed"]);
    let first = proposals[0];
    assert_eq!(first["digest"], digests[0].as_str());
    assert_eq!(first["action"], "fund");
    assert_eq!(
        first["text"],
        "fund ALFADEFF with 100.00 EUR against RTGS credit R-1"
    );
    assert_eq!(first["fields"]["participant"], "ALFADEFF");
    assert_eq!(first["fields"]["amount"], "100.00");
    assert_eq!(first["fields"]["currency"], "EUR");
    assert_eq!(first["fields"]["reference"], "R-1");
    let signer = |by: &Value| (by["participant"].clone(), by["person"].clone());
    assert_eq!(signer(&first["by"]), ("ECB-TARGET".into(), 1.into()));
    let decisions = first["decisions"].as_array().expect("decisions");
    let told_of: Vec<_> = decisions
        .iter()
        .map(|line| (signer(&line["by"]), line["status"].clone()))
        .collect();
    let ecb = |person: u32| (Value::from("ECB-TARGET"), Value::from(person));
    assert_eq!(
        told_of,
        [
            (ecb(1), "same_person".into()),
            (("FED-FEDWIRE".into(), 2.into()), "proposal_unknown".into()),
            (ecb(2), "executed".into()),
            (ecb(2), "proposal_approved".into()),
        ]
    );
    let ended = &first["reached"][0];
    assert_eq!(ended["status"], "executed");
    assert_eq!(ended["entry"], decisions[2]["entry"]);
    assert_eq!(signer(&ended["by"]), ecb(2));
    assert_eq!(proposals[1]["reached"][0]["by"]["person"], 1);
    assert!(proposals[2].get("decisions").is_none() && proposals[2].get("reached").is_none());
    // What nobody proposed is listed as well.
    let stray = of(&told, "approve");
    assert_eq!(stray.len(), 1);
    assert_eq!(stray[0]["digest"], "5".repeat(64));
    assert_eq!(stray[0]["status"], "proposal_unknown");
    // And all that was there from the start.
    assert_eq!(of(&told, "genesis")[0]["fields"]["ledger"], told["ledger"]);
    let euro = of(&told, "currency")
        .into_iter()
        .find(|line| line["fields"]["currency"] == "EUR");
    assert_eq!(euro.expect("the euro")["fields"]["agent"], "ECB-TARGET");
    let members = of(&told, "participant");
    let operator = members.iter().find(|line| line["fields"]["name"] == "OPERATOR");
    let operator = operator.expect("an operator");
    assert_eq!(operator["fields"]["roles"], "operator");
    assert_eq!(operator["fields"]["keys"][1]["person"], 2);
}

#[test]
fn filters_leave_out_what_is_not_asked_for() {
    let (ledger, _) = decided();
    let count = |more: &[&str]| {
        let told = governance(&ledger, more);
        told["lines"].as_array().expect("lines").len()
    };
    assert_eq!(count(&["--action", "fund"]), 3);
    assert_eq!(count(&["--action", "set-cap"]), 0);
    assert_eq!(count(&["--action", "fund", "--participant", "ALFADEFF"]), 3);
    assert_eq!(count(&["--action", "fund", "--participant", "BETAFRPP"]), 0);
    // Its own grant in the genesis.
    assert_eq!(count(&["--participant", "BETAFRPP"]), 1);
    // It tried to approve one.
    assert_eq!(count(&["--action", "fund", "--participant", "FED-FEDWIRE"]), 1);
    assert_eq!(count(&["--from", "2001-01-01"]), count(&[]));
    assert_eq!(count(&["--to", "2001-01-01"]), 0);
    assert_eq!(count(&["--from", "2150-01-01"]), 0);
    let told = governance(&ledger, &["--action", "fund"]);
    let day = told["lines"][0]["time"].as_str().expect("a time")[..10].to_owned();
    assert!(count(&["--action", "fund", "--from", &day, "--to", &day]) > 0);
    let empty = causeway(&["verify", "governance", word(&ledger.dir), "--action", "set-fee"]);
    assert_eq!(code(&empty), 0);
    assert!(
        stdout(&empty).contains("Nothing in it passes the filters."),
        "{}",
        stdout(&empty)
    );
}

#[test]
fn text_and_csv_tell_the_same() {
    let (ledger, digests) = decided();
    let output = causeway(&["verify", "governance", word(&ledger.dir)]);
    let told = stdout(&output);
    for expected in [
        "ECB-TARGET, person 1 (key 1) proposes: fund ALFADEFF with 100.00 EUR against RTGS credit R-1",
        "ECB-TARGET, person 1 (key 1) approves: same_person",
        "ECB-TARGET, person 2 (key 2) approves: executed",
        "ECB-TARGET, person 1 (key 1) withdraws: executed",
        "proposal_withdrawn",
        "begins under version 4 of the rules",
        "EUR is open with ECB-TARGET as its settlement agent",
        &format!("digest {}", digests[2]),
    ] {
        assert!(told.contains(expected), "{expected} is missing from\n{told}");
    }
    let output = causeway(&[
        "verify",
        "governance",
        word(&ledger.dir),
        "--csv",
        "--action",
        "fund",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let heads = reader.headers().expect("a head").clone();
    let place = |name: &str| heads.iter().position(|head| head == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let cells = |name: &str| -> Vec<String> {
        let at = place(name);
        rows.iter().map(|row| row[at].to_owned()).collect()
    };
    assert_eq!(
        cells("what"),
        [
            "proposal", "approve", "approve", "approve", "approve", "proposal", "withdraw", "proposal"
        ]
    );
    let statuses = cells("status");
    assert_eq!(
        (statuses[0].as_str(), statuses[7].as_str()),
        ("executed", "proposed")
    );
    assert_eq!(cells("decided_by_person")[0], "2");
    let fields: Value = serde_json::from_str(&cells("fields")[0]).expect("JSON");
    assert_eq!(fields["reference"], "R-1");
}

#[test]
fn a_running_node_tells_the_lines_of_its_log() {
    let (ledger, node, digests) = deciding();
    let told = |who: &str, more: &[&str]| -> Value {
        let output = log(&ledger, who, &[&["--json"], more].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let count = |who: &str, more: &[&str]| told(who, more)["lines"].as_array().expect("lines").len();
    let all = told("OPERATOR", &["--all"]);
    let csv = log(&ledger, "OPERATOR", &["--all", "--csv", "--action", "fund"]);
    // Of one participant: its own records, with a decision about another's proposal for itself.
    let own = told("ECB-TARGET", &[]);
    let seen = of(&own, "proposal")[0]["decisions"].as_array().map(Vec::len);
    assert_eq!(seen, Some(3), "without the decision of another participant");
    let asked = told("OPERATOR", &["--participant", "ECB-TARGET"]);
    assert_eq!(asked["lines"], own["lines"]);
    let other = told("FED-FEDWIRE", &[]);
    assert_eq!(of(&other, "approve")[0]["digest"], digests[0].as_str());
    assert_eq!(of(&other, "approve")[0]["by"]["person"], 2);
    // Filters.
    assert_eq!(count("ECB-TARGET", &["--action", "fund"]), 3);
    assert_eq!(count("ECB-TARGET", &["--action", "set-cap"]), 0);
    assert_eq!(count("ECB-TARGET", &["--status", "proposed"]), 1);
    assert_eq!(count("OPERATOR", &["--all", "--status", "same-person"]), 1);
    assert_eq!(count("ECB-TARGET", &["--from", "2001-01-01"]), 4);
    assert_eq!(count("ECB-TARGET", &["--from", "2150-01-01"]), 0);
    let text = stdout(&log(&ledger, "ECB-TARGET", &[]));
    for expected in [
        "ECB-TARGET, person 1 (key 1) proposes: fund ALFADEFF with 100.00 EUR against RTGS credit R-1",
        "as the node tells it after entry",
    ] {
        assert!(text.contains(expected), "{expected} is missing from\n{text}");
    }
    // Others are for operators and regulators; wrong words are named before anybody is asked.
    let fails = |who: &str, more: &[&str], exit: i32, says: &str| {
        let output = log(&ledger, who, more);
        assert_eq!(code(&output), exit, "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{says}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
    };
    fails("ALFADEFF", &["--participant", "ECB-TARGET"], 1, "not_found");
    fails("ALFADEFF", &["--all"], 1, "not_found");
    fails(
        "ALFADEFF",
        &["--participant", "NOBODY"],
        1,
        "no participant \"NOBODY\"",
    );
    fails(
        "ALFADEFF",
        &["--status", "fine"],
        2,
        "--status: \"fine\" is no status",
    );
    fails(
        "ALFADEFF",
        &["--action", "set-sail"],
        2,
        "--action: \"set_sail\" is none of",
    );
    fails("ALFADEFF", &["--from", "1.12.2026"], 2, "--from: must be a date");
    fails("ALFADEFF", &["--all", "--participant", "ALFADEFF"], 2, "--all");
    fails("ALFADEFF", &["--json", "--csv"], 2, "--csv");
    assert_eq!(node.terminate().code(), Some(0));
    // The log itself says the same, apart from what no participant said.
    let mut proven = governance(&ledger, &[])["lines"].clone();
    let of_log = ["proposal", "approve", "withdraw", "not_understood"];
    let lines = proven.as_array_mut().expect("lines");
    lines.retain(|line| of_log.contains(&line["what"].as_str().expect("a word")));
    assert_eq!(all["lines"], proven);
    assert!(all["after_entry"].as_u64() >= proven[0]["entry"].as_u64());
    let proven = causeway(&[
        "verify",
        "governance",
        word(&ledger.dir),
        "--csv",
        "--action",
        "fund",
    ]);
    assert_eq!(stdout(&csv), stdout(&proven));
}

#[test]
fn a_regulator_may_ask_about_anybody_and_a_screener_about_itself() {
    let town = Town::under(4);
    town.fund(A, "5.00");
    for (who, exit) in [(REGULATOR, 0), (SCREENER, 1), (A, 1)] {
        let config = town.config(who);
        let told = |more: &[&str]| {
            let words = [&["control", "log", "--config", word(&config)], more].concat();
            causeway(&words)
        };
        let output = told(&["--participant", AGENT]);
        assert_eq!(code(&output), exit, "{who}: {}", stderr(&output));
        assert_eq!(stdout(&output).contains("approves: executed"), exit == 0);
        let own = told(&[]);
        assert_eq!(code(&own), 0, "{who}: {}", stderr(&own));
        assert!(stdout(&own).contains("Nothing in it passes"), "{}", stdout(&own));
    }
}

#[test]
fn wrong_words_name_the_option_and_the_rule() {
    let dir = scratch();
    let ledger = common::ledger(&dir);
    let fails = |more: &[&str], exit: i32, says: &str| {
        let mut words = vec!["verify", "governance", word(&ledger)];
        words.extend(more);
        let output = causeway(&words);
        assert_eq!(code(&output), exit, "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{says}: {}", stderr(&output));
    };
    fails(&["--action", "set-sail"], 2, "--action: \"set_sail\" is none of");
    fails(&["--from", "1.12.2026"], 2, "--from: must be a date");
    fails(&["--to", "2026-02-30"], 2, "--to: must be a date");
    let turned = ["--from", "2026-12-02", "--to", "2026-12-01"];
    fails(&turned, 2, "--to: must not be before --from");
    fails(&["--json", "--csv"], 2, "--csv");
    fails(&["--head", "7"], 2, "--head: must be a size, a colon and a root");
    fails(
        &["--head", "x:00"],
        2,
        "--head: must be a size, a colon and a root",
    );
    fails(&["--ledger", "00"], 2, "--ledger: must be 64 hexadecimal digits");
    let other = "0".repeat(64);
    fails(&["--ledger", &other], 1, "the genesis is that of ledger");
    let help = stdout(&causeway(&["verify", "governance", "--help"]));
    for expected in ["Examples:", "Exit codes:"] {
        assert!(help.contains(expected), "{help}");
    }
}

#[test]
fn a_log_that_did_not_grow_out_of_an_earlier_head_is_refused() {
    let (ledger, _) = decided();
    let told = governance(&ledger, &[]);
    let (size, root) = (&told["tree_size"], told["root"].as_str().expect("a root"));
    let head = format!("{size}:{root}");
    let node = ledger.start();
    ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "1.00", "R-9");
    assert_eq!(node.terminate().code(), Some(0));
    let grown = governance(&ledger, &["--head", &head]);
    assert!(grown["tree_size"].as_u64() > size.as_u64());
    let fails = |head: &str, says: &str| {
        let output = causeway(&["verify", "governance", word(&ledger.dir), "--head", head]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
        assert!(stdout(&output).is_empty());
    };
    fails(&format!("{size}:{}", "0".repeat(64)), "leaves has the root");
    fails(&format!("999999:{root}"), "it ends at");
}

#[test]
fn a_copy_of_genesis_key_and_journal_is_enough_and_tells_of_changed_rules() {
    let ledger = under_rules(3, |text| text);
    let node = ledger.start();
    let digest = propose(&ledger, "R-1");
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "2", &digest), 0);
    assert_eq!(decide(&ledger, "approve", "ECB-TARGET", "2", &digest), 1);
    assert_eq!(node.terminate().code(), Some(0));
    let node = Node::start(&ledger.node_config(), &[("CAUSEWAY_LEDGER_RULES", "4")]);
    assert_eq!(node.terminate().code(), Some(0));
    let copy = ledger.file("copy");
    std::fs::create_dir_all(copy.join("journal")).expect("made");
    for name in ["genesis.bin", "log.key"] {
        std::fs::copy(ledger.dir.join(name), copy.join(name)).expect("copied");
    }
    for path in common::files(&ledger.dir.join("journal")) {
        let name = path.file_name().expect("a name");
        std::fs::copy(&path, copy.join("journal").join(name)).expect("copied");
    }
    let told = ledger.ask(&["verify", "governance", word(&copy), "--json"]);
    assert_eq!(told, governance(&ledger, &[]));
    let proposals = of(&told, "proposal");
    let statuses = proposals[0]["decisions"].as_array().expect("decisions").iter();
    let statuses: Vec<_> = statuses.map(|line| line["status"].clone()).collect();
    assert_eq!(statuses, ["executed", "proposal_unknown"]);
    let rules = of(&told, "rules");
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0]["fields"]["rules"], 4);
    assert!(rules[0]["entry"].as_u64() > proposals[0]["entry"].as_u64());
}

#[test]
fn nothing_is_listed_of_a_damaged_log_or_for_a_stranger() {
    let (ledger, _) = decided();
    let stranger = [
        "verify",
        "governance",
        word(&ledger.dir),
        "--participant",
        "NOBODY",
    ];
    let output = causeway(&stranger);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("the ledger has no participant \"NOBODY\""),
        "{}",
        stderr(&output)
    );
    let segment = std::fs::read_dir(ledger.dir.join("journal"))
        .expect("a journal")
        .map(|entry| entry.expect("an entry").path())
        .min()
        .expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("bytes");
    let reference = bytes.windows(3).position(|run| run == b"R-2");
    bytes[reference.expect("the reference is in the log")] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    for form in ["--csv", "--json"] {
        let output = causeway(&["verify", "governance", word(&ledger.dir), form]);
        assert_eq!(code(&output), 1);
        assert!(
            stderr(&output).contains("the log does not hold"),
            "{}",
            stderr(&output)
        );
        assert!(!stdout(&output).contains("R-1"), "{}", stdout(&output));
    }
}

#[test]
fn every_action_of_the_protocol_is_taken_as_a_filter_and_told_of_on_the_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("GOVERNANCE.md")).expect("the page");
    let protocol = std::fs::read_to_string(root.join("../transport/PROTOCOL.md")).expect("the protocol");
    let actions: Vec<&str> = protocol
        .lines()
        .filter_map(|line| line.strip_prefix("| propose ")?.split('`').nth(1))
        .collect();
    assert!(
        actions.len() >= 22,
        "the table of who may propose what has changed"
    );
    let dir = scratch();
    let missing = word(dir.path());
    for action in actions {
        assert!(
            page.contains(&format!("`{action}`")),
            "{action} is not on the page"
        );
        // Options are judged before files are read.
        let output = causeway(&["verify", "governance", missing, "--action", action]);
        assert_eq!(code(&output), 3, "{action}: {}", stderr(&output));
    }
}
