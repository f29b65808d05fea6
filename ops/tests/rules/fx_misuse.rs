//! Reference rates from a file, and exchanges that are refused before anything is sent.
use super::fx::*;
use crate::common::town::*;
use crate::common::*;

#[test]
fn reference_rates_come_from_the_file_of_the_central_bank() {
    let town = open();
    quote(&town, "1.0850/1.0870", &[]);
    let file = town.ledger.file("eurofxref-hist.csv");
    std::fs::write(&file, "Date,USD,JPY,HRK,\n2026-11-30,1.0800,163.1,N/A,\n").expect("written");
    let config = town.config(OPERATOR);
    let with = |verb, person| {
        vec![
            "control",
            verb,
            "--config",
            word(&config),
            "--person",
            person,
            "--json",
        ]
    };
    let mut words = with("propose", "1");
    words.extend(["set-reference", "--ecb", word(&file), "--currencies", "USD,JPY"]);
    let proposed = town.ledger.ask(&words);
    let proposed = proposed.as_array().expect("two proposals");
    let sentences: Vec<&str> = proposed.iter().map(|one| text(one, "action")).collect();
    assert_eq!(
        sentences,
        [
            "set the reference rate of 1 EUR to 1.08 USD, fixed by ECB at 2026-11-30T00:00:00.000Z",
            "set the reference rate of 1 EUR to 163.1 JPY, fixed by ECB at 2026-11-30T00:00:00.000Z"
        ]
    );
    for one in proposed {
        let mut words = with("approve", "2");
        words.push(text(one, "digest"));
        assert_eq!(town.ledger.ask(&words)["status"], "executed");
    }
    let words = pay(B, &["--pay", "EUR:1000.00", "--into", "USD"]);
    let sent = town.send(A, &words).must_be("settled");
    // 1080.00 at the reference rate, and 1085.00 were paid.
    let reference = &sent.told["exchange"]["hops"][0]["reference"];
    assert_eq!(
        (text(reference, "rate"), text(reference, "spread")),
        ("1 EUR = 1.08 USD", "-5.00")
    );
    let mut words = with("propose", "1");
    words.extend(["set-reference", "--ecb", word(&file), "--currencies", "HRK"]);
    assert_eq!(code(&causeway(&words)), 2);
}

#[test]
fn what_cannot_be_exchanged_is_refused_before_anything_is_sent() {
    let town = open();
    let config = town.config(A);
    let quote = |size, tier| {
        vec![
            "quote",
            "--pair",
            "EUR/USD",
            "--expires",
            "+1h",
            "--size",
            size,
            "--tier",
            tier,
        ]
    };
    for (words, complaint) in [
        (pay(B, &["--pay", "EUR:1.00"]), "--at-least or --into"),
        (pay(B, &["--pay", "EUR:1.001", "--into", "USD"]), "--pay"),
        (pay(B, &["--pay", "EUR:0.00", "--into", "USD"]), "--pay"),
        (
            pay(B, &["--pay", "EUR:1.00", "--into", "EUR"]),
            "--into: must be in another",
        ),
        (
            pay(B, &["--pay", "EUR:1.00", "--at-least", "EUR:1.00"]),
            "--at-least: must be in another",
        ),
        (pay(B, &["--get", "USD:1.00"]), "--at-most"),
        (pay(B, &["--at-most", "USD:1.00"]), "--get"),
        (
            pay(B, &["--pay", "EUR:1.00", "--get", "USD:1.00"]),
            "cannot be used with",
        ),
        (
            pay(B, &["--pay", "EUR:1.00", "--into", "USD", "--via", "USD"]),
            "--via: must be another",
        ),
        (
            pay(B, &["--pay", "EUR:1.00", "--into", "USD", "--lock", "0"]),
            "--lock",
        ),
        (vec!["lock", "--pay", "EUR:1.00"], "--at-least or --into"),
        (
            vec!["quote", "--pair", "EUR/EUR", "--withdraw"],
            "--pair: must be two",
        ),
        (vec!["quote", "--pair", "EUR/USD"], "--size"),
        (quote("USD:1.00", "EUR:1.00=1/1"), "--size: must be in EUR"),
        (quote("EUR:1.00", "EUR:1.00=2/1"), "tiers[0].ask"),
    ] {
        let mut all = vec!["bank", words[0], "--config", word(&config)];
        all.extend(&words[1..]);
        let output = causeway(&all);
        assert_eq!(code(&output), 2, "{words:?}: {}", stdout(&output));
        assert!(
            stderr(&output).contains(complaint),
            "{words:?}: {}",
            stderr(&output)
        );
    }
    // Who was not let quote cannot.
    town.refused(A, &quote("EUR:1.00", "EUR:1.00=1/1"), "not_authorised");
    expose(&town, C, "EUR/USD", "0");
    town.refused(C, &quote("EUR:1.00", "EUR:1.00=1/1"), "not_authorised");
}
