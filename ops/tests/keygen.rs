//! `causeway keygen`: a key that only its owner can read and nothing overwrites.
mod common;

use causeway_message::ids::hex;
use causeway_ops::keyfile;
use common::{causeway, code, scratch, stderr, stdout, word};
use std::os::unix::fs::PermissionsExt;

#[test]
fn keygen_writes_a_private_file_and_prints_only_the_public_key() {
    let scratch = scratch();
    let file = scratch.path().join("own.key");
    let output = causeway(&["keygen", "--out", word(&file)]);
    assert_eq!(code(&output), 0);
    let key = keyfile::read(&file).expect("a key file");
    assert!(stdout(&output).contains(&key.public().to_string()));
    assert!(!(stdout(&output) + &stderr(&output)).contains(&hex(key.seed())));
    assert_eq!(
        std::fs::metadata(&file)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
}

#[test]
fn keygen_never_overwrites_a_key() {
    let scratch = scratch();
    let file = scratch.path().join("own.key");
    assert_eq!(code(&causeway(&["keygen", "--out", word(&file)])), 0);
    let before = std::fs::read(&file).expect("it is there");
    let output = causeway(&["keygen", "--out", word(&file)]);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("never overwritten"),
        "{}",
        stderr(&output)
    );
    assert_eq!(std::fs::read(&file).expect("it is there"), before);
}

#[test]
fn a_place_that_cannot_be_written_is_an_io_failure_that_names_it() {
    let output = causeway(&["keygen", "--out", "/nowhere/own.key"]);
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("/nowhere/own.key"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn every_command_shows_an_example_and_its_exit_codes() {
    for words in [
        &["--help"][..],
        &["init", "--help"],
        &["node", "--help"],
        &["keygen", "--help"],
        &["member", "--help"],
        &["member", "prove", "--help"],
        &["config", "check", "--help"],
        &["verify", "--help"],
        &["verify", "receipt", "--help"],
        &["verify", "log", "--help"],
        &["verify", "governance", "--help"],
        &["demo", "--help"],
        &["bank", "--help"],
        &["bank", "pay", "--help"],
        &["bank", "balance", "--help"],
        &["bank", "feed", "--help"],
        &["bank", "status", "--help"],
        &["bank", "receipt", "--help"],
        &["control", "--help"],
        &["control", "propose", "--help"],
        &["control", "propose", "fund", "--help"],
        &["control", "propose", "defund", "--help"],
        &["control", "propose", "confirm-defund", "--help"],
        &["control", "propose", "release-defund", "--help"],
        &["control", "propose", "register", "--help"],
        &["control", "propose", "open-account", "--help"],
        &["control", "propose", "set-cap", "--help"],
        &["control", "propose", "add-key", "--help"],
        &["control", "propose", "revoke-key", "--help"],
        &["control", "propose", "suspend", "--help"],
        &["control", "propose", "reinstate", "--help"],
        &["control", "propose", "open-currency", "--help"],
        &["control", "propose", "admit", "--help"],
        &["control", "propose", "activate", "--help"],
        &["control", "propose", "close-member", "--help"],
        &["control", "propose", "set-roles", "--help"],
        &["control", "approve", "--help"],
        &["control", "withdraw", "--help"],
        &["control", "log", "--help"],
    ] {
        let text = stdout(&causeway(words));
        assert!(
            text.contains("Example") && text.contains("  causeway "),
            "{words:?}:\n{text}"
        );
        assert!(text.contains("Exit codes:"), "{words:?}:\n{text}");
    }
    assert_eq!(code(&causeway(&["init"])), 2);
    assert_eq!(code(&causeway(&["no-such-command"])), 2);
}
