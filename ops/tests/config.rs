//! `causeway config check` of a genesis: what is wrong is named with file, line, key and rule.
mod common;

use common::{causeway, code, scratch, stderr, stdout, word};

/// A genesis that is right, to be damaged.
const GENESIS: &str = r#"kind = "genesis"
name = "test"
currencies = [{ code = "EUR", agent = "AGENT" }, { code = "KWD", agent = "AGENT" }]

[[participants]]
name = "OPERATOR"
roles = ["operator"]
keys = [{ person = 1, rights = ["control"] }, { person = 2, rights = ["control"] }]

[[participants]]
name = "AGENT"
roles = ["settlement_agent"]
keys = [{ person = 1, rights = ["control"] }, { person = 2, rights = ["control"] }]

[[participants]]
name = "ALFADEFF"
roles = ["participant"]
keys = [{ person = 1, rights = ["instruct", "control"] }]
accounts = [{ currency = "EUR", cap = "1000000.00" }, { currency = "KWD", cap = "1.001" }]
"#;

/// Checks a text under a file name and gives what is said of it, without the directory.
fn said(text: &str) -> String {
    let scratch = scratch();
    let file = scratch.path().join("x.toml");
    std::fs::write(&file, text).expect("written");
    let output = causeway(&["config", "check", word(&file)]);
    assert_eq!(
        code(&output),
        if stdout(&output).contains("a good") { 0 } else { 1 },
        "{}",
        stderr(&output)
    );
    stdout(&output).replace(&format!("{}/", word(scratch.path())), "")
}

