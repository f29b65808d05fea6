//! `causeway net`: what of a queue in files settles together, as a table, as JSON and as a picture.
mod common;

use common::{causeway, code, scratch, stderr, stdout, word};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> [PathBuf; 2] {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../netting/fixtures/netting")
        .join(name);
    ["balances.csv", "queue.csv"].map(|file| dir.join(file))
}

fn net(files: &[PathBuf; 2], more: &[&str]) -> std::process::Output {
    let mut words = vec!["net", "--balances", word(&files[0]), "--queue", word(&files[1])];
    words.extend(more);
    causeway(&words)
}

fn told(files: &[PathBuf; 2], more: &[&str]) -> Value {
    let output = net(files, &[more, &["--json"]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn the_case_of_the_central_bank_settles_as_it_says() {
    let files = fixture("mas-ubin-4x5000");
    let fifo = told(&files, &["--mode", "fifo"]);
    assert_eq!(fifo["settled"].as_array().map(Vec::len), Some(4_500));
    assert_eq!(fifo["value"], json!({ "SGD": 31_132_000 }));
    let last = json!({
        "ZYECHKH0": { "SGD": 4_134_000 }, "ZYETSGS0": { "SGD": 1_000 },
        "ZYEUSGS0": { "SGD": 1_000 }, "ZYFISGS0": { "SGD": 0 },
    });
    assert_eq!(fifo["final"], last);
    let bypass = told(&files, &["--mode", "bypass", "--budget-ms", "50"]);
    assert_eq!(bypass["value"], json!({ "SGD": 31_132_000 }));
    let gross = told(&files, &["--mode", "gross"]);
    assert_eq!(gross["settled"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_treasurer_reads_what_settles_and_what_is_left() {
    let scratch = scratch();
    let picture = scratch.path().join("a.svg");
    let output = net(&fixture("mas-ubin-4x5000"), &["--svg", word(&picture)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for line in [
        "fifo: 4500 of 5000 items settle together",
        "31,132,000",
        "ZYECHKH0",
        "4,134,000",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let svg = std::fs::read_to_string(&picture).expect("a picture");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(
        svg.contains("SGD queued") && svg.contains("SGD left: ") && svg.contains(" owes "),
        "{svg}"
    );
    // What is there is not written over.
    let again = net(&fixture("mas-ubin-4x5000"), &["--svg", word(&picture)]);
    assert_eq!(code(&again), 1);
    assert!(stderr(&again).contains("exists already"), "{}", stderr(&again));
}

#[test]
fn a_trade_settles_whole_or_not_at_all() {
    let scratch = scratch();
    let files = ["b.csv", "q.csv"].map(|name| scratch.path().join(name));
    std::fs::write(
        &files[0],
        "participant,currency,balance,limit\nA,USD,100,0\nB,EUR,89,0\n",
    )
    .expect("written");
    let queue = "id,debtor,creditor,currency,amount,priority,trade\n\
                 1,A,B,USD,100,normal,t\n2,B,A,EUR,90,normal,t\n3,B,A,EUR,5,normal,\n";
    std::fs::write(&files[1], queue).expect("written");
    assert_eq!(
        told(&files, &[])["settled"],
        json!([]),
        "what stands behind the trade waits, too"
    );
    std::fs::write(
        &files[0],
        "participant,currency,balance,limit\nA,USD,100,0\nB,EUR,95,0\n",
    )
    .expect("written");
    let all = told(&files, &[]);
    assert_eq!(all["settled"], json!(["1", "2", "3"]));
    assert_eq!(
        all["final"],
        json!({ "A": { "EUR": 95, "USD": 0 }, "B": { "EUR": 0, "USD": 100 } })
    );
}

#[test]
fn a_wrong_file_is_named_with_line_column_and_rule() {
    let scratch = scratch();
    let files = ["b.csv", "q.csv"].map(|name| scratch.path().join(name));
    let balances = "participant,currency,balance,limit\nA,USD,100,0\n";
    let head = "id,debtor,creditor,currency,amount,priority,trade\n";
    for (rows, line, column, rule) in [
        (
            "1,A,B,USD,1,normal,\n1,A,B,USD,1,normal,\n",
            3,
            "id",
            "stands on line 2 already",
        ),
        ("1,A,B,USD,-1,normal,\n", 2, "amount", "is below zero"),
        (
            "1,A,B,USD,99999999999999999999999,normal,\n",
            2,
            "amount",
            "is too large",
        ),
        (
            "1,A,B,USD,1.5,normal,\n",
            2,
            "amount",
            "is not a whole number of minor units",
        ),
        (
            "1,A,B,USD,1,soon,\n",
            2,
            "priority",
            "is none of urgent, high, normal",
        ),
        ("1,A,B,USD,1,normal,t\n", 2, "trade", "half a trade"),
    ] {
        std::fs::write(&files[0], balances).expect("written");
        std::fs::write(&files[1], format!("{head}{rows}")).expect("written");
        let output = net(&files, &[]);
        let said = stderr(&output);
        assert_eq!(code(&output), 2, "{said}");
        let place = said.contains("q.csv") && said.contains(&format!("{line}"));
        assert!(
            place && said.contains(column) && said.contains(rule),
            "{rows}: {said}"
        );
    }
    let missing = net(&[files[0].clone(), scratch.path().join("none.csv")], &[]);
    assert_eq!(code(&missing), 3, "{}", stderr(&missing));
}

#[test]
fn by_bypass_a_later_payment_passes_one_that_does_not_fit() {
    let scratch = scratch();
    let files = ["b.csv", "q.csv"].map(|name| scratch.path().join(name));
    std::fs::write(&files[0], "participant,currency,balance,limit\nA,USD,10,0\n").expect("written");
    let queue = "id,debtor,creditor,currency,amount,priority,trade\n\
                 1,A,B,USD,11,normal,\n2,A,B,USD,7,normal,\n3,A,B,USD,10,normal,\n";
    std::fs::write(&files[1], queue).expect("written");
    assert_eq!(told(&files, &[])["settled"], json!([]));
    assert_eq!(told(&files, &["--mode", "bypass"])["settled"], json!(["3"]));
}
