//! `causeway net --certificate` writes what `causeway verify netting` checks, alone or against the files.
mod common;

use common::{causeway, code, scratch, stderr, stdout, word};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn csv(folder: &str) -> [PathBuf; 2] {
    ["balances.csv", "queue.csv"].map(|file| root(folder).join(file))
}

/// Nets into a certificate.
fn certify(files: &[PathBuf; 2], mode: &str, to: &Path) -> std::process::Output {
    causeway(&[
        "net",
        "--balances",
        word(&files[0]),
        "--queue",
        word(&files[1]),
        "--mode",
        mode,
        "--certificate",
        word(to),
    ])
}

fn verify(words: &[&str]) -> (i32, String, String) {
    let output = causeway(&[&["verify", "netting"], words].concat());
    (code(&output), stdout(&output), stderr(&output))
}

#[test]
fn a_stranger_checks_the_certificate_of_the_central_bank_case() {
    let scratch = scratch();
    let files = csv("netting/fixtures/netting/mas-ubin-4x5000");
    for mode in ["gross", "fifo", "bypass"] {
        let file = scratch.path().join(mode);
        let written = certify(&files, mode, &file);
        assert_eq!(code(&written), 0, "{}", stderr(&written));
        let (exit, text, why) = verify(&[word(&file)]);
        assert_eq!(exit, 0, "{why}");
        let settled = if mode == "gross" { "0" } else { "4,500" };
        for line in [
            format!("The certificate holds: {settled} of 5,000 items settle together.").as_str(),
            "SGD",
            " % of the bound",
            "not compared: no --balances and --queue",
            if mode == "bypass" {
                "0 kept in strict order, 4 where later rows may pass"
            } else {
                "4 kept in strict order, 0 where later rows may pass"
            },
        ] {
            assert!(text.contains(line), "{mode}: {line}: {text}");
        }
    }
    let fifo = scratch.path().join("fifo");
    let compared = [
        word(&fifo),
        "--balances",
        word(&files[0]),
        "--queue",
        word(&files[1]),
    ];
    let (exit, text, why) = verify(&[&compared[..], &["--json"]].concat());
    assert_eq!(exit, 0, "{why}");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["holds"], true);
    assert_eq!(told["files_compared"], true);
    assert_eq!(told["log_compared"], false);
    assert_eq!((&told["items"], &told["settled"]), (&json!(5_000), &json!(4_500)));
    assert_eq!(told["currencies"]["SGD"]["settled_value"], json!(31_132_000));
    assert_eq!(told["accounts"], json!({ "fifo": 4, "bypass": 0 }));
    // It is about these files, not about others.
    let other = csv("netting/fixtures/netting/ubin-3_1");
    let (exit, _, why) = verify(&[
        word(&fifo),
        "--balances",
        word(&other[0]),
        "--queue",
        word(&other[1]),
    ]);
    assert_eq!(exit, 1);
    assert!(
        why.contains("inputs: other accounts or rows than in the CSV files"),
        "{why}"
    );
}

#[test]
fn the_same_input_gives_the_bytes_of_the_vector_and_nothing_is_written_over() {
    let scratch = scratch();
    let file = scratch.path().join("again.json");
    let files = csv("netting/certificate/vectors");
    assert_eq!(code(&certify(&files, "fifo", &file)), 0);
    let vector = root("netting/certificate/vectors/fifo.json");
    let [again, vector] = [&file, &vector].map(|path| std::fs::read(path).expect("a certificate"));
    assert_eq!(again, vector);
    let output = certify(&files, "bypass", &file);
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("exists already and is never overwritten"),
        "{}",
        stderr(&output)
    );
    assert_eq!(std::fs::read(&file).expect("a certificate"), vector);
}

#[test]
fn the_help_says_how_long_a_bound_may_take() {
    let help = stdout(&causeway(&["net", "--help"]));
    assert!(
        help.contains("--certificate looks for the lowest bound of what could settle, for up to a minute"),
        "{help}"
    );
}

