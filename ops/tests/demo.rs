//! `causeway demo`: short, and every promise holds.
mod common;

use common::{causeway, code, scratch, stderr, stdout, word};
use serde_json::Value;

#[test]
fn a_short_demo_keeps_every_promise() {
    let output = causeway(&["demo", "--seconds", "2", "--json"]);
    assert_eq!(code(&output), 0, "{}\n{}", stderr(&output), stdout(&output));
    assert_eq!(stderr(&output), "", "nothing but the document");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for key in [
        "settled",
        "queued_then_settled",
        "rejected",
        "receipts_verified",
        "replayed",
        "pvp_settled",
        "fx_settled",
        "netted",
    ] {
        assert!(json[key].as_u64().expect(key) > 0, "{key}: {json}");
    }
    assert!(json["payments_per_second"].as_f64().expect("a rate") > 0.0);
    let (p50, p99) = (&json["latency_ms"]["p50"], &json["latency_ms"]["p99"]);
    assert!(p50.as_f64().expect("p50") <= p99.as_f64().expect("p99"));
    assert!(json["deferred_receipts_verified"].as_u64().expect("a count") > 0);
    assert_eq!(
        (&json["conservation_ok"], &json["log_verified"]),
        (&true.into(), &true.into())
    );
    assert_eq!(json["pvp_half_settled"], 0);
    assert_eq!(json["banks"], 12);
    assert!(json["duration_s"].as_f64().expect("seconds") >= 2.0);
    let currencies: Vec<&str> = json["currencies"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        currencies.len() >= 6 && currencies.contains(&"JPY") && currencies.contains(&"KWD"),
        "{currencies:?}"
    );
    // Amounts in the digits of their currency.
    let value = |code: &str| {
        json["value_settled"][code]
            .as_str()
            .expect("an amount")
            .to_owned()
    };
    assert!(!value("JPY").contains('.'));
    assert_eq!(value("KWD").split_once('.').expect("a point").1.len(), 3);
    assert_eq!(json["problems"], Value::Array(Vec::new()));
}

#[test]
fn two_banks_are_enough_and_a_kept_directory_can_be_looked_into() {
    let scratch = scratch();
    let dir = scratch.path().join("demo");
    let output = causeway(&["demo", "--seconds", "1", "--banks", "2", "--keep", word(&dir)]);
    assert_eq!(code(&output), 0, "{}\n{}", stderr(&output), stdout(&output));
    assert!(
        stdout(&output).contains("Where to look next"),
        "{}",
        stdout(&output)
    );
    for told in [
        "BETAFRPP was told that it is alleged",
        "0.01 USD more were needed at ALFADEFF",
        "both legs settled in entry",
        "converts      BETAFRPP gets 999.50 EUR and pays 1084.45 USD, at 1 EUR = 1.0850 USD",
        "spread      1.01 USD less than at the reference rate, 930 millionths",
        "of it fee     0.50 EUR",
        "The lock was of use once",
        "arrives       162938 JPY",
    ] {
        assert!(stdout(&output).contains(told), "{told}: {}", stdout(&output));
    }
    let log = causeway(&["verify", "log", word(&dir)]);
    assert_eq!(code(&log), 0, "{}", stderr(&log));
    let again = causeway(&["demo", "--seconds", "1", "--keep", word(&dir)]);
    assert_eq!(code(&again), 1);
    assert!(stderr(&again).contains("is not empty"), "{}", stderr(&again));
}

#[test]
fn a_demo_without_banks_or_time_is_wrong_usage() {
    for words in [["--seconds", "0"], ["--banks", "1"], ["--seconds", "soon"]] {
        assert_eq!(code(&causeway(&["demo", words[0], words[1]])), 2, "{words:?}");
    }
}
