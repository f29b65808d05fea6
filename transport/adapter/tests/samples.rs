//! Real messages from public repositories map as their manifest says, where they are at hand.

use causeway_adapter::iso::{AnyMessage, Finding, Message, Rule, parse_any_file, parse_file};
use causeway_fx::{Currency, CurrencyError, format_minor};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A row of the manifest by column name. No field that is used here is quoted.
type Row = BTreeMap<String, String>;

fn rows(folder: &std::path::Path) -> Vec<Row> {
    let text = std::fs::read_to_string(folder.join("manifest.csv")).expect("manifest.csv");
    let mut lines = text.lines();
    let names: Vec<_> = lines
        .next()
        .unwrap_or_default()
        .split(',')
        .map(str::to_owned)
        .collect();
    lines
        .map(|line| {
            names
                .iter()
                .cloned()
                .zip(line.split(',').map(str::to_owned))
                .collect()
        })
        .collect()
}

fn in_scope(row: &Row) -> bool {
    let version = row["version"]
        .rsplit('.')
        .next()
        .and_then(|version| version.parse::<u8>().ok());
    let kind = matches!(row["msg_type"].as_str(), "pacs.008" | "pacs.009");
    kind && row["valid"] == "valid" && version.is_some_and(|version| version >= 8)
}

/// A decimal without what does not count: `10.0` and `10` are the same total.
fn plain(decimal: &str) -> String {
    match decimal.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}.{fraction}")
            }
        }
        None => decimal.to_owned(),
    }
}

