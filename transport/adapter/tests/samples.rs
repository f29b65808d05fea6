//! Real messages from public repositories map as their manifest says, where they are at hand.

use causeway_adapter::iso::{Finding, Message, Rule, parse_file};
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
