//! `causeway-adapter check` as a program: its output and its exit codes.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn run(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_causeway-adapter"))
        .args(arguments)
        .args(files)
        .output()
        .expect("starts")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_mapped_file_is_json_with_exit_code_0() {
    let output = run(&["check", "--json"], &[here("examples/pacs008.xml")]);
    assert_eq!(output.status.code(), Some(0));
    let answer = json(&output);
    assert_eq!(answer["refused"], Value::Array(Vec::new()));
    let message = &answer["messages"][0];
    assert_eq!(message["type"], "pacs.008.001.08");
    assert_eq!(message["message_id"], "ALFA-20260302-000001");
    let transaction = &message["transactions"][0];
    for (key, value) in [
        ("uetr", Value::from("5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33")),
        ("debtor_agent", Value::from("ALFADEFF")),
        ("creditor_agent", Value::from("BETAFRPP")),
        ("instructing_agent", Value::from("ALFADEFF")),
        ("instructed_agent", Value::from("BETAFRPP")),
        ("currency", Value::from("EUR")),
        ("amount", Value::from(125_000)),
        ("amount_text", Value::from("1250.00")),
        ("rate", Value::Null),
        ("charges", Value::Array(Vec::new())),
    ] {
        assert_eq!(transaction[key], value, "{key}");
    }
}

#[test]
fn a_refused_file_is_named_with_exit_code_1_and_does_not_hide_the_others() {
    let files = [
        here("tests/fixtures/hostile_external.xml"),
        here("examples/pacs008.xml"),
    ];
    let output = run(&["check", "--json"], &files);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    assert_eq!(answer["messages"].as_array().map(Vec::len), Some(1));
    let refused = &answer["refused"][0];
    assert!(
        refused["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("hostile_external.xml")),
        "{refused}"
    );
    assert_eq!(
        (&refused["rule"], &refused["line"]),
        (&Value::from("no-dtd"), &Value::from(2))
    );
    assert!(refused["element"].is_string() && refused["message"].is_string());
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let output = run(&["check"], &[here("tests/fixtures/absent.xml")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("the file cannot be read"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn people_get_a_table() {
    let output = run(&["check"], &[here("tests/fixtures/pacs008_five_currencies.xml")]);
    assert_eq!(output.status.code(), Some(0));
    let table = text(&output.stdout);
    assert!(
        table.contains("1000.125 KWD  ALFADEFFXXX -> HUBBCHZZ  (agents ALFADEFF -> DELTKWKW)"),
        "{table}"
    );
    assert!(
        table.ends_with("1 messages with 5 transactions mapped, 0 files refused\n"),
        "{table}"
    );
}

#[test]
fn a_size_limit_can_be_given() {
    let output = run(&["check", "--max-bytes", "100"], &[here("examples/pacs008.xml")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("larger than the limit of 100 bytes"));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    assert_eq!(run(&["check"], &[]).status.code(), Some(2));
    assert_eq!(run(&["chekc"], &[]).status.code(), Some(2));
    assert_eq!(run(&[], &[]).status.code(), Some(2));
}

#[test]
fn help_has_an_example_and_the_exit_codes() {
    let output = run(&["check", "--help"], &[]);
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    assert!(
        help.contains("Example:\n  causeway-adapter check --json"),
        "{help}"
    );
    assert!(
        help.contains("Exit codes: 0 all files mapped, 1 some file refused, 2 wrong usage."),
        "{help}"
    );
}