/// `EUR:10.5` per currency, exact.
fn totals(messages: &[Message]) -> String {
    let mut sums = BTreeMap::new();
    for transaction in messages.iter().flat_map(|message| &message.transactions) {
        let currency = transaction.amount.currency;
        *sums.entry(currency).or_insert(0_i128) += i128::from(transaction.amount.minor);
    }
    let shown = sums.iter().map(|(currency, minor)| {
        format!(
            "{currency}:{}",
            plain(&format_minor(*minor, currency.minor_units))
        )
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn expect_mapped(row: &Row, messages: &[Message]) {
    let file = &row["file"];
    let transactions: usize = messages.iter().map(|message| message.transactions.len()).sum();
    assert_eq!(messages.len().to_string(), row["n_docs"], "{file}: messages");
    assert_eq!(transactions.to_string(), row["n_tx"], "{file}: transactions");
    let expected: Vec<_> = row["total_amount"]
        .split_whitespace()
        .map(|total| {
            total
                .split_once(':')
                .map(|(currency, sum)| format!("{currency}:{}", plain(sum)))
        })
        .map(Option::unwrap_or_default)
        .collect();
    assert_eq!(totals(messages), expected.join(" "), "{file}: total");
    for message in messages {
        assert_eq!(message.message_type.to_string(), row["version"], "{file}");
    }
}

fn expect_refused_for_its_currency(row: &Row, findings: &[Finding]) {
    let file = &row["file"];
    let without = |code: &str| {
        matches!(
            Currency::from_alpha(code),
            Err(CurrencyError::NoMinorUnits { .. })
        )
    };
    assert!(
        row["currencies"].split_whitespace().any(without),
        "{file}: refused: {findings:?}"
    );
    for finding in findings {
        assert_eq!(finding.rule, Rule::Currency, "{file}: {finding}");
        assert!(
            finding.element.ends_with("/IntrBkSttlmAmt/@Ccy"),
            "{file}: {finding}"
        );
        assert!(
            finding.message.contains("has no minor units in ISO 4217"),
            "{file}: {finding}"
        );
    }
}

/// The codes of `Sts/Conf` that say whether a payment comes back; other answers are refused by name.
const ANSWERS: [&str; 3] = ["CNCL", "RJCR", "PDCR"];

fn expect_investigation(row: &Row, messages: &[AnyMessage]) {
    let file = &row["file"];
    assert_eq!(messages.len().to_string(), row["n_docs"], "{file}: messages");
    let mut sums = BTreeMap::new();
    for message in messages {
        assert_eq!(message.message_type().to_string(), row["version"], "{file}");
        let AnyMessage::Investigation(one) = message else {
            panic!("{file}: moves no money")
        };
        assert_eq!(one.cases.len().to_string(), row["n_tx"], "{file}: cases");
        for case in &one.cases {
            assert_eq!(case.answer.is_some(), row["msg_type"] == "camt.029", "{file}");
            assert!(case.original.identifies() || case.case_id.is_some(), "{file}");
            if let Some(amount) = case.original.amount.as_ref().filter(|_| case.answer.is_none()) {
                *sums.entry(amount.currency).or_insert(0_i128) += i128::from(amount.minor);
            }
        }
    }
    let shown = sums.iter().map(|(currency, minor)| {
        let sum = format_minor(*minor, currency.minor_units);
        format!("{currency}:{}", plain(&sum))
    });
    let expected = row["total_amount"].split_whitespace().map(|total| {
        let (currency, sum) = total.split_once(':').unwrap_or_default();
        format!("{currency}:{}", plain(sum))
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        expected.collect::<Vec<_>>(),
        "{file}: amounts"
    );
}

/// What a valid message of the sample lacks, where it is refused.
fn expect_refused_for_what_it_lacks(row: &Row, text: &str, findings: &[Finding]) {
    let file = &row["file"];
    for finding in findings {
        let told = match finding.element.rsplit('/').next().unwrap_or_default() {
            "Conf" if finding.rule == Rule::Form => {
                !ANSWERS.iter().any(|code| text.contains(&format!(">{code}<")))
            }
            "Conf" => !text.contains("<Conf>"),
            "TxInf" | "TxInfAndSts" | "Undrlyg" => row["n_tx"] == "0",
            "InstgAgt" => !text.contains("InstgAgt") && !text.contains("RtrChain"),
            // The schema leaves the form of external codes to their sets, which have capital letters and digits alone.
            "Cd" => finding.rule == Rule::Form && text.contains(">EXCd<"),
            "@Ccy" => finding.rule == Rule::Currency,
            _ => false,
        };
        assert!(told, "{file}: {finding}");
    }
}

#[test]
fn every_valid_request_answer_and_return_is_read_or_refused_for_what_it_lacks() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let folder = PathBuf::from(samples).join("iso20022");
    let mut read = BTreeMap::<String, (usize, usize)>::new();
    for row in rows(&folder) {
        let oldest = match row["msg_type"].as_str() {
            "camt.056" => 8,
            "camt.029" | "pacs.004" => 9,
            _ => continue,
        };
        let version = row["version"]
            .rsplit('.')
            .next()
            .and_then(|version| version.parse::<u8>().ok());
        if row["valid"] != "valid" || version.is_none_or(|version| version < oldest) {
            continue;
        }
        let path = folder.join(&row["file"]);
        let counts = read.entry(row["msg_type"].clone()).or_default();
        match parse_any_file(&path, usize::MAX) {
            Ok(messages) if row["msg_type"] == "pacs.004" => {
                let transfers: Vec<Message> = messages
                    .into_iter()
                    .map(|one| match one {
                        AnyMessage::Transfer(message) => message,
                        _ => panic!("{}: moves money", row["file"]),
                    })
                    .collect();
                expect_mapped(&row, &transfers);
                let all = transfers.iter().flat_map(|message| &message.transactions);
                assert!(
                    all.into_iter().all(|one| one.returned.is_some()),
                    "{}",
                    row["file"]
                );
                counts.0 += 1;
            }
            Ok(messages) => {
                expect_investigation(&row, &messages);
                counts.0 += 1;
            }
            Err(findings) => {
                let text = std::fs::read_to_string(&path).expect("a sample");
                expect_refused_for_what_it_lacks(&row, &text, &findings);
                counts.1 += 1;
            }
        }
    }
    println!("read and refused: {read:?}");
    for (kind, least) in [("camt.056", 15), ("camt.029", 15), ("pacs.004", 20)] {
        assert!(read[kind].0 >= least, "{kind}: {:?}", read[kind]);
    }
}

#[test]
fn every_valid_sample_is_mapped_and_only_currencies_without_minor_units_are_refused() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let folder = PathBuf::from(samples).join("iso20022");
    let (mut mapped, mut refused) = (0, 0);
    for row in rows(&folder).iter().filter(|row| in_scope(row)) {
        match parse_file(&folder.join(&row["file"]), usize::MAX) {
            Ok(messages) => {
                expect_mapped(row, &messages);
                mapped += 1;
            }
            Err(findings) => {
                expect_refused_for_its_currency(row, &findings);
                refused += 1;
            }
        }
    }
    println!("{mapped} mapped, {refused} refused");
    assert!(mapped >= 100, "{mapped}");
    assert!(refused >= 1, "{refused}");
}