/// Damages the good genesis and checks what is said of it.
#[track_caller]
fn damaged(from: &str, to: &str, expected: &str) {
    assert!(GENESIS.contains(from), "{from}");
    let text = said(&GENESIS.replacen(from, to, 1));
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn a_good_genesis_is_good() {
    assert_eq!(said(GENESIS), "x.toml: a good genesis configuration\n");
    assert_eq!(
        said(&GENESIS.replace("kind = \"genesis\"\n", "")),
        "x.toml: a good genesis configuration\n"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    damaged(
        "name = \"test\"",
        "nmae = \"test\"",
        "x.toml:2:1: nmae: unknown key `nmae`",
    );
    damaged(
        "rights = [\"instruct\", \"control\"]",
        "rihgts = []",
        "x.toml:18:23: participants[2].keys[0].rihgts: unknown key `rihgts`",
    );
    damaged(
        "cap = \"1.001\"",
        "limit = \"1\"",
        "x.toml:19:75: participants[2].accounts[1].limit: unknown key",
    );
}

#[test]
fn a_missing_key_is_named_with_its_table() {
    damaged(
        "name = \"AGENT\"\n",
        "",
        "x.toml:10:1: participants[1]: missing key `name`",
    );
    damaged("name = \"test\"\n", "", "x.toml:1:1: missing key `name`");
}

#[test]
fn words_and_numbers_outside_their_rule_are_named() {
    damaged(
        "\"instruct\", ",
        "\"instrct\", ",
        "x.toml:18:33: participants[2].keys[0].rights[0]: unknown word",
    );
    damaged(
        "name = \"test\"",
        "name = \"test\"\nid_capacity = 0",
        "x.toml:3:15: id_capacity: 0 is out of bounds",
    );
    damaged(
        "name = \"test\"",
        "name = 5",
        "x.toml:2:8: name: invalid type: integer `5`, expected a string",
    );
    damaged(
        "name = \"test\"",
        "name = \" \"",
        "x.toml:2:8: name: must be printable, not empty",
    );
    damaged(
        "[\"participant\"]",
        "[]",
        "x.toml:17:9: participants[2].roles: must not be empty",
    );
    damaged(
        "person = 1, rights = [\"i",
        "person = 0, rights = [\"i",
        "x.toml:18:20: participants[2].keys[0].person: 0",
    );
}

#[test]
fn text_that_is_no_toml_is_named_with_line_and_column() {
    damaged("name = \"OPERATOR\"", "name = \"OPERATOR", "x.toml:6:");
    damaged("name = \"test\"", "name \"test\"", "x.toml:2:");
    damaged(
        "name = \"test\"",
        "name = \"test\"\nname = \"test\"",
        "x.toml:3:1: duplicate key",
    );
}

#[test]
fn amounts_have_exactly_their_currencys_digits() {
    damaged(
        "\"1000000.00\"",
        "\"1000000.001\"",
        "x.toml:19:39: participants[2].accounts[0].cap: the amount has 3 digits after the point: EUR has 2 in ISO 4217",
    );
    damaged(
        "\"1.001\"",
        "\"-1\"",
        "x.toml:19:81: participants[2].accounts[1].cap: the amount is negative",
    );
    damaged(
        "\"1.001\"",
        "1.001",
        "x.toml:19:81: participants[2].accounts[1].cap: invalid type: floating point",
    );
}

#[test]
fn currencies_and_agents_bind_each_other() {
    damaged(
        "code = \"EUR\"",
        "code = \"XAU\"",
        "x.toml:3:24: currencies[0].code: currency XAU has no minor units",
    );
    damaged(
        "code = \"KWD\"",
        "code = \"EUR\"",
        "x.toml:3:59: currencies[1].code: stands twice",
    );
    damaged(
        "agent = \"AGENT\"",
        "agent = \"NOBODY\"",
        "x.toml:3:39: currencies[0].agent: \"NOBODY\" is not among",
    );
    damaged(
        "agent = \"AGENT\"",
        "agent = \"ALFADEFF\"",
        "x.toml:3:39: currencies[0].agent: must be a participant with the role \"settlement_agent\"",
    );
    damaged(
        "currency = \"KWD\"",
        "currency = \"BHD\"",
        "x.toml:19:68: participants[2].accounts[1].currency: is not among",
    );
}

#[test]
fn four_eyes_need_two_persons() {
    damaged(
        "{ person = 2, rights = [\"control\"] }",
        "{ person = 1, rights = [\"control\"] }",
        "x.toml:8:8: participants[0].keys: must include two persons with the right \"control\"",
    );
    damaged(
        "[\"operator\"]",
        "[\"settlement_agent\"]",
        "x.toml:5:1: participants: must hold one with the role",
    );
}

#[test]
fn names_and_keys_stand_once() {
    damaged(
        "\"ALFADEFF\"",
        "\"AGENT\"",
        "x.toml:16:8: participants[2].name: stands twice",
    );
    damaged(
        "person = 2",
        "person = 2, id = 1",
        "x.toml:8:66: participants[0].keys[1].id: stands twice",
    );
    let node = "[[nodes]]\nname = \"a b\"\n\n[[participants]]";
    damaged(
        "[[participants]]",
        node,
        "x.toml:6:8: nodes[0].name: must be 1 to 140 printable bytes without space",
    );
    damaged(
        "keys = [{ person = 1, rights = [\"i",
        "keys = [{ person = 1, public = \"00\", rights = [\"i",
        "x.toml:18:32: participants[2].keys[0].public: must be 64 hexadecimal digits",
    );
}

#[test]
fn all_problems_of_one_kind_are_named_at_once() {
    let text = GENESIS
        .replace("\"EUR\"", "\"XAU\"")
        .replace("\"1.001\"", "\"1.0001\"");
    assert_eq!(said(&text).lines().count(), 3, "{}", said(&text));
}

#[test]
fn a_file_must_say_what_it_is() {
    assert!(said("").starts_with("x.toml:1:1: missing key `kind`"));
    assert!(said("kind = \"bnak\"").starts_with("x.toml:1:8: kind: must be"));
    let output = causeway(&["config", "check", "/nowhere/node.toml"]);
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("/nowhere/node.toml: cannot be read"));
}