#[test]
fn a_picture_and_a_certificate_are_written_both_or_neither() {
    let scratch = scratch();
    let [picture, file] = ["p.svg", "c.json"].map(|name| scratch.path().join(name));
    let files = csv("netting/certificate/vectors");
    let both = |picture: &Path, file: &Path| {
        let output = causeway(&[
            "net",
            "--balances",
            word(&files[0]),
            "--queue",
            word(&files[1]),
            "--svg",
            word(picture),
            "--certificate",
            word(file),
        ]);
        (code(&output), stderr(&output))
    };
    // There is no such directory.
    let (exit, why) = both(&picture, &scratch.path().join("none/c.json"));
    assert_eq!((exit, picture.exists()), (3, false), "{why}");
    assert!(why.contains("none/c.json: cannot be created"), "{why}");
    let (exit, why) = both(&scratch.path().join("./c.json"), &file);
    assert_eq!((exit, file.exists()), (2, false), "{why}");
    assert!(why.contains("c.json: is to hold two things at once"), "{why}");
    std::fs::write(&file, "mine").expect("written");
    let (exit, why) = both(&picture, &file);
    assert_eq!((exit, picture.exists()), (1, false), "{why}");
    assert_eq!(std::fs::read(&file).expect("as it was"), b"mine");
    std::fs::remove_file(&file).expect("removed");
    let (exit, why) = both(&picture, &file);
    assert_eq!((exit, picture.exists(), file.exists()), (0, true, true), "{why}");
}

#[test]
fn what_does_not_hold_is_said_in_names_and_the_exit_code_is_one() {
    let scratch = scratch();
    let vector = std::fs::read_to_string(root("netting/certificate/vectors/fifo.json")).expect("the vector");
    let file = scratch.path().join("changed.json");
    for (from, to, says) in [
        (
            r#""after":"-250""#,
            r#""after":"-249""#,
            "after: account of ALFADEFF in USD: -249, but what settles leaves -250",
        ),
        (
            r#""before":"1000""#,
            r#""before":"1001""#,
            "inputs: the accounts, limits, weights and items in the file",
        ),
        ("P-5", "P-6", "names: the names and ids in the file"),
        (
            r#""settles":false"#,
            r#""settles":true"#,
            "after: account of ALFADEFF in USD: -250, but",
        ),
        (
            r#""quality": 1000000"#,
            r#""quality": 999999"#,
            "quality: 999999 is not what",
        ),
        (
            r#""seal": "3"#,
            r#""seal": "4"#,
            "seal: something in the file was changed",
        ),
        (
            r#""version": 1"#,
            r#""version": 2"#,
            "is no certificate: version: 2",
        ),
        (
            r#""limit":"250""#,
            r#""limit":250"#,
            "is no certificate: line 15, column 71 (limit)",
        ),
        (vector.as_str(), "", "is no certificate: line 1"),
        (vector.as_str(), "\u{0}", "is no certificate: line 1"),
    ] {
        std::fs::write(&file, vector.replacen(from, to, 1)).expect("written");
        let (exit, text, why) = verify(&[word(&file)]);
        assert_eq!((exit, text.as_str()), (1, ""), "{why}");
        assert!(
            why.contains("changed.json: ") && why.contains(says),
            "{says}: {why}"
        );
        let (exit, text, _) = verify(&[word(&file), "--json"]);
        let told: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((exit, &told["holds"]), (1, &json!(false)));
        let reason = told["reason"].as_str().expect("a reason");
        assert!(reason.contains(says), "{says}: {reason}");
    }
    let (exit, _, why) = verify(&[word(&scratch.path().join("none"))]);
    assert_eq!(exit, 3, "{why}");
    let (exit, _, why) = verify(&[word(&file), "--balances", word(&file)]);
    assert_eq!(exit, 2, "{why}");
}
