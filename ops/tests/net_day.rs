//! `causeway net day`: a day from files or from a scenario, replayed under several modes.
mod common;

use common::{causeway, code, scratch, stderr, stdout, word};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

const BALANCES: &str = "participant,currency,balance,limit\nA,USD,100,0\n";
const HEADER: &str = "time,id,debtor,creditor,currency,amount,priority,trade\n";
const ROWS: &str = "08:00:00,1,A,B,USD,60,normal,\n\
                    08:00:30,2,A,B,USD,70,normal,\n\
                    08:00:50,3,A,B,USD,40,urgent,\n\
                    08:05:05,4,B,A,USD,150,normal,\n\
                    08:05:10,5,B,A,USD,20,normal,\n";
const SCENARIO: &str = "about = \"A small day\"\nbanks = 12\ncore = 3\nitems = 600\ncurrencies = [\"USD\", \"JPY\"]\n\
                        trades = 0.2\nmu = 8.5\nsigma = 2.0\nliquidity = 0.02\nurgent = 0.1\nhigh = 0.2\n\
                        open = \"08:00:00\"\nclose = \"12:00:00\"\nseed = 5\n";

fn day(more: &[&str]) -> std::process::Output {
    causeway(&[&["net", "day"], more].concat())
}

fn told(more: &[&str]) -> Value {
    let output = day(&[more, &["--json"]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn written(scratch: &tempfile::TempDir, rows: &str) -> [PathBuf; 2] {
    let files = ["b.csv", "a.csv"].map(|name| scratch.path().join(name));
    fs::write(&files[0], BALANCES).expect("written");
    fs::write(&files[1], format!("{HEADER}{rows}")).expect("written");
    files
}

#[test]
fn a_day_in_files_comes_to_what_is_counted_by_hand() {
    let scratch = scratch();
    let [balances, arrivals] = written(&scratch, ROWS);
    let files = ["--balances", word(&balances), "--arrivals", word(&arrivals)];
    let told = told(&[&files[..], &["--mode", "gross,fifo", "--close", "09:00:00"]].concat());
    assert_eq!(
        (&told["open"], &told["close"]),
        (&json!("08:00:00"), &json!("09:00:00"))
    );
    let [gross, fifo] = [0, 1].map(|at| &told["modes"][at]);
    assert_eq!((&gross["mode"], &fifo["mode"]), (&json!("gross"), &json!("fifo")));
    let dollars = &gross["currencies"]["USD"];
    assert_eq!(dollars["arrived"], json!({ "count": 5, "value": 340 }));
    // 1 and 3 settle at once; then neither 2 nor 4 can be paid alone.
    assert_eq!(dollars["settled"], json!({ "count": 2, "value": 100 }));
    assert_eq!(
        (&dollars["liquidity_used"], &dollars["liquidity_bound"]),
        (&json!(100), &json!(0))
    );
    assert_eq!(dollars["turnover"], json!(1.0));
    let all = &fifo["currencies"]["USD"];
    assert_eq!(all["settled"], json!({ "count": 5, "value": 340 }));
    assert_eq!(all["turnover"], json!(3.4));
    // Item 2 waits 330 seconds, 4 waits 55, 5 waits 50: until 8:06.
    let normal = &fifo["classes"]["normal"];
    let mean: f64 = (330.0 * 70.0 + 55.0 * 150.0 + 50.0 * 20.0) / 300.0;
    let found = normal["delay_seconds"]["mean"].as_f64().expect("a number");
    assert!((found - mean).abs() < 0.001, "{found}");
    assert_eq!(normal["delay_seconds"]["median"], json!(50.0));
    assert_eq!(normal["delay_seconds"]["p99"], json!(330.0));
    assert_eq!(fifo["settled_by_netting"], json!(3));
    assert_eq!(
        gross["classes"]["normal"]["left"],
        json!({ "count": 3, "value": 240 })
    );
    assert_eq!(gross["classes"]["high"]["delay_seconds"], Value::Null);
}

#[test]
fn a_treasurer_reads_the_modes_side_by_side() {
    let scratch = scratch();
    let [balances, arrivals] = written(&scratch, ROWS);
    let output = day(&[
        "--balances",
        word(&balances),
        "--arrivals",
        word(&arrivals),
        "--close",
        "09:00:00",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    let cells = |label: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        let line = line.unwrap_or_else(|| panic!("{label}: {text}")).trim_start();
        let cells = line[label.len()..].split_whitespace();
        cells.map(str::to_owned).collect()
    };
    assert_eq!(cells("gross"), ["fifo", "bypass"]);
    assert_eq!(cells("items settled"), ["2", "5", "5"]);
    assert_eq!(cells("value settled"), ["100", "340", "340"]);
    assert_eq!(cells("liquidity used"), ["100", "100", "100"]);
    assert_eq!(cells("value for each unit of it"), ["1.00", "3.40", "3.40"]);
    assert!(text.contains("Delay of 4 normal items"), "{text}");
    assert!(text.contains("0:05:30"), "{text}");
    assert!(text.contains("values in minor units of USD"), "{text}");
}

#[test]
fn a_scenario_that_is_written_replays_as_it_was_drawn() {
    let scratch = scratch();
    let (file, dir) = (scratch.path().join("day.toml"), scratch.path().join("out"));
    fs::write(&file, SCENARIO).expect("written");
    let write = ["--scenario", word(&file), "--write", word(&dir), "--mode", "fifo"];
    let drawn = told(&write);
    assert_eq!(drawn["unit"], json!("dollars"));
    let files = ["balances.csv", "arrivals.csv"].map(|name| dir.join(name));
    let read = told(&[
        "--balances",
        word(&files[0]),
        "--arrivals",
        word(&files[1]),
        "--open",
        "08:00:00",
        "--close",
        "12:00:00",
        "--mode",
        "fifo",
    ]);
    let currencies = |told: &Value| told["modes"][0]["currencies"].clone();
    assert_eq!(currencies(&drawn), currencies(&read));
    let again = day(&write);
    assert_eq!(code(&again), 1);
    assert!(stderr(&again).contains("exists already"), "{}", stderr(&again));
    let other = told(&["--scenario", word(&file), "--seed", "6", "--mode", "fifo"]);
    assert_ne!(currencies(&drawn), currencies(&other));
}

#[test]
fn what_is_shipped_is_listed_and_runs() {
    let listed = told(&["--list"]);
    let names: Vec<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "ordinary",
            "stopped-sender",
            "hub",
            "giant-payment",
            "cut-off-surge"
        ]
    );
    let told = told(&[
        "--scenario",
        "ordinary",
        "--mode",
        "gross,fifo",
        "--every",
        "1800",
    ]);
    let settled = |at: usize| told["modes"][at]["together"]["settled"]["count"].as_u64();
    assert!(settled(0) > Some(0) && settled(1) > settled(0), "{told}");
}

#[test]
fn a_day_that_is_wrong_is_refused_with_place_and_rule() {
    let scratch = scratch();
    for (rows, line, column, rule) in [
        (
            "8:00,1,A,B,USD,1,normal,\n",
            2,
            "time",
            "is no time of day: HH:MM:SS",
        ),
        (
            "08:00:00,1,A,B,USD,1,normal,\n07:00:00,2,A,B,USD,1,normal,\n",
            3,
            "time",
            "is before 08:00:00",
        ),
        ("08:00:00,1,A,B,USD,0,normal,\n", 2, "amount", "an amount of zero"),
    ] {
        let [balances, arrivals] = written(&scratch, rows);
        let output = day(&["--balances", word(&balances), "--arrivals", word(&arrivals)]);
        let said = stderr(&output);
        assert_eq!(code(&output), 2, "{said}");
        let place = said.contains("a.csv") && said.contains(&format!("line {line}, column"));
        assert!(place && said.contains(column) && said.contains(rule), "{said}");
    }
    let [balances, arrivals] = written(&scratch, ROWS);
    let files = ["--balances", word(&balances), "--arrivals", word(&arrivals)];
    let early = day(&[&files[..], &["--close", "08:01:00"]].concat());
    assert_eq!(code(&early), 2);
    assert!(
        stderr(&early).contains("arrives later, at 08:05:10"),
        "{}",
        stderr(&early)
    );
    let late = day(&[&files[..], &["--open", "08:01:00"]].concat());
    assert_eq!(code(&late), 2);
    assert!(
        stderr(&late).contains("arrives earlier, at 08:00:00"),
        "{}",
        stderr(&late)
    );
    let file = scratch.path().join("day.toml");
    fs::write(&file, format!("{SCENARIO}weather = \"fair\"\n")).expect("written");
    let unknown = day(&["--scenario", word(&file)]);
    assert_eq!(code(&unknown), 2);
    assert!(
        stderr(&unknown).contains("line 15: unknown field `weather`"),
        "{}",
        stderr(&unknown)
    );
    let none = day(&["--scenario", "quiet"]);
    assert_eq!(code(&none), 2);
    assert!(
        stderr(&none).contains("none of those that are shipped"),
        "{}",
        stderr(&none)
    );
    assert_eq!(code(&day(&["--scenario", "quiet.toml"])), 3);
    for usage in [
        &[][..],
        &["--balances", "b.csv"],
        &["--scenario", "hub", "--list"],
    ] {
        assert_eq!(code(&day(usage)), 2, "{usage:?}");
    }
}

#[test]
fn words_that_would_not_be_heeded_are_refused() {
    let files = ["--balances", "b.csv", "--arrivals", "a.csv"];
    let scenario = ["--scenario", "ordinary"];
    let list = ["--list"];
    for (first, second) in [
        (&scenario[..], &files[..2]),
        (&scenario, &files[2..]),
        (&scenario, &files),
        (&scenario, &["--open", "08:00:00"]),
        (&scenario, &["--close", "08:00:00"]),
        (&files, &["--seed", "1"]),
        (&files, &["--write", "out"]),
        (&list, &files[..2]),
        (&list, &files[2..]),
        (&list, &files),
        (&list, &scenario),
        (&list, &["--open", "08:00:00"]),
        (&list, &["--close", "08:00:00"]),
        (&list, &["--seed", "1"]),
        (&list, &["--write", "out"]),
        (&list, &["--mode", "fifo"]),
        (&list, &["--every", "60"]),
        (&list, &["--budget-ms", "20"]),
    ] {
        let output = day(&[first, second].concat());
        let said = stderr(&output);
        assert_eq!(code(&output), 2, "{first:?} {second:?}: {said}");
        assert!(
            said.contains("cannot be used with"),
            "{first:?} {second:?}: {said}"
        );
    }
}

#[test]
fn without_a_day_balances_and_queue_are_needed_still() {
    let output = causeway(&["net"]);
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    assert!(said.contains("--balances") && said.contains("--queue"), "{said}");
}
